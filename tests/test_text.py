from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onrecord.text import cuts_word, fold, key, plain, words


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
