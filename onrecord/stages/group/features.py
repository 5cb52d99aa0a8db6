"""Reports as weighted words: what a report is about, as one sparse row of unit length.

A word weighs by how often the report has it (1 + log), where (headline and opening count more: news puts what happened
first), and how rare it is. Rarity is measured on the collection at hand together with `BACKGROUND` reports' worth of
general English news (lexicon/document_frequency.tsv), so that two reports alone are told apart as well as 20,000 are.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
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
SECTIONS = {"headline": HEADLINE, "standfirst": OPENING, "body": 1.0, "caption": 1.0, "subheading": 1.0}
_ENDING = re.compile(r"(?:'s|s'|')$")
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")
_CAPITAL = re.compile(r"(?<=[\w,;)] )[A-Z][^\W_]*(?:['.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Features:
    """Rows in compressed form: row i has `columns[bounds[i]:bounds[i+1]]`, ascending, with `weights`, of length 1."""

    bounds: NDArray[np.int64]
    columns: NDArray[np.int32]
    weights: NDArray[np.float64]
    size: int


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


class Counted:
    """The counts of many reports, packed: a number for each word, and 9 bytes for each word of a report."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.held: list[int] = []
        self.rows: list[tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.bool_]]] = []

    def add(self, count: Mapping[str, float], factors: Mapping[str, float]) -> None:
        """One report's counts and name factors, as `counts` gives them; counts are whole numbers below 2 ** 24."""
        number, held = self.number, self.held
        for word in count:
            if word in number:
                held[number[word]] += 1
            else:
                number[word] = len(held)
                held.append(1)
        words = np.fromiter((number[w] for w in count), np.int32, len(count))
        named = np.fromiter((w in factors for w in count), np.bool_, len(count))
        self.rows.append((words, np.fromiter(count.values(), np.float32, len(count)), named))


def weighed(reports: Counted) -> Features:
    """The rows of these reports' counts, weighed by rarity and scaled to length 1."""
    known = background()
    n = len(reports.rows)
    column = np.full(len(reports.held), -1, np.int32)
    rarity: list[float] = []
    for word in sorted(reports.number):
        number = reports.number[word]
        share = (reports.held[number] + BACKGROUND * known.get(word, RARE)) / (n + BACKGROUND)
        if share <= COMMON:
            column[number] = len(rarity)
            rarity.append(-float(np.log(share)))
    rare = np.asarray(rarity, np.float64)
    bounds = [0]
    columns: list[NDArray[np.int32]] = []
    weights: list[NDArray[np.float64]] = []
    for words, count, named in reports.rows:
        places = column[words]
        order = np.argsort(places, kind="stable")
        order = order[places[order] >= 0]
        row = places[order]
        weight = (1.0 + np.log(count[order].astype(np.float64))) * rare[row] * np.where(named[order], NAME, 1.0)
        columns.append(row)
        # Added one by one: numpy's own sums group differently from machine to machine.
        weights.append(weight / (math.sqrt(sum((weight * weight).tolist())) or 1.0))
        bounds.append(bounds[-1] + len(row))
    return Features(
        np.asarray(bounds, np.int64),
        np.concatenate([np.empty(0, np.int32), *columns]),
        np.concatenate([np.empty(0), *weights]),
        len(rarity),
    )
