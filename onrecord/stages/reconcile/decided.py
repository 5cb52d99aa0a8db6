"""What people decided of a story's events: groups of mentions joined, parted and dropped, values set and rejected.

A correction names its target by where it stood (`anchors`): the event is the one whose mentions stand there now.
Joining, parting and dropping come first, in the order in which they were decided; then values of what results.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from onrecord.model import Entity
from onrecord.stages.reconcile.values import Value
from onrecord.stages.reconcile.view import Mention, Story, ordinal
from onrecord.text import key, plain

PARTIES = ("actor", "recipient")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mention, or a value of the ledger, of a correction's target stands."""

    report: str
    clause: tuple[int, int]
    anchor: tuple[int, int]
    type: str | None
    found: str


@dataclass(slots=True)
class Decision:
    """One correction that concerns a story; `spots` by part: a target each, then what is split off."""

    id: str
    by: str
    action: str
    table: str
    ids: tuple[str, ...]
    field: str | None
    value: Any
    entities: list[dict[str, Any]]
    spots: dict[int, list[Spot]]
    values: list[Spot]  # where the ledger's value stood

    def how(self, event_id: str, part: int = 0) -> str:
        """By what the target was found again."""
        if part < len(self.ids) and self.ids[part] == event_id:
            return "id"
        return "words" if any(s.found == "words" for s in self.spots.get(part, ())) else "span"


def decisions(tables: Mapping[str, pa.Table]) -> dict[str, list[Decision]]:
    """Story id to the corrections whose targets stand in it, in the order in which they were made."""
    if "anchors" not in tables or "corrections" not in tables:
        return {}
    rows = {r["correction_id"]: r for r in tables["corrections"].to_pylist()}
    spots: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for a in tables["anchors"].to_pylist():
        spots[a["story_id"], a["correction_id"]].append(a)
    out: dict[str, list[Decision]] = defaultdict(list)
    for story_id, i in sorted(spots, key=lambda s: (rows[s[1]]["made_at"], s[1], s[0])):
        row = rows[i]
        table, *ids = row["target"].split()
        noted = json.loads(row["evidence"] or "{}").get("entities")
        decision = Decision(
            i, row["made_by"], row["action"], table, tuple(ids), row["field"],
            json.loads(row["value"]) if row["value"] is not None else None,
            [e for e in noted if isinstance(e, dict)] if isinstance(noted, list) else [], defaultdict(list), [],
        )  # fmt: skip
        for a in spots[story_id, i]:
            spot = Spot(
                a["report_id"], (a["char_start"], a["char_end"]), (a["anchor_start"], a["anchor_end"]),
                a["event_type"], a["found"],
            )  # fmt: skip
            if a["field"] is None:
                decision.spots[a["part"]].append(spot)
            else:
                decision.values.append(spot)
        out[story_id].append(decision)
    return out


def key_of(story: Story, group: Sequence[int]) -> str:
    """The id of the event that a group of a story's mentions makes."""
    return key(story.id, min(story.mentions[i].id for i in group), prefix="ev_")


class Decided:
    """The decisions of one story, applied: `groups` are its events now, `effects` what each decision did."""

    def __init__(self, story: Story, groups: list[list[int]], made: Sequence[Decision]) -> None:
        self.story = story
        self.groups = [list(g) for g in groups]
        self.effects: list[dict[str, Any]] = []
        self._at: dict[str, list[int]] = defaultdict(list)
        for n, m in enumerate(story.mentions):
            self._at[m.report].append(n)
        self._shown: list[tuple[Decision, list[int], Any, str, str | None]] = []
        values = []
        for d in made:
            if d.action in ("merge", "split") or (d.action == "reject" and d.table != "ledger" and not d.field):
                getattr(self, f"_{d.action}")(d)
            else:
                values.append(d)
        self._verdicts: dict[str, Verdicts] = {}
        for d in values:
            self._value(d)
        for d, group, before, how, detail in self._shown:
            home = next((g for n in group for g in self.groups if n in g), None)
            if home is None:
                self._effect(
                    d, "events", key_of(story, group), how, state="overruled", detail="rejected by a later one"
                )
            else:
                now = key_of(story, home)
                self._effect(d, "events", now, how, before=before, after=now, detail=detail)

    def verdicts(self, event: str) -> Verdicts:
        """What was decided of the values of one event."""
        return self._verdicts.get(event) or Verdicts([], [])

    def _mention(self, spot: Spot) -> int | None:
        """The mention that stands where the spot is: on the same word, else in much the same clause."""
        best: tuple[tuple[bool, int, int, str], int] | None = None
        for n in self._at.get(spot.report, ()):
            m = self.story.mentions[n]
            word = _shared(m.anchor, spot.anchor)
            clause = _shared((m.start, m.end), spot.clause)
            shorter = min(m.end - m.start, spot.clause[1] - spot.clause[0])
            if not word and (m.type != spot.type or 2 * clause < shorter):
                continue
            rank = (m.type == spot.type, word, clause, m.id)
            if best is None or rank > best[0]:
                best = rank, n
        return best[1] if best else None

    def _find(self, d: Decision, part: int = 0) -> int | None:
        """The group in which most of a target's mentions are; of several, the one with the target's id."""
        votes: Counter[int] = Counter()
        for spot in d.spots.get(part, ()):
            n = self._mention(spot)
            votes.update(i for i, g in enumerate(self.groups) if n in g)
        if not votes:
            return None
        wanted = d.ids[part] if part < len(d.ids) else ""
        return max(votes, key=lambda i: (votes[i], key_of(self.story, self.groups[i]) == wanted, -i))

    def _merge(self, d: Decision) -> None:
        found = [self._find(d, part) for part in range(len(d.ids))]
        whole = [f for f in found if f is not None]
        if len(whole) < len(found):
            return
        how = d.how(key_of(self.story, self.groups[whole[0]]))
        joined = sorted(set(whole))
        before = [key_of(self.story, self.groups[i]) for i in joined]
        detail = None if len(joined) > 1 else "they are one event already"
        keep = self.groups[whole[0]]
        for i in joined:
            if self.groups[i] is not keep:
                keep.extend(self.groups[i])
        keep.sort()
        self.groups = [g for i, g in enumerate(self.groups) if g is keep or i not in joined]
        self._shown.append((d, list(keep), before, how, detail))

    def _split(self, d: Decision) -> None:
        at = self._find(d)
        going = {n for spot in d.spots.get(len(d.ids), ()) if (n := self._mention(spot)) is not None}
        if at is None or not going:
            return
        group = self.groups[at]
        before = key_of(self.story, group)
        how = d.how(before)
        moved = [n for n in group if n in going]
        staying = [n for n in group if n not in going]
        if not moved or not staying:
            self._shown.append((d, list(group), before, how, "they are different events already"))
            return
        self.groups[at] = staying
        self.groups.insert(at + 1, moved)
        self._shown.append((d, list(staying), before, how, f"split off: {key_of(self.story, moved)}"))

    def _reject(self, d: Decision) -> None:
        if d.table == "event_mentions":
            found = sorted({n for s in d.spots.get(0, ()) if (n := self._mention(s)) is not None})
            for n in found[:1]:
                m = self.story.mentions[n]
                home = next((g for g in self.groups if n in g), None)
                was = {"event_id": key_of(self.story, home)} if home else None
                self.groups = [k for g in self.groups if (k := [x for x in g if x != n])]
                how = d.ids[0] == m.id
                self._effect(d, "event_mentions", m.id, "id" if how else d.how("", 0), before=was)
            return
        at = self._find(d)
        if at is None:
            return
        group = self.groups.pop(at)
        mentions = [self.story.mentions[n] for n in group]
        fullest = max(mentions, key=lambda m: (len(m.stems), m.id))
        before: dict[str, Any] = {
            "event_type": fullest.type,
            "summary": self.story.reports[fullest.report].text[fullest.start : fullest.end],
            "mention_ids": sorted(m.id for m in mentions),
            "report_ids": sorted({m.report for m in mentions}),
        }
        now = key_of(self.story, group)
        self._effect(d, "events", now, d.how(now), before=before)

    def _value(self, d: Decision) -> None:
        """A value set, rejected or confirmed, or an event or a mention confirmed."""
        if d.table == "event_mentions":
            found = sorted({n for s in d.spots.get(0, ()) if (n := self._mention(s)) is not None})
            for n in found[:1]:
                self._effect(d, d.table, self.story.mentions[n].id, d.how("", 0))
            return
        at = self._find(d)
        if at is None:
            return
        now = key_of(self.story, self.groups[at])
        if d.action == "confirm" and d.table == "events" and not d.field:
            self._effect(d, "events", now, d.how(now))
            return
        verdicts = self._verdicts.setdefault(now, Verdicts([], []))
        (verdicts.of_ledger if d.table == "ledger" else verdicts.of_event).append(d)

    def _effect(
        self, d: Decision, table: str, row_id: str, how: str, *, before: Any = None, after: Any = None,
        state: str = "applied", detail: str | None = None,
    ) -> None:  # fmt: skip
        self.effects.append(
            {
                "correction_id": d.id,
                "state": state,
                "table_name": table,
                "row_id": row_id,
                "field": d.field,
                "before": _dump(before),
                "after": _dump(after),
                "found": how,
                "detail": detail,
            }
        )

    def event(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row of an event as people corrected it; the effects grow by what they set."""
        verdicts = self.verdicts(row["event_id"])
        holding = verdicts.holding()
        out = dict(row)
        for d in verdicts.of_event:
            last = holding[d.field or ""]
            value = None if d.action == "reject" else d.value
            before = _columns(row, d.field or "")
            if last is d or (d.action, d.value) == (last.action, last.value):
                out |= self._set(d.field or "", value, d)
                self._effect(d, "events", row["event_id"], d.how(row["event_id"]), before=before, after=value)
            else:
                detail = f"overruled by {last.id} of {last.by}"
                how = d.how(row["event_id"])
                self._effect(
                    d, "events", row["event_id"], how, before=before, after=value, state="overruled", detail=detail
                )
        return out

    def _set(self, name: str, value: Any, d: Decision) -> dict[str, Any]:
        if name == "date":
            first, _, last = (value or "").partition("/")
            return {"date_start": first or None, "date_end": (last or first) or None}
        if name == "place":
            spot = self._meant(value, d)
            return {
                "place": spot.name if spot else value,
                "country": spot.country if spot else None,
                "latitude": spot.latitude if spot else None,
                "longitude": spot.longitude if spot else None,
            }
        if name in PARTIES:
            given = value or []
            met = [(v, self._meant(v, d)) for v in given]
            return {
                f"{name}_names": [e.name if e else v for v, e in met],
                f"{name}_countries": [e.country if e else None for _, e in met],
            }
        if name == "event_type":
            return {"event_type": value, "mode": None}
        return {name: value} if name in ("mode", "modality") else {}

    def _meant(self, name: str | None, d: Decision) -> Entity | None:
        """The entity of this story, or the one known when the correction was made, that a name in it means."""
        if name is None:
            return None
        noted = next((e for e in d.entities if e.get("asked") == name), None)
        wanted = {name} | ({str(noted.get("name")), str(noted.get("entity_id"))} if noted else set())
        known = sorted(i for i, e in self.story.entities.items() if i in wanted or e.name in wanted)
        if known:
            return self.story.entities[min(known, key=lambda i: (i not in wanted, i))]
        if noted and noted.get("kind") and noted.get("name"):
            told = {n: noted.get(n) for n in _ENTITY}
            words = {n: v if isinstance(v, str) else None for n, v in told.items() if n not in _NUMBERS}
            numbers = {n: v if isinstance(v, int | float) else None for n, v in told.items() if n in _NUMBERS}
            return Entity(*(words | numbers).values())  # type: ignore[arg-type]
        return None

    def ledger(self, event: str, rows: list[dict[str, Any]]) -> None:
        """Note what rejecting and confirming values of the ledger did, once its rows are made."""
        for d in self.verdicts(event).of_ledger:
            own = [
                r for r in rows if r["field"] == d.field and _is_meant(d, r["report_id"], r["char_start"], r["value"])
            ]
            if own:
                held = any(r["correction_id"] == d.id for r in own)
                self._effect(
                    d, "ledger", event, d.how(event), before=d.value["value"], state="applied" if held else "overruled",
                    after=d.action + "ed" if d.action == "confirm" else "rejected",
                    detail=None if held else "overruled by a later correction of the same value",
                )  # fmt: skip


_NUMBERS = ("latitude", "longitude", "geonames_id")
_ENTITY = ("entity_id", "name", "kind", "country", "sector", "role", "latitude", "longitude", "geonames_id")


@dataclass(slots=True)
class Verdicts:
    """What was decided of one event's values, each list in order: of the event's fields, of lines of its ledger."""

    of_event: list[Decision] = field(default_factory=list)
    of_ledger: list[Decision] = field(default_factory=list)

    def holding(self) -> dict[str, Decision]:
        """Field to the last decision of it."""
        return {d.field or "": d for d in self.of_event}

    def of(self, report: str, start: int, value: Value) -> tuple[str | None, str | None]:
        """(decision, correction id) of one line of the ledger; the last decision that speaks of it."""
        out: tuple[str | None, str | None] = None, None
        for d in self.of_event:
            if d.field == value.field and self.holding()[value.field] is d:
                verdict = _against(value, d.value if d.action != "reject" else None, d)
                out = (verdict, d.id) if verdict else out
        for d in self.of_ledger:
            if d.field == value.field and _is_meant(d, report, start, value.text):
                out = ("rejected" if d.action == "reject" else "confirmed"), d.id
        return out

    def without(self, mentions: Sequence[Mention], story: Story) -> list[Mention]:
        """The mentions without the dates, places and parties that were rejected."""
        rejected = [d for d in self.of_ledger if d.action == "reject"]
        return [_blanked(m, rejected, story) for m in mentions] if rejected else list(mentions)


def _blanked(m: Mention, rejected: Sequence[Decision], story: Story) -> Mention:
    for d in rejected:
        row = m.row
        if d.field == "date" and row["date_start"]:
            last = row["date_end"] or row["date_start"]
            shown = row["date_start"] if last == row["date_start"] else f"{row['date_start']}/{last}"
            if _is_meant(d, m.report, (row["date_span"] or {}).get("char_start", -1), shown):
                m = replace(m, first=None, last=None, certain=False)
        elif d.field == "place" and m.place:
            entity = story.entities.get(m.place)
            start = (row["place_span"] or {}).get("char_start", -1)
            if _is_meant(d, m.report, start, entity.name if entity else ""):
                m = replace(m, place=None)
        elif d.field in PARTIES:
            ids, spans = (row["actors"], row["actor_spans"]) if d.field == "actor" else (
                row["recipients"], row["recipient_spans"])  # fmt: skip
            paired = len(ids or ()) == len(spans or ())
            gone = set()
            for n, i in enumerate(ids or ()):
                name = story.entities[i].name if i in story.entities else ""
                if _is_meant(d, m.report, spans[n]["char_start"] if paired else -1, name):
                    gone.add(i)
            if d.field == "actor":
                m = replace(m, actors=m.actors - gone)
            else:
                m = replace(m, recipients=m.recipients - gone)
    return m


def _is_meant(d: Decision, report: str, start: int, value: str) -> bool:
    """True for the value that a decision is about: wherever it stands, or at one place alone."""
    if "mention_id" in d.value:
        return any(s.report == report and s.clause[0] <= start < s.clause[1] for s in d.values)
    return plain(value) == plain(d.value["value"])


def _against(value: Value, decided: Any, d: Decision) -> str | None:
    """'confirmed' for a value that is as decided, 'overruled' for one that cannot be; None where neither is plain."""
    if decided is None:
        return "overruled"
    if value.field == "date":
        first, _, last = str(decided).partition("/")
        a, b = ordinal(first), ordinal(last or first)
        if a is None or b is None or value.low is None or value.high is None:
            return None
        if (a, b) == (value.low, value.high):
            return "confirmed"
        return None if value.low <= b and a <= value.high else "overruled"
    said = {plain(v) for v in (decided if isinstance(decided, list) else [str(decided)])}
    said |= {plain(str(e["name"])) for e in d.entities if e.get("name")}
    if plain(value.text) in said:
        return "confirmed"
    return None if value.part or _allows(value, decided) else "overruled"


def _allows(value: Value, decided: Any) -> bool:
    """True for a count that its hedge leaves room in: 'at least 11' where 14 was decided."""
    try:
        count = float(str(decided).replace(",", ""))
    except ValueError:
        return False
    return value.low is not None and value.low != value.high and value.low <= count <= (value.high or count)


def _columns(row: Mapping[str, Any], name: str) -> Any:
    """What the reports make of a field of an event, as a plain value."""
    if name == "date":
        first, last = row["date_start"], row["date_end"]
        return first if first == last or not last else f"{first}/{last}"
    return row[f"{name}_names"] if name in PARTIES else row.get(name)


def _shared(a: tuple[int, int], b: tuple[int, int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
