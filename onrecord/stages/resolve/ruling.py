"""Those who rule: 'the Biden administration', 'the regime', 'the junta', 'the army' of a report about one country."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from onrecord.stages.resolve import implied, units
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.lexicon import INTERNATIONAL, words
from onrecord.stages.resolve.names import Name
from onrecord.stages.resolve.phrases import Phrase

_RULERS = words("ruling", "rulers")
_FORCES = words("ruling", "forces")
_LED = words("ruling", "led")
_LEADS = words("ruling", "leads")
_OF_ONE_STATE = words("ruling", "of_one_state")
_WITHOUT_ARTICLE = ("police", "parliament")
_IN = words("seats", "place_prepositions")
_CLIMB = 8  # heads from a place up to the verb of its clause
_TOLD = 200  # bodies looked back over
_NAMES = 60  # of a sentence that are looked at
_SHARE = 0.8  # of the report's names with a country that its police must share: more than its prime minister needs


def administration(cast: Cast, phrase: Phrase, noun: str) -> Draft | None:
    """'the Biden administration': a body of the leader's country."""
    if noun not in ("administration", "government", "regime", "cabinet"):
        return None
    for m in phrase.modifiers:
        found = cast.at_token.get(m)
        if found and found[1].kind == "person":
            leader = found[1]
            country = leader.entity(cast.doc.published).country
            name = f"{found[0].words[-1]} {noun}"
            return cast.draft(
                "organisation", name, f"administration:{leader.canonical}", country=country, sector="GOV", noun=noun
            )
    return None


def whose_administration(cast: Cast, phrase: Phrase) -> str | None:
    """The country of the head of state named in what the report adds about an 'administration official'."""
    for i in cast.doc.subtree(phrase.head)[:60]:
        found = cast.at_token.get(i)
        term = found[1].entry.term(cast.doc.published) if found and found[1].entry else None
        if term and term.office == "president":
            return term.country
    return None


def again(cast: Cast, phrase: Phrase, noun: str, bodies: Sequence[tuple[int, Draft]]) -> Draft | None:
    """'The regime', 'the army': the one of that kind last told of, else that of the one country that is spoken of.

    `bodies` are the bodies described before, in text order, with their tokens.
    """
    if phrase.determiner != "the" or phrase.plural or units.modified(cast, phrase):
        return None
    if noun in _RULERS:
        told = [d for _, d in bodies if d.noun in _RULERS and d.country]
        return told[-1] if told else _of_the_country(cast, phrase, noun)
    if noun in _FORCES:
        told = [d for _, d in bodies if d.noun in _FORCES and d.country]
        named = [d for d in units.bodies_before(cast, phrase.head) if d.sector == "MIL" and d.entry is not None]
        return told[-1] if told else units.only(named)
    return None


def _of_the_country(cast: Cast, phrase: Phrase, noun: str) -> Draft | None:
    code = implied.seat(cast, phrase) or implied.about(cast)
    if code is None and noun != "government":
        near = units.countries_near(cast, phrase.head)
        code = near[0].country if len(near) == 1 else None
    if code is None:
        return None
    if noun == "junta":
        return cast.draft("organisation", "junta", f"body:{code}:junta", country=code, sector="GOV", noun=noun)
    return cast.country(code)


def of_one_state(cast: Cast, phrase: Phrase, noun: str, bodies: Sequence[tuple[int, Draft]]) -> str | None:
    """The country of bare 'police', 'the army', 'the court', None where the words around do not single one out.

    It is that of the body of the kind told of before, of the place where the clause happens, or of nearly all names of
    the report; and the sentence names no other.
    """
    bare = ("the", "") if noun in _WITHOUT_ARTICLE else ("the",)  # 'went to court' is to any
    if phrase.role.term not in _OF_ONE_STATE or phrase.determiner not in bare:
        return None
    if (phrase.plural and noun != "police") or phrase.term_first > phrase.first + (phrase.determiner == "the"):
        return None
    if phrase.role.sector in cast.counted()[1]:
        return None
    told = {d.country for _, d in bodies[-_TOLD:] if d.noun == noun and d.country}
    report = implied.about(cast, _SHARE)
    if len(told) > 1:
        return None
    code = next(iter(told), None) or report or _clause_in(cast, phrase)
    here = {d.country for _, d in _names_of_sentence(cast, phrase)} - INTERNATIONAL - {None}
    return code if here <= {code} else None


def _clause_in(cast: Cast, phrase: Phrase) -> str | None:
    """The country of the places in which the clause of a phrase happens; None where they are of two."""
    doc = cast.doc
    verb = doc.heads[phrase.head]
    if doc.pos[verb] != "VERB":
        return None
    found = {
        draft.country
        for name, draft in _names_of_sentence(cast, phrase)
        if draft.kind in ("place", "country") and draft.country and _placed_under(cast, name.head, verb)
    }
    return found.pop() if len(found) == 1 else None


def _placed_under(cast: Cast, token: int, verb: int) -> bool:
    """True for a name after 'in' or 'near' on a verb or on its object: 'fired at crowds in Nairobi'."""
    doc = cast.doc
    at = doc.heads[token]
    if doc.deps[token] != "pobj" or doc.lower[at] not in _IN:
        return False
    for _ in range(_CLIMB):
        at = doc.heads[at]
        if at == verb:
            return True
        if doc.pos[at] in ("VERB", "AUX"):
            return False
    return False


def _names_of_sentence(cast: Cast, phrase: Phrase) -> list[tuple[Name, Draft]]:
    sentence = cast.doc.sentences[cast.doc.sentence_of[phrase.head]]
    first = bisect_left(cast.of_name, sentence.first, key=lambda n: n[0].first)
    last = bisect_left(cast.of_name, sentence.last, key=lambda n: n[0].first)
    return cast.of_name[first : min(last, first + _NAMES)]


def sector_led(cast: Cast, phrase: Phrase) -> str | None:
    """The sector of whom a body's leader leads: 'Hamas leader', 'the Mossad chief', 'leader of the Norland Party'."""
    if phrase.role.term.split()[-1] not in _LEADS:
        return None
    for at in (*phrase.modifiers, phrase.first - 1, *units.of(cast, phrase)):
        found = cast.at_token.get(at)
        if found is not None and found[1].kind == "organisation" and found[1].sector in _LED:
            return found[1].sector
    if phrase.determiner in ("its", "their"):
        owner = units.named_last(cast, phrase.first)
        if owner is not None and owner.kind == "organisation" and (owner.sector in _LED or owner.sector is None):
            return owner.sector or "UNK"
    return None
