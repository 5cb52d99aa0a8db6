"""'The group', 'the militants', 'the country', 'the two countries': actors that the report has just named.

A word for a kind of body is joined to the one body of that kind named in the sentences before: of two named together
neither is meant. 'The country' is the country named alone around it, 'the two countries' the two named together.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.phrases import Phrase, after

_ARMED = frozenset({"REB", "PRM", "UAF", "CRM"})
_FIGHTERS = words("units", "fighters")
_STATES = words("units", "states")
_GROUPS = words("units", "groups")
_COMPANIES = words("units", "companies")
_SOFT = words("units", "adjectives_of_armed_groups")
_CAMPAIGNERS = words("units", "adjectives_of_campaigners")
_TIED = frozenset({"linked", "backed", "affiliated", "aligned", "inspired", "led"})  # 'the al-Qaeda-linked group'
_BACK = 3  # sentences looked back
_NAMES = 60
_ALL = 300  # names of a long report that are looked back over


def fighters(cast: Cast, phrase: Phrase, noun: str) -> Draft | None:
    """'The militants' for the one armed group that the sentences before name."""
    if phrase.determiner not in ("the", "these") or phrase.count or noun not in _FIGHTERS or modified(cast, phrase):
        return None
    near = [d for _, d in _near(cast, phrase.head, 2) if d.kind == "organisation" and d.sector in _ARMED]
    if near:
        return only(near)
    return only([d for _, d in _named_before(cast, phrase.head) if d.kind == "organisation" and d.sector in _ARMED])


def body(cast: Cast, phrase: Phrase, noun: str, country: str | None) -> Draft | None:
    """'The group', 'the extremist group', 'the US firm' for the body of that kind named in the sentences before."""
    if phrase.plural or phrase.determiner not in ("the", "this", "that"):
        return None
    said = {cast.doc.lower[i] for i in range(phrase.first, phrase.last - 1)} - {"the", "this", "that"}
    near = [(h, d) for h, d in _near(cast, phrase.head, _BACK) if d.kind in ("organisation", "group")]
    if country is not None and not said & _TIED:
        near = [(h, d) for h, d in near if d.country == country]
        said = {w for w in said if not cast.lexicon.adjective(w)}
    if noun in _COMPANIES or phrase.role.sector == "BUS":
        if said:
            return None
        before = [d for _, d in _named_before(cast, phrase.head) if d.sector == "BUS" and d.kind == "organisation"]
        return _last(cast, [(h, d) for h, d in near if d.sector == "BUS"]) or only(before)
    if noun not in _GROUPS:
        return None
    if said & _SOFT or said & _TIED:
        band = _last(cast, [(h, d) for h, d in near if d.sector in _ARMED and not phrase.first <= h < phrase.last])
        if band is not None or said & _TIED or any(d.sector in _ARMED for _, d in near):
            return band
        return only([d for d in bodies_before(cast, phrase.first) if d.sector in _ARMED])
    if said & _CAMPAIGNERS:
        return _last(cast, [(h, d) for h, d in near if d.country == "NGO" or d.sector == "CVL"])
    if said:
        return None
    kinds = _ARMED | {"PTY", "CVL"}
    return _last(cast, [(h, d) for h, d in near if d.sector in kinds or d.country in ("NGO", "IGO")])


def states(cast: Cast, phrase: Phrase, noun: str) -> list[Draft]:
    """The country of 'the country', the two of 'the two countries'; empty where the sentences before do not tell."""
    doc = cast.doc
    if noun not in _STATES or doc.deps[phrase.head] not in ("nsubj", "nsubjpass", "poss"):
        return []
    if phrase.plural:
        if not (phrase.count in ("two", "2") or phrase.determiner == "both" or noun.startswith("neighb")):
            return []
        here = doc.sentence_of[phrase.head]
        for back in range(_BACK):
            pair = _distinct([d for h, d in _near(cast, phrase.head, back) if doc.sentence_of[h] == here - back])
            if len(pair) >= 2:
                return pair if len(pair) == 2 else []
        return []
    if phrase.determiner != "the" or modified(cast, phrase):
        return []
    named = _distinct([d for _, d in _near(cast, phrase.head, _BACK)])
    return named if len(named) == 1 else []


def _distinct(drafts: list[Draft]) -> list[Draft]:
    return list(dict.fromkeys(d for d in drafts if d.kind == "country"))


def _near(cast: Cast, head: int, sentences: int) -> list[tuple[int, Draft]]:
    """Names before a token, of its own sentence and so many before it."""
    doc, here = cast.doc, cast.doc.sentence_of[head]
    at = bisect_left(cast.of_name, head, key=lambda n: n[0].first)
    found = cast.of_name[max(0, at - _NAMES) : at]
    return [
        (name.head, draft)
        for name, draft in found
        if here - doc.sentence_of[name.head] <= sentences and doc.lower[doc.heads[name.head]] not in _TIED
    ]


def _named_before(cast: Cast, head: int) -> list[tuple[int, Draft]]:
    """The names before a token, however far."""
    at = bisect_left(cast.of_name, head, key=lambda n: n[0].first)
    return [(name.head, draft) for name, draft in cast.of_name[max(0, at - _ALL) : at]]


def only(drafts: list[Draft]) -> Draft | None:
    """The one of some drafts, None where there are two."""
    found = list(dict.fromkeys(drafts))
    return found[0] if len(found) == 1 else None


def _last(cast: Cast, named: list[tuple[int, Draft]]) -> Draft | None:
    """The one body of the last sentence that names any of them."""
    if not named:
        return None
    sentence = cast.doc.sentence_of[named[-1][0]]
    return only([d for h, d in named if cast.doc.sentence_of[h] == sentence])


def bodies_before(cast: Cast, head: int) -> list[Draft]:
    """The organisations named before a token."""
    return [d for _, d in _named_before(cast, head) if d.kind == "organisation"]


def named_last(cast: Cast, head: int) -> Draft | None:
    """Whom the sentences right before a token name last, people and places left out."""
    near = [d for _, d in _near(cast, head, 1) if d.kind in ("organisation", "country")]
    return near[-1] if near else None


def countries_near(cast: Cast, head: int) -> list[Draft]:
    """The countries named in the sentences before a token, or in its own."""
    return _distinct([d for _, d in _near(cast, head, _BACK)])


def of(cast: Cast, phrase: Phrase) -> list[int]:
    """Tokens of what a phrase is 'of': 'leader of the group'."""
    return after(cast.doc, phrase)


def modified(cast: Cast, phrase: Phrase) -> bool:
    """True for a description with an adjective, or with 'of ...' or a clause after it."""
    end = phrase.last
    doing = cast.doc.tags[end + 1 : end + 2] == ["VBG"]  # 'accused the regime of shelling'
    followed = end < len(cast.doc) and not doing and cast.doc.lower[end] in ("of", "in", "from", "who", "that", "which")
    return followed or phrase.term_first - phrase.first > 1
