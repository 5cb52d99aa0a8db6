"""The compiled loops of reading words and of the index of word n-grams.

Words are int64 hashes in one flat array; positions are indexes into it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onrecord.stages.align.compiling import compiled


@compiled
def _class(c: Any, classes: Any) -> Any:
    """Class of a character: 0 other, 1 letter, 2 digit, 3 apostrophe, 4 full stop, 5 comma."""
    if c < 0x10000:
        return np.int64(classes[c])
    return np.int64(1) if c < 0x1F000 or c >= 0x20000 else np.int64(0)


@compiled
def tokens(codes: Any, classes: Any, forms: Any) -> Any:
    """Hash, start and end of each word: letters and digits; 'U.S.', '1,000' and "Varga's" are one word each."""
    n = len(codes)
    hashes = np.empty(n // 2 + 1, np.int64)
    starts = np.empty(n // 2 + 1, np.int32)
    ends = np.empty(n // 2 + 1, np.int32)
    k, i = 0, 0
    while i < n:
        kind = _class(codes[i], classes)
        if kind != 1 and kind != 2:
            i += 1
            continue
        end = i
        if kind == 1 and i + 2 < n and _class(codes[i + 1], classes) == 4 and _class(codes[i + 2], classes) == 1:
            j = i + 1
            while j + 1 < n and _class(codes[j], classes) == 4 and _class(codes[j + 1], classes) == 1:
                j += 2
            if j < n and _class(codes[j], classes) == 4:
                j += 1
            after = _class(codes[j], classes) if j < n else np.int64(0)
            if after != 1 and after != 2:
                end = j
        if end == i:
            while end < n:
                here = _class(codes[end], classes)
                if here == 1 or here == 2:
                    end += 1
                    continue
                if end + 1 >= n or here == 0:
                    break
                then = _class(codes[end + 1], classes)
                before = _class(codes[end - 1], classes)
                if (here == 3 and (then == 1 or then == 2 or then == 3)) or (here >= 4 and then == 2 and before == 2):
                    end += 1
                    continue
                break
            while _class(codes[end - 1], classes) == 3:  # a closing mark is no part of the word
                end -= 1
        h = np.uint64(0xCBF29CE484222325)
        for j in range(i, end):
            c = codes[j]
            if _class(c, classes) < 3:
                h ^= np.uint64(forms[c]) if c < 0x10000 else np.uint64(c)
                h *= np.uint64(0x100000001B3)
                h ^= h >> np.uint64(31)
        hashes[k], starts[k], ends[k] = np.int64(h >> np.uint64(1)), i, end
        k += 1
        i = end
    return hashes[:k].copy(), starts[:k].copy(), ends[:k].copy()


@compiled
def gram_hashes(ids: Any, blocks: Any, size: int) -> Any:
    """A 64-bit hash of the `size` words from each position on; 0 where they would cross a block's border."""
    n = len(ids)
    out = np.zeros(n, np.uint64)
    for i in range(n - size + 1):
        if blocks[i] != blocks[i + size - 1]:
            continue
        h = np.uint64(0x9E3779B97F4A7C15)
        for k in range(size):
            h ^= np.uint64(ids[i + k]) + np.uint64(0x9E3779B97F4A7C15)
            h *= np.uint64(0xBF58476D1CE4E5B9)
            h ^= h >> np.uint64(29)
            h *= np.uint64(0x94D049BB133111EB)
            h ^= h >> np.uint64(32)
        out[i] = h if h != 0 else np.uint64(1)
    return out


@compiled
def winnowed(hashes: Any, window: int) -> Any:
    """Positions whose hash is the least of some `window` successive grams (Schleimer, Wilkerson and Aiken 2003).

    Of equal least hashes the rightmost counts, so two texts that share `window` successive grams share one position.
    """
    n = len(hashes)
    keep = np.zeros(n, np.bool_)
    for i in range(n - window + 1):
        best, at, whole = np.uint64(0), -1, True
        for k in range(i, i + window):
            h = hashes[k]
            if h == 0:
                whole = False
                break
            if at < 0 or h <= best:
                best, at = h, k
        if whole:
            keep[at] = True
    return np.flatnonzero(keep)


@compiled
def joined(starts: Any, reports: Any, n: int, cap: int) -> Any:
    """All pairs of reports in each group of at most `cap`, coded first * n + second; `starts` borders the groups."""
    total = 0
    for g in range(len(starts) - 1):
        k = starts[g + 1] - starts[g]
        if k <= cap:
            total += k * (k - 1) // 2
    out = np.empty(total, np.int64)
    at = 0
    for g in range(len(starts) - 1):
        first, last = starts[g], starts[g + 1]
        if last - first > cap:
            continue
        for i in range(first, last):
            for j in range(i + 1, last):
                out[at] = np.int64(reports[i]) * n + reports[j]
                at += 1
    return out


@compiled
def in_common(grams: Any, bounds: Any, i: int, j: int) -> Any:
    """How many grams the sorted gram sets of two reports share."""
    a, b, hit = bounds[i], bounds[j], 0
    while a < bounds[i + 1] and b < bounds[j + 1]:
        if grams[a] == grams[b]:
            hit += 1
            a += 1
            b += 1
        elif grams[a] < grams[b]:
            a += 1
        else:
            b += 1
    return hit
