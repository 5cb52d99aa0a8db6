"""A capital as a place or as the government that sits there: 'in Moscow' and 'Moscow warned'."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.resolve.lexicon import words

_IN = words("seats", "place_prepositions")
_FROM_WORDS = words("seats", "comes_from_a_government")
_MOVES = words("seats", "moves")
_PLACE_OBJECTS = words("seats", "done_to_places")
_PLACE_SUBJECTS = words("seats", "done_by_places")
_TARGETED = words("seats", "done_to_governments")
_OWNED_PLACES = words("seats", "owned_by_places")


def governs(doc: Document, head: int, depth: int = 0) -> bool:
    """True when the capital named at this token acts, speaks or is dealt with as a government.

    Read from the grammar alone: subject of an action, object of 'accuse' but not of 'visit', 'ties with' but not
    'in'; a list of names is read as its first member is.
    """
    dep, at = doc.deps[head], doc.heads[head]
    verb = doc.lemmas[at].lower()
    if dep == "nsubj":
        if verb == "be":
            return not any(doc.deps[c] in ("attr", "prep") and doc.lower[c] in _PLACE_NOUNS for c in doc.children[at])
        return doc.pos[at] in ("VERB", "AUX") and verb not in _PLACE_SUBJECTS
    if dep in ("nsubjpass",):
        return verb in _TARGETED
    if dep in ("dobj", "dative"):
        return verb not in _PLACE_OBJECTS
    if dep == "poss":
        return verb not in _OWNED_PLACES and doc.pos[at] != "PROPN"
    if dep == "pobj":
        return _after_preposition(doc, at)
    if dep == "conj" and depth < 8 and doc.heads[head] != head:
        return governs(doc, at, depth + 1)
    if dep in ("compound", "amod", "nmod"):
        return doc.tags[at] in ("NN", "NNS") and verb in _GOVERNMENT_NOUNS
    return False


def speaks(doc: Document, first: int, last: int) -> bool:
    """'On Monday Canberra said': a verb of saying or deciding right after, and nothing before that makes it a place."""
    if last >= len(doc) or doc.sentence_of[last] != doc.sentence_of[first]:
        return False
    if doc.tags[last] not in ("VBD", "VBZ", "VBP") or doc.lemmas[last].lower() not in _SPEAKS:
        return False
    before = first - 1
    if before < 0 or doc.sentence_of[before] != doc.sentence_of[first]:
        return True
    return doc.pos[before] in ("PUNCT", "CCONJ", "SCONJ", "ADV") or doc.ents[before].endswith("DATE")


_SPEAKS = words("seats", "speaks_or_decides")
_PLACE_NOUNS = words("seats", "says_that_it_is_a_place")
_GOVERNMENT_NOUNS = words("seats", "of_governments")


def _after_preposition(doc: Document, prep: int) -> bool:
    word, at = doc.lower[prep], doc.heads[prep]
    above = doc.lemmas[at].lower()
    if word in _IN:
        return False
    if word == "from":
        return above in _FROM_WORDS
    if word == "of":
        return doc.pos[at] == "VERB" or above in ("ally", "critic", "behalf", "support", "criticism", "patience")
    if word in ("to", "for"):
        return above not in _MOVES and above not in ("leave", "depart", "bind", "embark")
    if word == "on":
        return above in ("sanction", "pressure", "depend", "call", "blame", "impose", "restriction", "tariff", "war")
    return word in ("against", "with", "between", "by", "among", "toward", "than", "like", "about")
