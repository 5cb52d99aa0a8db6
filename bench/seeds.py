"""The two reports of one event that the main job must be right on: a checklist, each line shown as held or missed.

What a careful reader finds in them stands in `seeds.toml` as short phrases to look for; the reports themselves are read
from the folder `seeds` beside the data folder. There is no peer: nothing else claims the whole job.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onrecord
from bench import harness
from bench.harness import Figure, Missing
from onrecord.lexicon import toml
from onrecord.query import Record

FIGURES = [
    Figure("seeds.segments", "lines of the two reports whose role is right"),
    Figure("seeds.quotations", "direct and mixed quotations found with their source and its type"),
    Figure("seeds.indirect", "indirect attributions found with their source"),
    Figure("seeds.times", "time expressions resolved to the right days"),
    Figure("seeds.entities", "names that must be one entity"),
    Figure("seeds.passages", "shared passages found"),
    Figure("seeds.events", "events found with type, parties, date, modality and number of reports and origins"),
    Figure("seeds.record", "dates, story, derivation, laws and number of mentions"),
]
PLAN = Path(__file__).with_name("seeds.toml")


def run(data: Path, limit: int | None) -> dict[str, float]:
    """Share of each list that holds; every line is told on standard error."""
    folder = data.parent / "seeds"
    if not folder.is_dir():
        raise Missing(f"seeds: no folder {folder}")
    plan = toml(PLAN)
    with (
        tempfile.TemporaryDirectory() as scratch,
        onrecord.build([folder], Path(scratch) / "r.duckdb", options=harness.options()) as record,
    ):
        seen = _Seen(record, plan)
        out = {}
        for name, checks in seen.lists().items():
            results = list(checks)
            for ok, what in results:
                print(f"  {'held  ' if ok else 'MISSED'} {name}: {what}", file=sys.stderr)
            out[f"seeds.{name}"] = sum(ok for ok, _ in results) / len(results)
    return out


Checks = Iterator[tuple[bool, str]]


class _Seen:
    def __init__(self, record: Record, plan: dict[str, Any]) -> None:
        self.record, self.plan = record, plan
        self.reports = dict(sorted((Path(r["uri"]).name[:3], r) for r in record.reports().to_pylist()))
        self.names = {r["entity_id"]: r["name"] for r in record.entities().to_pylist()}

    def lists(self) -> dict[str, Checks]:
        return {
            "segments": self.segments(),
            "quotations": self.quotations(),
            "indirect": self.indirect(),
            "times": self.times(),
            "entities": self.entities(),
            "passages": self.passages(),
            "events": self.events(),
            "record": self.whole(),
        }

    def rows(self, table: str, report: str) -> list[dict[str, Any]]:
        report_id = self.reports[report]["report_id"]
        return [r for r in self.record.table(table).to_pylist() if r["report_id"] == report_id]

    def text(self, report: str, spans: list[dict[str, int]]) -> str:
        text = self.reports[report]["text"]
        return " … ".join(text[s["char_start"] : s["char_end"]] for s in spans)

    def segments(self) -> Checks:
        for report in self.reports:
            segments = self.rows("segments", report)
            text, at = self.reports[report]["text"], 0
            expected = self.plan["segments"][report]
            lines = [line for line in text.split("\n") if line.strip()]
            for line, kind in zip(lines, expected, strict=True):
                at = text.index(line, at)
                middle = at + len(line) // 2
                found = next((s["kind"] for s in segments if s["char_start"] <= middle < s["char_end"]), None)
                at += len(line)
                yield found in kind.split("|"), f"{report} {kind}, found {found}: {line[:60]}"

    def quotations(self) -> Checks:
        yield from self._attributions("quotation", ("direct", "mixed"))

    def indirect(self) -> Checks:
        yield from self._attributions("indirect", ("direct", "mixed", "indirect"))

    def _attributions(self, name: str, kinds: tuple[str, ...]) -> Checks:
        for want in self.plan[name]:
            found = [
                a
                for a in self.rows("attributions", want["report"])
                if want["content"] in self.text(want["report"], a["content_spans"]).replace("’", "'")
                and a["kind"] in kinds
            ]
            ok = any(
                a["source_type"] in want["type"].split("|")
                and (
                    want["source"].lower()
                    in f"{self.text(want['report'], a['source_spans'])} {self.names.get(a['source_entity'])}".lower()
                )
                for a in found
            )
            told = [(a["kind"], a["source_type"], self.text(want["report"], a["source_spans"])) for a in found]
            yield ok, f"{want['report']} {want['content']} <- {want['source']} ({want['type']}): {told}"

    def times(self) -> Checks:
        for want in self.plan["time"]:
            found = [
                (self.text(want["report"], [t]), t["value"], t["date_start"], t["date_end"])
                for t in self.rows("timexes", want["report"])
                if want["text"].lower() in self.text(want["report"], [t]).lower()
            ]
            ok = any(
                (not want.get("start") or want["start"] == start) and (not want.get("end") or want["end"] == end)
                for _, _, start, end in found
            )
            yield ok, f"{want['report']} {want['text']} = {want.get('start')}..{want.get('end')}: {found[:4]}"

    def entities(self) -> Checks:
        for want in self.plan["entity"]:
            ids: list[set[str]] = []
            for place in want["mentions"]:
                report, phrase = place.split(" ", 1)
                ids.append(
                    {
                        m["entity_id"]
                        for m in self.rows("entity_mentions", report)
                        if _bare(self.text(report, [m])) == _bare(phrase)
                    }
                )
            same = set.intersection(*ids) if ids else set()
            yield bool(same), f"{want['mentions']} are one: {[self.names.get(i) for i in same]}"

    def passages(self) -> Checks:
        a, b = sorted(self.reports.values(), key=lambda r: r["report_id"])
        found = self.record.alignments().to_pylist()
        for phrase in self.plan["passages"]["phrases"]:
            ok = any(
                phrase in a["text"][p["a_start"] : p["a_end"]] and phrase in b["text"][p["b_start"] : p["b_end"]]
                for p in found
            )
            yield ok, f"shared: {phrase}"

    def events(self) -> Checks:
        events = self.record.events().to_pylist()
        texts = {r["report_id"]: r["text"] for r in self.reports.values()}
        mentions: dict[str, list[str]] = {}
        for m in self.record.event_mentions().to_pylist():
            clause = texts[m["report_id"]][m["char_start"] : m["char_end"]]
            mentions.setdefault(m["event_id"], []).append(clause)
        for want in self.plan["event"]:
            near = [e for e in events if any(want["phrase"] in c for c in mentions.get(e["event_id"], []))]
            ok = [e for e in near if self._fits(want, e)]
            told = [
                (
                    e["event_type"], e["mode"], e["modality"], e["actor_names"], e["recipient_names"], e["date_start"],
                    e["date_end"], e["place"], e["n_reports"], e["n_origins"],
                )
                for e in near
            ]  # fmt: skip
            yield bool(ok), f"{want['what']}: {told}"

    @staticmethod
    def _fits(want: dict[str, Any], event: dict[str, Any]) -> bool:
        def named(names: list[str], wanted: list[str]) -> bool:
            return all(any(w.lower() in n.lower() for n in names) for w in wanted)

        start, end = want.get("date", "").split("/") if "/" in want.get("date", "") else [want.get("date", "")] * 2
        return bool(
            event["event_type"] in want["type"].split("|")
            and event["modality"] in want.get("modality", "actual|ongoing").split("|")
            and named(event["actor_names"], want.get("actors", []))
            and named([*event["recipient_names"], *event["actor_names"]], want.get("recipients", []))
            and (not start or ((event["date_start"] or "") >= start and (event["date_end"] or "9") <= end))
            and (not want.get("place") or want["place"] in (event["place"] or ""))
            and event["n_reports"] == want.get("n_reports", event["n_reports"])
            and event["n_origins"] == want.get("n_origins", event["n_origins"])
            and all(w in event["origins_reason"] for w in want.get("reason", []))
        )

    def whole(self) -> Checks:
        bases = {k: (str(r["published_at"])[:10], r["published_basis"]) for k, r in self.reports.items()}
        want = self.plan["record"]
        yield {d for d, _ in bases.values()} == {want["date"]}, f"both dated {want['date']}: {bases}"
        yield [b for _, b in bases.values()] == want["bases"], f"bases {want['bases']}"
        stories = self.record.stories().to_pylist()
        yield [s["n_reports"] for s in stories] == [2], f"one story of two reports: {len(stories)}"
        derivations = self.record.derivations().to_pylist()
        told = [(d["direction"], d["share"], d["evidence"]) for d in derivations]
        yield bool(derivations) and derivations[0]["direction"] != "known", f"a derivation, honest of direction: {told}"
        n = self.record.event_mentions().num_rows
        yield want["fewest_mentions"] <= n <= want["most_mentions"], f"{n} event mentions"
        yield not self.record.check(), "the laws hold"
        problems = self.record.problems().to_pylist()
        yield not problems, f"no problems: {problems}"


def _bare(name: str) -> str:
    """A mention without its article or courtesy title."""
    words = name.replace("’", "'").lower().split()
    return " ".join(words[1:] if words[0] in ("the", "a", "an", "mr") else words)
