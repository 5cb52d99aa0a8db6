"""Independent origins of events: each gold story built into a record, each gold event found in it and compared.

A gold event is matched to the record event whose mentions overlap its mention spans in most reports (then in most
characters). Figures of pairs, counts and ledger are over all gold events; an event that was not found has no origins.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Counts, Figure

SET = "origins/news_stories"
NAME = "origins.news_stories"
_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?!\d)")
_ORDER = ("contradicts", "different_scope", "spread", "updates", "refines", "agrees")

FIGURES = [
    Figure(f"{NAME}.found", "gold events of which one record event has mentions in at least half of its reports"),
    Figure(f"{NAME}.reached", "gold events that some record event touches at all"),
    Figure(f"{NAME}.reports", "gold reports of found events that the record event has"),
    Figure(f"{NAME}.strays", "reports of record events that are not among the gold event's, as a share"),
    Figure(f"{NAME}.pairs_f1", "report pairs that share an origin, F1", blind="not what the origin is"),
    Figure(f"{NAME}.pairs_precision", "the same, precision"),
    Figure(f"{NAME}.pairs_recall", "the same, recall"),
    Figure(
        f"{NAME}.exact",
        "events whose number of origins is exactly the gold one",
        ceiling="11 of 13 by one annotator twice",
    ),
    Figure(f"{NAME}.within_one", "events whose number of origins is at most one off"),
    Figure(f"{NAME}.plausible", "events whose number lies in the interval that a careful reader could defend"),
    Figure(f"{NAME}.difference", "mean absolute difference of the number of origins (smaller is better)"),
    Figure(f"{NAME}.bias", "mean of record minus gold number of origins: above 0, too many"),
    Figure(f"{NAME}.told.exact", "exact, told as the peers are which reports mention the event"),
    Figure(f"{NAME}.told.within_one", "at most one off, told which reports mention it"),
    Figure(f"{NAME}.told.plausible", "within the defensible interval, told which reports mention it"),
    Figure(f"{NAME}.told.pairs_f1", "pairs F1, told which reports mention it"),
    Figure(f"{NAME}.told.bias", "mean of record minus gold, told which reports mention it"),
    Figure(f"{NAME}.interval", "events whose gold number lies in the record's own interval"),
    Figure(f"{NAME}.ledger", "gold ledger entries found in the record whose relation is right"),
    Figure(f"{NAME}.ledger_found", "gold ledger entries of which the record has two values in one field"),
    Figure(f"peer.{NAME}.each_report.exact", "every report an origin: exact"),
    Figure(f"peer.{NAME}.each_report.within_one", "every report an origin: at most one off"),
    Figure(f"peer.{NAME}.each_report.pairs_f1", "every report an origin: pairs F1"),
    Figure(f"peer.{NAME}.text_cluster.exact", "one cluster of shared text one origin: exact"),
    Figure(f"peer.{NAME}.text_cluster.within_one", "one cluster of shared text one origin: at most one off"),
    Figure(f"peer.{NAME}.text_cluster.pairs_f1", "one cluster of shared text one origin: pairs F1"),
]


@dataclass
class Found:
    """What the record says of one story, keyed by the set's own report ids."""

    events: dict[str, dict[str, Any]]
    mentions: dict[str, list[dict[str, Any]]]  # by event
    origins: dict[str, list[list[str]]]
    ledger: dict[str, list[dict[str, Any]]]
    linked: set[frozenset[str]]  # report pairs with shared text


def record_of(docs: Sequence[Mapping[str, Any]]) -> Found:
    """Build a record of a story's reports in a scratch folder and read it."""
    import onrecord

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for doc in docs:
                row = {k: doc[k] for k in ("id", "text", "title", "outlet", "url") if doc.get(k)}
                when = published(doc)
                out.write(json.dumps({**row, "published": when} if when else row) + "\n")
        with onrecord.build([path], Path(folder) / "record.duckdb", options=harness.options()) as record:
            tables = {
                n: record.table(n).to_pylist()
                for n in ("reports", "events", "event_mentions", "origins", "ledger", "alignments", "derivations")
            }
    return found_in(tables)


def found_in(tables: Mapping[str, list[dict[str, Any]]]) -> Found:
    """Rows of a record, regrouped under the reports' external ids."""
    name = {r["report_id"]: r["external_id"] or r["report_id"] for r in tables["reports"]}
    mentions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for m in tables["event_mentions"]:
        if m["event_id"]:
            mentions[m["event_id"]].append({**m, "report_id": name[m["report_id"]]})
    origins: dict[str, list[list[str]]] = defaultdict(list)
    for o in tables["origins"]:
        origins[o["event_id"]].append([name[r] for r in o["report_ids"]])
    ledger: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in tables["ledger"]:
        ledger[row["event_id"]].append({**row, "report_id": name[row["report_id"]]})
    linked = {frozenset((name[a["report_a"]], name[a["report_b"]])) for a in tables["alignments"] if not a["quotation"]}
    for d in tables["derivations"]:
        other = d["from_report_id"] or d["with_report_id"]
        if other:
            linked.add(frozenset((name[d["report_id"]], name[other])))
    return Found({e["event_id"]: e for e in tables["events"]}, mentions, origins, ledger, linked)


def published(doc: Mapping[str, Any]) -> str | None:
    """A report's date: as the set gives it, else from its address; a crawl's date is none."""
    given = doc.get("date_publish") or doc.get("date")
    if given:
        return str(given)
    stamp = _DAY.search(str(doc.get("url") or ""))
    return "-".join(stamp.groups()) if stamp else None


def match(gold: Mapping[str, Any], found: Found) -> tuple[str | None, set[str]]:
    """The record event that overlaps the gold mentions in most reports, and the reports in which it does."""
    best: tuple[tuple[int, int, int], str, set[str]] | None = None
    for event_id, mentions in found.mentions.items():
        reports, characters = set(), 0
        for m in mentions:
            for g in gold["mentions"]:
                shared = min(m["char_end"], g["end"]) - max(m["char_start"], g["start"])
                if g["report_id"] == m["report_id"] and shared > 0:
                    reports.add(g["report_id"])
                    characters += shared
        rank = (len(reports), characters, -len(mentions))
        if reports and (best is None or rank > best[0]):
            best = (rank, event_id, reports)
    return (best[1], best[2]) if best else (None, set())


def pairs(origins: Iterable[Iterable[str]], reports: Iterable[str]) -> set[frozenset[str]]:
    """Pairs of the given reports that share an origin."""
    kept = set(reports)
    return {frozenset(p) for o in origins for p in combinations(sorted(set(o) & kept), 2)}


def clusters(reports: Sequence[str], linked: set[frozenset[str]]) -> list[list[str]]:
    """Connected components of reports under shared text."""
    left, out = list(reports), []
    while left:
        group, todo = [], [left.pop(0)]
        while todo:
            one = todo.pop()
            group.append(one)
            near = [r for r in left if frozenset((one, r)) in linked]
            left = [r for r in left if r not in near]
            todo += near
        out.append(sorted(group))
    return out


def completed(reports: Sequence[str], origins: Sequence[Sequence[str]], linked: set[frozenset[str]]) -> list[list[str]]:
    """The origins when the reports of the event are given: others left out, missing ones added by their shared text.

    A report that the record's event lacks joins an origin of a report that it shares text with, else is one of its own.
    """
    kept = [sorted(set(o) & set(reports)) for o in origins]
    kept = [o for o in kept if o]
    for group in clusters(reports, linked):
        missing = [r for r in group if not any(r in o for o in kept)]
        home = next((o for o in kept if set(o) & set(group)), None)
        if missing and home is not None:
            home.extend(missing)
        elif missing:
            kept.append(missing)
    return kept


@dataclass
class Tally:
    """Counts of one system over the events."""

    pairs: Counts
    differences: list[int]
    plausible: int = 0

    def add(self, gold: Mapping[str, Any], origins: Sequence[Sequence[str]]) -> None:
        """Score one event's origins."""
        reports = gold["report_ids"]
        wanted, given = pairs((o["report_ids"] for o in gold["origins"]), reports), pairs(origins, reports)
        self.pairs.add(len(wanted & given), len(given), len(wanted))
        self.differences.append(len(origins) - gold["n_origins"])
        low, high = gold["n_origins_plausible"]
        self.plausible += low <= len(origins) <= high

    def figures(self, name: str) -> dict[str, float]:
        """The figures under a name."""
        n = max(1, len(self.differences))
        return {
            f"{name}.pairs_f1": self.pairs.f1,
            f"{name}.pairs_precision": self.pairs.precision,
            f"{name}.pairs_recall": self.pairs.recall,
            f"{name}.exact": sum(d == 0 for d in self.differences) / n,
            f"{name}.within_one": sum(abs(d) <= 1 for d in self.differences) / n,
            f"{name}.plausible": self.plausible / n,
            f"{name}.difference": sum(abs(d) for d in self.differences) / n,
            f"{name}.bias": sum(self.differences) / n,
        }


def relation(entry: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The record's relation for a gold ledger entry: of the field that covers most of its values, in two reports."""
    touched: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        for v in entry["values"]:
            if row["report_id"] == v["report_id"] and row["char_start"] < v["end"] and v["start"] < row["char_end"]:
                touched[row["field"]].append((row["report_id"], row["relation"]))
    wide = {f: hits for f, hits in touched.items() if len({r for r, _ in hits}) >= 2}
    if not wide:
        return None
    # 'At least 80 people' is a count and a recipient: for the gold's count the field of that name answers.
    named = entry["field"]
    field = min(wide, key=lambda f: (f != named, -len({r for r, _ in wide[f]}), f in ("actor", "recipient"), f))
    return min((r for _, r in wide[field]), key=_ORDER.index)


def score(golds: Sequence[Mapping[str, Any]], records: Mapping[str, Found]) -> dict[str, float]:
    """All figures, from gold events and the record of each story."""
    ours, told, each, text = (Tally(Counts(), []) for _ in range(4))
    found = reached = inside = 0
    reports = Counts()
    ledger, relations = Counts(), Counts()
    for gold in golds:
        record = records[story_key(gold)]
        event_id, touched = match(gold, record)
        reached += event_id is not None
        found += 2 * len(touched) >= len(gold["report_ids"])
        origins = record.origins.get(event_id, []) if event_id else []
        ours.add(gold, origins)
        told.add(gold, completed(gold["report_ids"], origins, record.linked))
        each.add(gold, [[r] for r in gold["report_ids"]])
        text.add(gold, clusters(gold["report_ids"], record.linked))
        if event_id:
            event = record.events[event_id]
            inside += event["n_origins_low"] <= gold["n_origins"] <= event["n_origins_high"]
            have = {m["report_id"] for m in record.mentions[event_id]}
            wanted = set(gold["report_ids"])
            reports.add(len(have & wanted), len(have), len(wanted))
        for entry in gold["ledger"]:
            mine = relation(entry, record.ledger.get(event_id or "", []))
            mine = mine or relation(entry, [r for rows in record.ledger.values() for r in rows])
            ledger.add(mine is not None, 1, 1)
            if mine:
                relations.add(mine == entry["relation"], 1, 1)
    n = max(1, len(golds))
    peers = {**each.figures(f"peer.{NAME}.each_report"), **text.figures(f"peer.{NAME}.text_cluster")}
    return {
        f"{NAME}.found": found / n,
        f"{NAME}.reached": reached / n,
        f"{NAME}.reports": reports.recall,
        f"{NAME}.strays": 1 - reports.precision,
        **ours.figures(NAME),
        **{
            k: v
            for k, v in told.figures(f"{NAME}.told").items()
            if not k.endswith(("precision", "recall", "difference"))
        },
        f"{NAME}.interval": inside / n,
        f"{NAME}.ledger": relations.precision,
        f"{NAME}.ledger_found": ledger.precision,
        **{k: v for k, v in peers.items() if k.rsplit(".", 1)[1] in ("exact", "within_one", "pairs_f1")},
    }


def story_key(gold: Mapping[str, Any]) -> str:
    """Name of the story that a gold event is of."""
    return f"{gold['story']['dataset']}/{gold['story']['id']}"


def load(data: Path, limit: int | None = None) -> tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]:
    """The gold events of the first `limit` stories, and each story's reports."""
    golds = harness.items(data, SET, "events.jsonl")
    docs = {d["id"]: d for d in harness.items(data, SET, "docs.jsonl")}
    stories = {story_key(g): [docs[r] for r in g["story_report_ids"]] for g in golds}
    kept = list(stories)[:limit]
    return [g for g in golds if story_key(g) in kept], {k: stories[k] for k in kept}


def run(data: Path, limit: int | None = None) -> dict[str, float]:
    """The figures; `limit` is a number of stories."""
    golds, stories = load(data, limit)
    return score(golds, {k: record_of(docs) for k, docs in stories.items()})
