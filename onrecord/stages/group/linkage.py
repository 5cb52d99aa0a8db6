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

import numpy as np
from numpy.typing import NDArray

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
    from onrecord.stages.group import merging

    home, size, inside = merging.merged(
        edges.starts, edges.first, edges.similarity, _tied(n, joined), least, COHESION, COHESION_CAP
    )
    home = _placed(edges, home, size, inside, NEAR * least)
    least_of = np.full(n, n, np.int64)
    np.minimum.at(least_of, home, np.arange(n))
    labels: list[int] = least_of[home].tolist()
    return labels


def _tied(n: int, joined: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
    """The least item of those that each is tied to by these pairs."""
    home = list(range(n))

    def find(i: int) -> int:
        while home[i] != i:
            home[i] = home[home[i]]
            i = home[i]
        return i

    for i, j in joined:
        a, b = find(i), find(j)
        home[max(a, b)] = min(a, b)
    return np.asarray([find(i) for i in range(n)], np.int64)


def _placed(
    edges: Edges, home: NDArray[np.int64], size: NDArray[np.int64], inside: NDArray[np.float64], least: float
) -> NDArray[np.int64]:
    """The clusters, with each item that is alone in the one whose centroid is near, and nearer than all others.

    Near is what has a high cosine with the mean of the cluster, every item taken to be of length 1.
    """
    n = len(home)
    length = np.sqrt((2 * inside + size) / size.clip(1).astype(np.float64) ** 2)
    items = np.flatnonzero((home == np.arange(n)) & (size == 1))
    found, cluster, score = edges.nearest(items, home.astype(np.int32), 2, length=length)
    best, second = np.where(found > 0, score[:, 0], 0.0), np.where(found > 1, score[:, 1], 0.0)
    nearest = np.where(found > 0, cluster[:, 0], 0)
    placed = (found > 0) & (size[nearest] > 1) & (best >= np.maximum(least, AHEAD * second))
    out = home.copy()
    out[items[placed]] = nearest[placed]
    return out
