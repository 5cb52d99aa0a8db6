"""Words as they count when two clauses are compared: stems, families of words, numbers, and how telling each is."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from onrecord import lexicon
from onrecord.text import WORD, fold, plain, without_ending

_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ied", "ers", "ors", "ed", "es", "er", "or", "ly", "s", "e", "y")
_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
_NUMBER_WORDS = {w: n for n, w in enumerate(_SMALL.split())} | _TENS
NUMBER_PATTERN = r"(?:\d[\d,]*(?:\.\d+)?|(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty-)?(?:%s))" % "|".join(
    sorted(_NUMBER_WORDS, key=len, reverse=True)
)
"""A number in digits or words, as `number` reads it."""
_DIGITS = re.compile(r"^\d[\d,]*(?:\.\d+)?$")


@cache
def settings() -> dict[str, object]:
    """The stage's lexicon, `onrecord/lexicon/reconcile.toml`."""
    return lexicon.toml("reconcile.toml")


@cache
def function_words() -> frozenset[str]:
    """Words of no weight when two clauses are compared."""
    return frozenset(str(settings()["function_words"]).split())


@cache
def _families() -> dict[str, str]:
    """Family of each word listed, and of the rough stem that its other forms share ('frees', 'releases')."""
    out: dict[str, str] = {}
    rows = [(w, "~" + row["family"]) for row in lexicon.rows("word_families.tsv") for w in row["words"].split()]
    for word, family in rows:
        out.setdefault(word, family)
    for word, family in rows:
        out.setdefault("=" + without_ending(word, _SUFFIXES), family)
    return out


@cache
def stem(word: str) -> str:
    """A rough stem of a lower-case word, or the name of its word family after '~'."""
    word = word.removesuffix("'s")
    families = _families()
    rough = without_ending(word, _SUFFIXES)
    return families.get(word) or families.get("=" + rough) or rough


@cache
def root(word: str) -> str:
    """The rough stem of a word as it stands in a text."""
    return stem(plain(word))


@cache
def number(word: str) -> float | None:
    """The number that a word states ('15', '70,000', 'fifteen', 'twenty-one'), else None; calendar years are none."""
    if _DIGITS.match(word):
        value = float(word.replace(",", ""))
        return None if 1900 <= value <= 2100 and "," not in word else value
    if word in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[word])
    tens, _, ones = word.partition("-")
    if ones and tens in _NUMBER_WORDS and ones in _NUMBER_WORDS and _NUMBER_WORDS[tens] >= 20:
        return float(_NUMBER_WORDS[tens] + _NUMBER_WORDS[ones])
    return None


@lru_cache(maxsize=20_000)
def content(text: str) -> tuple[frozenset[str], frozenset[float]]:
    """(stems of the telling words, numbers other than 0, 1 and 2) of a stretch of text."""
    told = {_counted(w.lower()) for w in WORD.findall(fold(text))}
    return frozenset(s for s, _ in told if s is not None), frozenset(n for _, n in told if n is not None)


@cache
def _counted(word: str) -> tuple[str | None, float | None]:
    """What one word adds to the content of a text: a stem, or a number."""
    value = number(word)
    if value is not None:
        return None, value if value > 2 else None
    return (root(word) if len(word) > 1 and word not in function_words() else None), None


def names(text: str) -> frozenset[str]:
    """Capitalised words of a stretch other than its first word, days and months: mostly names."""
    found = WORD.findall(fold(text))[1:]
    return frozenset(w.lower().removesuffix("'s") for w in found if w[0].isupper()) - function_words()


class Weights:
    """How telling each stem is among a story's clauses: the rarer, the more (smoothed inverse document frequency)."""

    def __init__(self, clauses: Iterable[frozenset[str]]) -> None:
        self.total = 0
        self.count: Counter[str] = Counter()
        self._of: dict[str, float] = {}
        self._whole: dict[frozenset[str], float] = {}
        for stems in clauses:
            self.total += 1
            self.count.update(stems)

    def of(self, stem: str) -> float:
        """The weight of one stem, about 0.4 for one in every clause and growing with the logarithm of its rarity."""
        weight = self._of.get(stem)
        if weight is None:
            weight = self._of[stem] = math.log(1.5 + self.total / (1.0 + self.count[stem]))
        return weight

    def likeness(self, a: frozenset[str], b: frozenset[str]) -> float:
        """Weight that two clauses share over the weight of the lighter one, 0 to 1; damped for very short clauses."""
        common = a & b
        shared = sum(map(self.of, sorted(common))) if common else 0
        return shared / max(min(self.whole(a), self.whole(b)), 4.0) if shared else 0.0

    def whole(self, stems: frozenset[str]) -> float:
        """The weight of all these stems together."""
        found = self._whole.get(stems)
        if found is None:
            found = self._whole[stems] = sum(map(self.of, sorted(stems)))
        return found
