"""Sentences that one of two reports took from the other in words of its own: same names, numbers and facts.

Whether two reports that share no words wrote one sentence independently cannot be told, so only pairs of which one
has copied from the other are looked at, and of those only what no passage covers. Sentences are compared by the
weight of their telling words: stems, by how rare they are in English news and in the two reports. Nothing here makes
two reports related.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from onrecord import lexicon
from onrecord.stages.align.derive import COPIED_WORDS
from onrecord.stages.align.passages import LEAST, Passage
from onrecord.stages.align.sharing import RELATED, Sharing
from onrecord.stages.align.words import Corpus
from onrecord.text import without_ending

ALIKE = 0.42
"""Weight of the common telling words, of the heavier sentence, from which two sentences state one thing."""
TELLING = 6
"""Telling words that two such sentences have in common."""
DEEDS = 4
"""Of these, the ones that are no names: one speaker, named with his office, says more than one thing."""
COVERED = 0.3
"""Share of a sentence inside passages from which it is theirs."""
LONGEST = 80
"""Words of the longest sentence that is compared; lists and tables run on."""
WHOLE = 0.9
"""Copied share of both bodies from which nothing is left to reword."""
OFTEN = 0.3
"""Share of English news reports that have a word, from which it tells nothing."""
RAREST = 0.01
"""Share below which words are alike rare; the lexicon has no rarer ones."""
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n+")
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "ors", "ed", "es", "er", "or", "s")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """The folded words of a sentence, the stems that tell something, those of them that begin small, its numbers."""

    words: Counter[int]
    stems: frozenset[str]
    lower: frozenset[str]
    numbers: frozenset[str]


class _Report:
    """The sentences of one report, as words of the corpus; what they say is read when it is asked for."""

    def __init__(self, words: Corpus, report: int, text: str) -> None:
        own = words.words(report)
        starts = words.starts[own]
        edges = np.searchsorted(starts, [0, *(m.end() for m in _STOP.finditer(text)), len(text)])
        first, last = edges[:-1], edges[1:]
        prose = np.concatenate(([0], np.cumsum(words.prose[own])))
        kept = (last - first >= LEAST) & (last - first <= LONGEST) & (prose[last] - prose[first] == last - first)
        first, last = first[kept], last[kept]
        whole = words.blocks[own][first] == words.blocks[own][last - 1]
        self.first: NDArray[np.int64] = own.start + first[whole]
        self.last: NDArray[np.int64] = own.start + last[whole]
        self._words, self._text = words, text
        self._read: dict[int, _Sentence] = {}

    def __len__(self) -> int:
        return len(self.first)

    def free(self, covered: Sequence[tuple[int, int]]) -> list[int]:
        """Numbers of the sentences that lie outside these stretches of words."""
        edges = np.asarray(covered, np.int64).reshape(-1, 2)
        inside = np.minimum(self.last[:, None], edges[:, 1]) - np.maximum(self.first[:, None], edges[:, 0])
        share = np.maximum(inside, 0).sum(axis=1) / (self.last - self.first)
        found: list[int] = np.flatnonzero(share < COVERED).tolist()
        return found

    def __getitem__(self, n: int) -> _Sentence:
        if n not in self._read:
            run = slice(int(self.first[n]), int(self.last[n]))
            spots = zip(self._words.starts[run].tolist(), self._words.ends[run].tolist(), strict=True)
            plain = [self._text[s:e] for s, e in spots]
            told = {w: stem for w in plain if (stem := _telling(w.lower()))}
            self._read[n] = _Sentence(
                Counter(self._words.ids[run].tolist()),
                frozenset(told.values()),
                frozenset(stem for w, stem in told.items() if w[0].islower()),
                frozenset(w for w in plain if w[0].isdigit()),
            )
        return self._read[n]

    @cached_property
    def holders(self) -> dict[str, list[int]]:
        """The sentences with each telling stem that begins small."""
        out: dict[str, list[int]] = defaultdict(list)
        for n in range(len(self)):
            for stem in self[n].lower:
                out[stem].append(n)
        return dict(out)

    @cached_property
    def often(self) -> Counter[str]:
        """In how many sentences each telling stem stands."""
        return Counter(stem for n in range(len(self)) for stem in self[n].stems)


def rewritten(
    words: Corpus,
    texts: Mapping[str, str],
    found: Sequence[Passage],
    pairs: Iterable[Sharing],
    known: Mapping[tuple[int, int], list[Passage]],
) -> dict[tuple[int, int], list[Passage]]:
    """Rewritten sentences of each pair of reports of which one copied from the other, as further passages.

    `known` are those of pairs that were looked at before, whose passages are the same.
    """
    number = {r: n for n, r in enumerate(words.report_ids)}
    derived = sorted(
        (number[s.a], number[s.b])
        for s in pairs
        if s.own >= COPIED_WORDS and s.of_longer < WHOLE and s.of_shorter >= (RELATED if s.same_outlet else 0.0)
    )
    spans: dict[tuple[int, int], list[Passage]] = defaultdict(list)
    for p in found:
        spans[p.a, p.b].append(p)
    out: dict[tuple[int, int], list[Passage]] = {pair: known[pair] for pair in derived if pair in known}
    read: dict[int, _Report] = {}
    left_of = Counter(n for pair in derived if pair not in known for n in pair)
    for a, b in _beside(pair for pair in derived if pair not in known):
        told = out[a, b] = []
        for n in (a, b):
            if n not in read:
                read[n] = _Report(words, n, texts[words.report_ids[n]])
        one, other = read[a], read[b]
        ours = one.free([(p.a_start, p.a_end) for p in spans[a, b]])
        theirs = other.free([(p.b_start, p.b_end) for p in spans[a, b]]) if ours else []
        left = frozenset(theirs)
        near = [(i, j) for i in ours for j in _near(one[i], other, left)] if left else []
        for i, j in _best(one, other, near) if near else ():
            common = (one[i].words & other[j].words).total()
            told.append(
                Passage(
                    a, int(one.first[i]), int(one.last[i]), b, int(other.first[j]), int(other.last[j]), common, False,
                    reworded=True,
                )
            )  # fmt: skip
        for n in (a, b):
            left_of[n] -= 1
            if not left_of[n]:
                del read[n]
    return out


def _beside(pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The pairs, those that reports tie together one after another, so that few reports are read at a time."""
    ties: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in pairs:
        for n in pair:
            ties[n].append(pair)
    done: set[tuple[int, int]] = set()
    for start in sorted(ties):
        waiting = [start]
        while waiting:
            for pair in ties.pop(waiting.pop(), ()):
                if pair not in done:
                    done.add(pair)
                    waiting.extend(pair)
                    yield pair


def _near(x: _Sentence, other: _Report, free: frozenset[int]) -> list[int]:
    """The sentences of another report that share enough words with this one to be weighed."""
    if len(x.lower) < DEEDS:
        return []
    hits: dict[int, int] = {}
    holders = other.holders
    for stem in x.lower:
        for j in holders.get(stem, ()):
            hits[j] = hits.get(j, 0) + 1
    return [
        j
        for j, n in hits.items()
        if n >= DEEDS
        and j in free
        and len(x.stems & other[j].stems) >= TELLING
        and (x.numbers <= other[j].numbers or other[j].numbers <= x.numbers)
        and (x.words & other[j].words).total() >= LEAST
    ]


def _best(one: _Report, other: _Report, near: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of these pairs of sentences those that state one thing, each sentence in one pair, in the order of the first.

    What the two reports are about stands in many of their sentences and tells little.
    """
    total = len(one) + len(other)
    here, there = one.often, other.often

    def weight(stems: frozenset[str]) -> float:
        return sum(min(_weight(s), math.log(total / max(1, here[s] + there[s]))) for s in sorted(stems))

    scored = []
    for i, j in near:
        x, y = one[i], other[j]
        alike = weight(x.stems & y.stems) / max(weight(x.stems), weight(y.stems), 1.0)
        if alike >= ALIKE:
            scored.append((-alike, i, j))
    left, right = set[int](), set[int]()
    out = []
    for _, i, j in sorted(scored):
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
            out.append((i, j))
    return sorted(out)


@lru_cache(maxsize=200_000)
def _telling(word: str) -> str:
    """The stem of a word that tells something, '' for others."""
    stem = without_ending(word.replace("’", "'").removesuffix("'s"), _ENDINGS)
    return stem if len(stem) > 1 and _weight(stem) > 0.0 else ""


@lru_cache(maxsize=200_000)
def _weight(stem: str) -> float:
    share = max(_common().get(stem, 0.0), RAREST)
    return math.log(1.0 / share) if share < OFTEN else 0.0


@cache
def _common() -> dict[str, float]:
    """Share of reports with a word, by stem: the highest, where several words have one."""
    out: dict[str, float] = {}
    for row in lexicon.rows("document_frequency.tsv"):
        stem = without_ending(row["word"], _ENDINGS)
        out[stem] = max(out.get(stem, 0.0), float(row["share"]))
    return out
