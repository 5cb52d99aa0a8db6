"""Time expressions, the date of a report from its text, and from its story."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.model import Document, Paragraph, Segment, Span
from onrecord.schema import ALIGNMENTS, REPORTS, STORY_REPORTS
from onrecord.stages.annotate import document
from onrecord.stages.time import calendar, date_by_story, date_from_text, find_times

CASES = Path(__file__).parent / "cases" / "time"


def cases(name: str) -> list[dict]:
    return [json.loads(line) for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", cases("expressions.jsonl"), ids=lambda c: c["text"][:60])
def test_expression(case):
    published = date.fromisoformat(case["published"]) if case["published"] else None
    doc = document(case["text"], published=published)
    found = [
        {
            "text": doc.quote(t.span),
            "type": t.type,
            "value": t.value,
            "mod": t.mod,
            "start": t.start and t.start.isoformat(),
            "end": t.end and t.end.isoformat(),
            "anchor": t.anchor,
        }
        for t in find_times(doc)
    ]
    blank = dict.fromkeys(("text", "type", "value", "mod", "start", "end", "anchor"))
    assert found == [blank | t for t in case["times"]]


@pytest.mark.parametrize("case", cases("published.jsonl"), ids=lambda c: c["text"][:60])
def test_date_from_text(case):
    segments = [Segment(Span(0, len(case["text"])), "body")]
    if "caption" in case:
        at = case["text"].index(case["caption"])
        end = at + len(case["caption"])
        segments = [Segment(Span(at, end), "caption"), Segment(Span(end, len(case["text"])), "body")]
    found = date_from_text(Document("r", case["text"], tuple(segments)))
    assert (found[0].isoformat() if found else None) == case["date"]
    if found:
        assert case["text"][found[1].start : found[1].end].strip()


def test_a_read_date_is_named_as_the_anchor():
    doc = document("He left on Monday.", published=date(2022, 1, 21), published_basis="text")
    assert [t.anchor for t in find_times(doc)] == ["text"]


PIECES = """
the last May 31 2 two second quarter of 1999 Friday , - ' ago a year ended half early '90s 3:15 p.m. GMT week before
yesterday fiscal third century 12/31/99 Christmas every other day İstanbul 10-year old next the-2020s 9999 years
"""
WORDS = st.sampled_from(PIECES.split())


def _unparsed(text: str, published: date | None) -> Document:
    span = Span(0, len(text))
    return Document("r", text, (Segment(span, "body"),), (Paragraph(span, "body", 0, 0),), published=published)


@given(st.lists(WORDS | st.text(max_size=5), max_size=25), st.none() | st.dates())
@settings(max_examples=300, deadline=None)
def test_any_text_gives_ordered_spans_inside_it(words, published):
    text = " ".join(words)
    end = 0
    for t in find_times(_unparsed(text, published)):
        assert end <= t.span.start < t.span.end <= len(text)
        end = t.span.end
        assert (t.start is None) == (t.end is None)
        if t.start is not None:
            assert t.start <= t.end
            assert t.anchor is not None
        assert t.type in ("DATE", "TIME", "DURATION", "SET")
        assert t.value


@given(st.dates(min_value=date(1, 1, 1)))
def test_a_unit_holds_its_day(day):
    for unit in ("D", "W", "M", "Q", "H", "Y"):
        value = calendar.at(day, unit)
        days = calendar.days(value)
        if days is not None:
            assert days[0] <= day <= days[1]
            assert calendar.at(days[0], unit) == value == calendar.at(days[1], unit)


def test_holidays_that_move():
    assert calendar.easter(2022) == date(2022, 4, 17)
    assert calendar.easter(2024, orthodox=True) == date(2024, 5, 5)
    assert calendar.holiday("11/4/4", 2021) == date(2021, 11, 25)
    assert calendar.holiday("05/-1/1", 2021) == date(2021, 5, 31)
    assert calendar.holiday("11/1/1+1", 2020) == date(2020, 11, 3)
    assert calendar.holiday("", 2020) is None


def test_hostile_text_does_not_hang():
    for text in ('"' * 200_000, "the last two of " * 20_000, "1 " * 100_000, "early " * 50_000):
        find_times(_unparsed(text, date(2022, 1, 21)))


def _reports(*days: tuple[str, datetime | None]) -> pa.Table:
    return REPORTS.from_rows(
        {
            "report_id": r,
            "uri": r,
            "text": r,
            "published_at": when,
            "published_basis": "metadata" if when else None,
        }
        for r, when in days
    )


def _at(day: int) -> datetime:
    return datetime(2022, 1, day, 15, tzinfo=UTC)


def _story(*ids: str) -> pa.Table:
    return STORY_REPORTS.from_rows({"story_id": "s", "report_id": i} for i in ids)


def _shared(a: str, b: str, words: int) -> dict:
    spans = {"a_start": 0, "a_end": 1, "b_start": 0, "b_end": 1}
    return {"report_a": a, "report_b": b, **spans, "words": words, "similarity": 1.0, "kind": "verbatim"}


def _dates(table: pa.Table) -> dict[str, tuple[str | None, str | None]]:
    return {
        r["report_id"]: (r["published_at"] and r["published_at"].date().isoformat(), r["published_basis"])
        for r in table.to_pylist()
    }


def test_story_gives_its_commonest_day():
    reports = _reports(("a", _at(20)), ("b", _at(21)), ("c", _at(21)), ("d", None), ("alone", None))
    out = date_by_story(reports, _story("a", "b", "c", "d"), ALIGNMENTS.empty())
    assert out.schema == reports.schema
    assert _dates(out)["d"] == ("2022-01-21", "story")
    assert _dates(out)["alone"] == (None, None)
    assert _dates(out)["a"] == ("2022-01-20", "metadata")


def test_shared_text_outweighs_the_commonest_day():
    reports = _reports(("a", _at(20)), ("b", _at(21)), ("c", _at(21)), ("d", None))
    out = date_by_story(reports, _story("a", "b", "c", "d"), ALIGNMENTS.from_rows([_shared("a", "d", 80)]))
    assert _dates(out)["d"] == ("2022-01-20", "story")


def test_a_long_story_gives_no_day_without_shared_text():
    reports = _reports(("a", _at(2)), ("b", _at(21)), ("d", None))
    story = _story("a", "b", "d")
    assert _dates(date_by_story(reports, story, ALIGNMENTS.empty()))["d"] == (None, None)
    shared = ALIGNMENTS.from_rows([_shared("b", "d", 30)])
    assert _dates(date_by_story(reports, story, shared))["d"] == ("2022-01-21", "story")
