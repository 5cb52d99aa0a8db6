"""The laws of texts, looked at as arrays, say what a look at one span after another says."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from onrecord import textlaws
from onrecord.laws import overlapping, uncovered
from onrecord.text import cuts_word

WORDS = st.text(st.sampled_from("abZÉé '’-.\n\t\u00a0ß中م😀İ"), max_size=24)
SPANS = st.tuples(st.integers(-2, 26), st.integers(-2, 26))
REPORTS = st.lists(st.tuples(WORDS, st.lists(SPANS, max_size=6)), min_size=1, max_size=7)


def database(reports: list[tuple[str, list[tuple[int, int]]]]) -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("CREATE TABLE reports (report_id VARCHAR, text VARCHAR)")
    db.execute("CREATE TABLE spans (report_id VARCHAR, s INTEGER, e INTEGER)")
    for n, (text, spans) in enumerate(reports):
        db.execute("INSERT INTO reports VALUES ($1, $2)", [f"r{n}", text])
        for s, e in spans:
            db.execute("INSERT INTO spans VALUES ($1, $2, $3)", [f"r{n}", s, e])
    return db


@settings(max_examples=60, deadline=None)
@given(REPORTS, st.sampled_from([1, 30, 4_000_000]))
def test_spans_that_cut_words_are_those_found_one_by_one(
    reports: list[tuple[str, list[tuple[int, int]]]], characters: int
) -> None:
    expected = [
        f"r{n} [{s}, {e}): {text[s:e]!r}"
        for n, (text, spans) in enumerate(reports)
        for s, e in sorted(spans)
        if 0 <= s < e <= len(text) and (cuts_word(text, s) or cuts_word(text, e) or not text[s:e].strip())
    ]
    with MonkeyPatch.context() as patch, database(reports) as db:
        patch.setattr(textlaws, "CHARACTERS", characters)
        found = textlaws.cut_spans(db, [("spans", "s", "SELECT * FROM spans")])
        assert found == ({("spans", "s"): (len(expected), expected[0])} if expected else {})
        some = textlaws.cut_spans(db, [("spans", "s", "SELECT * FROM spans")], "WHERE report_id = 'r0'")
        assert sum(n for n, _ in some.values()) == sum(e.startswith("r0 ") for e in expected)


@settings(max_examples=60, deadline=None)
@given(REPORTS, st.sampled_from([1, 30, 4_000_000]))
def test_reports_with_bare_characters_are_those_found_one_by_one(
    reports: list[tuple[str, list[tuple[int, int]]]], characters: int
) -> None:
    sound = [
        (text, sorted((max(0, s), min(e, len(text))) for s, e in spans if max(0, s) < min(e, len(text))))
        for text, spans in reports
    ]
    expected = [f"r{n}" for n, (text, spans) in enumerate(sound) if uncovered(text, spans)]
    with MonkeyPatch.context() as patch, database(reports) as db:
        patch.setattr(textlaws, "CHARACTERS", characters)
        assert textlaws.bare(db, "SELECT * FROM spans") == expected
    assert not overlapping([(0, 2), (2, 3)])
    assert overlapping([(0, 2), (1, 3)])
