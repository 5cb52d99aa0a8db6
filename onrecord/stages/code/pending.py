"""Events that the clause leaves open: of whom a rule is, what is asked for, what is still ahead."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar

_SUBMITS = grammar.words(
    "recommend submit send propose nominate push press wait refer forward return put pass need seek"
)
_MEETINGS = grammar.words("summit meeting visit")
_BILLS = grammar.words("bill law resolution order decree act")
_SET = grammar.words("set schedule slate plan expect")


def whoever(doc: Document, verb: int, noun: int) -> bool:
    """True for a clause that says which people a rule is about: 'bars people who were CONVICTED of theft'.

    The noun is a bare plural, the clause above in the present or future, and nothing in the clause is named or dated.
    """
    if doc.tags[noun] != "NNS" or doc.lower[noun] in ("police", "charges") or not grammar.passive(doc, verb):
        return False
    if any(doc.deps[k] in ("det", "poss", "nummod", "amod", "compound") and k < noun for k in doc.children[noun]):
        return False
    if any(doc.ents[k] != "O" for k in grammar.clause(doc, verb)[:40]):
        return False
    above = grammar.clause_verb(doc, noun)
    if above in (noun, verb) or (doc.tags[above] in ("VBD", "VBN") and not _present(doc, above)):
        return False
    return not any(doc.lower[k] in ("has", "have", "had", "was", "were") for k in _helpers(doc, above))


def sought(doc: Document, noun: int) -> bool:
    """True for the bare noun of 'sent it to the council for APPROVAL', which is not given by that."""
    if doc.deps[noun] != "pobj" or doc.lower[doc.heads[noun]] != "for" or doc.tags[noun] != "NN":
        return False
    if any(doc.deps[k] in ("det", "poss", "amod", "nummod") for k in doc.children[noun]):
        return False
    up = doc.heads[doc.heads[noun]]
    return doc.lemmas[up].lower() in _SUBMITS or doc.lemmas[grammar.clause_verb(doc, up)].lower() in _SUBMITS


def ahead(doc: Document, noun: int) -> bool:
    """True for an event noun that is still to come: 'ahead of the summit'."""
    up = doc.heads[noun]
    return doc.deps[noun] == "pobj" and doc.lower[up] == "of" and up > 0 and doc.lower[up - 1] == "ahead"


def imagined(doc: Document, noun: int) -> bool:
    """True for an event noun of which is told what it would do: 'an invasion, which would need more troops'."""
    if any(doc.deps[k] in ("poss", "nummod") or doc.lower[k] in ("the", "this", "that") for k in doc.children[noun]):
        return False
    return any(
        doc.deps[k] == "relcl"
        and any(doc.deps[a] == "aux" and doc.lower[a] in ("would", "could", "might", "'d") for a in doc.children[k])
        for k in doc.children[noun]
    )


def awaited(doc: Document, noun: int) -> bool:
    """True for a meeting that is yet to be: 'on the eve of the summit', 'the summit is set for Monday'."""
    up = doc.heads[noun]
    if doc.deps[noun] == "pobj":
        return doc.lower[up] == "of" and up > 0 and doc.lower[up - 1] == "eve"
    if doc.deps[noun] != "nsubjpass" or doc.lemmas[up].lower() not in _SET or doc.tags[up] != "VBN":
        return False
    now = any(doc.deps[k] == "auxpass" and doc.tags[k] in ("VBZ", "VBP") for k in doc.children[up])
    return now and any(doc.lower[k] in ("for", "on", "in") for k in doc.children[up])


def _helpers(doc: Document, verb: int) -> list[int]:
    return [k for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass")]


def _present(doc: Document, verb: int) -> bool:
    """True for a passive in the present or future: 'are barred', 'will be barred'."""
    return any(doc.tags[k] in ("VBZ", "VBP", "MD") for k in _helpers(doc, verb))


def of_no_thing(doc: Document, verb: int) -> bool:
    """True for 'reached no agreements', 'killed no one': the denial stands at the object."""
    return any(doc.deps[k] == "dobj" and any(doc.lower[d] == "no" for d in doc.children[k]) for k in doc.children[verb])


def of_all(doc: Document, verb: int) -> bool:
    """True for 'have not agreed on everything', who have agreed on some of it."""
    return any(h in ("everything", "all") for _, t in grammar.prepositional(doc, verb) for h in (doc.lower[t],))


def common(doc: Document, noun: int) -> bool:
    """True for meetings in general: 'summits with Kenya are common', 'having meetings is good'."""
    if doc.tags[noun] != "NNS" or doc.lemmas[noun].lower() not in _MEETINGS:
        return False
    if any(doc.deps[k] in ("det", "poss", "nummod", "amod") for k in doc.children[noun]):
        return False
    verb = doc.heads[noun]
    if doc.deps[noun] == "nsubj":
        return doc.lemmas[verb].lower() == "be" and doc.tags[verb] in ("VBP", "VBZ")
    return doc.deps[noun] == "dobj" and doc.tags[verb] == "VBG" and doc.deps[verb] in ("csubj", "pcomp", "nsubj")


def of_bill_ahead(doc: Document, verb: int) -> bool:
    """True for 'will sign a bill IMPOSING a toll', which it does once it is signed."""
    noun = doc.heads[verb]
    if doc.deps[verb] != "acl" or doc.tags[verb] != "VBG" or doc.lemmas[noun].lower() not in _BILLS:
        return False
    return any(doc.lower[k] in ("will", "'ll", "would") for k in _helpers(doc, grammar.clause_verb(doc, noun)))
