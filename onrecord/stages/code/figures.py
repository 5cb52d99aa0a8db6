"""What only looks like violence: figures of speech, attacks in words, harm that nobody meant."""

from __future__ import annotations

from onrecord.model import Document, Sentence
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.quantities import HARM
from onrecord.stages.code.roles import Roles

_OPENING, _TOLD = 12, 3  # sentences that open a report, and of them those that must name a disaster
_LONGEST = 400  # tokens of a sentence that are read
_CAMPAIGNS = frozenset({"PTY", "OPP", "LEG", "JRN", "ELI"})  # as bodies these attack in words, too
_OFFICES = frozenset({"GOV", "LEG", "PTY", "OPP", "JRN", "ELI", "JUD"})
_ALSO_VERBAL = grammar.words("attack assail assault hit strike hammer blast pound batter barrage")
WORDY = frozenset({None, "heavy-weapons", "beat"})
"""Modes of assault whose verbs are also said of words."""


def figurative(doc: Document, c: Candidate, parties: Roles, cast: Cast, ontology: Ontology) -> bool:
    """True for harm to what cannot be harmed: 'poisoned the air', 'killed the bill', 'hammered the point'."""
    objects = grammar.deep_objects(doc, c.anchor)
    if not objects or any(p.token in objects for p in parties.recipients):
        return False
    if doc.lemmas[c.anchor].lower() in HARM or cast.armed(parties.actors):
        return False
    if any(not k.negative and k.slot == "obj" for k in c.pattern.conditions):
        return False
    solid = (ontology.classes.get(name, frozenset()) for name in ("property", "land", "arms", "troops", "vessel"))
    bodily = frozenset().union(*solid)
    for o in objects:
        words = grammar.content_words(doc, o)
        if doc.pos[o] != "NOUN" or any(doc.lemmas[w].lower() in bodily or doc.pos[w] == "NUM" for w in words):
            return False
        if cast.party(o) is not None or doc.lemmas[o].lower() in ontology.quantities:
            return False
    return True


def in_words(doc: Document, c: Candidate, parties: Roles, cast: Cast, ontology: Ontology) -> bool:
    """True for an attack that is made online, in a debate, in an advertisement."""
    if "ACCUSE" not in ontology.types:
        return False
    told = ontology.classes.get("words", frozenset())
    bodily = doc.lemmas[c.anchor].lower() == "assault" and c.verbal  # 'assaulted a guest' is no word on him
    if (
        doc.lemmas[c.anchor].lower() in _ALSO_VERBAL
        and parties.actors
        and not bodily
        and _of_office(doc, parties, cast)
    ):
        arms = ontology.classes.get("violence", frozenset()) | ontology.classes.get("property", frozenset())
        near = {doc.lemmas[t].lower() for t in grammar.clause(doc, grammar.clause_verb(doc, c.top))[:80]}
        if not (near - {"attack", "assault", "fighting"}) & arms:
            return True
    if doc.lemmas[c.anchor].lower() in _ALSO_VERBAL and c.verbal and _press(doc, c.anchor):
        return True
    verb = c.top
    for at in (verb, c.anchor, *(grammar.objects(doc, verb) if doc.pos[verb] == "VERB" else ())):
        for k in doc.children[at]:
            if doc.deps[k] == "advmod" and doc.lower[k] in told:
                return True
            if doc.deps[k] in ("compound", "amod") and at == c.anchor and doc.lower[k] in told | {"verbal", "online"}:
                return True
            if doc.lower[k] in ("on", "in", "via") and any(
                doc.deps[p] == "pobj" and doc.lemmas[p].lower() in told for p in doc.children[k]
            ):
                return True
    return False


def _press(doc: Document, verb: int) -> bool:
    """True where the press as such is attacked or attacks, which it does in words."""
    parties = (*grammar.deep_objects(doc, verb), *grammar.deep_subjects(doc, verb))
    return any(doc.lemmas[p].lower() in ("media", "press") for p in parties)


def _of_office(doc: Document, parties: Roles, cast: Cast) -> bool:
    """True when all who act are persons or parties of politics or the press, and no state or force is their target."""
    if cast.states(parties.recipients) or cast.armed(parties.recipients):
        return False
    known = [doc.entities.get(i) for p in parties.actors for i in p.ids]
    heads = {doc.lemmas[p.token].lower() for p in parties.actors}
    if heads <= {"campaign", "candidate", "nominee"}:
        return True
    return bool(known) and all(
        e is not None and ((e.kind == "person" and e.sector in _OFFICES) or (e.sector in _CAMPAIGNS)) for e in known
    )


def by_accident(doc: Document, c: Candidate, ontology: Ontology) -> bool:
    """True for harm that nobody meant: the sentence names a crash, a flood or a disease, and no arms or deed."""
    if c.pattern.conditions and any(k.slot and not k.negative and k.values is not None for k in c.pattern.conditions):
        return False
    sentence = doc.sentences[doc.sentence_of[c.anchor]]
    words = _lemmas(doc, sentence)
    if not words & ontology.classes.get("accident", frozenset()):
        if not (c.verbal and grammar.passive(doc, c.anchor)) or doc.lemmas[c.anchor].lower() not in HARM:
            return False
        before = [_lemmas(doc, s) for s in doc.sentences[:_OPENING]]  # 'one person was killed', in a report of a storm
        if sum(bool(b & ontology.classes.get("disaster", frozenset())) for b in before) < _TOLD:
            return False
    return not any(words & ontology.classes.get(name, frozenset()) for name in ("attack", "explosive", "violence"))


def _lemmas(doc: Document, sentence: Sentence) -> set[str]:
    return {doc.lemmas[at].lower() for at in range(sentence.first, min(sentence.last, sentence.first + _LONGEST))}
