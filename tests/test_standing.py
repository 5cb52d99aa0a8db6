"""Who stands right beside a word that states something: the parties of mentions that reconciling finds itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.model import Entity
from onrecord.stages.reconcile.standing import beside


def around(text: str, word: str, *names: str) -> tuple[list[str], list[str]]:
    entities = {n: Entity(n, n, "person") for n in names}
    named = sorted((text.index(n), text.index(n) + len(n), n) for n in names)
    at = text.index(word)
    does, undergoes = beside(text, (0, len(text)), (at, at + len(word)), named, entities)
    return list(does), list(undergoes)


@pytest.mark.parametrize(
    ("text", "word", "names", "does", "undergoes"),
    [
        (
            "The mayor and two clerks were later freed by the army.",
            "freed",
            ("The mayor", "two clerks", "the army"),
            ["the army"],
            ["The mayor", "two clerks"],
        ),
        (
            "Oden, Lund and Boyd have reportedly repaid it.",
            "repaid",
            ("Oden", "Lund", "Boyd"),
            ["Oden", "Lund", "Boyd"],
            [],
        ),
        (
            "Mayor Ann Oden greeted Premier Bo Lund on Friday.",
            "greeted",
            ("Ann Oden", "Bo Lund"),
            ["Ann Oden"],
            ["Bo Lund"],
        ),
        ("The aide of the mayor relocated.", "relocated", ("the mayor",), [], []),
        ("Oden's boat was sold.", "sold", ("Oden",), [], []),
        ("The boat, which Oden had painted, sold.", "sold", ("Oden",), [], []),
        ("The prize that the board named after Lund's aunt fell.", "named", ("the board", "Lund"), ["the board"], []),
    ],
)
def test_who_stands_beside_a_word(
    text: str, word: str, names: tuple[str, ...], does: list[str], undergoes: list[str]
) -> None:
    assert around(text, word, *names) == (does, undergoes)


@settings(max_examples=60, deadline=None)
@given(st.text(" ,.Aab'’-only is", max_size=200), st.lists(st.integers(0, 200), min_size=4, max_size=12))
def test_nobody_stands_outside_the_sentence(text: str, cuts: list[int]) -> None:
    at = sorted(min(c, len(text)) for c in cuts)
    named = sorted((a, b, f"e{n}") for n, (a, b) in enumerate(zip(at[::2], at[1::2], strict=False)) if a < b)
    entities = {e: Entity(e, e, "person") for _, _, e in named}
    start, end = at[0], at[-1]
    middle = (start + end) // 2
    for found in beside(text, (start, end), (middle, min(middle + 1, end)), named, entities):
        assert all(start <= a < b <= end for a, b in found.values())
