"""What is kept by its characters is found as a walk through all of it would find it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onrecord.model import Spans

STRETCHES = st.tuples(st.integers(0, 2000), st.integers(0, 900)).map(lambda s: (s[0], s[0] + s[1]))


@given(st.lists(STRETCHES, max_size=40), STRETCHES.filter(lambda s: s[1] > s[0]))
def test_stretches_are_found_by_the_blocks_that_they_touch(
    stretches: list[tuple[int, int]], at: tuple[int, int]
) -> None:
    spans = Spans((a, b, n) for n, (a, b) in enumerate(stretches))
    start, end = at
    touching = [n for n, (a, b) in enumerate(stretches) if a < end and start < b and a < b]
    assert sorted(set(spans.touching(start, end))) == touching
    assert spans.around(start, end) == [n for n, (a, b) in enumerate(stretches) if a <= start and end <= b]
