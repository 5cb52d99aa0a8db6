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
def _grown(rows: Any, filled: int) -> Any:
    """The same rows in twice the room; a loop, for slices take seconds to compile."""
    out = np.empty((2 * rows.shape[0], rows.shape[1]), np.float64)
    for i in range(filled):
        for c in range(rows.shape[1]):
            out[i, c] = rows[i, c]
    return out


@compiled
def similar_pairs(bounds: Any, columns: Any, weights: Any, size: int, least: float, most: float) -> Any:
    """Rows (first, second, cosine) of all pairs whose cosine is `least` or more; a column adds at most `most`."""
    n = len(bounds) - 1
    fill = np.zeros(size + 1, np.int64)
    for c in columns:
        fill[c + 1] += 1
    for c in range(size):
        fill[c + 1] += fill[c]
    held_by = np.empty(len(columns), np.int32)
    held_at = np.empty(len(columns), np.float64)
    stop = np.empty(size, np.int64)
    for c in range(size):
        stop[c] = fill[c]
    found = np.empty((4096, 3), np.float64)
    k = 0
    total = np.zeros(n, np.float64)
    touched = np.empty(n, np.int32)
    for i in range(n):
        m = 0
        for x in range(bounds[i], bounds[i + 1]):
            c, w = columns[x], weights[x]
            for y in range(fill[c], stop[c]):
                j = held_by[y]
                if total[j] == 0.0:
                    touched[m] = j
                    m += 1
                total[j] += min(w * held_at[y], most)
            held_by[stop[c]] = i
            held_at[stop[c]] = w
            stop[c] += 1
        for t in range(m):
            j = touched[t]
            if total[j] >= least:
                if k == found.shape[0]:
                    found = _grown(found, k)
                found[k, 0], found[k, 1], found[k, 2] = j, i, total[j]
                k += 1
            total[j] = 0.0
    return found[:k]
