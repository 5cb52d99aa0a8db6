"""A time among the last words of a clause: of the clause, of the next one, or of the thing named just before it."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar
from onrecord.stages.code.intervals import Time

DEFINITE = grammar.words("the this that these those his her its their our my")


def says_which(doc: Document, noun: int, time: Time) -> bool:
    """True for 'a delegate of the party in 2016, who left, asked': the time tells which one is meant."""
    by = doc.heads[time.top]
    if doc.pos[by] != "ADP":
        return False
    if doc.heads[by] == noun and doc.ents[noun].endswith("PERSON"):
        return True
    return doc.deps[noun] in ("nsubj", "nsubjpass") and doc.lower[time.last : time.last + 1] == [","]


def dates_the_matter(doc: Document, at: int, time: Time) -> bool:
    """True for 'accused him of assault in 1982', 'discussed his talks last year': words about a thing of that time.

    A day closes the saying more often than what is said, so only longer spans count.
    """
    if time.top < at or time.one_day:
        return False
    last = time.first - 1
    while last > at and (doc.pos[last] in ("ADP", "DET", "PUNCT") or doc.lower[last] == "the"):
        last -= 1
    if last <= at or doc.pos[last] not in ("NOUN", "PROPN"):
        return False
    under = doc.lower[doc.heads[last]] if doc.deps[last] == "pobj" else ""
    owned = any(doc.lower[k] in DEFINITE or doc.deps[k] == "poss" for k in doc.children[last])
    return under in ("of", "over", "about", "for") or (owned and doc.pos[last] == "NOUN")


def opens_next(doc: Document, verb: int, time: Time) -> bool:
    """True for 'left him, but a year later came back': after the conjunction, it is the next verb's time."""
    links = [k for k in doc.children[verb] if doc.deps[k] == "cc" and verb < k < time.first]
    return bool(links) and any(doc.deps[k] == "conj" and k >= time.last for k in doc.children[verb])
