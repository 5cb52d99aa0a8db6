# ruff: noqa: E501
from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import lexicon
from onrecord.model import Mark, RawReport, Segment, Span
from onrecord.schema import CREDIT_ROLES, SEGMENT_KINDS
from onrecord.stages.segment import cover, segment
from onrecord.text import fold, plain

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/segment/lines.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_lines_have_their_kinds(case):
    segments, credits = segment(RawReport("a.txt", case["text"], title=case.get("title")))
    assert [s.kind for s in segments] == case["kinds"], [
        (s.kind, case["text"][s.span.start : s.span.end]) for s in segments
    ]
    assert [[c.agency, c.role] for c in credits] == case["credits"]


OUTLETS = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/segment/outlets.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c["name"], marks=[pytest.mark.xfail(strict=True)] if "known failure" in c["name"] else [])
        for c in OUTLETS
    ],
)
def test_whole_reports_of_all_kinds_of_outlets(case):
    # A line that ends in a blank opens the paragraph that follows it.
    text = "".join(line if line.endswith(" ") else line + "\n\n" for _, line in case["lines"]).rstrip()
    segments, _ = segment(RawReport("a.txt", text))
    got = [[s.kind, text[s.span.start : s.span.end]] for s in segments]
    assert got == [[kind, line.strip()] for kind, line in case["lines"]]


@pytest.mark.parametrize("row", lexicon.rows("boilerplate.tsv"), ids=lambda r: r["example"][:40])
def test_boilerplate_pattern_matches_its_example_alone(row):
    pattern = re.compile(row["pattern"], re.IGNORECASE)
    assert pattern.match(fold(row["example"]))
    assert not pattern.match(fold(row["counter"]))
    assert row["kind"] in SEGMENT_KINDS


@pytest.mark.parametrize("row", lexicon.rows("captions.tsv"), ids=lambda r: r["example"][:40])
def test_caption_pattern_matches_its_example_alone(row):
    pattern = re.compile(row["pattern"])
    assert pattern.search(fold(row["example"]))
    assert not pattern.search(fold(row["counter"]))


def test_agencies_are_complete_and_unambiguous():
    seen: dict[str, str] = {}
    for row in lexicon.rows("agencies.tsv"):
        assert row["kind"] in ("agency", "broadcaster", "outlet"), row
        assert re.fullmatch(r"[A-Z]{3}", row["country"]), row
        for alias in filter(
            None, (*row["aliases"].split("|"), *row["abbreviations"].split("|"), *row["domains"].split("|"))
        ):
            assert seen.setdefault(alias, row["name"]) == row["name"], alias


PIECES = st.sampled_from(
    ["\n", "\n\n", "\r\n", " ", "\t", "KELMOUTH (AP) - ", "By Ana Kelm", "(Reporting by A; Editing by B)", "“", "”", "\u2028",
     "READ MORE: x y z", "The ferry sank on Tuesday, he said. ", "- AFP", "©", "\u00ad", "\ufeff", "[REPORT]", "Source link"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=30).map("".join))


def holds(text: str, segments: list[Segment]) -> None:
    at = 0
    for s in segments:
        assert at <= s.span.start < s.span.end <= len(text)
        assert not text[at : s.span.start].strip()
        assert s.kind in SEGMENT_KINDS
        at = s.span.end
    assert not text[at:].strip()


@given(TEXTS, st.none() | st.text(max_size=40))
def test_any_text_is_covered_once(text, title):
    segments, credits = segment(RawReport("a.txt", text, title=title))
    holds(text, segments)
    for c in credits:
        assert 0 <= c.span.start < c.span.end <= len(text)
        assert c.role in CREDIT_ROLES


@given(
    TEXTS, st.lists(st.tuples(st.integers(-5, 320), st.integers(-5, 320), st.sampled_from(SEGMENT_KINDS)), max_size=8)
)
def test_cover_fills_what_is_left_out(text, spans):
    given_segments = [Segment(Span(a, b), kind) for a, b, kind in spans if a < b and a >= 0]
    holds(text, cover(text, given_segments))


@given(TEXTS, st.lists(st.tuples(st.integers(0, 320), st.integers(0, 320), st.sampled_from(SEGMENT_KINDS)), max_size=5))
def test_marks_never_break_the_cover(text, spans):
    marks = tuple(Mark(Span(a, b), kind) for a, b, kind in spans if a < b)
    holds(text, segment(RawReport("a.txt", text, marks=marks))[0])


def test_marks_take_precedence():
    text = "The ferry sank at dawn on Tuesday, officials said.\n\nDivers at work in the bay, seen from above.\n\nMore to come."
    at = text.index("Divers")
    mark = Mark(Span(at, text.index("\n\nMore")), "caption")
    assert [s.kind for s in segment(RawReport("a", text, marks=(mark,)))[0]] == ["body", "caption", "body"]


def test_title_from_the_input_finds_the_headline():
    text = "Norland news\n\nFerry sinks off Kelmouth | Northern Herald\n\nThe ferry sank at dawn on Tuesday, officials said."
    segments, _ = segment(RawReport("a", text, title="Ferry sinks off Kelmouth"))
    assert "headline" in [s.kind for s in segments if text[s.span.start :].startswith("Ferry sinks")]


@pytest.mark.parametrize(
    "text",
    ['"' * 300_000, "a " * 300_000, "A. " * 200_000, "\n" * 300_000 + "x", "By " * 100_000, "(AP " * 100_000, "x\n" * 40_000, "Word Word\n\n" * 30_000],
    ids=["quotes", "words", "initials", "blank", "by", "brackets", "lines", "titles"],
)  # fmt: skip
def test_hostile_text_ends_soon(text):
    start = time.process_time()
    holds(text, segment(RawReport("a", text))[0])
    assert time.process_time() - start < 10


FURNITURE = [
    "The Kelmouth Hour: what mattered today in your harbour",
    "Sign our petition to save the old pier and tell your friends, because every name counts for us.",
]
BACKGROUND = "The war began in 2014, when troops crossed the border, and has cost more than 10,000 lives since then."


def test_what_other_reports_of_the_outlet_have_too_is_furniture():
    own = "The ferry sank at dawn on Tuesday, officials said, and two passengers were missing after the storm."
    text = "\n\n".join(["Ferry sinks", own, FURNITURE[0], BACKGROUND, own.replace("ferry", "barge"), FURNITURE[1]])
    repeated = frozenset(plain(line) for line in [*FURNITURE, BACKGROUND])
    kinds = [s.kind for s in segment(RawReport("a", text), repeated)[0]]
    assert kinds == ["headline", "body", "teaser", "body", "body", "boilerplate"]


def test_people_and_places_may_repeat():
    lines = [
        "Ferry sinks off Kelmouth",
        "Ana Kelm and Joe Ford",
        "KELMOUTH (AP) -",
        "The ferry sank at dawn, officials said.",
    ]
    bare, told = (
        segment(RawReport("a", "\n\n".join(lines)), frozenset(r))[0] for r in ((), tuple(plain(x) for x in lines[1:3]))
    )
    assert told == bare


def test_speakers_are_no_datelines():
    turns = [
        "AMY VALE: The ferry sank at dawn, officials said.",
        "JOE FORD: It did, and two are missing.",
        "AMY VALE: We will be back.",
    ]
    assert {s.kind for s in segment(RawReport("a", "\n\n".join(turns)))[0]} == {"body"}


def test_lines_under_a_subheading_of_the_markup_are_the_report_s_own():
    lines = [
        "Harbour calendar",
        "Sailings in 2031",
        "1st leg: 10 March, Kelmouth",
        "2nd leg: 8 April, Stade",
        "3rd leg: 6 May, Ryde",
    ]
    text = "\n\n".join([*lines, "All dates may still be moved by the clubs, the organisers said in January."])
    marks = tuple(
        Mark(Span(text.index(x), text.index(x) + len(x)), k)
        for x, k in zip(lines, ("headline", "subheading"), strict=False)
    )
    segments, _ = segment(RawReport("a.html", text, marks=marks))
    assert [s.kind for s in segments] == ["headline", "subheading", "body", "body", "body", "body"]


def test_wrapped_paragraphs_are_read_whole_beside_a_long_line():
    """Lines that break off in mid-sentence and go on in the next are running text, not a list of teasers."""
    text = """The harbour of Kelmouth has been shut for three weeks because of the ice, and the town now gets its food by road, the mayor said on Friday.
            She sent a letter to the ministry asking it to send a breaker before the end of the month, and
            had a banner hung on the front of the
            town hall to show that the fishermen were not forgotten by their neighbours on the other
            side of the bay.
            On Wednesday, the road from the north was shut as well less than a day
            after it had been cleared,
            as the wind drove the snow back over the fields and the crews went home to sleep."""
    found, _ = segment(RawReport("a.txt", text))
    assert {s.kind for s in found} == {"body"}
    assert len(found) == 3


def test_a_credit_keeps_a_mark_that_hangs_on_its_last_letter():
    text = "By Ann Moe, Reuters\u0345\n\nThe ferry stopped at the pier on Monday, the harbour office said."
    _, credits = segment(RawReport("a.txt", text))
    assert [text[c.span.start : c.span.end] for c in credits] == ["Reuters\u0345"]


@pytest.mark.parametrize(
    ("outlet", "uri", "headline", "name"),
    [
        ("Larnvik Gazette", "a.txt", "Talks begin in Velm at noon", "| The Larnvik Gazette"),
        ("larnvikgazette.com", "a.txt", "Talks begin in Velm at noon", "- Larnvik Gazette"),
        (None, "https://www.larnvikgazette.co.uk/talks", "Talks begin in Velm at noon", "– The Larnvik Gazette"),
        ("Velm Herald", "a.txt", "Talks begin in Velm at noon | Larnvik Gazette", ""),
        ("Velm Herald", "a.txt", "Talks begin in Velm - live", ""),
    ],
)
def test_an_outlets_name_behind_its_headline_is_no_part_of_it(
    outlet: str | None, uri: str, headline: str, name: str
) -> None:
    text = f"{headline} {name}".rstrip() + "\n\nThe talks began at noon, the ministry said. They are to last two days."
    segments, _ = segment(RawReport(uri=uri, text=text, outlet=outlet, report_id="r"))
    told = [(s.kind, text[s.span.start : s.span.end]) for s in segments]
    assert told[:2] == [("headline", headline), ("boilerplate", name)] if name else told[0] == ("headline", headline)
