"""Corrections of reports, stories, entities and attributions, made in the tables before events are reconciled.

All that rests on these tables (events, origins, ledger) then follows by the same functions as without corrections.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from onrecord.correcting.finding import Finder, Spot
from onrecord.correcting.log import Correction, moment
from onrecord.correcting.originals import Originals
from onrecord.correcting.outcomes import Outcomes
from onrecord.model import day_of
from onrecord.text import key, plain

Row = dict[str, Any]
Found = tuple[str, str] | None
"""Id of a row, and by what it was found."""


class Base:
    """Makes corrections one by one, in the order in which they were made."""

    def __init__(self, tables: Originals, finder: Finder, outcomes: Outcomes) -> None:
        self.tables, self.finder, self.outcomes = tables, finder, outcomes

    def make(self, c: Correction) -> None:
        """Make one correction; what came of it goes to the outcomes."""
        targets = c.evidence.get("targets")
        noted = targets if isinstance(targets, list) and targets else [{"id": i} for i in c.change.ids]
        found = [self.find(c, t) for t in noted if isinstance(t, dict)]
        if not found or any(f is None for f in found):
            return self.outcomes.unmatched(c, "its target is not in this record")
        whole = [f for f in found if f is not None]
        name = f"{c.change.action}_{c.change.table}"
        step = getattr(self, f"_{name}", None)
        if step is not None:
            step(c, whole)
        else:
            (row_id, how), *_ = whole
            self.outcomes.applied(c, c.change.table, row_id, how)
        return None

    def find(self, c: Correction, noted: Row) -> Found:
        """The row of this record that a noted target means, or None."""
        table, row_id = c.change.table, str(noted.get("id"))
        if table == "reports":
            report = self.finder.report(c.evidence, row_id)
            return (report, "id" if report == row_id else "reports") if report else None
        if table == "stories":
            return self._story(c, noted, row_id)
        if table == "entities":
            return self._entity(c, noted, row_id)
        return self._attribution(c, noted, row_id)

    def _story(self, c: Correction, noted: Row, row_id: str) -> Found:
        members = self._members(c, noted)
        votes: Counter[str] = Counter()
        for r in self.tables.rows("story_reports", "report_id IN (SELECT unnest(?))", members):
            votes[r["story_id"]] += 1 if r["parts"] else 2  # what is told in part says less of which story is meant
        if not votes:
            return None
        best = max(votes, key=lambda s: (votes[s], s == row_id, s))
        return best, "id" if best == row_id else "reports"

    def _members(self, c: Correction, noted: Row) -> list[str]:
        listed = noted.get("members")
        members = [self.finder.report(c.evidence, str(r)) for r in (listed if isinstance(listed, list) else ())]
        return sorted({m for m in members if m})

    def _entity(self, c: Correction, noted: Row, row_id: str) -> Found:
        if self.tables.rows("entities", "entity_id = ?", row_id):
            return row_id, "id"
        votes: Counter[str] = Counter()
        hows: set[str] = set()
        for spot in self._spots(c, noted):
            hows.add(spot[3])
            for m in self._mentions_at(spot):
                votes[m["entity_id"]] += 1
        if votes:
            return max(votes, key=lambda e: (votes[e], e)), "words" if "words" in hows else "span"
        named = self.tables.rows("entities", "name = ? AND kind = ?", noted.get("name"), noted.get("kind"))
        return (named[0]["entity_id"], "name") if len(named) == 1 else None

    def _spots(self, c: Correction, noted: Row) -> list[Spot]:
        spans = noted.get("spans")
        spots = [self.finder.span(c.evidence, s) for s in (spans if isinstance(spans, list) else ())]
        return sorted({s for s in spots if s})

    def _mentions_at(self, spot: Spot) -> list[Row]:
        report, start, end, _ = spot
        return self.tables.rows(
            "entity_mentions", "report_id = ? AND char_start < ? AND char_end > ?", report, end, start
        )

    def _attribution(self, c: Correction, noted: Row, row_id: str) -> Found:
        if self.tables.rows("attributions", "attribution_id = ?", row_id):
            return row_id, "id"
        votes: Counter[str] = Counter()
        hows: set[str] = set()
        for spot in self._spots(c, noted):
            report, start, end, how = spot
            for a in self.tables.rows("attributions", "report_id = ?", report):
                shared = sum(
                    max(0, min(end, s["char_end"]) - max(start, s["char_start"]))
                    for s in (*(a["content_spans"] or ()), *(a["cue_spans"] or ()))
                )
                if 2 * shared >= end - start:
                    votes[a["attribution_id"]] += shared
                    hows.add(how)
        if not votes:
            return None
        return max(votes, key=lambda a: (votes[a], a)), "words" if "words" in hows else "span"

    def _set_reports(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        row_id, how = found[0]
        old = self.tables.rows("reports", "report_id = ?", row_id)[0]
        field, value = str(c.change.field), c.change.value
        new = old | {field: moment(value) if value and field == "published_at" else value}
        if field == "published_at":
            day = moment(value).date().isoformat() if value else None
            new |= {"published_basis": "correction" if value else None, "published_day": day, "published_span": None}
        elif field == "outlet":
            new |= {"outlet_basis": "correction" if value else None, "outlet_span": None}
        self.tables.replace("reports", [old], [new])
        before = old[field].isoformat() if field == "published_at" and old[field] else old[field]
        self.outcomes.applied(c, "reports", row_id, how, before=before, after=value)

    def _set_stories(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        self._set(c, found[0], "story_id")

    def _set_entities(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        self._set(c, found[0], "entity_id")

    def _set(self, c: Correction, found: tuple[str, str], column: str) -> None:
        row_id, how = found
        old = self.tables.rows(c.change.table, f"{column} = ?", row_id)[0]
        field = str(c.change.field)
        self.tables.replace(c.change.table, [old], [old | {field: c.change.value}])
        self.outcomes.applied(c, c.change.table, row_id, how, before=old[field], after=c.change.value)

    def _merge_stories(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        keep, how = found[0]
        gone = sorted({s for s, _ in found} - {keep})
        if not gone:
            return self.outcomes.applied(c, "stories", keep, how, detail="they are one story already")
        stories = self.tables.rows("stories", "story_id IN (SELECT unnest(?))", [keep, *gone])
        members = self.tables.rows("story_reports", "story_id IN (SELECT unnest(?))", [keep, *gone])
        joined = _joined([m | {"story_id": keep} for m in members])
        self.tables.replace("story_reports", members, joined)
        kept = next(s for s in stories if s["story_id"] == keep)
        self.tables.replace("stories", stories, [self._counted(kept, joined)])
        before = [{"story_id": s["story_id"], "title": s["title"]} for s in stories]
        self.outcomes.applied(c, "stories", keep, how, before=before, after=keep)
        return None

    def _split_stories(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        row_id, how = found[0]
        noted = c.evidence.get("split")
        named = set(self._members(c, noted if isinstance(noted, dict) else {"members": c.change.value["reports"]}))
        if not named:
            return self.outcomes.unmatched(c, "none of the reports to be split off is in this record")
        members = self.tables.rows("story_reports", "story_id = ?", row_id)
        going = [m for m in members if m["report_id"] in named]
        staying = [m for m in members if m["report_id"] not in named]
        if not going or not staying:
            return self.outcomes.applied(c, "stories", row_id, how, detail="they are in different stories already")
        story = self.tables.rows("stories", "story_id = ?", row_id)[0]
        first = self._first([m["report_id"] for m in going])
        new_id = key("story", first["report_id"], prefix="s_")
        if self.tables.rows("stories", "story_id = ?", new_id):
            new_id = key("story", "split", first["report_id"], prefix="s_")
        self.tables.replace("story_reports", going, [m | {"story_id": new_id} for m in going])
        title = self._headline(first)
        left = story
        if story["title"] == title:
            left = story | {"title": self._headline(self._first([m["report_id"] for m in staying]))}
        new = {"story_id": new_id, "title": title, "date_start": None, "date_end": None, "n_origins": 0}
        self.tables.replace(
            "stories",
            [story],
            [
                self._counted(left, staying),
                self._counted(new, going),
            ],
        )
        self.outcomes.applied(c, "stories", row_id, how, before=row_id, after=[row_id, new_id])
        return None

    def _first(self, reports: Iterable[str]) -> Row:
        found = self.tables.rows("reports", "report_id IN (SELECT unnest(?))", list(reports))
        return min(found, key=lambda r: (r["published_at"] is None, str(r["published_at"] or ""), r["report_id"]))

    def _headline(self, report: Row) -> str | None:
        if report["title"]:
            return str(report["title"])
        lines = self.tables.rows("segments", "report_id = ? AND kind = 'headline'", report["report_id"])
        return " ".join(report["text"][lines[0]["char_start"] : lines[0]["char_end"]].split()) if lines else None

    def _counted(self, story: Row, members: Sequence[Row]) -> Row:
        """The story with its number of reports and its first and last day, as those have them that are all of it."""
        whole = [m["report_id"] for m in members if m["parts"] is None]
        found = self.tables.rows("reports", "report_id IN (SELECT unnest(?))", whole)
        days = sorted(d.isoformat() for d in map(day_of, found) if d)
        dates = {"date_start": days[0], "date_end": days[-1]} if days else {"date_start": None, "date_end": None}
        return story | dates | {"n_reports": len(members)}

    def _merge_entities(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        keep, how = found[0]
        gone = sorted({e for e, _ in found} - {keep})
        if not gone:
            return self.outcomes.applied(c, "entities", keep, how, detail="they are one entity already")
        rows = self.tables.rows("entities", "entity_id IN (SELECT unnest(?))", [keep, *gone])
        kept = next(r for r in rows if r["entity_id"] == keep)
        whole = dict(kept)
        for other in rows:
            for name in ("country", "sector", "role"):
                whole[name] = whole[name] if whole[name] is not None else other[name]
            if whole["latitude"] is None:
                whole |= {n: other[n] for n in ("latitude", "longitude", "geonames_id")}
        self.tables.replace("entities", rows, [whole])
        mentions = self.tables.rows("entity_mentions", "entity_id IN (SELECT unnest(?))", gone)
        ours = {
            (m["report_id"], m["char_start"], m["char_end"])
            for m in self.tables.rows("entity_mentions", "entity_id = ?", keep)
        }
        moved = [
            m | {"entity_id": keep} for m in mentions if (m["report_id"], m["char_start"], m["char_end"]) not in ours
        ]
        self.tables.replace("entity_mentions", mentions, moved)
        self._rename(dict.fromkeys(gone, keep))
        before = [{"entity_id": r["entity_id"], "name": r["name"]} for r in rows]
        self.outcomes.applied(c, "entities", keep, how, before=before, after=kept["name"])
        return None

    def _split_entities(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        row_id, how = found[0]
        noted = c.evidence.get("split")
        noted = noted if isinstance(noted, dict) else {"members": c.change.value.get("reports", [])}
        if "members" in noted:
            mentions = self.tables.rows(
                "entity_mentions",
                "entity_id = ? AND report_id IN (SELECT unnest(?))",
                row_id,
                self._members(c, noted),
            )
        else:
            at = [m for spot in self._spots(c, noted) for m in self._mentions_at(spot)]
            mentions = [m for m in at if m["entity_id"] == row_id]
        if not mentions:
            return self.outcomes.unmatched(c, "none of the mentions to be split off is in this record")
        entity = self.tables.rows("entities", "entity_id = ?", row_id)[0]
        new = self._named(c.change.value["name"], entity)
        if new["entity_id"] == row_id:
            return self.outcomes.applied(c, "entities", row_id, how, detail="they are that entity already")
        self.tables.replace("entities", self.tables.rows("entities", "entity_id = ?", new["entity_id"]), [new])
        self.tables.replace("entity_mentions", mentions, [m | {"entity_id": new["entity_id"]} for m in mentions])
        spots: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for m in mentions:
            spots[m["report_id"]].append((m["char_start"], m["char_end"]))
        self._rename({row_id: new["entity_id"]}, spots)
        self.outcomes.applied(c, "entities", row_id, how, before=entity["name"], after=[entity["name"], new["name"]])
        return None

    def _named(self, name: str, like: Row) -> Row:
        """The entity with this id or name, of the same kind; else a new one of which no more than that is known."""
        known = self.tables.rows("entities", "(entity_id = $1 OR name = $1) AND kind = $2", name, like["kind"])
        if known:
            return min(known, key=lambda e: (e["entity_id"] != name, e["entity_id"]))
        blank = dict.fromkeys(like)
        return blank | {
            "entity_id": key("split", like["kind"], plain(name), prefix="e_"), "name": name, "kind": like["kind"]
        }  # fmt: skip

    def _rename(self, new: dict[str, str], spots: dict[str, list[tuple[int, int]]] | None = None) -> None:
        """Give the parties, places and sources that are an entity another; with `spots`, those that stand there."""
        old = sorted(new)
        for table, where, ids in (
            ("event_mentions", "list_has_any(actors, $1) OR list_has_any(recipients, $1) OR list_contains($1, place)",
             _in_mention),
            ("attributions", "list_contains($1, source_entity)", _in_attribution),
        ):  # fmt: skip
            before = self.tables.rows(table, f"({where})", old)
            changed = []
            for row in before:
                here = None if spots is None else spots.get(row["report_id"], [])
                after = ids(row, new, here)
                if after != row:
                    changed.append((row, after))
            self.tables.replace(table, [b for b, _ in changed], [a for _, a in changed])

    def _set_attributions(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        self._sourced(c, found[0], c.change.value)

    def _reject_attributions(self, c: Correction, found: Sequence[tuple[str, str]]) -> None:
        self._sourced(c, found[0], None)

    def _sourced(self, c: Correction, found: tuple[str, str], name: str | None) -> None:
        row_id, how = found
        old = self.tables.rows("attributions", "attribution_id = ?", row_id)[0]
        entity = self._meant(c, name) if name else None
        if entity:
            source = {
                "source_entity": entity["entity_id"],
                "source_label": entity["name"],
                "source_type": "named" if entity["kind"] == "person" else "institution",
                "source_country": entity["country"],
            }
        elif name:
            source = {"source_entity": None, "source_label": name, "source_type": "named", "source_country": None}
        else:
            source = dict.fromkeys(("source_entity", "source_label", "source_country"))
            source |= {"source_type": "unattributed"}
        self.tables.replace("attributions", [old], [old | source])
        before = old["source_label"]
        self.outcomes.applied(
            c, "attributions", row_id, how, before=before, after=source["source_label"], field="source"
        )

    def _meant(self, c: Correction, name: str) -> Row | None:
        """The entity of this record that a name in a correction means."""
        noted = c.evidence.get("entities")
        for e in noted if isinstance(noted, list) else ():
            if isinstance(e, dict) and e.get("asked") == name:
                known = self.tables.rows("entities", "entity_id = ?", str(e.get("entity_id")))
                known = known or self.tables.rows("entities", "name = ? AND kind = ?", e.get("name"), e.get("kind"))
                if known:
                    return known[0]
        known = self.tables.rows("entities", "entity_id = $1 OR name = $1", name)
        return min(known, key=lambda e: (e["entity_id"] != name, e["entity_id"])) if known else None


def _joined(members: Iterable[Row]) -> list[Row]:
    """Rows of `story_reports` that are now of one story, one a report: all of it, or every part of it."""
    out: dict[str, Row] = {}
    for m in members:
        known = out.setdefault(m["report_id"], m)
        if known is not m:
            parts = None if None in (known["parts"], m["parts"]) else [*known["parts"], *m["parts"]]
            out[m["report_id"]] = known | {"parts": sorted(parts, key=lambda p: p["char_start"]) if parts else None}
    return list(out.values())


def _in_mention(row: Row, new: dict[str, str], spots: list[tuple[int, int]] | None) -> Row:
    out = dict(row)
    for ids, spans in (("actors", "actor_spans"), ("recipients", "recipient_spans")):
        given, where = row[ids] or [], row[spans] or []
        paired = len(given) == len(where)
        out[ids] = [
            new[e] if e in new and _stands([where[n]] if paired else where, spots) else e for n, e in enumerate(given)
        ]
    if row["place"] in new and _stands([row["place_span"]] if row["place_span"] else [], spots):
        out["place"] = new[row["place"]]
    return out


def _in_attribution(row: Row, new: dict[str, str], spots: list[tuple[int, int]] | None) -> Row:
    moves = row["source_entity"] in new and _stands(row["source_spans"] or [], spots)
    return row | {"source_entity": new[row["source_entity"]]} if moves else row


def _stands(spans: Sequence[Row], spots: list[tuple[int, int]] | None) -> bool:
    """True when one of the spans stands where one of the spots is; without spots, always."""
    if spots is None:
        return True
    return any(s["char_start"] < b and a < s["char_end"] for s in spans for a, b in spots)
