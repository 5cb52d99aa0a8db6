"""Average-link clustering of a sparse similarity graph.

Two clusters are as similar as their members are on average, a pair without an edge counting nothing. The most similar
two are joined first, until no two reach the threshold (UPGMA; Sokal and Michener 1958). Sums are kept of clusters that
an edge at the threshold ties, others are looked up when they join, so the room does not grow with all edges.

Two clusters of several accounts each must also be nearly as similar as the looser of them is within itself: that keeps
apart two like happenings, such as two summits of the same leaders, whose reports share names and vocabulary. Copies of
one text are one account there.

An item left alone in the end is put into the cluster whose centroid it is near to, where no other is nearly as near:
a report in words of its own, such as a feature, is like none of the others, but like what they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import numpy as np

from onrecord.stages.group.pairs import Edges

COHESION = 0.7
"""Share of the looser cluster's own mean similarity that two clusters of several accounts must reach."""
COHESION_CAP = 0.5
"""Own similarity counts up to this: copies are more alike than two accounts of one happening ever are."""
NEAR = 0.8
"""What a lone item's similarity to a cluster's centroid must reach, of the threshold; from 0.75 to 1 little changes."""
AHEAD = 1.5
"""How many times nearer than the next cluster it must be; from 1.3 to 2 little changes."""


def average_link(n: int, edges: Edges, joined: Iterable[tuple[int, int]], least: float) -> list[int]:
    """A cluster number for each of n items: the least item of its cluster.

    `joined` are pairs of items that are together from the start.
    """
    clusters = _Clusters(n, edges, joined, least)
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

    def __init__(self, n: int, edges: Edges, joined: Iterable[tuple[int, int]], least: float) -> None:
        self.edges = edges
        self.home = list(range(n))
        for i, j in joined:
            self._tie(i, j)
        members: list[list[int]] = [[] for _ in range(n)]
        for i in range(n):
            members[self.find(i)].append(i)
        self.members = [np.asarray(m, np.int32) for m in members]
        self.size = [len(m) for m in members]
        self.between = edges.lookup()
        self.inside = [self.between(m, m) / 2 if len(m) > 1 else 0.0 for m in self.members]
        self.accounts = [0.0] * n
        self.pairs = [0] * n
        # Two clusters whose mean similarity reaches `least` have an edge that does. So only the sums of such clusters
        # are kept; of millions of pairs they are a small part.
        self.near: list[dict[int, float]] = [{} for _ in range(n)]
        for i, j, _ in edges.at_least(least):
            a, b = self.find(i), self.find(j)
            if a != b and b not in self.near[a]:
                self.near[a][b] = self.near[b][a] = self.between(self.members[a], self.members[b])

    def find(self, i: int) -> int:
        home = self.home
        while home[i] != i:
            home[i] = home[home[i]]
            i = home[i]
        return home[i]  # the same object each time: millions of dictionary keys share it

    def _tie(self, i: int, j: int) -> None:
        a, b = self.find(i), self.find(j)
        self.home[max(a, b)] = min(a, b)

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
        mine, its = self.near[a], self.near[b]
        between = mine.pop(b)
        del its[a]
        self.inside[a] += self.inside[b] + between
        self.accounts[a] += self.accounts[b] + between
        self.pairs[a] += self.pairs[b] + self.size[a] * self.size[b]
        for c in sorted(mine.keys() | its.keys()):
            here = mine[c] if c in mine else self.between(self.members[a], self.members[c])
            there = its[c] if c in its else self.between(self.members[b], self.members[c])
            mine[c] = self.near[c][a] = here + there
            self.near[c].pop(b, None)
        self.size[a] += self.size[b]
        self.members[a] = np.concatenate((self.members[a], self.members[b]))
        self.home[b] = a
        self.near[b], self.members[b] = {}, self.members[b][:0]

    def place_lone(self, least: float) -> None:
        """Put each item that is alone into the cluster whose centroid is near, and nearer than all others.

        Near is what has a high cosine with the mean of the cluster, every item taken to be of length 1.
        """
        n = len(self.home)
        home = np.asarray([self.find(i) for i in range(n)], np.int32)
        size = np.asarray(self.size, np.float64)
        lone = (home == np.arange(n)) & (size == 1)
        length = np.sqrt((2 * np.asarray(self.inside) + size) / size.clip(1) ** 2)
        items = np.flatnonzero(lone)
        found, cluster, score = self.edges.nearest(items, home, 2, length=length)
        best, second = np.where(found > 0, score[:, 0], 0.0), np.where(found > 1, score[:, 1], 0.0)
        cluster = np.where(found > 0, cluster[:, 0], 0)
        placed = (found > 0) & (size[cluster] > 1) & (best >= np.maximum(least, AHEAD * second))
        for i, c in zip(items[placed].tolist(), cluster[placed].tolist(), strict=True):
            self.home[i] = c
