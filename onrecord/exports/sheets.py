"""Writing tables of text: one way to bound, clean and guard a cell, whatever data set's columns they are."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from onrecord.exports.facts import Fact

_FORMULA = tuple(
    "=+-@\t\r\n＝＋－＠"
)  # the wide ones too: spreadsheets set to Chinese, Japanese or Korean take them for the plain
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")

INDEPENDENCE = (
    "Reports", "Origins", "Origins Low", "Origins High", "Origin Kinds", "Origins Reason", "Date Basis",
    "onrecord Event",
)  # fmt: skip
"""The columns that only onrecord has, written after those of the format."""


def independence(fact: Fact) -> list[Any]:
    """The cells under `INDEPENDENCE` of one event."""
    event = fact.event
    return [
        event["n_reports"],
        event["n_origins"],
        event["n_origins_low"],
        event["n_origins_high"],
        ";".join(sorted({o["kind"] for o in fact.origins})),
        event["origins_reason"],
        fact.days.basis,
        event["event_id"],
    ]


def guarded(value: Any) -> Any:
    """A value that a spreadsheet would run as a formula, with a quotation mark before it; other values as they are."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def cell(value: Any) -> str:
    """One cell: None as nothing, text on one line without control characters and safe from being run as a formula."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if value else "0"
    if isinstance(value, str):
        return str(guarded(_BREAKS.sub(" ", value).strip()))
    return str(value)


def write(
    path: Path, header: Sequence[str] | None, rows: Iterable[Sequence[Any]], *, delimiter: str, quoting: int
) -> int:
    """Write rows, under a header unless that is None; how many. A row of another width than the header is refused."""
    n = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n", quotechar='"')  # type: ignore[arg-type]
        if header is not None:
            writer.writerow(header)
        for row in rows:
            if header is not None and len(row) != len(header):
                raise ValueError(f"{path.name}: a row of {len(row)} cells under {len(header)} columns")
            writer.writerow([cell(v) for v in row])
            n += 1
    return n


def tabs(path: Path, header: Sequence[str] | None, rows: Iterable[Sequence[Any]]) -> int:
    """Tab-separated, as POLECAT, ICEWS and GDELT come: no quotation marks around cells, so none are needed inside."""
    return write(path, header, ([_unquoted(v) for v in row] for row in rows), delimiter="\t", quoting=csv.QUOTE_NONE)


def commas(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Comma-separated, quoted where needed (RFC 4180)."""
    return write(path, header, rows, delimiter=",", quoting=csv.QUOTE_MINIMAL)


def _unquoted(value: Any) -> Any:
    # Readers of these files take a double quotation mark at the start of a cell for the beginning of a quoted one.
    return value.replace('"', "'") if isinstance(value, str) else value
