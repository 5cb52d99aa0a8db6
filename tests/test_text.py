from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text import cuts_word, elided, fold, inline_teasers, key, plain, unread, without_teasers, words


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_words_stand_where_they_say(text: str) -> None:
    for word, start, end in words(text):
        assert fold(text)[start:end].lower() == word


def test_key_tells_its_parts_apart() -> None:
    assert key("ab", "c") != key("a", "bc")
    assert key(None) != key("")
    assert key("x", prefix="r_").startswith("r_")
    assert key("lone \ud800 surrogate") == key("lone \ud800 surrogate")


def test_plain_drops_accents_and_case() -> None:
    assert plain("  José  MUÑOZ’s ") == "jose munoz's"


def test_cutting_a_word() -> None:
    assert cuts_word("Moscow", 3)
    assert not cuts_word("Moscow said", 6)
    assert not cuts_word("Biden’s", 5)
    assert not cuts_word("10pm", 2)
    assert not cuts_word("莫斯科", 1)


TWICE = (
    "Senator Ada Orr Ada Mary OrrHarbour bill fails in the north Port strike enters 2031 MORE (Q) met Joe Vail "
    "Joe Vail 'Poll': rivals draw level in the ferry race MORE's aides in Calda, where MORE stands on a wall."
)


def test_titles_behind_a_name_are_teasers() -> None:
    found = [TWICE[start:end] for start, end in inline_teasers(TWICE)]
    assert [(f[:12], f[-9:]) for f in found] == [("Ada Mary Orr", "2031 MORE"), ("Joe Vail 'Po", "race MORE")]
    left = "Senator Ada Orr (Q) met Joe Vail 's aides in Calda, where MORE stands on a wall."
    assert " ".join(without_teasers(TWICE).split()) == left


@pytest.mark.parametrize(
    "text",
    [
        "The ferry New Velm left Velm and docked. Passengers wanted MORE, said Ada Orr.",
        "BANDS, FILMS AND MORE: Ada Orr, Ada Mary Orr and others.",
        "Mr Orr told Orr's lawyers of the harbour board that they had to pay no less and no MORE than he did.",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert inline_teasers(text) == []


@given(
    st.lists(st.sampled_from(["Ada ", "Orr ", "Orr", "Ada Orr ", "MORE ", " MORE", "x ", "Polls 'say' ", "(", "\n"]))
)
def test_teasers_lie_in_the_text_one_after_the_other(pieces: list[str]) -> None:
    text, at = "".join(pieces), 0
    for start, end in inline_teasers(text):
        assert at <= start < end <= len(text) and text[start:end].endswith(" MORE")
        at = end
    assert len(without_teasers(text)) == len(text)


def test_a_text_is_shown_and_read_without_them() -> None:
    shown = "Senator Ada Orr […] (Q) met Joe Vail […]'s aides in Calda, where MORE stands on a wall."
    assert elided(TWICE) == shown and elided("Passengers wanted MORE.") == "Passengers wanted MORE."
    text = f"See also: ferries\n{TWICE}\nSee also: cranes"
    assert unread(text, [(0, 17), (18, 18 + len(TWICE))]) == unread(text)
    assert unread(text) == f"See also: ferries\n{without_teasers(TWICE)}\nSee also: cranes"
