"""Where a thing was by its own name: 'the Helsinki summit', 'met during a summit in Hamburg', 'the Lamu flood'."""

from __future__ import annotations

from onrecord.model import Document, Span
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast
from onrecord.stages.code.roles import Roles
from onrecord.stages.code.where import OCCASIONS

_DURING = frozenset({"in", "at", "during", "on"})
_AT = frozenset({"in", "at"})


def venue(doc: Document, anchor: int, verb: int, cast: Cast) -> list[tuple[Span, str | None]]:
    """The place that names the occasion at or around an event, or that the occasion is in; empty when none does."""
    nouns = [anchor] if doc.pos[anchor] == "NOUN" else []
    nouns += [h for at in dict.fromkeys((anchor, verb)) for w, h in grammar.prepositional(doc, at) if w in _DURING]
    for noun in nouns:
        if doc.lemmas[noun].lower() not in OCCASIONS:
            continue
        named = [k for k in doc.children[noun] if doc.deps[k] == "compound"]
        named += [h for w, h in grammar.prepositional(doc, noun) if w in _AT]
        for k in named:
            hit = cast.named(k)
            if hit is not None and hit[1] and cast.is_place(k):
                return [(hit[0], hit[1][0])]
    return []


def struck(doc: Document, anchor: int, parties: Roles, cast: Cast) -> list[tuple[Span, str | None]]:
    """Where a disaster was: the place that it struck, or that it is called after."""
    for p in parties.recipients:
        if p.ids and cast.is_place(p.token):
            return [(p.span, p.ids[0])]
    nouns = grammar.deep_subjects(doc, anchor) if doc.pos[anchor] == "VERB" else [anchor]
    for k in (k for noun in nouns for k in doc.children[noun] if doc.deps[k] == "compound"):
        hit = cast.named(k)
        if hit is not None and hit[1] and cast.is_place(k):
            return [(hit[0], hit[1][0])]
    return []
