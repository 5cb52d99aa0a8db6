"""Wordings compared pair by pair, compiled. Imported only when utterances are found."""

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
def shared(pairs: Any, stem_starts: Any, stems: Any, weights: Any, number_starts: Any, numbers: Any) -> Any:
    """For each pair of wordings the weight of the stems that both have, 0 where both have numbers and none in common.

    Those of wording i are `stems[stem_starts[i]:stem_starts[i + 1]]`, ascending, and so its numbers.
    """
    out = np.zeros(len(pairs))
    for k in range(len(pairs)):
        a, b = pairs[k]
        x, y, ends = number_starts[a], number_starts[b], (number_starts[a + 1], number_starts[b + 1])
        told = x < ends[0] and y < ends[1]
        while told and x < ends[0] and y < ends[1]:
            if numbers[x] == numbers[y]:
                told = False
            elif numbers[x] < numbers[y]:
                x += 1
            else:
                y += 1
        if told:
            continue
        x, y = stem_starts[a], stem_starts[b]
        while x < stem_starts[a + 1] and y < stem_starts[b + 1]:
            if stems[x] == stems[y]:
                out[k] += weights[stems[x]]
                x += 1
                y += 1
            elif stems[x] < stems[y]:
                x += 1
            else:
                y += 1
    return out
