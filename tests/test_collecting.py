"""The garbage collector goes at a build's pace during a build, and at its owner's afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from onrecord import collecting


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_a_build_looks_seldom_and_gives_the_pace_back() -> None:
    gc.set_threshold(700, 10, 10)
    with pytest.raises(RuntimeError), collecting.seldom_in():
        assert gc.get_threshold() == collecting.PACE
        raise RuntimeError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("own", [(0, 10, 10), (1_000_000, 10, 10)])
def test_a_slower_pace_and_none_at_all_are_kept(own: tuple[int, int, int]) -> None:
    gc.set_threshold(*own)
    with collecting.seldom_in():
        assert gc.get_threshold() == own
