"""Is this the same utterance in other words? Two wordings compared by what they tell: names, numbers and rare words.

A translation, a paraphrase and the words themselves share what cannot be put differently. Each stem counts by its
rarity in general news, so that 'the ceasefire line' weighs more than 'he said that people'. Other numbers, or a
negation that only one of two close wordings has, make them two utterances.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

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


def likeness(a: Wording, b: Wording) -> float:
    """Weight that both share over the weight of the shorter, 0 to 1; 0 when a number or a negation parts them."""
    if a.negated != b.negated or (a.numbers and b.numbers and not (a.numbers & b.numbers)):
        return 0.0
    low = min(a.total, b.total)
    if low <= 0:
        return 0.0
    # summed in one order, so that the last bit does not depend on which comes first
    return sum(a.weights[w] for w in sorted(a.weights.keys() & b.weights.keys())) / low
