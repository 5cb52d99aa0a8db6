"""Parties that stand beside an event word, not in its slots: whose deed it was, whom it harmed, both sides of it."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast, Party
from onrecord.stages.code.candidates import Candidate, match
from onrecord.stages.code.ontology import Ontology


def both_sides(doc: Document, c: Candidate, cast: Cast) -> list[Party]:
    """Both sides of 'raised it with the king during THEIR talks': who acts in the clause, and with whom."""
    if not any(doc.lower[k] == "their" and doc.deps[k] == "poss" for k in doc.children[c.anchor]):
        return []
    verb = grammar.clause_verb(doc, c.anchor)
    others = [h for _, h in grammar.prepositional(doc, verb, "with")]
    for o in grammar.objects(doc, verb) if not others else ():
        others += [h for _, h in grammar.prepositional(doc, o, "with")]
    acting = grammar.deep_subjects(doc, verb)
    heads = [*acting, *others] if others and len(acting) == 1 else []
    return [p for h in heads if (p := cast.party(h)) is not None]


def harmed(doc: Document, c: Candidate, cast: Cast, ontology: Ontology) -> list[Party]:
    """Whom the relative clause of an attack says it killed: 'the strike that killed two drivers'."""
    if c.verbal or c.type != "ASSAULT" or grammar.slot(doc, c.anchor, "against"):
        return []
    for k in doc.children[c.anchor]:
        if doc.deps[k] not in ("relcl", "acl") or doc.tags[k] == "VBN":
            continue
        told = match(doc, k, ontology.verbs)
        if told is not None and told[0].type == "ASSAULT" and c.anchor in grammar.subjects(doc, k):
            return [p for h in grammar.objects(doc, k) if (p := cast.party(h)) is not None]
    return []


def of_deed(doc: Document, c: Candidate, cast: Cast, ontology: Ontology) -> list[Party]:
    """Whose deed somebody was killed in: 'killed in an Israeli air strike', 'wounded in shelling by rebels'."""
    for word, noun in grammar.prepositional(doc, c.anchor):
        if word not in ("in", "by", "during", "after"):
            continue
        after = noun + 1  # 'killed in Kenyan tank shelling', parsed as a tank that shells
        if after < len(doc) and doc.tags[after] == "VBG" and doc.heads[after] in (noun, c.anchor):
            told = match(doc, after, ontology.verbs)
            named = cast.party(noun) or next(iter(cast.inside(noun, ())), None)
            if told is not None and told[0].type == "ASSAULT" and named is not None:
                return [named]
        verbal = doc.pos[noun] == "VERB"
        hit = match(doc, noun, ontology.verbs if verbal else ontology.nouns)
        if hit is not None and hit[0].type == "ASSAULT":
            if verbal:
                return [p for h in grammar.deep_subjects(doc, noun) if (p := cast.party(h)) is not None]
            return (
                [p for h in grammar.slot(doc, noun, "by") if (p := cast.party(h)) is not None]
                or [p for p in cast.inside(noun, ()) if not cast.is_city(p.token)]
                or cast.agents(noun)
            )
    return []


def on_behalf(doc: Document, c: Candidate, cast: Cast, known: list[Party]) -> list[Party]:
    """The country for which those who are sanctioned worked: 'sanctions on two firms for building drones for X'."""
    taken = {i for p in known for i in p.ids}
    for at in grammar.clause(doc, c.top)[:120]:
        if at > c.anchor and doc.deps[at] == "pobj" and doc.lower[doc.heads[at]] in ("for", "to"):
            found = cast.party(at)
            if found is not None and cast.states([found]) and not taken.intersection(found.ids):
                return [found]
    return []
