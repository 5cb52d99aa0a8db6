"""Reports as rows of comparable words: one integer a word, its characters, its block, and whether it is quoted.

Words are compared after folding case, punctuation and typography: 'U.S.' and 'US', 'Biden’s' and "Biden's", '1,000' and
'1000' are the same word. Hyphens part words. A block is a stretch that nothing uncompared interrupts; no passage
crosses its border, so a teaser in the middle of a body never lies inside a passage.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord.text import fold, repaired

COMPARED = frozenset({"headline", "standfirst", "body", "subheading", "caption", "correction"})
PROSE = frozenset({"body", "standfirst", "subheading"})
_MARKS = re.compile('["“”„«»‘’\n]')
_PLANE = 0x10000
_COLUMNS = (np.int64, np.int32, np.int32, np.int32, np.bool_, np.bool_)
_AT_ONCE = 500  # reports of which the words are kept apart
OTHER, LETTER, DIGIT, APOSTROPHE, STOP, COMMA = range(6)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The words of all reports, one after another; report i has `[offsets[i], offsets[i + 1])`.

    `ids` are hashes of the folded words, `starts`/`ends` code points into the report's text, `blocks` the block of each
    word (numbered through the corpus), `quoted` whether it lies inside quotation marks, `prose` whether it is of the
    body.
    """

    report_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    ids: NDArray[np.int64]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    blocks: NDArray[np.int32]
    quoted: NDArray[np.bool_]
    prose: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.report_ids)

    def words(self, report: int) -> slice:
        """Where the words of one report lie."""
        return slice(int(self.offsets[report]), int(self.offsets[report + 1]))


@lru_cache(maxsize=1)
def _characters() -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Class and folded form of each character of the basic plane."""
    plane = "".join(map(chr, range(_PLANE)))
    folded = fold(plane)
    classes = np.zeros(_PLANE, np.uint8)
    forms = np.arange(_PLANE, dtype=np.uint32)
    for i, c in enumerate(folded):
        if c.isalnum():
            classes[i] = DIGIT if c.isdecimal() else LETTER
            if len(low := c.lower()) == 1:
                forms[i] = ord(low)
        elif c == "'":
            classes[i] = APOSTROPHE
        elif c >= "\u0300" and unicodedata.combining(c):
            classes[i] = LETTER
    classes[ord(".")], classes[ord(",")] = STOP, COMMA
    return classes, forms


def tokens(text: str) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Hash, start and end of each word of a text."""
    from onrecord.stages.align import indexing

    codes = np.frombuffer(repaired(text).encode("utf-32-le", "surrogatepass"), np.uint32)
    found: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]] = indexing.tokens(codes, *_characters())
    return found


class Stretches(Mapping[str, list[tuple[int, int, str]]]):
    """The segments of each report, as (start, end, kind) in text order, held as columns: there are many."""

    def __init__(self, segments: pa.Table) -> None:
        self._rows = segments.select(["report_id", "char_start", "char_end", "kind"]).sort_by(
            [("report_id", "ascending"), ("char_start", "ascending"), ("char_end", "ascending"), ("kind", "ascending")]
        )
        runs = pc.run_end_encode(self._rows["report_id"].combine_chunks())
        ends = runs.run_ends.to_pylist()
        self._spans = dict(zip(runs.values.to_pylist(), pairwise([0, *ends]), strict=True))

    def __getitem__(self, report_id: str) -> list[tuple[int, int, str]]:
        first, end = self._spans[report_id]
        some = self._rows.slice(first, end - first)
        columns = (some[name].to_pylist() for name in ("char_start", "char_end", "kind"))
        return list(zip(*columns, strict=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)


def quoted_stretches(text: str) -> list[tuple[int, int]]:
    """Stretches inside quotation marks, in text order.

    A mark left open ends with its paragraph; the next paragraph of a continued quotation opens it anew. A straight mark
    opens after a blank or a bracket and otherwise closes; a single mark counts only where it cannot be an apostrophe.
    """
    out: list[tuple[int, int]] = []
    start, single = -1, False
    for m in _MARKS.finditer(text):
        at, c = m.start(), m.group()
        if c == "\n":
            if start >= 0 and not single:
                out.append((start, at))
            start = -1
        elif start < 0:
            before = text[at - 1] if at else " "
            if c in "“„«" or (c == '"' and not before.isalnum()):
                start, single = at + 1, False
            elif c == "‘" and not before.isalnum():
                start, single = at + 1, True
        elif single:
            if c == "’" and not text[at + 1 : at + 2].isalnum():
                out.append((start, at))
                start = -1
        elif c in '”»"“':
            out.append((start, at))
            start = at + 1 if c == "“" else -1
    if start >= 0 and not single:
        out.append((start, len(text)))
    return out


def corpus(
    report_ids: Sequence[str], texts: Sequence[str], segments: Mapping[str, Sequence[tuple[int, int, str]]]
) -> Corpus:
    """The words of these reports; `segments[report_id]` lists (start, end, kind) in text order.

    A report without segments counts as one body.
    """
    parts: list[list[NDArray[Any]]] = [[] for _ in _COLUMNS]
    whole: list[list[NDArray[Any]]] = [[] for _ in _COLUMNS]
    offsets = [0]
    block = 0
    for n_report, (report_id, text) in enumerate(zip(report_ids, texts, strict=True), 1):
        if n_report % _AT_ONCE == 0:  # a few large arrays give their room back, many small ones do not
            _gather(parts, whole)
        block += 1
        ids, starts, ends = tokens(text)
        stretches = segments.get(report_id) or ((0, len(text), "body"),)
        edges = np.searchsorted(starts, [edge for begin, end, _ in stretches for edge in (begin, end)]).tolist()
        keep: list[slice] = []
        marks: list[tuple[int, bool, int]] = []
        at, last_prose, n = 0, False, 0
        for k, (_, _, kind) in enumerate(stretches):
            low, high = max(edges[2 * k], at), edges[2 * k + 1]
            if kind not in COMPARED:
                block += high > low
            elif high > low:
                prose = kind in PROSE
                block += not (prose and last_prose)
                last_prose, at = prose, high
                keep.append(slice(low, high))
                marks.append((block, prose, high - low))
                n += high - low
        if keep:
            sizes = [size for _, _, size in marks]
            own = np.concatenate([starts[k] for k in keep])
            parts[0].append(np.concatenate([ids[k] for k in keep]))
            parts[1].append(own)
            parts[2].append(np.concatenate([ends[k] for k in keep]))
            parts[3].append(np.repeat(np.asarray([b for b, _, _ in marks], np.int32), sizes))
            parts[4].append(_inside(own, quoted_stretches(text)))
            parts[5].append(np.repeat([p for _, p, _ in marks], sizes))
        offsets.append(offsets[-1] + n)
    _gather(parts, whole)
    columns: list[NDArray[Any]] = []
    for _ in _COLUMNS:
        columns.append(np.concatenate(whole.pop(0)))
    return Corpus(tuple(report_ids), np.asarray(offsets, np.int64), *columns)


def _gather(parts: list[list[NDArray[Any]]], whole: list[list[NDArray[Any]]]) -> None:
    """Make one array a column of what was read."""
    for kind, some, column in zip(_COLUMNS, parts, whole, strict=True):
        column.append(np.concatenate([np.zeros(0, kind), *some]).astype(kind, copy=False))
        some.clear()


def _inside(places: NDArray[np.int32], stretches: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    if not stretches:
        return np.zeros(len(places), np.bool_)
    begin = np.asarray([s for s, _ in stretches], np.int64)
    end = np.asarray([e for _, e in stretches], np.int64)
    at = np.searchsorted(begin, places, side="right") - 1
    inside: NDArray[np.bool_] = (at >= 0) & (places < end[np.maximum(at, 0)])
    return inside
