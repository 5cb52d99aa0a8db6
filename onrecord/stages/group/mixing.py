"""Round-ups that tie two stories into one: taken out, and the stories fall apart where nothing else holds them.

A round-up is like the reports of each of its items, and where it took their text very much so. In a small cluster that
is enough to join reports which have nothing in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from onrecord.stages.group.linkage import average_link
from onrecord.stages.group.pairs import Edges
from onrecord.stages.group.parts import Parts

LARGEST = 200
"""Reports of a cluster that is looked at; a larger one does not hang by a few."""

Near = dict[int, dict[int, float]]


def unmixed(labels: Sequence[int], edges: Edges, joined: Iterable[tuple[int, int]], parts: Parts) -> list[int]:
    """The labels, where round-ups had made one cluster of two, as they are without them; each goes to the nearest.

    In `parts` every report has a label of its own.
    """
    out = list(labels)
    joined = list(joined)
    for label, near in sorted(_clusters(labels, edges).items()):
        mixed = {i for i in sorted(near) if parts.mixes(i, near)}
        if mixed:
            rest = [i for i, own in enumerate(labels) if own == label and i not in mixed]
            clusters = _without(rest, near, joined, parts.near)
            if len(clusters) > 1:
                out = _placed(out, clusters, mixed, near, parts.near)
    least: dict[int, int] = {}
    for i, label in enumerate(out):
        least.setdefault(label, i)
    return [least[label] for label in out]


def _clusters(labels: Sequence[int], edges: Edges) -> dict[int, Near]:
    """The similarities within each cluster of three reports and more, but for the largest."""
    home = np.asarray(labels, np.int32)
    size = np.bincount(home, minlength=len(home))[home]
    looked = (size > 2) & (size <= LARGEST)
    out: dict[int, Near] = {}
    for i, j, s in edges.within(np.where(looked, home, np.int32(-1))):
        near = out.setdefault(int(home[i]), {})
        near.setdefault(i, {})[j] = s
        near.setdefault(j, {})[i] = s
    return out


def _without(rest: list[int], near: Near, joined: list[tuple[int, int]], least: float) -> dict[int, list[int]]:
    """The clusters that these reports make by themselves."""
    place = {i: n for n, i in enumerate(rest)}
    tied = ((i, j, s) for i in rest for j, s in near.get(i, {}).items() if i < j and j in place)
    between = Edges.of(len(rest), ((place[i], place[j], s) for i, j, s in tied))
    copies = [(place[i], place[j]) for i, j in joined if i in place and j in place]
    clusters: dict[int, list[int]] = {}
    for i, new in zip(rest, average_link(len(rest), between, copies, least), strict=True):
        clusters.setdefault(rest[new], []).append(i)
    return clusters


def _placed(labels: list[int], clusters: dict[int, list[int]], mixed: set[int], near: Near, least: float) -> list[int]:
    out = list(labels)
    for new, ids in clusters.items():
        for i in ids:
            out[i] = new
    for i in sorted(mixed):
        mean = {new: sum(near[i].get(j, 0.0) for j in ids) / len(ids) for new, ids in clusters.items()}
        best = max(sorted(mean), key=lambda new: round(mean[new], 6))
        out[i] = best if mean[best] >= least else i
    return out
