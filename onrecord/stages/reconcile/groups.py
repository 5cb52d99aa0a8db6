"""Union-find over the indexes of a list (Tarjan 1975, with path halving); the smallest index stands for its group."""

from __future__ import annotations


class Groups:
    """`size` items, each alone until united."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, i: int) -> int:
        """The smallest index of i's group."""
        parent = self._parent
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    def unite(self, i: int, j: int) -> None:
        """Make one group of the groups of i and j."""
        a, b = sorted((self.root(i), self.root(j)))
        self._parent[b] = a

    def lists(self) -> list[list[int]]:
        """The groups, each in order, by their smallest index."""
        out: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            out.setdefault(self.root(i), []).append(i)
        return [out[r] for r in sorted(out)]
