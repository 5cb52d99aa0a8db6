"""Whom a pronoun means that no entity of the report was found for: 'we' in a quotation, 'they' after two names.

'We' is whoever the quotation is attributed to. 'They' and 'their' are the names joined as the last plural
subject before them. Where that leaves it open, nobody is meant.
"""

from __future__ import annotations

from collections.abc import Callable

from onrecord.model import Document, Span
from onrecord.stages.code import grammar, placed

_FIRST = frozenset({"we", "us"})
_THIRD = grammar.words("they them their")
_BACK = 80  # tokens looked at before a pronoun
_PLURALS = ("NNS", "NNPS")

Named = Callable[[int], tuple[Span, tuple[str, ...]] | None]
"""The mention at a token: its characters and the entities that it names."""


def meant(doc: Document, at: int, named: Named) -> tuple[str, ...]:
    """The entities that an unresolved pronoun means; none where nothing says."""
    word = doc.lower[at]
    if word in _FIRST:
        return _speaker(doc, at)
    return _joined(doc, at, named) if word in _THIRD else ()


def _speaker(doc: Document, at: int) -> tuple[str, ...]:
    """Who is quoted: the source of the narrowest quotation around the pronoun."""
    here = doc.starts[at], doc.ends[at]
    around = [(c.end - c.start, a) for c, a in placed.contents(doc).around(*here) if a.kind != "indirect"]
    if not around:
        return ()
    source = min(around, key=lambda c: c[0])[1].source_entity
    return (source,) if source is not None and source in doc.entities else ()


def _joined(doc: Document, at: int, named: Named) -> tuple[str, ...]:
    """The names of the last plural subject before a pronoun, of this sentence or the one before."""
    number = doc.sentence_of[at]
    first = doc.sentences[max(0, number - 1)].first
    if doc.sentences[doc.sentence_of[first]].paragraph < doc.sentences[number].paragraph - 1:
        first = doc.sentences[number].first
    for k in range(at - 1, max(first, at - _BACK) - 1, -1):
        if doc.tags[k] in _PLURALS and doc.deps[k] in ("nsubj", "nsubjpass", "dobj", "conj"):
            return ()
        if doc.deps[k] not in ("nsubj", "nsubjpass") or doc.pos[k] != "PROPN":
            continue
        heads = [h for h in grammar.conjuncts(doc, k) if h < at]
        if len(heads) < 2:
            continue
        found = [named(h) for h in heads]
        if not all(f is not None and f[1] for f in found):
            return ()
        return tuple(dict.fromkeys(i for f in found if f is not None for i in f[1]))
    return ()
