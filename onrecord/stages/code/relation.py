"""The event that links two given phrases, for texts where somebody already knows who is meant."""

from __future__ import annotations

from dataclasses import replace

from onrecord.model import Document, EventMention, Span
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast, Party
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.coder import ACCIDENT, events, mention_of
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.patterns import holds
from onrecord.stages.code.roles import roles
from onrecord.stages.code.when import Calendar

_BARE = grammar.words("say tell go come get let call work keep hold take turn move bring use set leave speak find help")


def relation(
    doc: Document, source: Span | None, target: Span | None, ontology: Ontology
) -> tuple[str | None, int | None]:
    """(event type, quad class) of what `source` does to `target`.

    The event whose actors hold the source and whose recipients hold the target, or failing that the one nearest to
    both in the sentence's tree, or the anchor word whose pattern nearly holds. Without a source and a target, the event
    that the text is mainly about. (None, None) when the text states none.
    """
    c = linking(doc, source, target, ontology)
    if c is None:
        return None, None
    return c.type, ontology.types[c.type].quad


def main_event(doc: Document, ontology: Ontology) -> EventMention | None:
    """The event that a text of a sentence or two is mainly about; None when it states none."""
    c = linking(doc, None, None, ontology)
    if c is None:
        return None
    cast = Cast(doc, ontology)
    return mention_of(doc, c, roles(doc, c, cast, ontology), cast, Calendar(doc), ontology, True)


def linking(doc: Document, source: Span | None, target: Span | None, ontology: Ontology) -> Candidate | None:
    """The candidate behind `relation`."""
    cast = Cast(doc, ontology)
    best: tuple[float, int, Candidate] | None = None
    seen: list[Candidate] = []
    for sentence in doc.sentences:
        for c in events(doc, sentence.first, min(sentence.last, sentence.first + 400), ontology):
            if c.type == ACCIDENT:  # nobody does it to anybody
                continue
            seen.append(c)
            parties = roles(doc, c, cast, ontology)
            score = 0.5 * bool(parties.actors) + 0.3 * bool(parties.recipients or len(parties.actors) > 1)
            if source is not None:
                score += 3.0 * _holds(parties.actors, source) + 1.0 * _near(doc, c, source)
            if target is not None:
                score += 3.0 * _holds(parties.recipients, target) + 1.0 * _near(doc, c, target)
                score += 3.0 * _holds(parties.actors, target) if not parties.recipients else 0.0
            score += 0.2 * c.verbal + 0.6 / (1 + _depth(doc, c.top)) + 0.02 * c.pattern.weight
            if best is None or score > best[0]:
                best = (score, c.anchor, c)
    if best is not None and (best[2].type, best[2].mode) == ("SANCTION", "convict"):
        jailed = [c for c in seen if (c.type, c.mode) == ("COERCE", "arrest") and c.anchor > best[1]]
        return jailed[0] if jailed else best[2]
    return best[2] if best is not None else _loose(doc, source, target, ontology)


def _loose(doc: Document, source: Span | None, target: Span | None, ontology: Ontology) -> Candidate | None:
    """The anchor word whose pattern fails in the fewest conditions: a guess, for texts known to state an event."""
    best: tuple[float, int, Candidate] | None = None
    for at in range(min(len(doc), 400)):
        verbal = doc.pos[at] in ("VERB", "AUX")
        if not verbal and doc.pos[at] != "NOUN":
            continue
        for pattern in (ontology.verbs if verbal else ontology.nouns).get(doc.lemmas[at].lower(), ()):
            if not pattern.type:
                continue
            if any(holds(doc, at, replace(pattern, conditions=(k,))) is None for k in pattern.conditions if k.negative):
                continue
            wanted = [k for k in pattern.conditions if not k.negative]
            met = sum(holds(doc, at, replace(pattern, conditions=(k,))) is not None for k in wanted)
            if wanted and not met and _empty(doc, at, ontology):
                continue
            c = Candidate(at, pattern, pattern.type, pattern.mode, pattern.cameo, verbal)
            score = (met + 1) / (len(wanted) + 1) + 0.3 / (1 + _depth(doc, at)) + 0.2 * verbal
            score += sum(0.3 * _near(doc, c, s) for s in (source, target) if s is not None)
            if best is None or score > best[0]:
                best = (score, at, c)
    return best[2] if best is not None else None


def _empty(doc: Document, at: int, ontology: Ontology) -> bool:
    """True for a word that means nothing without its complement: a light verb, a verb of speech."""
    lemma = doc.lemmas[at].lower()
    return lemma in ontology.operators or lemma in _BARE


def _holds(parties: tuple[Party, ...], span: Span) -> bool:
    return any(p.span.overlaps(span) for p in parties)


def _near(doc: Document, c: Candidate, span: Span) -> float:
    """1 when the phrase hangs directly on the anchor, less the farther away, 0 when in another branch."""
    tokens = doc.tokens_in(span)
    if not tokens:
        return 0.0
    here = tokens[-1]
    for steps in range(8):
        if here in (c.anchor, c.top):
            return 1.0 / (1 + 0.25 * steps)
        if doc.heads[here] == here:
            break
        here = doc.heads[here]
    return 0.0


def _depth(doc: Document, at: int) -> int:
    return sum(1 for _ in zip(doc.ancestors(at), range(10), strict=False))
