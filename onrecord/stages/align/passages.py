"""Shared passages of candidate pairs, as rows of `alignments`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from onrecord.stages.align.words import Corpus

SEED = 3
"""Words in a row from which a run may be part of a passage."""
LEAST = 8
"""Words that a passage must have in common; RECORD.md's definition of a passage."""
GAP = 8
"""Words that differ end a passage when they are as many as this, on either side."""
COST = 0.5
"""What a word without a match costs against one with: chains thinner than about a half fall apart."""
SIMILAR = 0.5
"""Least share of matching words, of the longer side, for a passage that is not verbatim."""
PROMISE = 5.0
"""Score of a chain, a word in a row counting 1, from which it is tried: chance agreements stay below."""
EDITED = 0.6
"""From this share of matching words on a passage is edited, below it rewritten."""
QUOTED = 0.8
"""Share of matching words inside quotation marks, on both sides, from which a passage is a quotation."""
NEAR = 25
"""Words within which copied prose beside a quotation makes the quotation part of the copy."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that reports `a` and `b` share: `[a_start, a_end)` and `[b_start, b_end)` are word positions."""

    a: int
    a_start: int
    a_end: int
    b: int
    b_start: int
    b_end: int
    words: int
    quotation: bool
    reworded: bool = False  # its words are shared in no order: a sentence put in other words

    @property
    def similarity(self) -> float:
        """Matching words over the longer side."""
        return self.words / max(self.a_end - self.a_start, self.b_end - self.b_start)

    @property
    def kind(self) -> str:
        """One of `schema.ALIGNMENT_KINDS`."""
        if self.reworded:
            return "rewritten"
        if self.similarity == 1:
            return "verbatim"
        return "edited" if self.similarity >= EDITED else "rewritten"


def find(words: Corpus, pairs: NDArray[np.int64]) -> list[Passage]:
    """The passages of these pairs of reports, by pair and then by their place in the first report."""
    from onrecord.stages.align import extending, indexing

    if not len(pairs):
        return []
    hashes = indexing.gram_hashes(words.ids, words.blocks, SEED)
    rows = extending.passages(
        words.ids, words.blocks, words.offsets, hashes, pairs, SEED, LEAST, GAP, COST, SIMILAR, PROMISE
    )
    rows = rows[np.lexsort((rows[:, 3], rows[:, 1], rows[:, 0]))]
    marked = np.concatenate(([0], np.cumsum(words.quoted)))
    inside = np.minimum(
        (marked[rows[:, 2]] - marked[rows[:, 1]]) / (rows[:, 2] - rows[:, 1]),
        (marked[rows[:, 4]] - marked[rows[:, 3]]) / (rows[:, 4] - rows[:, 3]),
    )
    quotation = inside >= QUOTED
    found = [
        Passage(
            int(pairs[r[0], 0]), int(r[1]), int(r[2]), int(pairs[r[0], 1]), int(r[3]), int(r[4]), int(r[5]), bool(q)
        )
        for r, q in zip(rows.tolist(), quotation.tolist(), strict=True)
    ]
    return _within_copies(found)


def _within_copies(found: list[Passage]) -> list[Passage]:
    """Quotations beside copied prose in both reports are part of the copy."""
    out = list(found)
    first = 0
    while first < len(found):
        last = first
        while last < len(found) and (found[last].a, found[last].b) == (found[first].a, found[first].b):
            last += 1
        prose = [p for p in found[first:last] if not p.quotation]
        for i in range(first, last):
            p = found[i]
            if p.quotation and any(_beside(p, q) for q in prose):
                out[i] = Passage(p.a, p.a_start, p.a_end, p.b, p.b_start, p.b_end, p.words, False)
        first = last
    return out


def _beside(p: Passage, q: Passage) -> bool:
    return (
        max(p.a_start - q.a_end, q.a_start - p.a_end) <= NEAR and max(p.b_start - q.b_end, q.b_start - p.b_end) <= NEAR
    )
