"""Similar pairs of reports: found through an inverted index, never all with all, and held as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from onrecord.stages.group.features import Features

_AT_A_TIME = 100_000  # pairs that are Python's numbers at once
_PIECE = 1_000_000  # pairs that are looked at or made at once, beside one row's
_BLOCK = 4_000_000  # pairs that room is made for, when there is none left

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]
"""First items, second items, similarities: a row for each pair."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Similar pairs of items, each once, as columns, by their second item, which is the greater one, then their first.

    Those whose second item is i stand from `starts[i]` to `starts[i + 1]`: 12 bytes a pair, for 20,000 reports have
    millions.
    """

    starts: NDArray[np.int64]
    first: NDArray[np.int32]
    similarity: NDArray[np.float64]

    @classmethod
    def of(cls, n: int, edges: Iterable[tuple[int, int, float]]) -> Self:
        """Edges between n items, given as (item, item, similarity)."""
        rows = np.asarray([(min(i, j), max(i, j), s) for i, j, s in edges], np.float64).reshape(-1, 3)
        rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
        starts = np.searchsorted(rows[:, 1], np.arange(n + 1)).astype(np.int64)
        return cls(starts, rows[:, 0].astype(np.int32), rows[:, 2].copy())

    def pieces(self) -> Iterator[Columns]:
        """Some million pairs after the other, all of an item together: what is made of all at once takes much room."""
        n, item = len(self.starts) - 1, 0
        while item < n:
            last = int(np.searchsorted(self.starts, self.starts[item] + _PIECE, "right")) - 1
            last = min(n, max(last, item + 1))
            some = slice(int(self.starts[item]), int(self.starts[last]))
            sizes = np.diff(self.starts[item : last + 1])
            second = np.repeat(np.arange(item, last, dtype=np.int32), sizes)
            yield self.first[some], second, self.similarity[some]
            item = last

    def chosen(self, which: Callable[..., NDArray[np.bool_]]) -> Iterator[tuple[int, int, float]]:
        """The edges for which `which(first, second, similarity)` is true, in order."""
        for columns in self.pieces():
            at = np.flatnonzero(which(*columns))
            for some in np.array_split(at, len(at) // _AT_A_TIME + 1):
                yield from zip(*(c[some].tolist() for c in columns), strict=True)

    def at_least(self, least: float) -> Iterator[tuple[int, int, float]]:
        """The edges of that similarity and more."""
        return self.chosen(lambda _, __, similarity: similarity >= least)

    def within(self, home: NDArray[np.int32]) -> Iterator[tuple[int, int, float]]:
        """The edges between two items of one cluster; `home` is each item's, below 0 for none."""
        return self.chosen(lambda first, second, _: (home[first] == home[second]) & (home[first] >= 0))

    def nearest(
        self,
        items: NDArray[np.int64],
        home: NDArray[np.int32],
        n: int,
        least: float = 0.0,
        *,
        length: NDArray[np.float64] | None = None,
        unit: float = 0.0,
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """How many clusters each item is near to, which, and how near: arrays of [items], [items, n] and [items, n].

        They are the n nearest but for its own, the nearest first, whose mean similarity to the item, over the `length`
        of each cluster, is `least` or more; rounded to one `unit`-th. `home` is each item's cluster.
        """
        from onrecord.stages.group import kernels

        size = np.bincount(home, minlength=len(home)).astype(np.float64)
        length = np.ones(len(home)) if length is None else length
        begin, second, edge = kernels.by_first(self.starts, self.first)
        found: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]] = kernels.nearest(
            self.starts, self.first, self.similarity, begin, second, edge, items, home, size, length, unit, least, n
        )
        return found


def similar(table: Features, least: float, most: float, settled: Callable[[int, int, Columns], Columns]) -> Edges:
    """All pairs of rows whose cosine is `least` or more; a column adds at most `most` to it.

    Rows are taken in order, and each is compared with the rows before it that share a column (Zobel and Moffat 2006,
    accumulators over an inverted index). Pairs whose second row is between two numbers are given to `settled`, with
    these numbers, before there are more: it returns those that stay and others that join them, in the order of `Edges`.
    """
    from onrecord.stages.group import kernels

    n = len(table.bounds) - 1
    begin, end = kernels.holders(table.columns, table.size)
    # Without a sign, for numbers below 0 would count from the end, which compiled code then has to ask of each.
    held = np.empty(len(table.columns), np.uint32), np.empty(len(table.columns))
    kept = (begin, end, *held, np.zeros(n))
    room = np.empty(_PIECE + n, np.int32), np.empty(_PIECE + n, np.int32), np.empty(_PIECE + n)
    starts = np.zeros(n + 1, np.int64)
    first, similarity = np.empty(0, np.int32), np.empty(0)
    row = filled = 0
    while row < n:
        after, m = kernels.similar_pairs(table.bounds, table.columns, table.weights, *kept, row, *room, least, most)
        a, b, s = settled(row, after, (room[0][:m], room[1][:m], room[2][:m]))
        if len(first) < filled + len(a):
            for column in (first, similarity):  # grown where they stand, never held twice
                column.resize(filled + len(a) + _BLOCK, refcheck=False)
        first[filled : filled + len(a)], similarity[filled : filled + len(a)] = a, s
        starts[row + 1 : after + 1] = filled + np.searchsorted(b, np.arange(row, after), "right")
        row, filled = after, filled + len(a)
    for column in (first, similarity):
        column.resize(filled, refcheck=False)
    return Edges(starts, first, similarity)
