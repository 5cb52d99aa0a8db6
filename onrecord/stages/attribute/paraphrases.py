"""Is this the same utterance in other words? Two wordings compared by what they tell: names, numbers and rare words.

A translation, a paraphrase and the words themselves share what cannot be put differently. Each stem counts by its
rarity in general news, so that 'the ceasefire line' weighs more than 'he said that people'. Other numbers, or a
negation that only one of two close wordings has, make them two utterances.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from onrecord import lexicon
from onrecord.text import WORD, fold, plain

RARE = 0.005  # share of general news reports that have a word which the lexicon does not list
COMMON = 0.3  # words of a larger share of reports say nothing of their own
_ENDING = re.compile(r"(?:'s?|s')$")
_NEGATIONS = frozenset(("not", "no", "never", "none", "nor", "neither", "cannot", "without", "nobody", "nothing"))


@dataclass(frozen=True, slots=True)
class Wording:
    """What an utterance tells: weight by stem, how many stems are no names, numbers, and whether it is negated."""

    weights: dict[str, float]
    plain: int
    numbers: frozenset[str]
    negated: bool
    total: float


@lru_cache(maxsize=1)
def _shares() -> dict[str, float]:
    return {row["word"]: float(row["share"]) for row in lexicon.rows("document_frequency.tsv")}


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its regular ending; rough, for comparing only."""
    word = _ENDING.sub("", word)
    if len(word) > 4 and word.endswith(("ies", "ied")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]
    for end in ("ing", "ed", "ly"):
        if word.endswith(end) and len(word) - len(end) >= 4:
            word = word[: -len(end)]
            if word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@lru_cache(maxsize=200_000)
def _told(word: str) -> tuple[bool, str, str, float]:
    """Of one word, whether it negates, the number that it is, and its stem with what that weighs, if it tells."""
    low = plain(word)
    negates = low in _NEGATIONS or low.endswith("n't")
    if any(c.isdigit() for c in low):
        return negates, low.replace(",", ""), "", 0.0
    root = stem(low)
    share = _shares().get(root, RARE)
    tells = share <= COMMON and len(root) > 1 and low not in _NEGATIONS
    return (negates, "", root, -math.log(share)) if tells else (negates, "", "", 0.0)


@lru_cache(maxsize=1000)
def wording(text: str) -> Wording:
    """The telling words of a stretch of text; common words are left out."""
    weights: dict[str, float] = {}
    numbers, lower = set(), set()
    negated = False
    for word in WORD.findall(fold(text)):
        negates, number, root, weight = _told(word)
        negated ^= negates
        if number:
            numbers.add(number)
        elif root:
            weights[root] = weight
            if word[0].islower():
                lower.add(root)
    return Wording(weights, len(lower), frozenset(numbers), negated, sum(weights.values()))


def likeness(wordings: Sequence[Wording], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each pair of these, weight that both share over the weight of the shorter, 0 to 1.

    0 when a number or a negation parts them. `pairs` has a row for each, of two places in `wordings`.
    """
    from onrecord.stages.attribute import kernels

    weight: dict[str, float] = {}
    for w in wordings:
        weight.update(w.weights)
    # numbered in one order, so that the last bit of a sum does not depend on which comes first
    stem = {word: n for n, word in enumerate(sorted(weight))}
    number = {text: n for n, text in enumerate(sorted({text for w in wordings for text in w.numbers}))}
    stems = _rows([sorted(stem[word] for word in w.weights) for w in wordings])
    numbers = _rows([sorted(number[text] for text in w.numbers) for w in wordings])
    weights = np.asarray([weight[word] for word in stem], np.float64)
    total = np.asarray([w.total for w in wordings], np.float64)[pairs].min(axis=1, initial=np.inf)
    negated = np.asarray([w.negated for w in wordings], np.bool_)[pairs]
    shared = kernels.shared(pairs, *stems, weights, *numbers)
    same = (negated[:, 0] == negated[:, 1]) & (total > 0)
    return np.where(same, shared / np.where(total > 0, total, 1.0), 0.0)


def _rows(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each row begins and the last ends, and the numbers of all rows."""
    starts = np.concatenate(([0], np.cumsum([len(r) for r in rows], dtype=np.int64))).astype(np.int64)
    return starts, np.fromiter((n for r in rows for n in r), np.int64, int(starts[-1]))
