from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

import onrecord
from onrecord import brief, pictures
from onrecord.brief.lines import Evidence, Value, by_event, tallied
from onrecord.errors import UsageError
from onrecord.query import Record


def test_evidence_is_quoted_from_where_it_stands(example_record: Record) -> None:
    texts = {r["report_id"]: r["text"] for r in example_record.reports().to_pylist()}
    for story in brief.story_ids(example_record):
        gathered = brief.story_brief(example_record, story)
        by_letter = {r.letter: texts[r.report_id] for r in gathered.reports}
        lines = [x for e in gathered.happened + gathered.unsure for x in e.evidence]
        lines += [x for s in gathered.speakers for u in s.said for x in u.evidence]
        assert lines
        for x in lines:
            words = " ".join(by_letter[x.letter][x.start : x.end].split())
            assert words.startswith(x.quote.removesuffix(" …"))


def test_an_unknown_story_is_said(example_record: Record) -> None:
    with pytest.raises(UsageError, match="onrecord show stories"):
        brief.story_brief(example_record, "s_none")


def test_pages_escape_what_reports_say(example_record: Record) -> None:
    gathered = brief.story_brief(example_record, brief.story_ids(example_record)[0])
    gathered.title = "<script>alert('x')</script> **bold** [link](http://x)"
    page = brief.page([gathered])
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    text = brief.markdown([gathered])
    assert r"\*\*bold\*\*" in text
    assert r"\[link\]" in text
    assert r"\<script" in text


@pytest.mark.parametrize("days", [1, 3, 40])
def test_pictures_are_whole_and_escaped(days: int) -> None:
    events = [(f"2024-05-{1 + n % 28:02d}", "ASSAULT", "<b>Attack</b> & more", 1 + n, 1) for n in range(days)]
    events.append((None, "AID", "undated", 1, 1))
    tree = ElementTree.fromstring(pictures.timeline(events))
    assert len(tree.findall(".//circle")) >= min(days, 28)
    assert "<b>" not in pictures.timeline(events)
    graph = pictures.copy_graph(
        [("A", "One & Co"), ("B", "Two"), ("C", "Alone")],
        [("A", "B", "known", "80%", True), ("B", "A", "unknown", "20%", True)],
    )
    tree = ElementTree.fromstring(graph)
    assert len(tree.findall(".//line")) == 2
    assert "Alone" not in graph
    assert len(re.findall("marker-end", graph)) == 1
    assert pictures.timeline([]) == pictures.copy_graph([], []) == ""


def test_a_notebook_shows_a_story_and_its_pictures(example_record: Record) -> None:
    told = onrecord.tell(example_record)
    assert told.timeline.startswith("<svg")
    assert "<style>" in told.timeline._repr_html_()
    assert "<style>" not in told.timeline
    shown = told._repr_html_()
    assert shown.count("<svg") == 2
    assert told.dates in shown
    with pytest.raises(onrecord.UsageError, match="s_none"):
        onrecord.tell(example_record, "s_none")


def test_one_value_is_one_line_with_all_its_places() -> None:
    def value(number: str, relation: str, letter: str, start: int, quote: str) -> Value:
        return Value(number, relation, Evidence(letter, f"{letter}.txt", start, start + len(quote), quote))

    given = [
        value("14", "updates", "F", 172, "14"),
        value("11", "updates", "C", 42, "eleven"),
        value("11", "updates", "A", 15, "11"),
        value("11", "updates", "C", 376, "11"),
        value("11", "updates", "AA", 3, "11"),
    ]
    first, second = tallied(given)
    assert (first.value, first.reports, second.value) == ("11", "A, C, AA", "14")
    assert [(quote, [e.place for e in places]) for quote, places in first.wordings] == [
        ("11", ["A 15-17", "C 376-378", "AA 3-5"]),
        ("eleven", ["C 42-48"]),
    ]


def test_a_minute_tells_of_a_toll_that_changed(example_record: Record) -> None:
    (bombing,) = [
        b for s in brief.story_ids(example_record) if len((b := brief.story_brief(example_record, s)).reports) > 2
    ]
    assert "killed" in {name for _, name, _ in bombing.unsettled}
    top = brief.markdown([bombing]).partition("## Reports")[0]
    assert "Reports differ on the killed: **at least 11** (updates: “at least 11” A " in top
    assert "1 to 3 origins an event" in top
    for event, fields in by_event(bombing.differences):
        assert all(len(tallies) > 1 for _, tallies in fields), event.clause
