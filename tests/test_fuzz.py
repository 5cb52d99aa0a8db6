"""Every extractor by itself, on seeded texts, parses and rows that no stage before it gave: no exception, no bad row.

A short run of each stands in `make test`, a long one in the slow tests; docs/hostile.md says how many and what for.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from onrecord import limits, perreport, schema
from onrecord.acrossreports import reconcile_stories
from onrecord.laws import declared, lawful, overlapping, uncovered
from onrecord.stages import align, annotate, attribute, code, group, link, resolve, segment, time
from tests import fuzzing

SEED = 20240305
SECONDS = 20.0  # of processor time for one input of a few thousand characters at one stage; most take a few hundredths


def lawful_rows(table: str, words: str, rows: Iterable[dict[str, Any]]) -> None:
    kept, refused = lawful(schema.table(table), words, rows)
    assert refused == []
    assert declared(schema.table(table), kept)[1] == []


def segmenting(dice: random.Random) -> None:
    report = fuzzing.raw(dice)
    repeated = frozenset(" ".join(line.lower().split()) for line in report.text.split("\n")[:2])
    segments, credits = segment.segment(report, repeated if dice.random() < 0.3 else frozenset())
    spans = [(s.span.start, s.span.end) for s in segments]
    assert not overlapping(spans)
    assert not uncovered(report.text, spans)
    mine = {"report_id": report.report_id}
    lawful_rows("segments", report.text, [mine | s.span.row() | {"kind": s.kind} for s in segments])
    lawful_rows("credits", report.text, [mine | c.span.row() | {"agency": c.agency, "role": c.role} for c in credits])
    for place, _ in annotate.paragraphs_of(report.text, segments):
        assert report.text[place.start : place.end].strip()


def drawn(dice: random.Random) -> Any:
    report = fuzzing.raw(dice)
    return fuzzing.document(dice, report, segment.segment(report)[0])


def resolving(dice: random.Random) -> None:
    doc = drawn(dice)
    entities, mentions = resolve.resolve(doc)
    known = {e.id for e in entities}
    assert all(m.entity_id in known for m in mentions)
    assert all(e.name.strip() for e in entities)
    assert len(known) == len(entities)
    lawful_rows("entity_mentions", doc.text, [perreport.mention_row(doc.report_id, m) for m in mentions])
    assert declared(schema.ENTITIES, [perreport.entity_row(e) for e in entities])[1] == []


def timing(dice: random.Random) -> None:
    doc = drawn(dice)
    time.date_from_text(doc)
    found = time.find_times(doc)
    assert all(t.start is None or t.end is None or t.start <= t.end for t in found)
    lawful_rows("timexes", doc.text, [perreport.timex_row(doc.report_id, t) for t in found])


def attributing(dice: random.Random) -> None:
    doc = fuzzing.equip(dice, drawn(dice))
    doc.attributions = ()
    found = attribute.attribute(doc)
    assert len({a.id for a in found}) == len(found)
    assert {a.parent for a in found} - {None} <= {a.id for a in found}
    assert {a.source_entity for a in found} - {None} <= doc.entities.keys()
    lawful_rows("attributions", doc.text, [perreport.attribution_row(doc.report_id, a) for a in found])


def coding(dice: random.Random) -> None:
    doc = fuzzing.equip(dice, drawn(dice))
    found = code.code(doc, ONTOLOGY())
    assert len({m.id for m in found}) == len(found)
    assert all({*m.actors, *m.recipients, *([m.place] if m.place else [])} <= doc.entities.keys() for m in found)
    lawful_rows("event_mentions", doc.text, [perreport.event_row(doc.report_id, m) for m in found])


def ONTOLOGY(known: list[Any] = []) -> Any:  # noqa: B006
    if not known:
        known.append(code.load_ontology(None))
    return known[0]


def aligning(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 6))
    alignments, derivations = align.align(given["reports"], given["segments"], given["credits"])
    within(given, alignments, ("report_a", "a_start", "a_end"), ("report_b", "b_start", "b_end"))
    ids = set(given["reports"]["report_id"].to_pylist())
    for row in derivations.to_pylist():
        assert {row["report_id"], row["from_report_id"], row["with_report_id"]} - {None} <= ids


def within(given: dict[str, Any], table: Any, *columns: tuple[str, str, str]) -> None:
    texts = dict(zip(given["reports"]["report_id"].to_pylist(), given["reports"]["text"].to_pylist(), strict=True))
    for row in table.to_pylist():
        for report, start, end in columns:
            assert 0 <= row[start] < row[end] <= len(texts[row[report]])


def grouping(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 8))
    stories, belongs = group.group(given["reports"], given["segments"], given["alignments"])
    texts = {r["report_id"]: r["text"] for r in given["reports"].to_pylist()}
    rows = belongs.to_pylist()
    assert sorted(r["report_id"] for r in rows if r["parts"] is None) == sorted(texts), "whole in one story"
    for row in rows:
        for part in row["parts"] or ():
            assert 0 <= part["char_start"] < part["char_end"] <= len(texts[row["report_id"]])
    assert set(belongs["story_id"].to_pylist()) == set(stories["story_id"].to_pylist())


def dating(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 8))
    dated = time.date_by_story(given["reports"], given["story_reports"], given["alignments"])
    assert dated.schema == given["reports"].schema
    for before, after in zip(given["reports"].to_pylist(), dated.to_pylist(), strict=True):
        assert before == after or before["published_at"] is None


def linking(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 8))
    merges = link.link(given["entities"], given["entity_mentions"], given["reports"], given["story_reports"])
    known = set(given["entities"]["entity_id"].to_pylist())
    assert {*merges, *merges.values()} <= known
    assert not merges.keys() & set(merges.values()), "no chains"


def sharing(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 6))
    found = attribute.utterances(given["attributions"], given["reports"])
    assert found.keys() == set(given["attributions"]["attribution_id"].to_pylist())
    assert all(0 <= share <= 1 for share in attribute.shares(given["attributions"], found).values())


def reconciling(dice: random.Random) -> None:
    given = fuzzing.world(dice, dice.randint(1, 6))
    out = reconcile_stories(given)
    assert out["problems"].to_pylist() == []
    within(given, out["ledger"], ("report_id", "char_start", "char_end"))
    events = out["events"].to_pylist()
    assert len({e["event_id"] for e in events}) == len(events)
    assert all(e["n_origins_low"] <= e["n_origins"] <= e["n_origins_high"] for e in events)
    assert {r["relation"] for r in out["ledger"].to_pylist()} <= set(schema.RELATIONS)
    told = {m["event_id"] for m in out["event_mentions"].to_pylist()} - {None}
    assert told == {e["event_id"] for e in events}


EXTRACTORS: dict[str, tuple[Callable[[random.Random], None], int]] = {
    "segment": (segmenting, 300),
    "resolve": (resolving, 60),
    "time": (timing, 150),
    "attribute": (attributing, 100),
    "code": (coding, 100),
    "align": (aligning, 40),
    "group": (grouping, 40),
    "date": (dating, 60),
    "link": (linking, 60),
    "utterances": (sharing, 60),
    "reconcile": (reconciling, 60),
}
"""Of each extractor what tries it once, and how often `make test` does; the slow tests forty times as often."""


def fuzz(name: str, seed: int, count: int) -> None:
    work = EXTRACTORS[name][0]
    for n in range(count):
        case = f"{name} {seed + n}"
        try:
            with limits.at_most(SECONDS):
                work(random.Random(case))
        except limits.TimeLimitError:
            pytest.fail(f"case {case!r} takes more than {SECONDS:g} s")
        except Exception as error:
            raise AssertionError(f"case {case!r}") from error


@pytest.mark.parametrize("name", EXTRACTORS)
def test_an_extractor_bears_what_it_may_be_given(name: str) -> None:
    fuzz(name, SEED, EXTRACTORS[name][1])


@pytest.mark.slow
@pytest.mark.parametrize("name", EXTRACTORS)
def test_an_extractor_bears_it_for_long(name: str) -> None:
    fuzz(name, SEED + 10_000_000, 40 * EXTRACTORS[name][1])
