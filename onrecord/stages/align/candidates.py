"""Which pairs of reports may share a passage: an inverted index over winnowed word 5-grams.

With 5-grams and a window of 4, two reports that share 8 words in a row share a kept gram, so no such pair is missed.
All holders of a gram are paired with each other as long as they are few. Of a gram that many reports hold, each holder
is joined to the first holder whose text it shares beyond the gram, its representative: the copies of one widely
printed story meet each other that way, at any number, and only reports that share nothing but the stock phrase itself
stay unpaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onrecord.stages.align.words import Corpus

GRAM = 5
WINDOW = 4
CROWD = 48
"""Holders of a gram up to which all are paired: 48 make 1,128 pairs. Above, through representatives."""
KIN = 6
"""Kept grams that tie a holder to a representative: about 20 words, more than a stock phrase has."""
FAMILIES = 32
"""Representatives that a gram may have; a gram with more unrelated texts around it is a stock phrase."""
NEIGHBOURS = 400
"""Copies of one text that are all paired; beyond, each is paired with its representative and this many after it."""


@dataclass(frozen=True, slots=True)
class Grams:
    """The kept grams of some reports, as hashes, each once: report i has `grams[bounds[i] : bounds[i + 1]]`, sorted."""

    grams: NDArray[np.uint64]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds) - 1


def candidates(words: Corpus) -> NDArray[np.int64]:
    """Pairs of report numbers (first < second), one row each, sorted."""
    return paired(kept(words))


def kept(words: Corpus) -> Grams:
    """The winnowed 5-grams of each report; they depend on its words alone."""
    from onrecord.stages.align import indexing

    hashes = indexing.gram_hashes(words.ids, words.blocks, GRAM)
    places = indexing.winnowed(hashes, WINDOW)
    grams = hashes[places]
    reports = np.searchsorted(words.offsets, places, side="right") - 1
    order = np.lexsort((grams, reports))
    grams, reports = grams[order], reports[order]
    first = np.ones(len(grams), np.bool_)
    first[1:] = (grams[1:] != grams[:-1]) | (reports[1:] != reports[:-1])
    return Grams(grams[first], np.searchsorted(reports[first], np.arange(len(words) + 1)))


def paired(held: Grams, only: NDArray[np.uint64] | None = None) -> NDArray[np.int64]:
    """Pairs of report numbers (first < second), one row each, sorted, that may share a passage.

    With `only`, sorted hashes of which `held` has every holder with all that it holds: the pairs to which these lead.
    """
    from onrecord.stages.align import indexing

    n = len(held)
    grams, reports = held.grams, np.repeat(np.arange(n), np.diff(held.bounds))
    if only is not None:
        asked = np.isin(grams, only)
        grams, reports = grams[asked], reports[asked]
    order = np.argsort(grams, kind="stable")
    by_gram, holders = grams[order], reports[order]
    borders = np.flatnonzero(np.concatenate(([True], by_gram[1:] != by_gram[:-1], [True]))) if len(by_gram) else order
    codes = [indexing.joined(borders.astype(np.int64), holders, n, CROWD)]
    seen: set[bytes] = set()
    for g in np.flatnonzero(np.diff(borders) > CROWD):
        crowd = holders[borders[g] : borders[g + 1]]
        if (name := crowd.tobytes()) not in seen:
            seen.add(name)
            codes.append(_through_representatives(crowd, held.grams, held.bounds, n, indexing))
    pairs = np.unique(np.concatenate(codes)) if n else np.zeros(0, np.int64)
    return np.stack((pairs // max(n, 1), pairs % max(n, 1)), axis=1)


def _through_representatives(
    crowd: NDArray[np.int64], grams: NDArray[np.uint64], bounds: NDArray[np.int64], n: int, indexing: Any
) -> NDArray[np.int64]:
    families: list[list[int]] = []
    for report in crowd.tolist():
        for family in families:
            if indexing.in_common(grams, bounds, family[0], report) >= KIN:
                family.append(report)
                break
        else:
            if len(families) < FAMILIES:
                families.append([report])
    pairs = [
        f[i] * n + f[j] for f in families for i in range(len(f)) for j in range(i + 1, min(len(f), i + 1 + NEIGHBOURS))
    ]
    pairs += [f[0] * n + other for f in families for other in f[NEIGHBOURS:]]
    return np.asarray(pairs, np.int64)
