"""Similar pairs through an inverted index, compiled. Imported only when reports are grouped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile with numba and keep the machine code beside the module."""
    return cast(Function, numba.njit(cache=True)(function))


@compiled
def holders(columns: Any, size: int) -> Any:
    """Where each column's holders begin among all, and where they end so far: two arrays of `size`."""
    begin = np.zeros(size + 1, np.int64)
    for c in columns:
        begin[c + 1] += 1
    for c in range(size):
        begin[c + 1] += begin[c]
    end = np.empty(size, np.int64)
    for c in range(size):
        end[c] = begin[c]
    return begin, end


@compiled
def similar_pairs(
    bounds: Any, columns: Any, weights: Any, begin: Any, end: Any, held_by: Any, held_at: Any, total: Any,
    row: int, first: Any, second: Any, cosine: Any, least: float, most: float,
) -> Any:  # fmt: skip
    """All pairs of rows from `row` on, with those before them, whose cosine is `least` or more.

    A column adds at most `most`. Ends at a row whose pairs the room left may not hold; returns that row, and how many
    pairs stand in `first`, `second` and `cosine`. The arrays from `begin` to `total` are kept from call to call.
    """
    n = len(bounds) - 1
    filled = 0
    while row < n and filled + row <= len(first):
        total[:row] = 0.0
        for x in range(bounds[row], bounds[row + 1]):
            c, w = columns[x], weights[x]
            rows, others = held_by[begin[c] : end[c]], held_at[begin[c] : end[c]]
            for y in range(len(rows)):
                product = w * others[y]
                total[rows[y]] += most if product > most else product
            held_by[end[c]] = row
            held_at[end[c]] = w
            end[c] += 1
        for j in range(row):
            if total[j] >= least:
                first[filled], second[filled], cosine[filled] = j, row, total[j]
                filled += 1
        row += 1
    return row, filled


@compiled
def by_first(starts: Any, first: Any) -> Any:
    """Where each item's edges with later items begin, then these items and the numbers of these edges, in order."""
    n = len(starts) - 1
    begin = np.zeros(n + 1, np.int64)
    for i in first:
        begin[i + 1] += 1
    for i in range(n):
        begin[i + 1] += begin[i]
    end = begin.copy()
    second, edge = np.empty(len(first), np.int32), np.empty(len(first), np.int32)
    for j in range(n):
        for x in range(starts[j], starts[j + 1]):
            at = end[first[x]]
            second[at], edge[at] = j, x
            end[first[x]] += 1
    return begin, second, edge


@compiled
def nearest(
    starts: Any, first: Any, similarity: Any, begin: Any, second: Any, edge: Any, items: Any, home: Any, size: Any,
    length: Any, unit: float, least: float, n: int,
) -> Any:  # fmt: skip
    """The n clusters with which each item has most in common, but for its own: how many, which, and how much.

    That is the sum of its similarities with those of the cluster over its `size` and its `length`, rounded to `unit`,
    and `least` or more; of clusters with as much the first comes first. `begin`, `second` and `edge` are of `by_first`.
    """
    found = np.zeros(len(items), np.int64)
    cluster, score = np.empty((len(items), n), np.int32), np.empty((len(items), n))
    total, touched = np.zeros(len(size)), np.empty(len(size), np.int32)
    for at in range(len(items)):
        i = items[at]
        m = 0
        for x in range(begin[i], begin[i + 1]):
            c = home[second[x]]
            if total[c] == 0.0:
                touched[m] = c
                m += 1
            total[c] += similarity[edge[x]]
        for x in range(starts[i], starts[i + 1]):
            c = home[first[x]]
            if total[c] == 0.0:
                touched[m] = c
                m += 1
            total[c] += similarity[x]
        for t in range(m):
            c = touched[t]
            mean = total[c] / size[c] / length[c]
            total[c] = 0.0
            if unit > 0.0:
                mean = np.rint(mean * unit) / unit
            if c == home[i] or mean < least:
                continue
            k = found[at]
            if k == n:
                if score[at, k - 1] > mean or (score[at, k - 1] == mean and cluster[at, k - 1] < c):
                    continue
                k -= 1
            while k > 0 and (score[at, k - 1] < mean or (score[at, k - 1] == mean and cluster[at, k - 1] > c)):
                cluster[at, k], score[at, k] = cluster[at, k - 1], score[at, k - 1]
                k -= 1
            cluster[at, k], score[at, k] = c, mean
            found[at] = min(n, found[at] + 1)
    return found, cluster, score


@compiled
def between(starts: Any, first: Any, similarity: Any, some: Any, others: Any) -> Any:
    """The sum of the edges of each of some items with each of others; edges by their second item, then their first.

    Those whose second item is i stand from `starts[i]` to `starts[i + 1]`.
    """
    total = 0.0
    for i in some:
        for j in others:
            wanted = min(i, j)
            low, high = starts[max(i, j)], starts[max(i, j) + 1]
            last = high
            while low < high:
                middle = (low + high) // 2
                if first[middle] < wanted:
                    low = middle + 1
                else:
                    high = middle
            if low < last and first[low] == wanted:
                total += similarity[low]
    return total
