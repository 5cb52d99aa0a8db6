"""The scores of `placing`: a sum of weights of features, and a hidden layer over features and vectors of words.

The sum knows the words that it was fitted on; to the hidden layer 'shelled' and 'bombarded', or 'Mosul' and 'Kirkuk',
are neighbours. `lexicon/plover/placing.tsv` holds the weights of the sum, `placing.npz` the layer and the vectors: of
the 20,000 most frequent words of the default parser, on their first principal axes, in bytes. Both are written by
`python -m bench._placing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from onrecord import lexicon
from onrecord.model import Document

Floats = NDArray[np.float32]
_OF_NAME = (
    "verb", "preposition", "matter", "last", "first", "ruling", "before", "after", "words before", "words after",
    "subject", "object", "context",
)  # fmt: skip
_OF_NONE = ("none verb", "none subject", "none object", "none context", "none sentence")
SLOTS = (*_OF_NAME, *_OF_NONE)
"""The places of word vectors before the hidden layer: about a name, and about 'none of them'."""
_BEFORE, _CONTEXT = SLOTS.index("words before"), SLOTS.index("context")
_NONE_CONTEXT, _NONE_SENTENCE = SLOTS.index("none context"), SLOTS.index("none sentence")
_WINDOW = 4
_LONGEST = 400  # tokens of a sentence that are read


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of words: `rows[word]` is the row of `table` (words, axes) of a word as it is written."""

    rows: Mapping[str, int]
    table: Floats

    def row(self, word: str) -> int:
        """The row of a word in its own case, else in lower or title case; -1, the last, which is zero, for none."""
        rows = self.rows
        n = rows.get(word, -1)
        if n < 0:
            n = rows.get(word.lower(), -1)
        return n if n >= 0 else rows.get(word.title(), -1)

    def of(self, word: str) -> Floats:
        """The vector of a word; zero when it has none."""
        return np.asarray(self.table[self.row(word)], np.float32)

    def means(self, windows: Sequence[Sequence[int]]) -> Floats:
        """The mean of each window of rows, an array (windows, axes); zero for an empty one."""
        widest = max(map(len, windows))
        padded = np.array([[*w, *[-1] * (widest - len(w))] for w in windows], np.int64).reshape(len(windows), widest)
        sizes = np.array([[max(len(w), 1)] for w in windows], np.float32)
        return np.asarray(self.table[padded].sum(axis=1) / sizes, np.float32)


@dataclass(frozen=True, slots=True)
class Network:
    """The fitted model; `bias` has a row of a name and a row of 'none'."""

    linear: Mapping[str, float]
    features: Mapping[str, int]  # to rows of `inner`
    inner: Floats  # (features, units)
    slots: Floats  # (slots * axes, units)
    bias: Floats  # (2, units)
    outer: Floats  # (units,)

    def scores(self, rows: Sequence[Sequence[str]], words: Floats) -> list[float]:
        """The score of each row of features, the last of them 'none'; `words` are the rows' word vectors."""
        hidden = words @ self.slots
        hidden[:-1] += self.bias[0]
        hidden[-1] += self.bias[1]
        inner, weight = self.features, self.linear
        sums = []
        for n, row in enumerate(rows):
            made = dict.fromkeys(row)
            if known := [inner[f] for f in made if f in inner]:
                hidden[n] += np.add.reduce(self.inner[known], axis=0)
            sums.append(sum([weight[f] for f in made if f in weight]))
        deep = np.maximum(hidden, 0.0) @ self.outer
        return [total + float(d) for total, d in zip(sums, deep, strict=True)]


@dataclass(frozen=True, slots=True)
class About:
    """The words of a name that have a slot of their own; the rest is read off the document."""

    first: int
    last: int
    preposition: str
    matter: str
    ruling: int | None


def words_about(doc: Document, verb: int, names: Sequence[About], known: Vectors) -> Floats:
    """The word vectors of each name, then of 'none': an array (names + 1, slots * axes)."""
    row, lower = known.row, doc.lower
    sentence = doc.sentences[doc.sentence_of[verb]]
    subject = doc.child(verb, "nsubj", "nsubjpass")
    thing = doc.child(verb, "dobj")
    of_verb = row(doc.lemmas[verb].lower())
    of_subject = -1 if subject is None else row(doc.lemmas[subject].lower())
    of_object = -1 if thing is None else row(doc.lemmas[thing].lower())
    first, last = sentence.first, min(sentence.last, sentence.first + _LONGEST)
    near = range(max(0, verb - _WINDOW), min(len(doc), verb + _WINDOW + 1))
    windows = [[row(lower[t]) for t in near], [row(lower[t]) for t in range(first, last)]]
    single = np.full((len(names) + 1, len(SLOTS)), -1, np.int64)
    for n, a in enumerate(names):
        single[n, : len(_OF_NAME)] = (
            of_verb, row(a.preposition), row(a.matter), row(doc.words[a.last - 1]), row(doc.words[a.first]),
            -1 if a.ruling is None else row(doc.lemmas[a.ruling].lower()), row(lower[a.first - 1]) if a.first else -1,
            row(lower[a.last]) if a.last < len(doc) else -1, -1, -1, of_subject, of_object, -1,
        )  # fmt: skip
        windows.append([row(lower[t]) for t in range(max(0, a.first - _WINDOW), a.first)])
        windows.append([row(lower[t]) for t in range(a.last, min(len(doc), a.last + _WINDOW))])
    single[-1, len(_OF_NAME) :] = (of_verb, of_subject, of_object, -1, -1)
    means = known.means(windows[:1]), known.means(windows[1:2])
    out = known.table[single]
    out[:-1, _CONTEXT] = out[-1, _NONE_CONTEXT] = means[0]
    out[-1, _NONE_SENTENCE] = means[1]
    if names:
        out[:-1, _BEFORE : _BEFORE + 2] = known.means(windows[2:]).reshape(len(names), 2, -1)
    return np.asarray(out.reshape(len(names) + 1, -1), np.float32)


@cache
def _arrays() -> dict[str, NDArray[np.generic]]:
    with files("onrecord.lexicon").joinpath("plover/placing.npz").open("rb") as source, np.load(source) as stored:
        return {name: stored[name] for name in stored.files}


@cache
def vectors() -> Vectors:
    """The vectors that come with the package."""
    stored = _arrays()
    table = stored["vectors"].astype(np.float32) * float(stored["scale"])
    words = bytes(stored["words"]).decode("utf-8").split("\n")
    return Vectors({w: n for n, w in enumerate(words)}, np.vstack([table, np.zeros((1, table.shape[1]), np.float32)]))


@cache
def network() -> Network:
    """The fitted model that comes with the package."""
    stored = _arrays()
    linear = {row["feature"]: float(row["weight"]) for row in lexicon.rows("plover/placing.tsv")}
    names = bytes(stored["features"]).decode("utf-8").split("\n")
    return Network(
        linear,
        {f: n for n, f in enumerate(names)},
        *(stored[part].astype(np.float32) for part in ("inner", "slots", "bias", "outer")),
    )
