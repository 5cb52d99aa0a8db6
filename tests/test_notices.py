from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import lexicon
from onrecord.model import RawReport
from onrecord.stages.read import read
from onrecord.stages.read.notices import notices
from onrecord.text import fold

PROSE = "The ferry sank at dawn on Tuesday, officials said. Two passengers were missing after the storm."


def said(text: str, **facts: str) -> list[str]:
    return [reason for reason, _ in notices(RawReport("a.txt", text, **facts))]  # type: ignore[arg-type]


@pytest.mark.parametrize("row", lexicon.rows("notices.tsv"), ids=lambda r: r["example"][:40])
def test_a_pattern_matches_its_example_alone(row: dict[str, str]) -> None:
    pattern = re.compile(row["pattern"], re.IGNORECASE)
    assert pattern.search(fold(row["example"]))
    assert not pattern.search(fold(row["counter"]))
    assert row["reason"] in ("live-blog", "paywall")
    assert row["where"] in ("title", "url", "line")


def test_live_blogs() -> None:
    times = ["6:55 p.m.", "5.10pm", "14:20 GMT", "1:05 p.m.", "11:40 a.m.", "9am"]
    entries = "\n\n".join(f"{t}\n\n{PROSE}" for t in times)
    assert said(entries) == ["live-blog"]
    ago = ("4m", "9 min", "an hour", "2h", "5 hours")
    assert said("\n\n".join(f"{t} ago\n\n{PROSE}" for t in ago)) == ["live-blog"]
    assert said(PROSE, title="Storm in Kelmouth: live updates") == ["live-blog"]
    assert said(PROSE, external_id="https://herald.example/world/live/2031/mar/04/storm") == ["live-blog"]


def test_chronologies_and_timetables_are_no_live_blogs() -> None:
    assert said("\n\n".join(f"{h}:10\n\n{PROSE}" for h in range(6, 16))) == []
    assert said("\n".join(f"{h}:10 Ferry to Kelmouth" for h in range(16, 6, -1))) == []
    assert said(PROSE, title="Live music returns to Kelmouth", external_id="https://herald.example/lives/a") == []


def test_paywall_stubs() -> None:
    assert said(PROSE + "\n\nSubscribe to continue reading\n\nAlready a subscriber? Log in") == ["paywall"]
    assert said((PROSE + "\n\n") * 40 + "Subscribe to continue reading") == []
    assert said(PROSE + "\n\nReaders had to subscribe to keep the paper alive, its editor said on Monday.") == []


def test_what_a_page_says_of_itself_is_said_and_the_report_kept(tmp_path) -> None:
    def page(**facts: object) -> str:
        block = json.dumps({"@context": "https://schema.org", "headline": "Ferry sinks", **facts})
        return (
            f'<html><head><title>Ferry sinks</title><script type="application/ld+json">{block}</script></head><body>'
            f"<article><h1>Ferry sinks</h1><p>{PROSE}</p><p>{PROSE.replace('Two', 'Three')}</p></article></body></html>"
        )

    (tmp_path / "a.html").write_text(page(**{"@type": "LiveBlogPosting"}))
    (tmp_path / "b.html").write_text(page(**{"@type": "NewsArticle", "isAccessibleForFree": False}))
    (tmp_path / "c.html").write_text(page(**{"@type": "NewsArticle", "isAccessibleForFree": True}))
    problems: list[tuple[str, str, str]] = []
    reports = list(read([str(tmp_path / f"{n}.html") for n in "abc"], on_problem=lambda *p: problems.append(p)))
    assert [r.uri for r in reports] == ["a.html", "b.html", "c.html"]
    assert [(uri, reason) for uri, reason, _ in problems] == [("a.html", "live-blog"), ("b.html", "paywall")]
    assert all(detail.startswith(uri) for uri, _, detail in problems)


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_gives_known_reasons(text: str, title: str) -> None:
    assert set(said(text, title=title)) <= {"live-blog", "paywall"}
