"""Whose the launches are in 'condemned the launches': a definite event noun read against what the report has told.

A bridging description (Clark 1975): a definite noun that states an event without its parties takes them from the last
event of the same family that the report told before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from onrecord.model import Document, EventMention
from onrecord.stages.code import grammar
from onrecord.stages.code.candidates import Candidate, match
from onrecord.stages.code.ontology import Ontology

_DEFINITE = frozenset({"the", "this", "these", "that", "those", "such"})
_TOLD = ("actual", "ongoing")
SPEAKING = "ACCUSE"
"""Type of the events that speak of earlier ones by such a noun."""
Family = frozenset[tuple[str, str | None]]
"""Types and modes of the events that a noun may speak of."""


BRIDGED = frozenset({"MOBILIZE", "COERCE", "ASSAULT"})
"""Types of the events that such a noun may speak of."""


def spoken_of(doc: Document, c: Candidate, mention: EventMention, ontology: Ontology) -> list[Family]:
    """What the definite nouns of an accusation that names nobody may speak of, noun by noun."""
    if c.type != SPEAKING or mention.recipients or mention.recipient_spans or not c.verbal:
        return []
    objects = (
        at
        for at in grammar.deep_objects(doc, c.anchor)
        if any(doc.deps[k] == "det" and doc.lower[k] in _DEFINITE for k in doc.children[at])
    )
    return [family for at in objects if (family := _family(doc, at, ontology))]


def bridged(mention: EventMention, families: Iterable[Family], told: Sequence[EventMention]) -> EventMention:
    """The mention with the actors of the deed it speaks of as recipients, where it names none itself."""
    for family in families:
        for earlier in reversed(told):
            if (earlier.event_type, earlier.mode) in family and earlier.modality in _TOLD:
                if earlier.actors and not set(earlier.actors) & set(mention.actors):
                    return replace(mention, recipients=earlier.actors, recipient_spans=earlier.actor_spans)
                break
    return mention


def unsure(doc: Document, families: Iterable[Family], told: Sequence[EventMention]) -> bool:
    """True where the last of these that a noun may speak of has another beside it: which came first is not known."""
    for family in families:
        last = [m for m in told if (m.event_type, m.mode) in family and m.modality in _TOLD][-2:]
        spots = {doc.sentence_of[doc.tokens_in(m.anchor)[0]] for m in last}
        if len(spots) < len(last):
            return True
    return False


def _family(doc: Document, noun: int, ontology: Ontology) -> Family:
    """The (type, mode) pairs that the noun may speak of."""
    lemma = doc.lemmas[noun].lower()
    out: set[tuple[str, str | None]] = set()
    for kind, mode in (("MOBILIZE", "weapons"), ("COERCE", "seize"), ("COERCE", "arrest"), ("MOBILIZE", "troops")):
        if lemma in ontology.classes.get(f"{kind.lower()}-{mode}", ()):
            out.add((kind, mode))
    hit = match(doc, noun, ontology.nouns)
    if hit is not None and hit[0].type == "ASSAULT":
        out.update(("ASSAULT", mode) for mode in (None, *ontology.types["ASSAULT"].modes))
    return frozenset(out)
