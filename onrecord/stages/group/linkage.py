"""Average-link clustering of a sparse similarity graph.

Two clusters are as similar as their members are on average, a pair without an edge counting nothing. The most similar
two are joined first, until no two reach the threshold (UPGMA; Sokal and Michener 1958). Edges are merged from the
smaller cluster into the larger, so the cost is about edges times the logarithm of their number.

Two clusters of several members each must also be nearly as similar as the looser of them is within itself: that keeps
apart two like happenings, such as two summits of the same leaders, whose reports share names and vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

COHESION = 0.7
"""Share of the looser cluster's own mean similarity that two clusters of several members must reach."""
COHESION_CAP = 0.5
"""Own similarity counts up to this: copies are more alike than two accounts of one happening ever are."""


def average_link(
    n: int, edges: Iterable[tuple[int, int, float]], joined: Iterable[tuple[int, int]], least: float
) -> list[int]:
    """A cluster number for each of n items: the least item of its cluster.

    `edges` are (item, item, similarity), each pair once; `joined` are pairs that are together from the start.
    """
    home = list(range(n))

    def find(i: int) -> int:
        while home[i] != i:
            home[i] = home[home[i]]
            i = home[i]
        return i

    for i, j in joined:
        a, b = find(i), find(j)
        home[max(a, b)] = min(a, b)
    size = [0] * n
    for i in range(n):
        size[find(i)] += 1
    inside = [0.0] * n
    near: list[dict[int, float]] = [{} for _ in range(n)]
    for i, j, s in edges:
        a, b = find(i), find(j)
        if a == b:
            inside[a] += s
        else:
            near[a][b] = near[b][a] = near[a].get(b, 0.0) + s
    heap = [(-s / (size[a] * size[b]), a, b) for a in range(n) for b, s in near[a].items() if a < b]
    heap = [h for h in heap if -h[0] >= least]
    heapify(heap)
    alive = [home[i] == i for i in range(n)]
    while heap:
        score, a, b = heappop(heap)
        if not (alive[a] and alive[b]) or -near[a].get(b, 0.0) / (size[a] * size[b]) != score:
            continue
        if size[a] > 1 and size[b] > 1:
            own = min(2 * inside[k] / (size[k] * (size[k] - 1)) for k in (a, b))
            if -score < COHESION * min(own, COHESION_CAP):
                continue
        if len(near[a]) < len(near[b]):
            a, b = b, a
        alive[b] = False
        home[b] = a
        size[a] += size[b]
        mine = near[a]
        inside[a] += inside[b] + mine.pop(b)
        for c, s in near[b].items():
            if c == a:
                continue
            del near[c][b]
            mine[c] = near[c][a] = mine.get(c, 0.0) + s
        near[b] = {}
        for c, s in mine.items():
            if (mean := s / (size[a] * size[c])) >= least:
                heappush(heap, (-mean, min(a, c), max(a, c)))
    least_of: dict[int, int] = {}
    for i in range(n):
        least_of.setdefault(find(i), i)
    return [least_of[find(i)] for i in range(n)]
