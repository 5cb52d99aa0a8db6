"""The compiled loops of alignment: common runs of two reports, chained over gaps and extended at both ends.

Words are int64 hashes in one flat array, reports stretches of it (`offsets`); positions are indexes into it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onrecord.stages.align.compiling import compiled


@compiled
def _grown(rows: Any) -> Any:
    """The same rows in twice the room; a loop, for slices take seconds to compile."""
    out = np.empty((2 * rows.shape[0], rows.shape[1]), np.int64)
    for i in range(rows.shape[0]):
        for k in range(rows.shape[1]):
            out[i, k] = rows[i, k]
    return out


@compiled
def _order(keys: Any) -> None:
    """Sort whole numbers in place (heapsort; numpy's own sorts take seconds to compile)."""
    n = len(keys)
    for top in range(n // 2 - 1, -n, -1):
        if top < 0:
            last = n + top
            keys[0], keys[last] = keys[last], keys[0]
            i, stop = 0, last
        else:
            i, stop = top, n
        while 2 * i + 1 < stop:
            child = 2 * i + 1
            if child + 1 < stop and keys[child + 1] > keys[child]:
                child += 1
            if keys[child] <= keys[i]:
                break
            keys[i], keys[child] = keys[child], keys[i]
            i = child


@compiled
def _lcs(ids: Any, a: int, a_end: int, b: int, b_end: int) -> Any:
    """Length of the longest common subsequence of two short stretches."""
    m = b_end - b
    row = np.zeros(m + 1, np.int32)
    for i in range(a, a_end):
        before = 0
        for j in range(m):
            up = row[j + 1]
            if ids[i] == ids[b + j]:
                row[j + 1] = before + 1
            elif row[j] > up:
                row[j + 1] = row[j]
            before = up
    return row[m]


@compiled
def _extend(ids: Any, blocks: Any, a: int, b: int, step: Any, a_stop: int, b_stop: int, gap: int, cost: float) -> Any:
    """Extend a match whose last words are a and b in direction `step`; returns the new last words and words matched.

    A dynamic programme over at most 16 by 16 words: a match counts 1, a word without one costs `cost`, and an
    extension is taken where the sum is greatest and positive. Nothing reaches over `gap` words without a match.
    `step` is given as np.int64: numba would compile the function for each literal.
    """
    size = 16
    rows = 0
    while rows < size and a + step * (rows + 1) != a_stop and blocks[a + step * (rows + 1)] == blocks[a]:
        rows += 1
    cols = 0
    while cols < size and b + step * (cols + 1) != b_stop and blocks[b + step * (cols + 1)] == blocks[b]:
        cols += 1
    score = np.empty((rows + 1, cols + 1), np.float32)
    hits = np.empty((rows + 1, cols + 1), np.int32)
    since_a = np.empty((rows + 1, cols + 1), np.int32)
    since_b = np.empty((rows + 1, cols + 1), np.int32)
    score[0, 0] = 0.0
    hits[0, 0] = since_a[0, 0] = since_b[0, 0] = 0
    best, bi, bj = 0.0, 0, 0
    for i in range(rows + 1):
        for j in range(cols + 1):
            if i or j:
                score[i, j] = -1e9
                hits[i, j] = since_a[i, j] = since_b[i, j] = 0
            if i and j and score[i - 1, j - 1] > -1e8:
                same = ids[a + step * i] == ids[b + step * j]
                if same:
                    score[i, j] = score[i - 1, j - 1] + 1.0
                    hits[i, j] = hits[i - 1, j - 1] + 1
                    since_a[i, j] = 0
                    since_b[i, j] = 0
                elif since_a[i - 1, j - 1] < gap and since_b[i - 1, j - 1] < gap:
                    score[i, j] = score[i - 1, j - 1] - cost
                    hits[i, j] = hits[i - 1, j - 1]
                    since_a[i, j] = since_a[i - 1, j - 1] + 1
                    since_b[i, j] = since_b[i - 1, j - 1] + 1
            if i and score[i - 1, j] - cost > score[i, j] and since_a[i - 1, j] < gap:
                score[i, j] = score[i - 1, j] - cost
                hits[i, j] = hits[i - 1, j]
                since_a[i, j] = since_a[i - 1, j] + 1
                since_b[i, j] = since_b[i - 1, j]
            if j and score[i, j - 1] - cost > score[i, j] and since_b[i, j - 1] < gap:
                score[i, j] = score[i, j - 1] - cost
                hits[i, j] = hits[i, j - 1]
                since_a[i, j] = since_a[i, j - 1]
                since_b[i, j] = since_b[i, j - 1] + 1
            if score[i, j] > best and since_a[i, j] == 0 and since_b[i, j] == 0:
                best, bi, bj = score[i, j], i, j
    return a + step * bi, b + step * bj, hits[bi, bj]


@compiled
def _indexed(hashes: Any, a0: int, a1: int) -> Any:
    """The grams of one report in a hash table: (gram, last position, how many) by slot, and the position before each.

    The table is small enough to stay in the cache while all reports that share something with this one are read.
    """
    size = 64
    while size < 2 * (a1 - a0):
        size *= 2
    grams = np.zeros(size, np.uint64)
    last = np.full(size, -1, np.int32)
    count = np.zeros(size, np.int32)
    before = np.full(max(a1 - a0, 1), -1, np.int32)
    for p in range(a0, a1):
        if hashes[p] == 0:
            continue
        slot = np.int64(hashes[p] & np.uint64(size - 1))
        while count[slot] > 0 and grams[slot] != hashes[p]:
            slot = (slot + 1) & (size - 1)
        grams[slot] = hashes[p]
        before[p - a0] = last[slot]
        last[slot] = p - a0
        count[slot] += 1
    return grams, last, count, before


@compiled
def _fragments(
    ids: Any, blocks: Any, hashes: Any, grams: Any, last: Any, count: Any, before: Any, a0: int, a1: int, b0: int,
    b1: int, size: int,
) -> Any:  # fmt: skip
    """Maximal common runs of at least `size` words of two reports: rows (a, b, length), sorted by a then b.

    `grams`, `last`, `count` and `before` index the first report (`_indexed`). A gram that both repeat so often that
    its pairs pass 4,096 is left to the runs that begin before it, and so is what passes 200,000 runs.
    """
    found = np.empty((64, 1), np.int64)
    n = 0
    mask = len(grams) - 1
    slots = np.full(b1 - b0, -1, np.int32)
    there = np.zeros(len(grams), np.int32)
    for q in range(b0, b1):
        if hashes[q] == 0:
            continue
        slot = np.int64(hashes[q] & np.uint64(mask))
        while count[slot] > 0 and grams[slot] != hashes[q]:
            slot = (slot + 1) & mask
        if count[slot] > 0:
            slots[q - b0] = slot
            there[slot] += 1
    for q in range(b0, b1):
        slot = np.int64(slots[q - b0])
        if slot < 0 or np.int64(count[slot]) * there[slot] > 4096:
            continue
        at = np.int64(last[slot])
        while at >= 0:
            p = a0 + at
            at = np.int64(before[at])
            inner = p > a0 and q > b0 and blocks[p - 1] == blocks[p] and blocks[q - 1] == blocks[q]
            if inner and ids[p - 1] == ids[q - 1]:
                continue
            k = 0
            while p + k < a1 and q + k < b1 and ids[p + k] == ids[q + k]:
                if blocks[p + k] != blocks[p] or blocks[q + k] != blocks[q]:
                    break
                k += 1
            if k < size or n >= 200_000:
                continue
            if n == found.shape[0]:
                found = _grown(found)
            found[n, 0] = ((p - a0) << 42) | ((q - b0) << 21) | min(k, (1 << 21) - 1)
            n += 1
    keys = np.empty(n, np.int64)
    for r in range(n):
        keys[r] = found[r, 0]
    _order(keys)
    out = np.empty((n, 3), np.int64)
    low = (1 << 21) - 1
    for r in range(n):
        out[r, 0] = a0 + (keys[r] >> 42)
        out[r, 1] = b0 + ((keys[r] >> 21) & low)
        out[r, 2] = keys[r] & low
    return out


@compiled
def _chains(runs: Any, blocks: Any, gap: int, cost: float) -> Any:
    """For each run the best chain that ends in it (score, previous run): gaps below `gap` words, `cost` a word."""
    n = len(runs)
    score = np.empty(n, np.float64)
    previous = np.full(n, -1, np.int64)
    first = 0
    longest = 0
    for i in range(n):
        longest = max(longest, runs[i, 2])
    for i in range(n):
        score[i] = runs[i, 2]
        a, b = runs[i, 0], runs[i, 1]
        while first < i and runs[first, 0] + longest + gap < a:
            first += 1
        seen = 0
        for j in range(i - 1, first - 1, -1):
            seen += 1
            if seen > 2000:
                break
            ga = a - (runs[j, 0] + runs[j, 2])
            gb = b - (runs[j, 1] + runs[j, 2])
            cut = max(0, -ga, -gb)
            ga, gb = ga + cut, gb + cut
            if cut >= runs[i, 2] or ga >= gap or gb >= gap or a <= runs[j, 0] or b <= runs[j, 1]:
                continue
            if blocks[runs[j, 0]] != blocks[a] or blocks[runs[j, 1]] != blocks[b]:
                continue
            total = score[j] + runs[i, 2] - cut - cost * max(ga, gb)
            if total > score[i]:
                score[i], previous[i] = total, j
    return score, previous


@compiled
def passages(
    ids: Any,
    blocks: Any,
    offsets: Any,
    hashes: Any,
    pairs: Any,
    size: int,
    least: int,
    gap: int,
    cost: float,
    similar: float,
    promise: float,
) -> Any:
    """The passages of each pair of reports: rows (pair, a, a_end, b, b_end, words matched, longest run).

    `hashes` are those of the words' grams; pairs of one first report should stand together.
    Runs of `size` words and more are chained over gaps below `gap` words; the best chain is taken first and no word
    of either report twice; each chain is then extended at both ends. Kept are passages of `least` matching words and
    more whose matches are at least `similar` of the longer side; of a chain that falls short, its runs of `least`.
    """
    out = np.empty((1024, 7), np.int64)
    n = 0
    used = np.zeros(len(ids), np.int64)
    member = np.empty(1024, np.int64)
    indexed = -1
    grams, last, count, before = _indexed(hashes, 0, 0)
    for pair in range(len(pairs)):
        ra, rb = pairs[pair, 0], pairs[pair, 1]
        a0, a1, b0, b1 = offsets[ra], offsets[ra + 1], offsets[rb], offsets[rb + 1]
        if ra != indexed:
            indexed = ra
            grams, last, count, before = _indexed(hashes, a0, a1)
        runs = _fragments(ids, blocks, hashes, grams, last, count, before, a0, a1, b0, b1, size)
        if len(runs) == 0:
            continue
        score, previous = _chains(runs, blocks, gap, cost)
        m = 0
        best_first = np.empty(len(runs), np.int64)
        for r in range(len(runs)):
            if score[r] >= promise:
                best_first[m] = (-np.int64(score[r] * 1024.0)) * (1 << 20) + r
                m += 1
        for r in range(m, len(runs)):
            best_first[r] = np.int64(1) << 62
        _order(best_first)
        taken = np.zeros(len(runs), np.bool_)
        mark = pair + 1
        for rank in range(m):
            end = best_first[rank] & ((1 << 20) - 1)
            if taken[end]:
                continue
            k, at = 0, end
            while at >= 0 and not taken[at] and k < 1024:
                a, b, length = runs[at, 0], runs[at, 1], runs[at, 2]
                free = True
                for w in range(length):
                    if used[a + w] == mark or used[b + w] == mark:
                        free = False
                        break
                if not free:
                    break
                member[k] = at
                k += 1
                at = previous[at]
            if k == 0:
                _trim(runs, used, mark, end, least, taken)
                if taken[end]:
                    continue
                member[0] = end
                k = 1
            for m in range(k):
                taken[member[m]] = True
            first = member[k - 1]
            a, b = runs[first, 0], runs[first, 1]
            a_end, b_end = a, b
            hits, longest = 0, 0
            for m in range(k - 1, -1, -1):
                r = member[m]
                cut = max(0, a_end - runs[r, 0], b_end - runs[r, 1])
                if m < k - 1:
                    hits += _lcs(ids, a_end, runs[r, 0] + cut, b_end, runs[r, 1] + cut)
                hits += runs[r, 2] - cut
                longest = max(longest, runs[r, 2])
                a_end, b_end = runs[r, 0] + runs[r, 2], runs[r, 1] + runs[r, 2]
            x, y = a - 1, b - 1
            while x >= a0 and x > a - 40 and used[x] != mark:
                x -= 1
            while y >= b0 and y > b - 40 and used[y] != mark:
                y -= 1
            a, b, more = _extend(ids, blocks, a, b, np.int64(-1), x, y, gap - 1, cost)
            hits += more
            x, y = a_end, b_end
            while x < a1 and x < a_end + 40 and used[x] != mark:
                x += 1
            while y < b1 and y < b_end + 40 and used[y] != mark:
                y += 1
            a_end, b_end, more = _extend(ids, blocks, a_end - 1, b_end - 1, np.int64(1), x, y, gap - 1, cost)
            hits += more
            a_end += 1
            b_end += 1
            if hits < least:
                continue
            good = hits >= similar * max(a_end - a, b_end - b) and (longest >= 5 or hits >= 2 * least)
            for m in range(k):
                if good and m > 0:
                    break
                r = member[m]
                if not good:
                    if runs[r, 2] < least:
                        continue
                    a, b = runs[r, 0], runs[r, 1]
                    a_end, b_end, hits, longest = a + runs[r, 2], b + runs[r, 2], runs[r, 2], runs[r, 2]
                for w in range(a, a_end):
                    used[w] = mark
                for w in range(b, b_end):
                    used[w] = mark
                if n == out.shape[0]:
                    out = _grown(out)
                out[n, 0], out[n, 1], out[n, 2] = pair, a, a_end
                out[n, 3], out[n, 4], out[n, 5], out[n, 6] = b, b_end, hits, longest
                n += 1
    return out[:n]


@compiled
def _trim(runs: Any, used: Any, mark: int, r: int, least: int, taken: Any) -> None:
    """Cut from a run the words already used; it is taken when fewer than `least` remain in one stretch."""
    a, b, length = runs[r, 0], runs[r, 1], runs[r, 2]
    best, best_at, at = 0, 0, 0
    for w in range(length + 1):
        if w == length or used[a + w] == mark or used[b + w] == mark:
            if w - at > best:
                best, best_at = w - at, at
            at = w + 1
    if best < least:
        taken[r] = True
        return
    runs[r, 0], runs[r, 1], runs[r, 2] = a + best_at, b + best_at, best
