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
def similar_pairs(bounds: Any, columns: Any, weights: Any, size: int, least: float, most: float) -> Any:
    """(first, second, cosine) of all pairs of rows whose cosine is `least` or more; a column adds at most `most`."""
    n = len(bounds) - 1
    fill = np.zeros(size + 1, np.int64)
    for c in columns:
        fill[c + 1] += 1
    for c in range(size):
        fill[c + 1] += fill[c]
    held_by = np.empty(len(columns), np.int32)
    held_at = np.empty(len(columns), np.float64)
    stop = fill[:-1].copy()
    room = 4096
    first, second, cosine = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.float32)
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
                if k == room:
                    room *= 2
                    more1, more2, more3 = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.float32)
                    more1[:k], more2[:k], more3[:k] = first[:k], second[:k], cosine[:k]
                    first, second, cosine = more1, more2, more3
                first[k], second[k], cosine[k] = j, i, total[j]
                k += 1
            total[j] = 0.0
    return first[:k], second[:k], cosine[:k]
