"""Exports: the tables themselves, and the forms that the field's tools load (`docs/exports.md` tells each column)."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from onrecord.errors import UsageError
from onrecord.exports import acled, evidence, gdelt, geojson, graphml, icews, plover, polecat, stix, tables
from onrecord.query import Record

AS: dict[str, Callable[..., list[Path]]] = {
    "polecat": polecat.write,
    "gdelt": gdelt.write,
    "icews": icews.write,
    "plover": plover.write,
    "acled": acled.write,
    "annotations": evidence.write,
    "geojson": geojson.write,
    "graphml": graphml.write,
    "stix": stix.write,
}
BY_DAY = frozenset({"polecat", "gdelt", "icews", "acled"})
"""Forms whose rows have a day even where no report states one, and with `plain` no column that says so."""
FORMATS = tuple(tables.FORMATS)


def export(record: Record, folder: str | Path, form: str = "parquet") -> list[Path]:
    """Write each table of the record's contract to `folder/<table>.<form>`; the paths written, in table order.

    Raises `UsageError` for an unknown form or a folder that cannot be made.
    """
    if form not in tables.FORMATS:
        known = f"{', '.join(FORMATS)}, or one of --as {', '.join(AS)}"
        raise UsageError(f"no export format {form!r}; the formats are {known}")
    return tables.write(record, _made(folder), form)


def export_as(record: Record, folder: str | Path, name: str, *, plain: bool = False) -> list[Path]:
    """Write the record's events, evidence or graphs as another data set's users load them; the paths written.

    `name` is a key of `AS`. With `plain`, only the columns of that data set; else those that say how many reports and
    independent origins stand behind an event follow after its own. Raises `UsageError` for an unknown name or a
    folder that cannot be made.
    """
    if name not in AS:
        meant = get_close_matches(name, AS, 1)
        asked = f"did you mean {meant[0]}? " if meant else ""
        raise UsageError(f"nothing is exported as {name!r}; {asked}known are {', '.join(AS)}")
    return AS[name](record, _made(folder), plain=plain)


def _made(folder: str | Path) -> Path:
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}; choose another folder") from error
    return folder
