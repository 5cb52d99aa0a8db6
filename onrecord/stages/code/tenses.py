"""Tense and aspect of a verb, read off its tag and its auxiliaries."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar

_MEANWHILE = frozenset({"as", "while", "when", "whilst"})
_LOOKS_BACK = grammar.words("admit deny acknowledge confess regret recall remember recount")
_HAVE = ("have", "'ve")
_NOMINAL = ("NOUN", "PROPN", "PRON", "NUM")


def has_perfect(doc: Document, verb: int) -> bool:
    """True for a verb with 'has', 'have' or 'had' of its own."""
    return any(doc.deps[k] == "aux" and doc.lemmas[k].lower() in _HAVE for k in doc.children[verb])


def present_perfect(doc: Document, verb: int) -> bool:
    """True for 'has met', 'have been calling', not for 'had met', 'would have met'."""
    helpers = [k for k in doc.children[verb] if doc.deps[k] == "aux"]
    return any(doc.lower[k] in ("has", "have", "'ve", "’ve") for k in helpers) and not is_future(doc, verb)


def perfect(doc: Document, verb: int) -> bool:
    """True for a verb with 'has', 'have' or 'had', its own or that of the verb it is joined to or governed by."""
    for _ in range(3):
        if has_perfect(doc, verb):
            return True
        if doc.deps[verb] not in ("conj", "xcomp") or doc.pos[doc.heads[verb]] not in ("VERB", "AUX"):
            return False
        verb = doc.heads[verb]
    return False


def in_progress(doc: Document, verb: int) -> bool:
    """True for 'is holding': what goes on as the report is written was not over on a day before."""
    return doc.tags[verb] == "VBG" and any(
        doc.deps[k] == "aux" and doc.tags[k] in ("VBZ", "VBP") and doc.lemmas[k].lower() in ("be", "'s", "'re", "'m")
        for k in doc.children[verb]
    )


def is_future(doc: Document, verb: int) -> bool:
    """True for a verb with a modal: 'will meet', 'would meet'."""
    return any(doc.deps[k] == "aux" and doc.tags[k] == "MD" for k in doc.children[verb])


def same_tense(doc: Document, later: int, first: int) -> bool:
    """True when two joined verbs are in one tense; a bare participle joined to a past is a past."""
    return doc.tags[later] == doc.tags[first] or _told_as(doc, later) == _told_as(doc, first)


def _told_as(doc: Document, verb: int) -> str:
    if doc.tags[verb] == "VBN" and not any(doc.deps[k] in ("aux", "auxpass") for k in doc.children[verb]):
        return "VBD"
    return doc.tags[verb]


def opening(doc: Document, verb: int) -> list[int]:
    """The participles that open a sentence before its verb: 'SPEAKING in Oslo on Friday, he condemned the raid'."""
    return [
        k
        for k in doc.children[verb]
        if k < verb
        and doc.deps[k] == "advcl"
        and doc.tags[k] == "VBG"
        and doc.lemmas[k].lower() not in ("begin", "start")
        and not any(doc.deps[m] in ("mark", "aux", "prep") and m < k for m in doc.children[k])
    ]


def meanwhile(doc: Document, verb: int) -> bool:
    """True for an adverbial clause of the same moment: 'as troops moved in', 'killing ten', 'to sign the deal'."""
    if has_perfect(doc, verb):
        return False
    marks = [doc.lower[k] for k in doc.children[verb] if doc.deps[k] in ("mark", "advmod") and k < verb]
    if any(m in _MEANWHILE for m in marks):
        return doc.tags[verb] in ("VBD", "VBG", "VBN")
    if any(doc.deps[k] == "mark" for k in doc.children[verb]):
        return False
    if past_pledge(doc, verb):
        return False
    bare = doc.tags[verb] == "VB" and doc.lower[verb - 1] == "to"
    return bare or doc.tags[verb] == "VBG"


def past_pledge(doc: Document, verb: int) -> bool:
    """True for 'warned that it would act, SHOOTING down more': the parser's verb may be the wrong one of the two."""
    up = doc.heads[verb]
    return any(up < k < verb and doc.deps[k] == "ccomp" and is_future(doc, k) for k in doc.children[up])


def of_another_time(doc: Document, verb: int) -> bool:
    """True for a participle below a verb of another time: 'admitted on Friday ABUSING its power'."""
    return doc.tags[verb] == "VBG" and (doc.lemmas[doc.heads[verb]].lower() in _LOOKS_BACK or past_pledge(doc, verb))


def joined_things(doc: Document, first: int, later: int) -> list[int]:
    """Nouns that the parser joins to a verb before a second one, whose subject they are: 'and TWO of them won'."""
    return [k for k in doc.children[first] if k < later and doc.deps[k] == "conj" and doc.pos[k] in _NOMINAL]
