"""Parts of reports that tell another story than the rest: an item of a round-up, the second half of an article.

A report is clustered as a whole, so a round-up is in the story of one of its items, or alone. Once the stories stand,
paragraphs that are nearer to another story than to the report's own make a part of it, which joins that story when it
is as near to it as a report would have to be, and far both from the rest of its report and from the report's own story.
Background keeps the names of what it is background to, so it is never far from the rest; a round-up's items are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord.stages.group.features import NAME, OPENING, Features
from onrecord.stages.group.pairs import Edges

AT_ONCE = 1000
"""Reports that are looked at before anything else may interrupt."""
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


@dataclass(frozen=True, slots=True)
class Times:
    """When reports were published, in days, NaN where that is not known; and what days between two leave of their
    similarity: all within `same_days`, beyond them half of what is not `left` after each `half_life`."""

    days: NDArray[np.float64]
    same_days: float
    left: float
    half_life: float


class Parts:
    """Looks for the parts of reports, in clusters that are given."""

    def __init__(
        self, told: Told, table: Features, labels: Sequence[int], near: float, most: float, times: Times
    ) -> None:
        from onrecord.stages.group import stretches

        self.told, self.table, self.labels = told, table, np.asarray(labels, np.int32)
        self.near, self.most, self.times = near, most, times
        members = np.argsort(self.labels, kind="stable").astype(np.int32)
        begin = np.searchsorted(self.labels[members], np.arange(len(members) + 1))
        of = stretches.centres(table.bounds, table.columns, table.weights, table.size, begin, members)
        self.clusters = (self.labels, begin, members, *of)

    def found(self, edges: Edges, floor: float) -> list[Part]:
        """Every part that joins a story, by report and place; no two of one report overlap."""
        found, story, _ = edges.nearest(np.arange(len(self.labels)), self.labels, STORIES, floor, unit=1e6)
        reports = np.flatnonzero(found)
        out: list[Part] = []
        for some in np.array_split(reports, len(reports) // AT_ONCE + 1):
            out.extend(self._of_reports(some, found[some], story[some], floor / 2))
        return out

    def mixes(self, report: int, near: Mapping[int, Mapping[int, float]]) -> bool:
        """True for a report that ties others together which have nothing in common, and tells them in parts apart.

        `near` holds the similarities of the reports of one cluster, and each report's label here is its own.
        """
        close = sorted((j for j, s in near[report].items() if s >= self.near), key=lambda j: (-near[report][j], j))
        close = close[: 3 * STORIES]
        others = set(close)
        tied = [j for j in close if len(others & near[j].keys()) < len(close) - 1][:STORIES]
        return bool(tied) and bool(
            self._of_reports(np.asarray([report]), np.asarray([len(tied)]), np.asarray([tied], np.int32))
        )

    def _of_reports(
        self, reports: NDArray[np.int64], found: NDArray[np.int64], stories: NDArray[np.int32], beside: float = 0.0
    ) -> list[Part]:
        """The parts of these reports, in their order, that are of the first `found` of the stories beside each.

        Only such stories are looked at as have at least `beside` in common with the report in words that its own story
        has much less.
        """
        from onrecord.stages.group import stretches

        t, told = self.table, self.told
        given = stretches.found(
            reports, found, stories,
            (t.bounds, t.columns, t.weights, t.size, t.rarity, NAME, t.begins, t.places, t.named),
            (told.said, told.held, told.ends, told.bounds),
            self.clusters,
            (self.times.days, self.times.same_days, self.times.left, self.times.half_life),
            (np.asarray(NEARER), OPENING, self.most, self.near, APART, LEAST_WORDS, MOST_OF, GAP, beside),
        )  # fmt: skip
        taken: dict[int, list[Part]] = {}
        for report, _, first, last, _, story in sorted(zip(*(column.tolist() for column in given), strict=True)):
            at = told.bounds[report]
            part = Part(report, story, int(told.starts[at + first]), int(told.stops[at + last]))
            beside_it = taken.setdefault(report, [])
            if not any(part.start < p.end and p.start < part.end for p in beside_it):
                beside_it.append(part)
        return [part for parts in taken.values() for part in sorted(parts, key=lambda p: p.start)]
