"""Reports as rows of comparable words: one integer a word, its characters, its block, and whether it is quoted.

Words are compared after folding case, punctuation and typography: 'U.S.' and 'US', 'Biden’s' and "Biden's", '1,000' and
'1000' are the same word. Hyphens part words. A block is a stretch that nothing uncompared interrupts; no passage
crosses its border, so a teaser in the middle of a body never lies inside a passage.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from onrecord.text import fold

COMPARED = frozenset({"headline", "standfirst", "body", "subheading", "caption", "correction"})
PROSE = frozenset({"body", "standfirst", "subheading"})
_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\.?(?![^\W_])|\d+(?:[.,]\d+)*|[^\W_]+(?:'[^\W_]+)*")
_MARKS = re.compile('["“”„«»‘’\n]')
_DROP = str.maketrans("", "", ".,'")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The words of all reports, one after another; report i has `[offsets[i], offsets[i + 1])`.

    `ids` are numbers into `vocabulary` (int32), `starts`/`ends` code points into the report's text, `blocks` the block
    of each word (numbered through the corpus), `quoted` whether it lies inside quotation marks, `prose` whether it is
    of the body.
    """

    report_ids: tuple[str, ...]
    offsets: NDArray[np.int64]
    ids: NDArray[np.int32]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    blocks: NDArray[np.int32]
    quoted: NDArray[np.bool_]
    prose: NDArray[np.bool_]
    vocabulary: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.report_ids)

    def words(self, report: int) -> slice:
        """Where the words of one report lie."""
        return slice(int(self.offsets[report]), int(self.offsets[report + 1]))


def comparable(text: str) -> list[tuple[str, int, int]]:
    """(folded word, start, end) for each word of a text."""
    out = []
    for m in _WORD.finditer(fold(text)):
        word = m.group().lower()
        if not word.isalpha():
            word = word.translate(_DROP)
        out.append((word, m.start(), m.end()))
    return out


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
    vocabulary: dict[str, int] = {}
    ids: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    blocks: list[int] = []
    quoted: list[Any] = []
    prose: list[bool] = []
    offsets = [0]
    block = 0
    for report_id, text in zip(report_ids, texts, strict=True):
        block += 1
        found = comparable(text)
        word_starts = [w[1] for w in found]
        at = 0
        last_kind = ""
        first = len(ids)
        for begin, end, kind in segments.get(report_id) or ((0, len(text), "body"),):
            low, high = bisect_left(word_starts, begin), bisect_left(word_starts, end)
            if kind not in COMPARED:
                block += high > low
                continue
            low = max(low, at)
            at = max(at, high)
            if (kind in PROSE) != (last_kind in PROSE) or kind not in PROSE:
                block += 1
            last_kind = kind
            for word, s, e in found[low:high]:
                ids.append(vocabulary.setdefault(word, len(vocabulary)))
                starts.append(s)
                ends.append(e)
            blocks.extend([block] * (high - low))
            prose.extend([kind in PROSE] * (high - low))
        quoted.append(_inside(np.asarray(starts[first:], np.int64), quoted_stretches(text)))
        offsets.append(len(ids))
    return Corpus(
        tuple(report_ids),
        np.asarray(offsets, np.int64),
        np.asarray(ids, np.int32),
        np.asarray(starts, np.int32),
        np.asarray(ends, np.int32),
        np.asarray(blocks, np.int32),
        np.concatenate(quoted) if quoted else np.zeros(0, np.bool_),
        np.asarray(prose, np.bool_),
        vocabulary,
    )


def _inside(places: NDArray[np.int64], stretches: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    if not stretches:
        return np.zeros(len(places), np.bool_)
    begin = np.asarray([s for s, _ in stretches], np.int64)
    end = np.asarray([e for _, e in stretches], np.int64)
    at = np.searchsorted(begin, places, side="right") - 1
    inside: NDArray[np.bool_] = (at >= 0) & (places < end[np.maximum(at, 0)])
    return inside
