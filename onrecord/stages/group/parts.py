"""Parts of reports that tell another story than the rest: an item of a round-up, the second half of an article.

A report is clustered as a whole, so a round-up is in the story of one of its items, or alone. Once the stories stand,
paragraphs that are nearer to another story than to the report's own make a part of it, which joins that story when it
is as near to it as a report would have to be, and far both from the rest of its report and from the report's own story.
Background keeps the names of what it is background to, so it is never far from the rest; a round-up's items are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord.stages.group.features import NAME, OPENING, Features
from onrecord.stages.group.pairs import Edges

Row = tuple[NDArray[np.int32], NDArray[np.float64]]
Late = Callable[[int, Sequence[int]], float]
"""What the days between a report and those of a story leave of their similarity, 0 to 1."""

LEAST_WORDS = 38
"""Words of two letters and more below which a part tells too little to know its story by: some 40 in all."""
MOST_OF = 0.5
"""Share of a report's words above which a part is no part: then the whole report is of that story or of none."""
APART = 0.35
"""What a part's similarity to the rest of its report, and to its report's own story, may be of that to the other."""
NEARER = (0.2, 0.4)
"""Of the similarity of the nearest paragraph, what another must have to be in one part with it: first the lesser, and
where that makes no part, the greater."""
STORIES = 10
"""Stories that a report is looked at for parts of: those most like it as a whole."""
GAP = 1
"""Paragraphs in a row, inside a part, that may say nothing of its story: 'He spoke in the evening.'"""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a report that is of another story; `story` is the label of that story's cluster."""

    report: int
    story: int
    start: int
    end: int


class Told:
    """The paragraphs of reports by their number: rows of the table `terms`, in the order of the rows of `table`."""

    def __init__(self, terms: pa.Table, table: Features) -> None:
        self.table = table
        self.said = pc.list_flatten(terms["said"]).to_numpy()
        self.held = pc.list_flatten(terms["held"]).to_numpy().astype(np.int64)
        self.ends = np.concatenate(([0], np.cumsum(self.held)))
        self.bounds = np.concatenate(([0], np.cumsum(pc.list_value_length(terms["held"]).to_numpy().astype(np.int64))))
        spans = pc.list_flatten(terms["paragraphs"]).combine_chunks()
        self.starts, self.stops = (pc.struct_field(spans, name).to_numpy() for name in ("char_start", "char_end"))

    def of(self, report: int) -> Said:
        """The paragraphs of a report, and how often each has each of the words that rows have."""
        first, last = self.bounds[report], self.bounds[report + 1]
        said = self.said[self.ends[first] : self.ends[last]]
        some = slice(self.table.begins[report], self.table.begins[report + 1])
        places, named = self.table.places[some], self.table.named[some]
        kept = np.flatnonzero(places >= 0)
        kept = kept[np.argsort(places[kept], kind="stable")]
        number = np.full(len(places), -1, np.int64)
        number[kept] = np.arange(len(kept))
        row, word = np.repeat(np.arange(last - first), self.held[first:last]), number[said]
        row, word = row[word >= 0], word[word >= 0]
        count = np.bincount(row * len(kept) + word, minlength=(last - first) * len(kept))
        columns = places[kept]
        return Said(
            columns,
            self.table.rarity[columns] * np.where(named[kept], NAME, 1.0),
            count.reshape(last - first, len(kept)),
            self.held[first:last],
            self.starts[first:last],
            self.stops[first:last],
        )


@dataclass(frozen=True, slots=True)
class Said:
    """The paragraphs of one report: `counts` has a row for each and a column for each word, which weighs `weight`."""

    columns: NDArray[np.int32]
    weight: NDArray[np.float64]
    counts: NDArray[np.int64]
    words: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]


class Parts:
    """Looks for the parts of reports, in clusters that are given."""

    def __init__(
        self, told: Told, table: Features, labels: Sequence[int], near: float, most: float, late: Late
    ) -> None:
        self.told, self.table, self.labels = told, table, labels
        self.near, self.most, self.late = near, most, late
        self.members: dict[int, list[int]] = {}
        for i, label in enumerate(labels):
            self.members.setdefault(label, []).append(i)
        self.centres: dict[int, Row] = {}

    def found(self, edges: Edges, floor: float) -> list[Part]:
        """Every part that joins a story, by report and place; no two of one report overlap."""
        out: list[Part] = []
        for report, stories in _candidates(edges, np.asarray(self.labels, np.int32), floor):
            out.extend(self._of_report(report, stories, floor / 2))
        return out

    def mixes(self, report: int, near: Mapping[int, Mapping[int, float]]) -> bool:
        """True for a report that ties others together which have nothing in common, and tells them in parts apart.

        `near` holds the similarities of the reports of one cluster, and each report's label here is its own.
        """
        close = sorted((j for j, s in near[report].items() if s >= self.near), key=lambda j: (-near[report][j], j))
        close = close[: 3 * STORIES]
        tied = [j for j in close if any(k != j and k not in near[j] for k in close)]
        return bool(tied) and bool(self._of_report(report, tied[:STORIES]))

    def _of_report(self, report: int, stories: Sequence[int], beside: float = 0.0) -> list[Part]:
        """The parts of a report that are of these stories.

        Only such stories are looked at as have at least `beside` in common with the report in words that its own story
        has much less.
        """
        from onrecord.stages.group import kernels

        columns, weights = self.table.at(report)
        if not len(columns) or self.told.bounds[report + 1] - self.told.bounds[report] < 2:
            return []
        home = _at(self._centre(self.labels[report], but=report), columns)
        centres = np.stack([_at(self._centre(s), columns) for s in stories])
        if beside:
            apart = np.where(home <= centres / 2, weights, 0.0)
            looked = _similar(apart, centres, self.most) >= beside
            centres, stories = centres[looked], [s for s, good in zip(stories, looked.tolist(), strict=True) if good]
        if not stories:
            return []
        told = self.told.of(report)
        late = np.asarray([self.late(report, self.members[s]) for s in stories])
        ranked = kernels.parts(
            told.counts, told.weight, told.words, centres, home, late, np.asarray(NEARER), OPENING, self.most,
            self.near, APART, LEAST_WORDS, MOST_OF, GAP,
        ).tolist()  # fmt: skip
        taken: list[tuple[int, int]] = []
        out = []
        for _, first, last, n in sorted((low, int(first), int(last), int(n)) for low, first, last, n in ranked):
            if not any(first <= b and a <= last for a, b in taken):
                taken.append((first, last))
                out.append(Part(report, stories[n], int(told.starts[first]), int(told.ends[last])))
        return sorted(out, key=lambda p: p.start)

    def _centre(self, story: int, but: int = -1) -> Row:
        """The mean of a story's rows, of one report fewer if that is wanted."""
        if but < 0 and story in self.centres:
            return self.centres[story]
        members = self.members[story]
        if but >= 0:
            if len(members) < 2:
                return np.empty(0, np.int32), np.empty(0)
            (held, mean), (columns, weights) = self._centre(story), self.table.at(but)
            without = mean * len(members)
            without[np.searchsorted(held, columns)] -= weights
            return held, without / (len(members) - 1)
        rows = [self.table.at(i) for i in members]
        columns = np.concatenate([np.empty(0, np.int32), *(c for c, _ in rows)])
        weights = np.concatenate([np.empty(0), *(w for _, w in rows)])
        held, at = np.unique(columns, return_inverse=True)
        self.centres[story] = held, np.bincount(at, weights, len(held)) / len(rows)
        return self.centres[story]


def _candidates(edges: Edges, labels: NDArray[np.int32], floor: float) -> Iterator[tuple[int, list[int]]]:
    """(report, stories that are like it, the most like first), of reports that have some; never their own."""
    found, story, _ = edges.nearest(np.arange(len(labels)), labels, STORIES, floor, unit=1e6)
    for report in np.flatnonzero(found).tolist():
        yield report, story[report, : found[report]].tolist()


def _at(row: Row, columns: NDArray[np.int32]) -> NDArray[np.float64]:
    """The weights of a row at these columns, 0 where it has none."""
    held, weights = row
    if not len(held):
        return np.zeros(len(columns))
    at = np.minimum(np.searchsorted(held, columns), len(held) - 1)
    return np.where(held[at] == columns, weights[at], 0.0)


def _similar(rows: NDArray[np.float64], others: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    """Similarity of each row to that beside it, no word adding more than `most`; rounded: sums differ by machine."""
    similar: NDArray[np.float64] = np.round(np.minimum(rows * others, most).sum(axis=-1), 6)
    return similar
