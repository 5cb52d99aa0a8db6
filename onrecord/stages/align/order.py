"""A topological order that is kept up as edges come, so that the copy graph never closes a circle."""

from __future__ import annotations

from collections.abc import Sequence


class Order:
    """Nodes in an order in which every edge runs forward (Pearce and Kelly 2006, the part between two places)."""

    def __init__(self, nodes: Sequence[str]) -> None:
        self._place = {n: i for i, n in enumerate(nodes)}
        self._next: dict[str, set[str]] = {n: set() for n in nodes}
        self._before: dict[str, set[str]] = {n: set() for n in nodes}

    def sorted(self, a: str, b: str) -> tuple[str, str]:
        """The two nodes, in the order as it stands."""
        return (a, b) if self._place[a] < self._place[b] else (b, a)

    def add(self, a: str, b: str) -> bool:
        """Add the edge a to b; False, and nothing changes, when b already leads to a."""
        low, high = self._place[b], self._place[a]
        if a == b:
            return False
        if low < high:
            after = self._reach(b, self._next, low, high)
            if a in after:
                return False
            ahead = self._reach(a, self._before, low, high)
            moved = sorted(ahead, key=self._place.__getitem__) + sorted(after, key=self._place.__getitem__)
            places = sorted(self._place[n] for n in moved)
            self._place.update(zip(moved, places, strict=True))
        self._next[a].add(b)
        self._before[b].add(a)
        return True

    def _reach(self, start: str, edges: dict[str, set[str]], low: int, high: int) -> set[str]:
        seen, todo = {start}, [start]
        while todo:
            for n in edges[todo.pop()]:
                if n not in seen and low <= self._place[n] <= high:
                    seen.add(n)
                    todo.append(n)
        return seen
