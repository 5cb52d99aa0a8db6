"""spaCy documents to columns: a few arrays a document, not an object a token. Tokens that are blanks are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from onrecord.model import Parse
from onrecord.stages.annotate.kinds import Kinds

if TYPE_CHECKING:
    from spacy.strings import StringStore
    from spacy.tokens import Doc

ATTRIBUTES = ("ORTH", "TAG", "DEP", "HEAD", "SENT_START", "ENT_IOB", "ENT_TYPE", "LENGTH", "SPACY", "IS_SPACE")
ORTH, TAG, DEP, HEAD, SENT_START, ENT_IOB, ENT_TYPE, LENGTH, SPACY, IS_SPACE = range(10)
_IOB = ("", "I", "O", "B")


def columns(docs: Sequence[Doc], kinds: Kinds | None) -> list[Parse]:
    """The parses of these documents; `kinds` gives parts of speech and lemmas where the pipeline has not."""
    arrays: list[NDArray[np.uint64]] = [np.asarray(doc.to_array(list(ATTRIBUTES)), np.uint64) for doc in docs]
    if kinds is None:
        forms = [[(t.pos_, t.lemma_) for t in doc] for doc in docs]
    else:
        forms = kinds.of(docs, [list(map(tuple, a[:, :3].tolist())) for a in arrays])
    return [
        _columns(doc.vocab.strings, a.astype(np.int64), a, f) for doc, a, f in zip(docs, arrays, forms, strict=True)
    ]


def _columns(
    strings: StringStore, signed: NDArray[np.int64], raw: NDArray[np.uint64], forms: list[tuple[str, str]]
) -> Parse:
    blank = signed[:, IS_SPACE] != 0
    stops = np.cumsum(signed[:, LENGTH] + signed[:, SPACY])
    ends = stops - signed[:, SPACY]
    heads = np.arange(len(signed)) + signed[:, HEAD]
    first = signed[:, SENT_START] == 1
    first[:1] = True
    starts = ends - signed[:, LENGTH]
    if blank.any():
        heads, first = _without(blank, heads, first)
        kept = ~blank
        starts, ends, raw = starts[kept], ends[kept], raw[kept]
        forms = [f for f, keep in zip(forms, kept.tolist(), strict=True) if keep]
    words, tags, deps, entities = (raw[:, c].tolist() for c in (ORTH, TAG, DEP, ENT_TYPE))
    iob = raw[:, ENT_IOB].tolist()
    name: Any = _Names(strings)
    return Parse(
        starts=starts.tolist(),
        ends=ends.tolist(),
        heads=heads.tolist(),
        sentence_starts=np.flatnonzero(first).tolist(),
        lemmas=[lemma.replace(" ", "_") or strings[w].lower() for (_, lemma), w in zip(forms, words, strict=True)],
        pos=[pos or "X" for pos, _ in forms],
        tags=[name[t] or "XX" for t in tags],
        deps=[name[d] or "dep" for d in deps],
        ents=[f"{_IOB[b]}-{name[e]}" if e else "O" for b, e in zip(iob, entities, strict=True)],
    )


class _Names(dict[int, str]):
    """Strings by their hash, looked up once each."""

    def __init__(self, strings: StringStore) -> None:
        super().__init__()
        self._strings = strings

    def __missing__(self, key: int) -> str:
        self[key] = found = self._strings[key]
        return found


def _without(
    blank: NDArray[np.bool_], heads: NDArray[np.int64], first: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Heads and sentence starts among the tokens that are no blanks.

    A token whose head is a blank takes that one's head, and none at all is its own; a sentence that begins with a blank
    begins at its first word.
    """
    at = np.cumsum(~blank) - 1
    out = []
    for i, h in zip(np.flatnonzero(~blank).tolist(), heads[~blank].tolist(), strict=True):
        while blank[h] and heads[h] != h:
            h = int(heads[h])
        out.append(int(at[i if blank[h] else h]))
    starts = np.zeros(int((~blank).sum()), np.bool_)
    sentence = np.cumsum(first)[~blank]
    starts[np.flatnonzero(np.diff(sentence, prepend=0))] = True
    return np.asarray(out, np.int64), starts
