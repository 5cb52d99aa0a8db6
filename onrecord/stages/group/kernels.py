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
    bounds: Any, columns: Any, weights: Any, begin: Any, end: Any, held_by: Any, held_at: Any, total: Any, touched: Any,
    row: int, first: Any, second: Any, cosine: Any, filled: int, least: float, most: float,
) -> Any:  # fmt: skip
    """Append all pairs of rows from `row` on, with those before them, whose cosine is `least` or more.

    A column adds at most `most`. Ends at a row whose pairs the room left may not hold; returns that row, and how many
    pairs stand in `first`, `second` and `cosine`. The arrays from `begin` to `touched` are kept from call to call.
    """
    n = len(bounds) - 1
    room = len(first)
    while row < n and filled + row <= room:
        m = 0
        for x in range(bounds[row], bounds[row + 1]):
            c, w = columns[x], weights[x]
            for y in range(begin[c], end[c]):
                j = held_by[y]
                if total[j] == 0.0:
                    touched[m] = j
                    m += 1
                total[j] += min(w * held_at[y], most)
            held_by[end[c]] = row
            held_at[end[c]] = w
            end[c] += 1
        for j in range(row):
            if total[j] >= least:
                first[filled], second[filled], cosine[filled] = j, row, total[j]
                filled += 1
        for t in range(m):
            total[touched[t]] = 0.0
        row += 1
    return row, filled


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
