"""What says too little to be a mention: nobody's act, a meeting of one, what is done in general."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.actors import Cast, Party
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.figures import figurative
from onrecord.stages.code.modality import told_as
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.quantities import quantities
from onrecord.stages.code.roles import Roles
from onrecord.stages.code.where import credible, where

_REFLEXIVE = ("self", "selves")
_HABITS = grammar.words(
    "typically usually often always regularly normally generally routinely frequently sometimes rarely traditionally "
    "historically commonly"
)
_QUOTES = frozenset({'"', "“", "”", "``", "''", "'", "‘", "’"})
_YEARLY = grammar.words("yearly annual weekly monthly daily regular")
_ONESELF = grammar.words("he she they it we i")
_BY_SOMEBODY = frozenset({"SUPPORT", "REQUEST", "AGREE", "CONCEDE"})  # a noun alone is an opinion or a thing


def too_little(doc: Document, c: Candidate, parties: Roles, cast: Cast, ontology: Ontology) -> bool:
    """True for words without parties: nobody acts or is acted on, a meeting of one, a verbal act of nobody's."""
    kind = ontology.types[c.type]
    if not parties.actors and not parties.recipients:
        if c.mode == "arrest" and not c.verbal and c.light is not None:
            return False
        taken = c.mode == "seize" and c.verbal and grammar.passive(doc, c.anchor) and bool(c.pattern.conditions)
        return not (
            (kind.physical or taken) and (credible(doc, where(doc, c.anchor, c.light)) or quantities(doc, c, ontology))
        )
    patient_only = c.pattern.frame.startswith((">", "in ", "from by > x"))
    nameless = (
        not parties.actors and not patient_only and (kind.quad != 4 or c.type in ("COERCE", "SANCTION")) and c.verbal
    )
    if nameless and (
        (c.inner and kind.quad in (1, 3) and c.pattern.cameo != "115")
        or _by_nobody(doc, c)
        or not grammar.passive(doc, c.anchor)
    ):
        return True
    if not parties.actors and not c.verbal and c.light is None and kind.quad in (1, 3) and c.type in _BY_SOMEBODY:
        return True
    if c.type == "AGREE" and not c.verbal and c.light is not None and doc.lemmas[c.light].lower() in ("have", "be"):
        return True
    if not parties.actors and c.verbal and not patient_only and c.type in ("AID", "SUPPORT", "REQUEST", "AGREE"):
        return True
    if c.type == "ASSAULT" and c.verbal and figurative(doc, c, parties, cast, ontology):
        return True
    if told_as(doc, c) in ("hypothetical", "negated") and not parties.actors:
        return True
    if c.verbal and _of_it(doc, parties) and (kind.quad in (1, 2) or not parties.recipients):
        return True  # 'the law is old; it allows visits'
    if kind.quad in (1, 3) and not parties.recipients and not kind.mutual and _anyone(doc, parties):
        return True
    if (c.type == "AID" and not parties.recipients) or _of_one_mind(doc, c):
        return True
    armed = cast.states(parties.actors) or cast.armed(parties.actors)
    if _in_general(doc, c) or (c.pattern.anchor == "warn" and c.type == "THREATEN" and not armed and _foreseen(doc, c)):
        return True
    if (
        c.mode == "phone"
        and c.verbal
        and any(doc.words[k] in _QUOTES for o in grammar.objects(doc, c.anchor) for k in doc.subtree(o))
    ):
        return True  # who calls people "thieves" does not telephone
    if "must:" in c.pattern.text and all(doc.lower[p.token] in ("we", "i", "us") for p in parties.recipients):
        return True
    if c.type == "ASSAULT" and not c.verbal and not parties.actors and grammar.slot(doc, c.anchor, "between"):
        return True
    if c.type == "SANCTION" and parties.actors and not parties.recipients and _anyone(doc, parties):
        return True
    told = c.type in ("ACCUSE", "REQUEST", "THREATEN") and c.verbal
    if told and any(doc.lower[o].endswith(_REFLEXIVE) for o in grammar.objects(doc, c.anchor)):
        return True
    if c.type == "THREATEN" and c.pattern.type != c.type and not parties.actors:
        return True  # 'the deal will be attacked' is no threat of anybody's
    wished = any(doc.lemmas[at].lower() in ("want", "wish") for _, at in c.effects)
    if c.type == "THREATEN" and wished and not armed and not any(cast.governs(p) for p in parties.actors):
        return True  # who wants to hurt a rival has threatened nobody
    if not parties.recipients and "must:" in c.pattern.text:
        return True
    if c.type == "CONSULT" and c.mode == "visit" and not c.verbal and c.light is None and not parties.actors:
        return True
    if (
        c.type == "COERCE"
        and c.mode == "restrict"
        and c.verbal
        and not parties.recipients
        and _own_thing(doc, c.anchor)
    ):
        return True
    if kind.mutual and not _several(doc, parties):
        return c.mode not in ("visit", "third-party", "multilateral")
    return c.type == "CONSULT" and any(_broadcaster(doc, p, cast) for p in parties.actors)


def _of_one_mind(doc: Document, c: Candidate) -> bool:
    """True for an opinion that is shared, which is no agreement: 'The senator agrees.'"""
    if c.pattern.type != "AGREE" or doc.lemmas[c.anchor].lower() not in ("agree", "concur"):
        return False
    kind = doc.paragraphs[doc.sentences[doc.sentence_of[c.anchor]].paragraph].kind
    held = doc.tags[c.anchor] in ("VBP", "VBZ") or doc.lemmas[c.anchor].lower() == "concur"
    does = any(doc.deps[k] == "aux" and doc.lemmas[k].lower() == "do" for k in doc.children[c.anchor])
    present = does and not any(doc.lower[k] == "did" for k in doc.children[c.anchor])
    bargains = ("obj", "comp", "to") if kind == "body" else ("obj", "comp", "to", "on", "upon")
    return (held or present) and not any(grammar.slot(doc, c.anchor, name) for name in bargains)


def _in_general(doc: Document, c: Candidate) -> bool:
    """True for a habit: 'We work with charities', 'groups that typically support Berg', 'holds a yearly rally'."""
    if not c.verbal and c.light is None:
        return False
    verb = c.top
    kind = doc.paragraphs[doc.sentences[doc.sentence_of[verb]].paragraph].kind
    helped = any(doc.deps[k] in ("aux", "auxpass") for k in doc.children[verb])
    if kind != "body" or doc.tags[verb] not in ("VBP", "VBZ") or helped:
        return False
    if c.type == "COOPERATE" and c.verbal:
        return True
    if any(doc.lower[k] in _HABITS and doc.deps[k] == "advmod" for k in doc.children[verb]):
        return True
    near = (c.anchor, *grammar.objects(doc, verb))
    return any(doc.lower[k] in _YEARLY and doc.deps[k] == "amod" for at in near for k in doc.children[at])


def _foreseen(doc: Document, c: Candidate) -> bool:
    """True for a warning of what comes of itself: 'warned his colleagues that the law would divide the town'."""
    if c.inner or grammar.slot(doc, c.anchor, "against"):
        return False
    mine = {doc.lemmas[s].lower() for s in grammar.deep_subjects(doc, c.anchor)}
    for clause in grammar.slot(doc, c.anchor, "that"):
        theirs = grammar.subjects(doc, clause)
        if theirs and not any(doc.lower[t] in _ONESELF or doc.lemmas[t].lower() in mine for t in theirs):
            return True
    return False


def _own_thing(doc: Document, verb: int) -> bool:
    """True for 'curbed their growth': who holds himself back coerces nobody."""
    objects = grammar.objects(doc, verb) if not grammar.passive(doc, verb) else []
    return bool(objects) and all(any(doc.tags[k] == "PRP$" for k in doc.children[o]) for o in objects)


def _broadcaster(doc: Document, party: Party, cast: Cast) -> bool:
    """True for a reporter or a station's host, whose talk with somebody is an interview: 'the BBC's Ann Hill'."""
    owners = [k for k in doc.children[party.token] if doc.deps[k] == "poss"]
    known = [*party.ids, *(i for k in owners for i in (cast.named(k) or (None, ()))[1])]
    return any(doc.entities[i].sector == "JRN" for i in known if i in doc.entities)


def _several(doc: Document, parties: Roles) -> bool:
    """True when more than one party is named, be it by one plural: 'the two leaders'."""
    if len(parties.actors) == 1:
        one = parties.actors[0]
        return doc.tags[one.token] in ("NNS", "NNPS") or (len(one.ids) > 1 and doc.tags[one.token] != "NN")
    return len(parties.actors) > 1


def _anyone(doc: Document, parties: Roles) -> bool:
    """True when those who act are pronouns that nothing resolves: 'something that they support'."""
    return all(doc.pos[p.token] == "PRON" and not p.ids for p in parties.actors)


def _of_it(doc: Document, parties: Roles) -> bool:
    """True where all that acts is an 'it' of which nothing says what it is, be it a law or a plan."""
    return bool(parties.actors) and all(doc.lower[p.token] == "it" and not p.ids for p in parties.actors)


def _by_nobody(doc: Document, c: Candidate) -> bool:
    """True when a passive names an agent that is no actor: 'supported by sanctions'."""
    return c.verbal and grammar.passive(doc, c.anchor) and bool(grammar.deep_subjects(doc, c.anchor))
