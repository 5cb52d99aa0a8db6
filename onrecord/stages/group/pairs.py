"""Similar pairs of reports: found through an inverted index, never all with all, and held as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from onrecord.stages.group.features import Features

_AT_A_TIME = 100_000  # pairs that are Python's numbers at once
_PIECE = 1_000_000  # pairs that are weighed at once
_BLOCK = 4_000_000  # pairs that room is made for, when there is none left
_SUMMED = 1_000_000  # pairs whose sums are made at once
_ROOM = 1_000_000  # pairs that there is room for at first, beside one row's


@dataclass(frozen=True, slots=True)
class Edges:
    """Similar pairs of items, each once, as columns: 16 bytes a pair, for 20,000 reports have millions."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    similarity: NDArray[np.float64]

    @classmethod
    def of(cls, edges: Iterable[tuple[int, int, float]]) -> Self:
        """Edges given as (item, item, similarity)."""
        rows = np.asarray(list(edges), np.float64).reshape(-1, 3)
        return cls(rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32), rows[:, 2].copy())

    def chosen(self, which: NDArray[np.bool_]) -> Iterator[tuple[int, int, float]]:
        """The edges for which `which` is true, in order."""
        at = np.flatnonzero(which)
        for some in np.array_split(at, len(at) // _AT_A_TIME + 1):
            columns = (self.first[some], self.second[some], self.similarity[some])
            yield from zip(*(c.tolist() for c in columns), strict=True)

    def pieces(self) -> Iterator[slice]:
        """Stretches of a million pairs, one after the other: what is made of all at once takes much room."""
        for start in range(0, len(self.first), _PIECE):
            yield slice(start, min(start + _PIECE, len(self.first)))

    def cut(self, n: int) -> Self:
        """The first `n` pairs."""
        return type(self)(self.first[:n], self.second[:n], self.similarity[:n])

    def ordered(self) -> Self:
        """The same pairs by their second item, then their first; this object where they are so already."""
        step = np.diff(self.second)
        if not ((step < 0) | ((step == 0) & (np.diff(self.first) < 0))).any():
            return self
        order = np.lexsort((self.first, self.second))
        return type(self)(self.first[order], self.second[order], self.similarity[order])

    def joined_by(self, other: Self) -> Self:
        """These pairs and those, which are few, all by their second item, then their first, as both are.

        These hold none afterwards, for there is no room for them twice.
        """
        low, high = (np.searchsorted(self.second, other.second, side) for side in ("left", "right"))
        own = zip(low.tolist(), high.tolist(), other.first.tolist(), strict=True)
        at = np.asarray([a + np.searchsorted(self.first[a:b], first) for a, b, first in own], np.int64)
        columns = []
        for name in ("first", "second", "similarity"):
            columns.append(np.insert(getattr(self, name), at, getattr(other, name)))
            object.__setattr__(self, name, columns[-1][:0])
        return type(self)(*columns)

    def sums(
        self, wanted: NDArray[np.bool_], home: NDArray[np.int32]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
        """(item, cluster, sum of their similarities) of the wanted items, in order, some items at a time.

        `home` is each item's cluster; a cluster that an item has no edge to has no row.
        """
        n = max(1, len(home))
        blocks = 1 + 2 * len(self.first) // _SUMMED
        for items in np.array_split(np.arange(len(home)), blocks):
            if not len(items):
                continue
            codes, similarity = [], []
            low, high = items[0], items[-1]
            for item, other in ((self.first, self.second), (self.second, self.first)):
                at = np.flatnonzero((item >= low) & (item <= high))
                at = at[wanted[item[at]]]
                codes.append(item[at].astype(np.int64) * n + home[other[at]])
                similarity.append(self.similarity[at])
            pairs, at = np.unique(np.concatenate(codes), return_inverse=True)
            total: NDArray[np.float64] = np.bincount(at, np.concatenate(similarity), len(pairs))  # type: ignore[assignment]
            yield pairs // n, pairs % n, total

    def at_least(self, least: float) -> Iterator[tuple[int, int, float]]:
        """The edges of that similarity and more."""
        return self.chosen(self.similarity >= least)


def similar(table: Features, least: float, most: float) -> Edges:
    """All pairs of rows whose cosine is `least` or more, the earlier row first; a column adds at most `most` to it.

    Rows are taken in order, and each is compared with the rows before it that share a column (Zobel and Moffat 2006,
    accumulators over an inverted index).
    """
    from onrecord.stages.group import kernels

    n = len(table.bounds) - 1
    begin, end = kernels.holders(table.columns, table.size)
    kept = (
        begin,
        end,
        np.empty(len(table.columns), np.int32),
        np.empty(len(table.columns)),
        np.zeros(n),
        np.empty(n, np.int32),
    )
    first, second, cosine = np.empty(_ROOM + n, np.int32), np.empty(_ROOM + n, np.int32), np.empty(_ROOM + n)
    row = filled = 0
    while row < n:
        row, filled = kernels.similar_pairs(
            table.bounds, table.columns, table.weights, *kept, row, first, second, cosine, filled, least, most
        )
        if row < n:
            for column in (first, second, cosine):  # grown where they stand, never held twice
                column.resize(len(column) + max(_BLOCK, n), refcheck=False)
    return Edges(first, second, cosine).cut(filled)


class Lookup:
    """The similarity of any pair, 0 where it has no edge."""

    def __init__(self, n: int, edges: Edges) -> None:
        edges = edges.ordered()
        self.first, self.similarity = edges.first, edges.similarity
        self.starts = np.searchsorted(edges.second, np.arange(n + 1))

    def between(self, some: list[int], others: list[int]) -> float:
        """The sum over all pairs of one of these and one of those; a pair that stands in both ways counts twice."""
        from onrecord.stages.group import kernels

        a, b = np.asarray(some, np.int32), np.asarray(others, np.int32)
        return float(kernels.between(self.starts, self.first, self.similarity, a, b))
