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
            for y in range(begin[c], end[c]):
                total[held_by[y]] += min(w * held_at[y], most)
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


@compiled
def _weigh(counts: Any, weight: Any, opening: float, row: Any) -> None:
    """Fill `row` with the words of a stretch as `features` weighs those of an opening, of length 1."""
    length = 0.0
    for k in range(len(counts)):
        row[k] = (1.0 + np.log(opening * counts[k])) * weight[k] if counts[k] > 0 else 0.0
        length += row[k] * row[k]
    if length > 0.0:
        length = np.sqrt(length)
        for k in range(len(row)):
            row[k] /= length


@compiled
def _alike(row: Any, other: Any, most: float) -> Any:
    """Similarity of two rows, no word adding more than `most`; rounded, for sums differ by machine."""
    total = 0.0
    for k in range(len(row)):
        total += min(row[k] * other[k], most)
    return np.round(total, 6)


@compiled
def parts(
    counts: Any, weight: Any, words: Any, centres: Any, home: Any, late: Any, nearer: Any, opening: float, most: float,
    near: float, apart: float, least_words: int, most_of: float, gap: int,
) -> Any:  # fmt: skip
    """Stretches of a report's paragraphs that are of other stories: rows (-similarity, first, last, story).

    `counts` has a row for each paragraph and a column for each word, which weighs `weight`; `words` is how many words
    each paragraph has. `centres` has a row for each story, `home` is the report's own, `late` what the days leave of
    the similarity to each. A stretch is tried for each share of `nearer`: of the nearest paragraph's similarity, what
    another's must be; no more than `gap` others break it.
    """
    n, size = counts.shape
    out = np.empty((2 * n * len(centres), 4))
    found = 0
    said = np.empty((n, size))
    to_home, here = np.empty(n), np.empty(n)
    total, rest, part, others = np.zeros(size), np.empty(size), np.empty(size), np.empty(size)
    whole = 0
    for p in range(n):
        _weigh(counts[p], weight, opening, said[p])
        to_home[p] = _alike(said[p], home, most)
        whole += words[p]
        for k in range(size):
            total[k] += counts[p, k]
    for story in range(len(centres)):
        highest = 0.0
        for p in range(n):
            here[p] = _alike(said[p], centres[story], most)
            highest = max(highest, here[p])
        own = found
        for share in nearer:
            first = 0
            while first < n:
                if here[first] <= to_home[first] or here[first] < share * highest:
                    first += 1
                    continue
                last = p = first
                while p < n and p - last <= gap + 1:
                    if here[p] > to_home[p] and here[p] >= share * highest:
                        last = p
                    p += 1
                start, first = first, last + 1
                has = 0
                for p in range(start, last + 1):
                    has += words[p]
                if has < least_words or has > most_of * whole:
                    continue
                met = False
                for r in range(own, found):
                    met = met or (start <= out[r, 2] and out[r, 1] <= last)
                if met:
                    continue
                for k in range(size):
                    part[k] = 0.0
                    for p in range(start, last + 1):
                        part[k] += counts[p, k]
                    rest[k] = total[k] - part[k]
                _weigh(part, weight, opening, others)
                similarity = np.round(late[story] * _alike(others, centres[story], most), 6)
                if similarity < near or _alike(others, home, most) > apart * similarity:
                    continue
                _weigh(rest, weight, opening, part)
                if _alike(others, part, most) <= apart * similarity:
                    out[found, 0], out[found, 1], out[found, 2], out[found, 3] = -similarity, start, last, story
                    found += 1
    return out[:found]
