"""People who are called like a country or a capital: 'Aden' for Colonel Sadik Aden, 'Jordan' for Maya Jordan.

A report that names such a person in full goes on with the one word, which the lexicon knows as a country. It is the
person where the words around say so (a title, a verb of saying, the parser's tag), and elsewhere unless the report
speaks of the country too or the word stands where places stand.
"""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.resolve.lexicon import Lexicon, words
from onrecord.stages.resolve.names import Name, titled

_IN = frozenset({"in", "near", "into", "across", "outside", "around", "throughout", "inside", "within", "northern",
                 "southern", "eastern", "western", "central", "neighbouring", "neighboring", "nearby"})  # fmt: skip
_SAY = words("pronouns", "verbs_of_saying")
_LOOSE = words("names", "titles_that_prove_no_person")
_MODIFIERS = frozenset({"compound", "amod", "nmod"})


def tell(doc: Document, lexicon: Lexicon, names: list[Name]) -> None:
    """Turn the names of countries and seats that mean people of the report into names of people."""
    called: dict[str, int] = {}
    for name in names:
        if name.kind == "person" and len(name.words) > 1:
            for word in (name.words[-1], name.words[0]):
                called.setdefault(word, name.first)
    of_country: dict[str, int] = {}
    for name in names:
        if name.country and not (_alone(name) and name.words[0] in called and not _located(doc, name)):
            of_country[name.country] = of_country.get(name.country, 0) + 1
    for name in names:
        if name.country is None or not _alone(name):
            continue
        by_title = _by_title(doc, lexicon, name)
        if not by_title and (name.words[0] not in called or _located(doc, name)):
            continue
        if by_title or _as_person(doc, name) or (called[name.words[0]] < name.first and name.country not in of_country):
            name.entry, name.kind, name.form = None, "person", "name"
            titled(doc, lexicon, name)


def _alone(name: Name) -> bool:
    return len(name.words) == 1 and name.form in ("name", "seat")


def _by_title(doc: Document, lexicon: Lexicon, name: Name) -> bool:
    """'Colonel Aden said': a title right before, and no noun that the word describes."""
    at = name.first - 1
    return (
        at >= 0
        and doc.words[at][:1].isupper()
        and doc.lower[at] in lexicon.titles
        and doc.lower[at] not in _LOOSE
        and doc.deps[name.head] not in _MODIFIERS
        and doc.sentence_of[at] == doc.sentence_of[name.first]
    )


def _located(doc: Document, name: Name) -> bool:
    """'in Aden', 'southern Jordan', 'Aden, Yemen'."""
    if name.first and doc.lower[name.first - 1] in _IN:
        return True
    return (
        doc.text[name.span.end : name.span.end + 2] == ", "
        and name.last + 1 < len(doc)
        and doc.ents[name.last + 1] == "B-GPE"
    )


def _as_person(doc: Document, name: Name) -> bool:
    head = name.head
    if doc.ents[head].endswith("PERSON"):
        return True
    return doc.deps[head] == "nsubj" and doc.lemmas[doc.heads[head]].lower() in _SAY and name.form != "seat"
