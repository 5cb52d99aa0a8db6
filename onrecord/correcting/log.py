"""Corrections as plain values: what a person may ask for, and the row and the line of JSON that it becomes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self

from onrecord import schema
from onrecord.errors import UsageError
from onrecord.text import key

TARGETS = {
    "merge": ("events", "entities", "stories"),
    "split": ("events", "entities", "stories"),
    "set": ("events", "entities", "stories", "attributions", "reports"),
    "reject": ("events", "event_mentions", "ledger", "attributions"),
    "confirm": ("events", "event_mentions", "ledger", "entities", "stories", "attributions"),
    "undo": ("corrections",),
}
"""Action to the tables whose rows it may be asked of."""

FIELDS: dict[str, tuple[str, ...]] = {
    "events": ("date", "place", "actor", "recipient", "event_type", "mode", "modality"),
    "entities": ("name", "country", "sector", "kind", "role"),
    "stories": ("title",),
    "attributions": ("source",),
    "reports": ("published_at", "outlet"),
}
"""Table to the fields that can be set; of events any quantity's role (killed, injured...) as well."""

PARTS = {"events": "mentions", "entities": "mentions", "stories": "reports"}
"""Table to the name, in a split's value, of what is split off."""


_LONE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and line break


def plain_words(given: Any, what: str, *, ours: bool = True) -> None:
    """Raise `UsageError` where a text, or one in a list or mapping, holds what is no character of any script.

    That is half a surrogate pair, which no file can hold, and in what people write themselves (`ours`) a control
    character; reports may hold these, and a value of theirs is named as it stands there.
    """
    if isinstance(given, Mapping):
        for name, value in given.items():
            plain_words(name, what, ours=ours)
            plain_words(value, what, ours=ours)
    elif isinstance(given, list | tuple):
        for value in given:
            plain_words(value, what, ours=ours)
    elif isinstance(given, str):
        found = _LONE.search(given) or (_CONTROL.search(given) if ours else None)
        if found:
            kind = "half of a character (a lone surrogate)" if _LONE.match(found[0]) else "a control character"
            shown = f"U+{ord(found[0]):04X}, at character {found.start() + 1}"
            raise UsageError(f"{what}: holds {kind}, {shown}; write it without")


@dataclass(frozen=True)
class Change:
    """What a person asks for.

    `ids` are rows of `table`: of a merge the one that stays comes first. A value of the ledger is named by its event's
    id, its `field` and its `value`. `value` is plain JSON: for `set` the new value (None: the reports do not say), for
    `split` what goes: `{"mentions": [...]}` of an event, `{"reports": [...]}` of a story, either of an entity, with
    `{"name": ...}` for the new one.
    """

    action: str
    table: str
    ids: tuple[str, ...]
    field: str | None = None
    value: Any = None

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """From a JSON object with action, table, ids, and field and value where needed; raises `UsageError`."""
        ids = given.get("ids")
        if isinstance(ids, str):
            ids = [ids]
        if not isinstance(ids, list | tuple) or not all(isinstance(i, str) and i and not i.isspace() for i in ids):
            raise UsageError("a correction needs 'ids', a list of ids of the rows it is about")
        return cls(
            str(given.get("action")), str(given.get("table")), tuple(ids), given.get("field"), given.get("value")
        ).checked()

    def checked(self) -> Self:
        """Itself with its value in normal form; raises `UsageError`, saying what is possible, when it cannot be."""
        if self.action not in TARGETS:
            raise UsageError(f"no action {self.action!r}; the actions are {', '.join(TARGETS)}")
        if self.table not in TARGETS[self.action]:
            raise UsageError(f"{self.action}: not of {self.table!r}, but of {', '.join(TARGETS[self.action])}")
        if self.action == "merge" and len(set(self.ids)) < 2:
            raise UsageError("merge: name at least two different ids, the one that stays first")
        if self.action != "merge" and len(self.ids) != 1:
            raise UsageError(f"{self.action}: name one id, not {len(self.ids)}")
        if self.field is not None and not isinstance(self.field, str):
            raise UsageError("field: a name, please")
        plain_words(self.ids, "ids", ours=False)
        plain_words(self.field, "field", ours=False)
        plain_words(self.value, self.field or "value", ours=self.action in ("set", "split"))
        if self.action == "set":
            return self._replaced(_normal(self.table, self.field, self.value))
        if self.table == "ledger":
            return self._replaced(_value_of_ledger(self.field, self.value))
        if self.action == "reject" and self.table == "attributions" and self.field != "source":
            raise UsageError("reject: of an attribution its source can be rejected (field 'source')")
        if self.action == "split":
            return self._replaced(_split(self.table, self.value))
        if self.action == "confirm" and self.field:
            raise UsageError("confirm: to confirm one value, name it as a value of the ledger (table 'ledger')")
        return self

    def _replaced(self, value: Any) -> Self:
        return type(self)(self.action, self.table, self.ids, self.field, value)

    @property
    def target(self) -> str:
        """Table and ids, as the column `target` has them."""
        return " ".join((self.table, *self.ids))


def _normal(table: str, field: str | None, value: Any) -> Any:
    if not field or (table != "events" and field not in FIELDS[table]):
        raise UsageError(f"set: of {table} the field can be {', '.join(FIELDS[table])}; not {field!r}")
    if field in ("actor", "recipient"):
        names = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(names, list | tuple) or not all(isinstance(n, str) and n.strip() for n in names):
            raise UsageError(f"set {field}: a name, or a list of names")
        return list(names)
    if value is not None and not isinstance(value, str | int | float):
        raise UsageError(f"set {field}: one value, not {type(value).__name__}")
    text = None if value is None else f"{value:.15g}" if isinstance(value, int | float) else value.strip() or None
    if field == "date":
        return _dates(text)
    if field == "published_at":
        return _moment(text)
    if text is None and (field in ("name", "kind", "event_type", "modality") or table == "stories"):
        raise UsageError(f"set {field}: needs a value")
    closed = {"modality": schema.MODALITIES, "kind": schema.ENTITY_KINDS}.get(field)
    if closed and text not in closed:
        raise UsageError(f"set {field}: one of {', '.join(closed)}; not {text!r}")
    return text


def _dates(text: str | None) -> str | None:
    if text is None:
        return None
    first, _, last = text.partition("/")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise UsageError(f"date: 2024-05-17, or 2024-05-17/2024-05-19 for an interval; not {text!r}") from None
    if days[1] < days[0]:
        raise UsageError(f"date: {text!r} ends before it begins")
    return days[0].isoformat() if days[0] == days[1] else "/".join(d.isoformat() for d in days)


def _moment(text: str | None) -> str | None:
    try:
        return moment(text).isoformat() if text else None
    except ValueError:
        raise UsageError(f"published_at: 2024-05-17 or 2024-05-17T08:30:00+00:00; not {text!r}") from None


def moment(text: str) -> datetime:
    """An ISO date or time as a time in UTC; what names no zone is UTC. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _value_of_ledger(field: str | None, value: Any) -> dict[str, Any]:
    """{'value': ...} for a value wherever the event has it; with mention_id and char_start for one place alone."""
    given = {"value": value} if isinstance(value, str) else value
    if not field or not isinstance(given, dict) or not isinstance(given.get("value"), str):
        raise UsageError("a value of the ledger is named by its event's id, its field and its value")
    out: dict[str, Any] = {"value": given["value"]}
    if given.get("mention_id"):
        out["mention_id"] = str(given["mention_id"])
        if isinstance(given.get("char_start"), int):
            out["char_start"] = given["char_start"]
    return out


def _split(table: str, value: Any) -> dict[str, Any]:
    allowed = ("mentions", "reports") if table == "entities" else (PARTS[table],)
    named = [n for n in allowed if isinstance(value, dict) and value.get(n)]
    if len(named) != 1 or not isinstance(value[named[0]], list | tuple):
        raise UsageError(f"split: name what goes, as a list: {' or '.join(allowed)}")
    out: dict[str, Any] = {named[0]: list(value[named[0]])}
    if table == "entities":
        if not isinstance(value.get("name"), str) or not value["name"].strip():
            raise UsageError("split: name the new entity")
        out["name"] = value["name"].strip()
    return out


@dataclass(frozen=True)
class Correction:
    """A correction as it stands in the log: the change, who made it, when, why, and where its target stood."""

    made_at: datetime
    made_by: str
    change: Change
    why: str | None = None
    evidence: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def correction_id(self) -> str:
        """Derived from all but the evidence: the same correction has the same id in every record."""
        c = self.change
        return key(
            self.made_at.isoformat(), self.made_by, c.action, c.target, c.field, _dump(c.value), self.why, prefix="c_"
        )

    @property
    def order(self) -> tuple[datetime, str]:
        """Sort key: corrections hold in the order in which they were made, the later over the earlier."""
        return self.made_at, self.correction_id

    def row(self) -> dict[str, Any]:
        """Itself as a row of `corrections`."""
        c = self.change
        return {
            "correction_id": self.correction_id,
            "made_at": self.made_at,
            "made_by": self.made_by,
            "action": c.action,
            "target": c.target,
            "value": _dump(c.value),
            "note": self.why,
            "field": c.field,
            "evidence": _dump(self.evidence) if self.evidence else None,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """A row of `corrections`."""
        table, *ids = row["target"].split()
        value = json.loads(row["value"]) if row["value"] is not None else None
        change = Change(row["action"], table, tuple(ids), row["field"], value)
        evidence = json.loads(row["evidence"]) if row["evidence"] else {}
        return cls(row["made_at"].astimezone(UTC), row["made_by"], change, row["note"], evidence)

    def to_json(self) -> dict[str, Any]:
        """Itself as an object of plain JSON values, a line of the exchange format."""
        c = self.change
        return {
            "correction_id": self.correction_id,
            "made_at": self.made_at.isoformat(),
            "made_by": self.made_by,
            "action": c.action,
            "table": c.table,
            "ids": list(c.ids),
            "field": c.field,
            "value": c.value,
            "why": self.why,
            "evidence": self.evidence,
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Self:
        """An object of the exchange format; raises `UsageError` for what is none. Its id is made anew."""
        made_by = given.get("made_by")
        if not isinstance(made_by, str) or not made_by.strip():
            raise UsageError("a correction needs 'made_by', who made it")
        try:
            made_at = moment(str(given.get("made_at")))
        except ValueError:
            raise UsageError("a correction needs 'made_at', when it was made, such as 2024-05-17T08:30:00Z") from None
        why = given.get("why")
        evidence = given.get("evidence")
        plain_words(made_by, "made_by")
        plain_words(why, "why")
        plain_words(evidence, "evidence", ours=False)
        return cls(
            made_at,
            made_by,
            Change.from_json(given),
            str(why) if why else None,
            evidence if isinstance(evidence, dict) else {},
        )


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def undone_by(corrections: Iterable[Correction]) -> dict[str, str]:
    """Id of each correction that does not hold, to the id of the undoing that holds against it.

    An undoing can itself be undone, and so on; then what it had undone holds again.
    """
    undoings: dict[str, list[Correction]] = {}
    for c in sorted(corrections, key=lambda c: c.order):
        if c.change.action == "undo":
            undoings.setdefault(c.change.ids[0], []).append(c)
    out: dict[str, str] = {}
    settled: set[str] = set()

    def settle(first: str) -> None:
        waiting = [first]
        while waiting:
            at = waiting[-1]
            # An id names what it undoes, so that no two corrections can undo each other.
            open_ = [u.correction_id for u in undoings.get(at, ()) if u.correction_id not in settled]
            if open_:
                waiting.extend(open_)
                continue
            holding = [u.correction_id for u in undoings.get(at, ()) if u.correction_id not in out]
            if holding:
                out[at] = holding[-1]
            settled.add(waiting.pop())

    for target in sorted(undoings):
        settle(target)
    return out
