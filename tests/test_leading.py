"""Which events a reader who has a minute sees first."""

from __future__ import annotations

from onrecord.leading import Standing, first

STRIKE = Standing("Jets struck the port", "ASSAULT", "2024-05-06", "2024-05-06", 3, 3, 2)
TALKS = Standing("Envoys met", "CONSULT", "2024-05-06", "2024-05-06", 1, 3, 3)
FLOOD = Standing("Water rose", "OTHER", "2024-05-06", "2024-05-06", 3, 3, 3)
SIEGE = Standing("The town was besieged", "ASSAULT", "2019-01-01", "2019-03-01", 3, 3, 3)
UNDATED = Standing("The army moved", "MOBILIZE", None, None, 0, 1, 1)


def test_news_comes_before_its_background_and_typed_before_untyped() -> None:
    assert first([SIEGE, FLOOD, TALKS, STRIKE], "2024-04-29", lambda e: e, most=4) == [STRIKE, TALKS, FLOOD, SIEGE]


def test_without_a_beginning_nothing_is_background() -> None:
    assert first([STRIKE, SIEGE], "", lambda e: e) == [SIEGE, STRIKE]


def test_no_sentence_twice_and_no_more_than_asked() -> None:
    again = STRIKE._replace(n_reports=1)
    assert first([again, STRIKE, TALKS, UNDATED, FLOOD], None, lambda e: e) == [STRIKE, TALKS, UNDATED]
