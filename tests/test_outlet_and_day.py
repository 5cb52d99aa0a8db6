# ruff: noqa: E501
from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import onrecord
from onrecord.model import day_of
from onrecord.query import Record
from onrecord.stages.read import read
from onrecord.stages.read.outlets import outlet_in
from onrecord.stages.read.pagedate import by_address
from onrecord.text import cuts_word

BODY = "The ferry sank off Kelmouth today, the coast guard said. Two passengers were missing after the storm."


@pytest.mark.parametrize(
    ("text", "outlet", "words"),
    [
        (
            f"Ferry sinks\n\n{BODY}\n\n© 2031 Northern Herald. All rights reserved.",
            "Northern Herald",
            "Northern Herald",
        ),
        (f"{BODY}\n\nCopyright 2031 The Tern Courier, LLC.", "The Tern Courier", "The Tern Courier"),
        (f"Ferry sinks off Kelmouth in storm | Tern Courier\n\n{BODY}", "Tern Courier", "Tern Courier"),
        (f"{BODY}\n\nSend letters to letters@tern-courier.org", "tern-courier.org", "tern-courier.org"),
        (f"{BODY}\n\nRead or share this story: https://www.tern-courier.org/x", "tern-courier.org", "tern-courier.org"),
        (f"{BODY}\n\nSend letters to letters@bostonglobe.com", "Boston Globe", "bostonglobe.com"),
    ],
)
def test_an_outlet_that_speaks_for_itself_is_named_with_its_characters(text: str, outlet: str, words: str) -> None:
    found = outlet_in(text)
    assert found is not None
    assert (found[0], text[found[1].start : found[1].end]) == (outlet, words)


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        f"KELMOUTH (AP) - {BODY}\n\n© 2031 The Associated Press. All rights reserved.",
        f"(CNN) {BODY}\n\n© 2031 CNN. All rights reserved.",
        f"KELMOUTH (Norland Wire) - {BODY}\n\n© 2031 Norland Wire. All rights reserved.",
        f"{BODY}\n\nThe owner told the Boston Globe that he had known.",
        f"{BODY}\n\n© 2031 Northern Features Syndicate",
        f"{BODY}\n\n© 2031 Northern Herald\n\nSend letters to letters@tern-courier.org",
        f"{BODY}\n\nSend letters to anakelm@gmail.com",
        f"{BODY}\n\nFor licensing contact licensing@tern-courier.org",
        f"Image copyright Northern Herald\n\n{BODY}",
        f"{BODY}\n\nhttps://www.tern-courier.org/another-story",
        f"Ferry sinks off Kelmouth in storm - and why\n\n{BODY}",
    ],
)
def test_what_may_be_another_s_names_no_outlet(text: str) -> None:
    assert outlet_in(text) is None


@given(
    st.lists(
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(["© 2031 Northern Herald", " | Tern Courier", "\n\n", "letters@a-b.org", "Kelmouth news of today"]),
        ),
        max_size=12,
    ).map("".join)
)  # fmt: skip
def test_the_characters_are_whole_words_of_any_text(text: str) -> None:
    found = outlet_in(text)
    if found:
        start, end = found[1].start, found[1].end
        assert 0 <= start < end <= len(text)
        assert not cuts_word(text, start)
        assert not cuts_word(text, end)


@pytest.mark.parametrize(
    ("at", "url", "day"),
    [
        ("2031-03-05T03:30:00+00:00", "https://www.tern-courier.org/2031/03/04/ferry/", date(2031, 3, 4)),
        ("2031-03-05T03:30:00+00:00", "https://www.tern-courier.org/ferry/", date(2031, 3, 5)),
        ("2031-03-05T03:30:00+00:00", "https://www.tern-courier.org/2031/02/04/ferry/", date(2031, 3, 5)),
        ("2031-03-04T22:30:00-05:00", "https://www.tern-courier.org/2031/03/05/ferry/", date(2031, 3, 4)),
    ],
)
def test_the_address_tells_the_day_where_the_clock_is_utc(at: str, url: str, day: date) -> None:
    told = datetime.fromisoformat(at)
    assert by_address(told, url).date() == day
    assert by_address(told, url) == told


FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Tern Courier</title><item><title>Ferry sinks</title>
<guid>f1</guid><pubDate>Tue, 04 Mar 2031 22:30:00 -0500</pubDate><description>{BODY}</description></item></channel></rss>"""


def test_a_feed_keeps_the_clock_of_its_dates(tmp_path: Path) -> None:
    path = tmp_path / "feed.rss"
    path.write_text(FEED)
    (report,) = read([str(path)], on_problem=lambda *p: pytest.fail(str(p)))
    assert report.published is not None
    assert report.published.date() == date(2031, 3, 4)
    assert report.published.astimezone(UTC).date() == date(2031, 3, 5)
    assert (report.outlet, report.outlet_basis) == ("Tern Courier", "metadata")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    folder = tmp_path_factory.mktemp("evening")
    reports = [
        {"id": "evening", "published": "2031-03-04T22:30:00-05:00", "outlet": "Tern Courier", "text": BODY},
        {"id": "address", "url": "https://www.tern-courier.org/ferry/", "text": BODY + " It was the night boat."},
        {"id": "said", "text": BODY + " The mayor was aboard.\n\n© 2031 Northern Herald. All rights reserved."},
    ]
    path = folder / "reports.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in reports))
    made = onrecord.build(path, folder / "r.duckdb")
    yield made
    made.close()


def test_today_in_an_evening_report_is_the_day_its_readers_had(record: Record) -> None:
    row = next(r for r in record.table("reports").to_pylist() if r["external_id"] == "evening")
    assert row["published_at"] == datetime(2031, 3, 5, 3, 30, tzinfo=UTC)
    assert row["published_day"] == "2031-03-04"
    today = next(
        t
        for t in record.table("timexes").to_pylist()
        if t["report_id"] == row["report_id"] and row["text"][t["char_start"] : t["char_end"]] == "today"
    )
    assert (today["date_start"], today["date_end"]) == ("2031-03-04", "2031-03-04")
    story = next(s for s in record.table("story_reports").to_pylist() if s["report_id"] == row["report_id"])
    dated = next(s for s in record.table("stories").to_pylist() if s["story_id"] == story["story_id"])
    assert dated["date_start"] == "2031-03-04"


def test_an_undated_report_of_the_story_takes_its_day(record: Record) -> None:
    dated = {r["external_id"]: (r["published_day"], r["published_basis"]) for r in record.table("reports").to_pylist()}
    assert dated["address"] == dated["said"] == ("2031-03-04", "story")


def test_the_basis_of_an_outlet_is_said(record: Record) -> None:
    rows = {r["external_id"]: r for r in record.table("reports").to_pylist()}
    bases = {n: (r["outlet"], r["outlet_basis"]) for n, r in rows.items()}
    assert bases == {
        "evening": ("Tern Courier", "metadata"),
        "address": ("tern-courier.org", "address"),
        "said": ("Northern Herald", "text"),
    }
    span = rows["said"]["outlet_span"]
    assert rows["said"]["text"][span["char_start"] : span["char_end"]] == "Northern Herald"
    assert rows["evening"]["outlet_span"] is None


def test_a_row_without_its_day_falls_back_to_utc() -> None:
    at = datetime.fromisoformat("2031-03-04T22:30:00-05:00")
    assert day_of({"published_at": at}) == date(2031, 3, 5)
    assert day_of({"published_at": at, "published_day": "2031-03-04"}) == date(2031, 3, 4)
    assert day_of({"published_at": None, "published_day": None}) is None
