"""People's corrections of a record: made, listed, undone, written to a file and read from one.

A correction is a row of the log `corrections`, which only ever grows: to undo one is to add another. Every rebuild
takes the log over and applies it again; what each correction does in a record stands in its table `effects`.

>>> from onrecord import corrections
>>> change = corrections.Change("set", "events", ("ev_1f",), "killed", "13")
>>> corrections.make("record.duckdb", change, why="the ministry corrected itself")  # doctest: +SKIP
"""

from __future__ import annotations

import getpass
import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from onrecord import schema
from onrecord.correcting.evidence import gather, known, rows
from onrecord.correcting.log import FIELDS, TARGETS, Change, Correction, plain_words, undone_by
from onrecord.errors import UsageError
from onrecord.query import Record
from onrecord.store import open_record

__all__ = [
    "FIELDS",
    "TARGETS",
    "Change",
    "Correction",
    "Imported",
    "Listed",
    "author",
    "export_lines",
    "import_lines",
    "listing",
    "make",
    "make_all",
    "undo",
]


@dataclass(frozen=True)
class Listed:
    """A correction with what it does in a record.

    `state` is 'applied'; 'unmatched', when its target is not in this record; 'overruled', when a later one decides the
    same; 'undone'. `effects` are its rows of the table `effects`; `undone_by` is the id of the undoing that holds.
    """

    correction: Correction
    state: str
    effects: list[dict[str, Any]] = field(default_factory=list)
    undone_by: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, without the evidence."""
        out = self.correction.to_json()
        del out["evidence"]
        return out | {"state": self.state, "undone_by": self.undone_by, "effects": self.effects}


@dataclass(frozen=True)
class Imported:
    """What reading a file of corrections came to; `conflicts` are sentences, one for each that another overrules."""

    added: list[Correction]
    known: int
    conflicts: list[str]


def author(who: str | None = None) -> str:
    """Who makes a correction: `who` when given, else git's user.name, else the name of the system's user."""
    if who and who.strip():
        return who.strip()
    try:
        asked = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, timeout=5, check=False)
        if asked.stdout.strip():
            return asked.stdout.strip()
    except (OSError, subprocess.SubprocessError):
        pass
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise UsageError("who makes this correction? say so with --who NAME") from None


def make(
    record: str | Path, change: Change, *, why: str | None = None, who: str | None = None, when: datetime | None = None
) -> Listed:
    """Write one correction into the record at `record` and apply it; what it did.

    `when` is now unless given. Raises `UsageError` when the change does not fit the record (the message says what
    would), `RecordError` when there is no record or another process writes it; the record is then as it was.
    """
    return make_all(record, [change], why=why, who=who, when=when)[0]


def make_all(
    record: str | Path,
    changes: Sequence[Change],
    *,
    why: str | None = None,
    who: str | None = None,
    when: datetime | None = None,
) -> list[Listed]:
    """As `make`, several in one write: all of them, or none."""
    made_by = author(who)
    plain_words(made_by, "who")
    plain_words(why, "why")
    made_at = (when or datetime.now(UTC)).astimezone(UTC)
    with open_record(record) as db:
        wanted = [known(db, c.checked()) for c in changes]
        new = [Correction(made_at, made_by, c, why, gather(db, c)) for c in wanted]
    _write(record, new)
    ids = {c.correction_id for c in new}
    return [at for at in listing(record) if at.correction.correction_id in ids]


def undo(
    record: str | Path,
    correction_id: str,
    *,
    why: str | None = None,
    who: str | None = None,
    when: datetime | None = None,
) -> Listed:
    """Undo a correction by adding another; the id may be shortened while it stays single.

    An undoing can itself be undone. Raises `UsageError` when the record has no such correction or it is undone already.
    """
    with open_record(record) as db:
        change = known(db, Change("undo", "corrections", (correction_id,)).checked())
    already = next(at for at in listing(record) if at.correction.correction_id == change.ids[0])
    if already.undone_by:
        raise UsageError(f"{change.ids[0]} is undone already, by {already.undone_by}; to have it again, undo that one")
    return make(record, change, why=why, who=who, when=when)


def listing(record: Record | str | Path) -> list[Listed]:
    """Every correction of a record in the order in which they were made, with its state."""
    if not isinstance(record, Record):
        with Record(record) as opened:
            return listing(opened)
    log = _log(record.table("corrections").to_pylist())
    effects: dict[str, list[dict[str, Any]]] = {}
    for row in record.table("effects").to_pylist():
        effects.setdefault(row["correction_id"], []).append(row)
    undone = undone_by(log)
    out = []
    for c in log:
        own = effects.get(c.correction_id, [])
        states = {e["state"] for e in own}
        state = "undone" if c.correction_id in undone else next((s for s in _STATES if s in states), "applied")
        out.append(Listed(c, state, own, undone.get(c.correction_id)))
    return out


_STATES = ("applied", "overruled", "unmatched")


def _log(found: Iterable[dict[str, Any]]) -> list[Correction]:
    return sorted((Correction.from_row(r) for r in found), key=lambda c: c.order)


def export_lines(record: Record | str | Path) -> list[str]:
    """The whole log as lines of JSON (docs/corrections.md), to be read by `import_lines` elsewhere."""
    return [json.dumps(at.correction.to_json(), ensure_ascii=False, sort_keys=True) for at in listing(record)]


def import_lines(record: str | Path, lines: Iterable[str]) -> Imported:
    """Add the corrections of another log that this record does not have yet, and apply them.

    Reading the same lines again adds nothing. Raises `UsageError`, naming the line, for a line that is no correction;
    nothing is written then.
    """
    read: dict[str, Correction] = {}
    for n, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            if not isinstance(given, dict):
                raise UsageError("not a JSON object")
            correction = Correction.from_json(given)
        except json.JSONDecodeError as error:
            raise UsageError(f"line {n}: not JSON ({error.msg}); see docs/corrections.md") from None
        except UsageError as error:
            raise UsageError(f"line {n}: {error}; see docs/corrections.md") from None
        read.setdefault(correction.correction_id, correction)
    with open_record(record) as db:
        standing = {c.correction_id: c for c in _log(rows(db, "SELECT * FROM corrections"))}
        new = []
        for c in sorted((c for i, c in read.items() if i not in standing), key=lambda c: c.order):
            new.append(c if c.evidence else _with_evidence(db, c))
    if new:
        _write(record, new)
    added = {c.correction_id for c in new}
    conflicts = _conflicts(listing(record), added) if new else []
    return Imported(new, len(read) - len(new), conflicts)


def _with_evidence(db: Any, correction: Correction) -> Correction:
    """A correction written by hand names ids alone: where they stand in this record, its evidence is gathered."""
    try:
        return Correction(
            correction.made_at,
            correction.made_by,
            correction.change,
            correction.why,
            gather(db, known(db, correction.change)),
        )
    except UsageError:
        return correction


def _conflicts(listed: Sequence[Listed], added: set[str]) -> list[str]:
    """A sentence for each decision that a later one by somebody else overrules, where one of the two is new."""
    holding = {_place(e): at.correction for at in listed for e in at.effects if e["state"] == "applied"}
    out = []
    for at in listed:
        mine = at.correction
        for effect in at.effects:
            theirs = holding.get(_place(effect)) if effect["state"] == "overruled" else None
            if theirs and {mine.correction_id, theirs.correction_id} & added:
                out.append(
                    f"{mine.change.target}{' ' + mine.change.field if mine.change.field else ''}: {mine.made_by} says "
                    f"{_said(mine)}, {theirs.made_by} later {_said(theirs)}, which holds"
                )
    return out


def _place(effect: dict[str, Any]) -> tuple[Any, ...]:
    return effect["table_name"], effect["row_id"], effect["field"]


def _said(correction: Correction) -> str:
    value = correction.change.value
    return f"{correction.change.action} {json.dumps(value, ensure_ascii=False)}" if value else correction.change.action


def _write(record: str | Path, new: Sequence[Correction]) -> None:
    from onrecord import pipeline

    pipeline.correct(record, schema.CORRECTIONS.from_rows(c.row() for c in new))
