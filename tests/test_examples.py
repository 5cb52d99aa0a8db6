"""The record of the sample reports against `examples/truth.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from onrecord.query import Record

TRUTH = tomllib.loads((Path(__file__).parent.parent / "examples" / "truth.toml").read_text(encoding="utf-8"))


class Seen:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.reports: dict[str, dict[str, Any]] = {}
        for row in record.reports().to_pylist():
            name = Path(row["uri"]).name
            part = name.rpartition(":")[2] if ":" in name else ""
            self.reports[name[:2] + (f":{part}" if part else "")] = row
        self.number = {row["report_id"]: n for n, row in self.reports.items()}

    def words(self, row: dict[str, Any]) -> str:
        text: str = self.reports[self.number[row["report_id"]]]["text"]
        return text[row["char_start"] : row["char_end"]]


@pytest.fixture(scope="module")
def seen(example_record: Record) -> Seen:
    return Seen(example_record)


def test_the_laws_hold(example_record: Record) -> None:
    assert example_record.check() == []
    assert example_record.problems().num_rows == 0


def test_stories(seen: Seen) -> None:
    found: dict[str, set[str]] = {}
    for row in seen.record.table("story_reports").to_pylist():
        found.setdefault(row["story_id"], set()).add(seen.number[row["report_id"]])
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, TRUTH["stories"].values()))


def test_dates_and_what_they_rest_on(seen: Seen) -> None:
    found = {n: [str(r["published_at"])[:10], r["published_basis"]] for n, r in seen.reports.items()}
    assert found == TRUTH["dates"]


@pytest.mark.parametrize("want", TRUTH["event"], ids=lambda w: w["what"])
def test_events(seen: Seen, want: dict[str, Any]) -> None:
    mentions = [m for m in seen.record.event_mentions().to_pylist() if want["phrase"] in seen.words(m)]
    ids = {m["event_id"] for m in mentions if m["event_type"] == want["type"]}
    assert len(ids) == 1, f"{want['what']} is told once: {ids}"
    event = next(e for e in seen.record.events().to_pylist() if e["event_id"] in ids)
    assert event["event_type"] == want["type"]
    if "date" in want:
        assert (event["date_start"], event["date_end"]) == (want["date"], want["date"])
    if "place" in want:
        assert event["place"] == want["place"]
    for actor in want.get("actors", []):
        assert any(actor in name for name in event["actor_names"]), event["actor_names"]
    told = {seen.number[m["report_id"]] for m in seen.record.event_mentions().to_pylist() if m["event_id"] in ids}
    assert told == set(want["reports"])
    assert event["n_reports"] == len(want["reports"])
    assert event["n_origins"] == want["n_origins"], event["origins_reason"]
    if "killed" in want:
        ledger = [r for r in seen.record.ledger().to_pylist() if r["event_id"] in ids and r["field"] == "killed"]
        values = {int("".join(c for c in r["value"] if c.isdigit())) for r in ledger}
        assert values == set(want["killed"])


@pytest.mark.parametrize("want", TRUTH["copy"], ids=lambda w: f"{w['taker']} from {w['giver']}")
def test_copies(seen: Seen, want: dict[str, Any]) -> None:
    found = {
        (seen.number[d["report_id"]], seen.number.get(d["from_report_id"] or d["with_report_id"]))
        for d in seen.record.derivations().to_pylist()
    }
    assert (want["taker"], want["giver"]) in found


@pytest.mark.parametrize("want", TRUTH["entity"], ids=lambda w: w["name"])
def test_entities_are_one(seen: Seen, want: dict[str, Any]) -> None:
    names = {e["entity_id"]: e["name"] for e in seen.record.entities().to_pylist()}
    ids = []
    for mention in want["mentions"]:
        number, _, words = mention.partition(" ")
        ids.append(
            {
                m["entity_id"]
                for m in seen.record.entity_mentions().to_pylist()
                if seen.number[m["report_id"]] == number and words in seen.words(m)
            }
        )
    same = set.intersection(*ids)
    assert [names[i] for i in same] == [want["name"]]


@pytest.mark.parametrize("want", TRUTH["quotation"], ids=lambda w: w["content"])
def test_quotations(seen: Seen, want: dict[str, Any]) -> None:
    text = seen.reports[want["report"]]["text"]
    report_id = seen.reports[want["report"]]["report_id"]
    found = [
        a
        for a in seen.record.attributions().to_pylist()
        if a["report_id"] == report_id
        and any(want["content"] in text[s["char_start"] : s["char_end"]] for s in a["content_spans"])
        and a["kind"] in ("direct", "mixed")
    ]
    assert len(found) == 1
    assert found[0]["source_type"] == want["type"]
    source = " ".join(text[s["char_start"] : s["char_end"]] for s in found[0]["source_spans"])
    assert want["source"] in source


@pytest.mark.parametrize("want", TRUTH["segment"], ids=lambda w: w["text"])
def test_segments(seen: Seen, want: dict[str, Any]) -> None:
    report_id = seen.reports[want["report"]]["report_id"]
    kinds = {
        s["kind"]
        for s in seen.record.segments().to_pylist()
        if s["report_id"] == report_id and want["text"] in seen.words(s)
    }
    assert kinds == {want["kind"]}
