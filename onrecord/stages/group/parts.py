"""Parts of reports that tell another story than the rest: an item of a round-up, the second half of an article.

A report is clustered as a whole, so a round-up is in the story of one of its items, or alone. Once the stories stand,
paragraphs that are nearer to another story than to the report's own make a part of it, which joins that story when it
is as near to it as a report would have to be, and far both from the rest of its report and from the report's own story.
Background keeps the names of what it is background to, so it is never far from the rest; a round-up's items are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord.stages.group.features import Features, counts
from onrecord.stages.group.pairs import Edges

Row = tuple[NDArray[np.int32], NDArray[np.float64]]
Spans = list[tuple[int, int]]
Late = Callable[[int, Sequence[int]], float]
"""What the days between a report and those of a story leave of their similarity, 0 to 1."""

LEAST_WORDS = 40
"""Words below which a part tells too little to know its story by."""
MOST_OF = 0.5
"""Share of a report's words above which a part is no part: then the whole report is of that story or of none."""
APART = 0.35
"""What a part's similarity to the rest of its report, and to its report's own story, may be of that to the other."""
NEARER = (0.2, 0.4)
"""Of the similarity of the nearest paragraph, what another must have to be in one part with it: first the lesser, and
where that makes no part, the greater."""
STORIES = 10
"""Stories that a report is looked at for parts of: those most like it as a whole."""
PARAGRAPHS = 400
CHARACTERS = 60_000
"""Paragraphs of a report that are looked at, and characters of its text; endless texts are no round-ups."""
ROUGHLY = 0.7
"""Share of what a part must reach, from which its sum of paragraphs, which is at hand, is worth an exact look."""
GAP = 1
"""Paragraphs in a row, inside a part, that may say nothing of its story: 'He spoke in the evening.'"""
_PARAGRAPH = re.compile(r"[^\n]+")
_TOLD = frozenset({"standfirst", "body", "subheading"})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a report that is of another story; `story` is the label of that story's cluster."""

    report: int
    story: int
    start: int
    end: int


class Texts:
    """Texts and told stretches of reports by their number, read when they are asked for."""

    def __init__(self, ids: Sequence[str], reports: pa.Table, segments: pa.Table) -> None:
        where = pc.index_in(pa.array(ids, pa.string()), value_set=reports["report_id"].combine_chunks())
        self.texts, self.where = reports["text"], where.to_pylist()
        place = {report: n for n, report in enumerate(ids)}
        self.told: dict[int, Spans] = {}
        told = segments.filter(pc.is_in(segments["kind"], value_set=pa.array(sorted(_TOLD))))
        columns = [told[c].to_pylist() for c in ("report_id", "char_start", "char_end")]
        for report, start, end in sorted(zip(*columns, strict=True)):
            if report in place:
                self.told.setdefault(place[report], []).append((start, end))
        segmented = set(segments["report_id"].unique().to_pylist())
        self.plain = {n for n, report in enumerate(ids) if report not in segmented}

    def of(self, report: int) -> tuple[str, Spans]:
        """The text, and its paragraphs of body, standfirst and subheading; of a report without segments all."""
        text = self.texts[self.where[report]].as_py()
        told = [(0, len(text))] if report in self.plain else self.told.get(report, [])
        return text, list(islice(_paragraphs(text, told), PARAGRAPHS))


class Parts:
    """Looks for the parts of reports, in clusters that are given."""

    def __init__(
        self, texts: Texts, table: Features, labels: Sequence[int], near: float, most: float, late: Late
    ) -> None:
        self.texts, self.table, self.labels = texts, table, labels
        self.near, self.most, self.late = near, most, late
        self.members: dict[int, list[int]] = {}
        for i, label in enumerate(labels):
            self.members.setdefault(label, []).append(i)
        self.centres: dict[int, Row] = {}

    def found(self, edges: Edges, floor: float) -> list[Part]:
        """Every part that joins a story, by report and place; no two of one report overlap."""
        out: list[Part] = []
        for report, stories in _candidates(edges, np.asarray(self.labels, np.int32), self.members, floor):
            if apart := [s for s in stories if self._beside_home(report, s) >= floor / 2]:
                out.extend(self._of_report(report, apart))
        return out

    def _beside_home(self, report: int, story: int) -> float:
        """What a report has in common with a story in words that its own story has much less: no text is read yet."""
        columns, weights = self.table.at(report)
        centre, home = _at(self._centre(story), columns), _at(self._centre(self.labels[report], but=report), columns)
        return float(_similar(np.where(home <= centre / 2, weights, 0.0), centre, self.most))

    def mixes(self, report: int, near: Mapping[int, Mapping[int, float]]) -> bool:
        """True for a report that ties others together which have nothing in common, and tells them in parts apart.

        `near` holds the similarities of the reports of one cluster, and each report's label here is its own.
        """
        close = sorted((j for j, s in near[report].items() if s >= self.near), key=lambda j: (-near[report][j], j))
        close = close[: 3 * STORIES]
        tied = [j for j in close if any(k != j and k not in near[j] for k in close)]
        return bool(tied) and bool(self._of_report(report, tied[:STORIES]))

    def _of_report(self, report: int, stories: Sequence[int]) -> list[Part]:
        text, paragraphs = self.texts.of(report)
        if len(paragraphs) < 2:
            return []
        features = [self._row(text, [p]) for p in paragraphs]
        columns = np.unique(np.concatenate([c for c, _ in features]))
        said = np.zeros((len(paragraphs), len(columns)))
        for n, (held, weights) in enumerate(features):
            said[n, np.searchsorted(columns, held)] = weights
        home = self._centre(self.labels[report], but=report)
        to_home = _similar(said, _at(home, columns), self.most)
        words = [len(text[s:e].split()) for s, e in paragraphs]
        whole = max(1, sum(words))
        ranked: list[tuple[float, int, int, int]] = []
        for story in stories:
            centre = self._centre(story)
            here = _at(centre, columns)
            near = _similar(said, here, self.most)
            late = self.late(report, self.members[story])
            own: list[tuple[int, int]] = []
            for share in NEARER:
                for first, last in _runs((near > to_home) & (near >= share * near.max())):
                    n = sum(words[first : last + 1])
                    if n < LEAST_WORDS or n > MOST_OF * whole or _meets(first, last, own):
                        continue
                    summed = said[first : last + 1].sum(axis=0)
                    summed /= math.sqrt(float(summed @ summed)) or 1.0
                    if late * _similar(summed, here, self.most) < ROUGHLY * self.near:
                        continue
                    part = self._row(text, paragraphs[first : last + 1])
                    similarity = round(late * self._similarity(part, centre), 6)
                    if similarity < self.near:
                        continue
                    rest = self._row(text, paragraphs[:first] + paragraphs[last + 1 :])
                    if max(self._similarity(part, rest), self._similarity(part, home)) <= APART * similarity:
                        own.append((first, last))
                        ranked.append((-similarity, first, last, story))
        taken: list[tuple[int, int]] = []
        out = []
        for _, first, last, story in sorted(ranked):
            if not _meets(first, last, taken):
                taken.append((first, last))
                out.append(Part(report, story, paragraphs[first][0], paragraphs[last][1]))
        return sorted(out, key=lambda p: p.start)

    def _row(self, text: str, spans: Spans) -> Row:
        said = "\n".join(text[s:e] for s, e in spans)
        return self.table.row(*counts(said, [(0, len(said), "body")]))

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

    def _similarity(self, a: Row, b: Row) -> float:
        return float(_similar(a[1][None, :], _at(b, a[0]), self.most)[0])


def _candidates(
    edges: Edges, labels: NDArray[np.int32], members: Mapping[int, Sequence[int]], floor: float
) -> Iterator[tuple[int, list[int]]]:
    """(report, stories that are like it, the most like first), of reports that have some; never their own."""
    size = np.zeros(max(1, len(labels)), np.int64)
    for label, reports in members.items():
        size[label] = len(reports)
    for report, story, total in edges.sums(np.ones(len(labels), np.bool_), labels):
        mean = np.round(total / size[story], 6)
        order = np.lexsort((story, -mean, report))
        order = order[(mean[order] >= floor) & (labels[report[order]] != story[order])]
        report, story = report[order], story[order]
        starts = np.flatnonzero(np.diff(report, prepend=-1))
        for start, end in zip(starts.tolist(), np.append(starts[1:], len(report)).tolist(), strict=False):
            yield int(report[start]), story[start : min(end, start + STORIES)].tolist()


def _paragraphs(text: str, told: Spans) -> Iterator[tuple[int, int]]:
    for start, end in told:
        for found in _PARAGRAPH.finditer(text, start, end):
            line = found.group()
            if found.end() > CHARACTERS:
                return
            if line.strip():
                yield found.start() + len(line) - len(line.lstrip()), found.start() + len(line.rstrip())


def _at(row: Row, columns: NDArray[np.int32]) -> NDArray[np.float64]:
    """The weights of a row at these columns, 0 where it has none."""
    held, weights = row
    if not len(held):
        return np.zeros(len(columns))
    at = np.minimum(np.searchsorted(held, columns), len(held) - 1)
    return np.where(held[at] == columns, weights[at], 0.0)


def _similar(rows: NDArray[np.float64], row: NDArray[np.float64], most: float) -> NDArray[np.float64]:
    """Similarity of each of some rows to one, no word adding more than `most`; rounded, for sums differ by machine."""
    similar: NDArray[np.float64] = np.round(np.minimum(rows * row, most).sum(axis=-1), 6)
    return similar


def _meets(first: int, last: int, others: Sequence[tuple[int, int]]) -> bool:
    return any(first <= b and a <= last for a, b in others)


def _runs(good: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(first, last) of each stretch of good ones that no more than `GAP` others in a row break."""
    at = np.flatnonzero(good).tolist()
    while at:
        last = 0
        while last + 1 < len(at) and at[last + 1] - at[last] <= GAP + 1:
            last += 1
        yield at[0], at[last]
        at = at[last + 1 :]
