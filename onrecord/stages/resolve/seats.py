"""A capital as a place or as the government that sits there: 'in Moscow' and 'Moscow warned'."""

from __future__ import annotations

from onrecord.model import Document

_IN = frozenset(
    """in at near outside around through across via into towards toward over throughout inside within
    above beneath beyond off until round along""".split()
)
_OF_PLACES = frozenset(
    """outskirt suburb city town capital center centre street part east west north south edge mayor
    resident people area region district metro airport university streets battle siege bombing fall map kilometre
    kilometer mile embassy heart square skyline population port bishop archbishop university treaty accord""".split()
)
_FROM_WORDS = frozenset(
    """statement word message pressure support threat demand response reaction order aid help
    signal instruction criticism concession assurance permission directive warning call guarantee independence
    official comment money weapon""".split()
)
_MOVES = frozenset(
    """go travel fly return visit come arrive move head drive send march take bring get walk rush
    journey trip way road route flight train bus visitor tour ambassador envoy visit march""".split()
)
_PLACE_OBJECTS = frozenset(
    """bomb shell leave visit reach enter capture seize storm rock flee besiege encircle approach
    hit surround evacuate occupy tour overrun take liberate cross shake bombard shut paralyse paralyze""".split()
)
_PLACE_SUBJECTS = frozenset("lie host wake fall experience sit celebrate swelter see lay burn shake".split())
_TARGETED = frozenset(
    """accuse condemn criticise criticize blame sanction urge warn tell ask rebuke expect force
    pressure embolden invite anger infuriate alarm isolate punish supply arm back support""".split()
)
_OWNED_PLACES = frozenset(
    """street airport suburb mayor outskirts centre center district hospital subway metro
    university square resident police stock neighbourhood neighborhood hotel museum downtown population skyline port
    railway station cathedral park stadium theatre theater streets residents traffic embassy outskirt""".split()
)


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


_PLACE_NOUNS = frozenset("city town capital place home in under".split())
_GOVERNMENT_NOUNS = frozenset("official talk summit government authority diplomat regime move relation tie".split())


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
