"""Average-link clustering of a sparse similarity graph.

Two clusters are as similar as their members are on average, a pair without an edge counting nothing. The most similar
two are joined first, until no two reach the threshold (UPGMA; Sokal and Michener 1958). Edges are merged from the
smaller cluster into the larger, so the cost is about edges times the logarithm of their number.

Two clusters of several accounts each must also be nearly as similar as the looser of them is within itself: that keeps
apart two like happenings, such as two summits of the same leaders, whose reports share names and vocabulary. Copies of
one text are one account there.

An item left alone in the end is put into the cluster whose centroid it is near to, where no other is nearly as near:
a report in words of its own, such as a feature, is like none of the others, but like what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

COHESION = 0.7
"""Share of the looser cluster's own mean similarity that two clusters of several accounts must reach."""
COHESION_CAP = 0.5
"""Own similarity counts up to this: copies are more alike than two accounts of one happening ever are."""
NEAR = 0.8
"""What a lone item's similarity to a cluster's centroid must reach, of the threshold; from 0.75 to 1 little changes."""
AHEAD = 1.5
"""How many times nearer than the next cluster it must be; from 1.3 to 2 little changes."""


def average_link(
    n: int, edges: Iterable[tuple[int, int, float]], joined: Iterable[tuple[int, int]], least: float
) -> list[int]:
    """A cluster number for each of n items: the least item of its cluster.

    `edges` are (item, item, similarity), each pair once; `joined` are pairs that are together from the start.
    """
    clusters = _Clusters(n, edges, joined)
    clusters.merge(least)
    clusters.place_lone(NEAR * least)
    least_of: dict[int, int] = {}
    for i in range(n):
        least_of.setdefault(clusters.find(i), i)
    return [least_of[clusters.find(i)] for i in range(n)]


class _Clusters:
    """Clusters by the number of their root: `near` are sums of similarities between two, `inside` within one.

    `accounts` are sums within one over the `pairs` of its members that are no copies of each other.
    """

    def __init__(self, n: int, edges: Iterable[tuple[int, int, float]], joined: Iterable[tuple[int, int]]) -> None:
        self.home = list(range(n))
        for i, j in joined:
            a, b = self.find(i), self.find(j)
            self.home[max(a, b)] = min(a, b)
        self.size = [0] * n
        for i in range(n):
            self.size[self.find(i)] += 1
        self.inside = [0.0] * n
        self.accounts = [0.0] * n
        self.pairs = [0] * n
        self.near: list[dict[int, float]] = [{} for _ in range(n)]
        for i, j, s in edges:
            a, b = self.find(i), self.find(j)
            if a == b:
                self.inside[a] += s
            else:
                self.near[a][b] = self.near[b][a] = self.near[a].get(b, 0.0) + s

    def find(self, i: int) -> int:
        home = self.home
        while home[i] != i:
            home[i] = home[home[i]]
            i = home[i]
        return i

    def mean(self, a: int, b: int) -> float:
        return self.near[a].get(b, 0.0) / (self.size[a] * self.size[b])

    def merge(self, least: float) -> None:
        near, n = self.near, len(self.home)
        heap = [(-self.mean(a, b), a, b) for a in range(n) for b in near[a] if a < b]
        heap = [h for h in heap if -h[0] >= least]
        heapify(heap)
        alive = [self.home[i] == i for i in range(n)]
        while heap:
            score, a, b = heappop(heap)
            if not (alive[a] and alive[b]) or -self.mean(a, b) != score or self._two_happenings(a, b, -score):
                continue
            if len(near[a]) < len(near[b]):
                a, b = b, a
            alive[b] = False
            self._join(a, b)
            for c in near[a]:
                if (mean := self.mean(a, c)) >= least:
                    heappush(heap, (-mean, min(a, c), max(a, c)))

    def _two_happenings(self, a: int, b: int, mean: float) -> bool:
        if not (self.pairs[a] and self.pairs[b]):
            return False
        return mean < COHESION * min(COHESION_CAP, *(self.accounts[k] / self.pairs[k] for k in (a, b)))

    def _join(self, a: int, b: int) -> None:
        mine = self.near[a]
        between = mine.pop(b)
        self.inside[a] += self.inside[b] + between
        self.accounts[a] += self.accounts[b] + between
        self.pairs[a] += self.pairs[b] + self.size[a] * self.size[b]
        self.size[a] += self.size[b]
        self.home[b] = a
        for c, s in self.near[b].items():
            if c != a:
                del self.near[c][b]
                mine[c] = self.near[c][a] = mine.get(c, 0.0) + s
        self.near[b] = {}

    def place_lone(self, least: float) -> None:
        """Put each item that is alone into the cluster whose centroid is near, and nearer than all others."""
        placed = []
        for i in range(len(self.home)):
            if self.home[i] == i and self.size[i] == 1 and self.near[i]:
                (score, best), *rest = sorted((-self._to_centroid(i, c), c) for c in self.near[i])
                if self.size[best] > 1 and -score >= max(least, -AHEAD * rest[0][0] if rest else least):
                    placed.append((i, best))
        for i, best in placed:
            self.home[i] = best

    def _to_centroid(self, i: int, c: int) -> float:
        """Cosine of an item and the mean of a cluster, every item taken to be of length 1."""
        length: float = ((2 * self.inside[c] + self.size[c]) / self.size[c] ** 2) ** 0.5
        return self.mean(i, c) / length
