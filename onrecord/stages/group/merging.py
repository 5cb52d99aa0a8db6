"""Average-link merging, compiled. Imported only when reports are grouped.

Sums of similarities between two clusters stand in a hash table of open addresses (linear probing), by their roots;
the clusters near to each hang from it as a chain. What is said of a cluster that was joined to another stays where it
stands and is passed over.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from onrecord.stages.group.kernels import between, compiled

_NONE = -1


@compiled
def _slot(keys: Any, key: int) -> int:
    """Where a key stands, or would."""
    mask = len(keys) - 1
    at = (key * 0x9E3779B97F4A7C1) >> 20 & mask
    while keys[at] != key and keys[at] != _NONE:
        at = (at + 1) & mask
    return int(at)


@compiled
def _wider(keys: Any, sums: Any) -> Any:
    """The table, with room for twice as much."""
    more, held = np.full(2 * len(keys), _NONE, np.int64), np.empty(2 * len(keys))
    for x in range(len(keys)):
        if keys[x] != _NONE:
            at = _slot(more, keys[x])
            more[at], held[at] = keys[x], sums[x]
    return more, held


@compiled
def _listed(root: int, begin: Any, after: Any, members: Any) -> Any:
    """The members of a cluster."""
    out = np.empty(members[root], np.int32)
    i = begin[root]
    for x in range(len(out)):
        out[x] = i
        i = after[i]
    return out


@compiled
def merged(
    starts: Any, first: Any, similarity: Any, home: Any, least: float, cohesion: float, most: float
) -> Any:  # fmt: skip
    """The root of each item's cluster, and the size of each root's and the sum of the similarities within it.

    `home` is the root that each item has from the start, the least item of its cluster. `least` is the mean similarity
    from which two clusters are joined; two of several accounts each must also reach `cohesion` of the looser one's own,
    which counts up to `most`.
    """
    n = len(home)
    home = home.copy()
    size = np.zeros(n, np.int64)
    begin, last, after = np.full(n, _NONE, np.int32), np.full(n, _NONE, np.int32), np.full(n, _NONE, np.int32)
    for i in range(n):
        root = home[i]
        if size[root]:
            after[last[root]] = i
        else:
            begin[root] = i
        last[root] = i
        size[root] += 1
    inside, accounts, pairs = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    for root in range(n):
        if size[root] > 1:
            own = _listed(root, begin, after, size)
            inside[root] = between(starts, first, similarity, own, own) / 2

    # Two clusters whose mean similarity reaches `least` have an edge that does. So only the sums of such clusters are
    # kept; of millions of pairs they are a small part.
    keys, sums = np.full(1024, _NONE, np.int64), np.empty(1024)
    held = 0
    head, degree = np.full(n, _NONE, np.int64), np.zeros(n, np.int64)
    link, item = np.empty(1024, np.int64), np.empty(1024, np.int32)
    links = 0
    heap: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    heap.pop()
    for j in range(n):
        for x in range(starts[j], starts[j + 1]):
            if similarity[x] < least:
                continue
            a, b = min(home[first[x]], home[j]), max(home[first[x]], home[j])
            if a == b:
                continue
            at = _slot(keys, a * n + b)
            if keys[at] != _NONE:
                continue
            total = similarity[x]
            if size[a] > 1 or size[b] > 1:
                mine, its = _listed(a, begin, after, size), _listed(b, begin, after, size)
                total = between(starts, first, similarity, mine, its)
            keys[at], sums[at] = a * n + b, total
            held += 1
            if 2 * held > len(keys):
                keys, sums = _wider(keys, sums)
            if links + 2 > len(link):
                link, item = np.concatenate((link, np.empty_like(link))), np.concatenate((item, np.empty_like(item)))
            link[links], item[links], head[a] = head[a], b, links
            link[links + 1], item[links + 1], head[b] = head[b], a, links + 1
            links += 2
            degree[a] += 1
            degree[b] += 1
            if total / (size[a] * size[b]) >= least:
                heap.append((-total / (size[a] * size[b]), int(a), int(b)))
    heapify(heap)

    alive = size > 0
    seen = np.full(n, _NONE, np.int64)
    step = 0
    while len(heap):
        score, a, b = heappop(heap)
        if not (alive[a] and alive[b]):
            continue
        shared = sums[_slot(keys, a * n + b)]
        if -shared / (size[a] * size[b]) != score:
            continue
        if pairs[a] and pairs[b]:
            own = min(most, accounts[a] / pairs[a], accounts[b] / pairs[b])
            if -score < cohesion * own:
                continue
        if degree[a] < degree[b]:
            a, b = b, a
        alive[b] = False
        inside[a] += inside[b] + shared
        accounts[a] += accounts[b] + shared
        pairs[a] += pairs[b] + size[a] * size[b]
        mine, its = _listed(a, begin, after, size), _listed(b, begin, after, size)
        after[last[a]], last[a] = begin[b], last[b]
        whole = size[a] + size[b]
        step += 1
        near = _NONE  # the chain of those near to what the two have become
        degree[a] = 0
        for side in (a, b):
            x = head[side]
            while x != _NONE:
                here, c = x, item[x]
                x = link[x]
                if not alive[c] or c == a or seen[c] == step:
                    continue
                seen[c] = step
                one = _slot(keys, min(a, c) * n + max(a, c))
                two = _slot(keys, min(b, c) * n + max(b, c))
                known, other = keys[one] != _NONE, keys[two] != _NONE
                total = 0.0
                if known and other:
                    total = sums[one] + sums[two]
                    degree[c] -= 1
                else:
                    theirs = _listed(c, begin, after, size)
                    if known:
                        total = sums[one] + between(starts, first, similarity, its, theirs)
                    else:
                        total = between(starts, first, similarity, mine, theirs) + sums[two]
                if not known:
                    keys[one] = min(a, c) * n + max(a, c)
                    held += 1
                    if links == len(link):
                        link = np.concatenate((link, np.empty_like(link)))
                        item = np.concatenate((item, np.empty_like(item)))
                    link[links], item[links], head[c] = head[c], a, links
                    links += 1
                sums[one] = total
                if 2 * held > len(keys):
                    keys, sums = _wider(keys, sums)
                link[here], near = near, here
                degree[a] += 1
                mean = total / (whole * size[c])
                if mean >= least:
                    heappush(heap, (-mean, int(min(a, c)), int(max(a, c))))
        head[a] = near
        size[a], size[b] = whole, 0
        home[b] = a
    for i in range(n):
        root = home[i]
        while home[root] != root:
            root = home[root]
        home[i] = root
    return home, size, inside
