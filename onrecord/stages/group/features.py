"""Reports as weighted words: what a report is about, as one sparse row of unit length.

A word weighs by how often the report has it (1 + log), where (headline and opening count more: news puts what happened
first), and how rare it is. Rarity is measured on the collection at hand together with `BACKGROUND` reports' worth of
general English news (lexicon/document_frequency.tsv), so that two reports alone are told apart as well as 20,000 are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord import lexicon
from onrecord.text import fold, plain

BACKGROUND = 300
"""Reports that the background counts for beside the collection's own: it rules below about a hundred reports."""
RARE = 0.004
"""Share of general news that has a word which the background table does not list."""
HEADLINE = 3.0
OPENING = 2.0
OPENING_WORDS = 80
"""A headline word counts three times, one of the first 80 of the body twice: they say what happened and to whom."""
NAME = 1.6
"""What a capitalised word in the middle of a sentence counts: names tell happenings apart. Resolved entities beside
the words say the same once more and join what names alone have in common: measured, and left out."""
COMMON = 0.35
"""Words of a larger share of the reports than this say nothing."""
PARAGRAPHS = 400
CHARACTERS = 60_000
"""Paragraphs of a report that are kept apart, and characters of its text; endless texts are no round-ups."""
_TOLD = frozenset({"standfirst", "body", "subheading"})
SECTIONS = {"headline": HEADLINE, "standfirst": OPENING, "body": 1.0, "caption": 1.0, "subheading": 1.0}
_ENDING = re.compile(r"(?:'s|s'|')$")
_PARAGRAPH = re.compile(r"[^\n]+")
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
_CAPITAL = re.compile(r"(?<=[\w,;)] )[A-Z][^\W_]*(?:['.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Features:
    """Rows in compressed form: row i has `columns[bounds[i]:bounds[i+1]]`, ascending, with `weights`, of length 1.

    Words that rows do not have, for they are too common, have no column. `places` holds the column of each word that
    the table `terms` has of row i, from `begins[i]` on, -1 for none; `named` says which of them are names there, and
    `rarity` what the word of each column weighs.
    """

    bounds: NDArray[np.int64]
    columns: NDArray[np.int32]
    weights: NDArray[np.float64]
    size: int
    begins: NDArray[np.int64]
    places: NDArray[np.int32]
    named: NDArray[np.bool_]
    rarity: NDArray[np.float64]

    def at(self, i: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Columns and weights of row i."""
        return self.columns[self.bounds[i] : self.bounds[i + 1]], self.weights[self.bounds[i] : self.bounds[i + 1]]


@lru_cache(maxsize=1)
def background() -> Mapping[str, float]:
    """Share of general news reports that have a word."""
    return {r["word"]: float(r["share"]) for r in lexicon.rows("document_frequency.tsv")}


@lru_cache(maxsize=500_000)
def stem(word: str) -> str:
    """A word without its regular ending; rough, for comparing only."""
    if not word.isascii():
        word = plain(word)
    word = _ENDING.sub("", word.replace(".", ""))
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]
    for end in ("ing", "ed"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            word = word[: -len(end)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def counts(
    text: str, sections: Sequence[tuple[int, int, str]], title: str | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """(weighted count, name factor) of each word of a report; `sections` are (start, end, kind).

    `title` is a headline that the text does not have itself.
    """
    weight: dict[str, float] = {}
    capital: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    of_body = 0
    parts = [(text[start:end], kind) for start, end, kind in sections if kind in SECTIONS]
    if title:
        parts.append((title, "headline"))
    for part, kind in parts:
        folded = fold(part)
        found = _WORD.findall(folded.lower())
        opening = max(0, OPENING_WORDS - of_body) if kind == "body" else 0
        of_body += len(found) if kind == "body" else 0
        for run, factor in ((found[:opening], OPENING), (found[opening:], SECTIONS[kind])):
            for word, n in Counter(run).items():
                weight[word] = weight.get(word, 0.0) + n * factor
        if kind != "headline":
            seen.update(found)
            capital.update(w.lower() for w in _CAPITAL.findall(folded))
    count: dict[str, float] = {}
    capitals: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for word, value in weight.items():
        if len(word) > 1:
            term = stem(word)
            count[term] = count.get(term, 0.0) + value
            total[term] += seen[word]
            capitals[term] += capital[word]
    factors = {w: NAME for w, c in capitals.items() if c * 2 > total[w]}
    return count, factors


def terms(text: str, segments: Iterable[Mapping[str, Any]], title: str | None = None) -> dict[str, list[Any]]:
    """The words of a report, the count of each, below 0 for a name, and those of each paragraph: columns of `terms`.

    `title` is the report's headline, which counts where no segment is one. Without segments all is body, but for a
    headline that the text begins with.
    """
    sections = sorted((s["char_start"], s["char_end"], s["kind"]) for s in segments)
    if not sections:
        cut = len(title) if title and text.startswith(title) else 0
        sections = [(0, cut, "headline"), (cut, len(text), "body")] if cut else [(0, len(text), "body")]
    untitled = all(kind != "headline" for _, _, kind in sections)
    count, factors = counts(text, sections, title if untitled else None)
    number = {word: n for n, word in enumerate(count)}
    spans: list[dict[str, int]] = []
    held: list[int] = []
    said: list[int] = []
    for start, end in islice(_paragraphs(text, [(s, e) for s, e, kind in sections if kind in _TOLD]), PARAGRAPHS):
        found = [n for w in _WORD.findall(fold(text[start:end]).lower()) if (n := number.get(stem(w))) is not None]
        spans.append({"char_start": start, "char_end": end})
        held.append(len(found))
        said.extend(found)
    return {
        "words": list(count),
        # whole numbers, for the factors of all sections are
        "counts": [-int(n) if word in factors else int(n) for word, n in count.items()],
        "paragraphs": spans,
        "held": held,
        "said": said,
    }


def _paragraphs(text: str, told: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in told:
        for found in _PARAGRAPH.finditer(text, start, end):
            line = found.group()
            if found.end() > CHARACTERS:
                return
            if line.strip():
                yield found.start() + len(line) - len(line.lstrip()), found.start() + len(line.rstrip())


_AT_ONCE = 1000  # reports that are weighed together


def weighed(told: pa.Table) -> Features:
    """The rows of these reports, one for each row of `terms`, weighed by rarity and scaled to length 1."""
    n = told.num_rows
    words = pc.list_flatten(told["words"]).combine_chunks().dictionary_encode()
    lengths = pc.list_value_length(told["words"]).to_numpy().astype(np.int64)
    begins = np.concatenate(([0], np.cumsum(lengths)))
    number = words.indices.to_numpy()
    counted = pc.list_flatten(told["counts"]).to_numpy()
    vocabulary = words.dictionary.to_pylist()
    del words
    known = background()
    held = np.bincount(number, minlength=len(vocabulary)).tolist()
    column = np.full(len(vocabulary), -1, np.int32)
    rarity: list[float] = []
    for word, at in sorted(zip(vocabulary, range(len(vocabulary)), strict=True)):
        share = (held[at] + BACKGROUND * known.get(word, RARE)) / (n + BACKGROUND)
        if share <= COMMON:
            column[at] = len(rarity)
            rarity.append(-float(np.log(share)))
    rare = np.asarray(rarity, np.float64)
    sizes: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int32]] = []
    weights: list[NDArray[np.float64]] = []
    for first in range(0, n, _AT_ONCE):
        last = min(n, first + _AT_ONCE)
        some = slice(begins[first], begins[last])
        place, row = column[number[some]], np.repeat(np.arange(last - first), lengths[first:last])
        order = np.lexsort((place, row))
        order = order[place[order] >= 0]
        place, row, count = place[order], row[order], counted[some][order].astype(np.float64)
        weight = (1.0 + np.log(np.abs(count))) * rare[place] * np.where(count < 0, NAME, 1.0)
        # Added one by one, as bincount does: numpy's own sums group differently from machine to machine.
        length = np.sqrt(np.bincount(row, weights=weight * weight, minlength=last - first))
        columns.append(place)
        weights.append(weight / np.where(length > 0, length, 1.0)[row])
        sizes.append(np.bincount(row, minlength=last - first))
    return Features(
        np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate([np.empty(0, np.int64), *sizes]))]),
        np.concatenate([np.empty(0, np.int32), *columns]),
        np.concatenate([np.empty(0), *weights]),
        len(rarity),
        begins,
        column[number],
        counted < 0,
        rare,
    )
