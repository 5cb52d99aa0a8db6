"""Those who rule: 'the Biden administration', 'the regime', 'the junta', 'the army' of a report about one country."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.stages.resolve import implied, units
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.phrases import Phrase

_RULERS = words("ruling", "rulers")
_FORCES = words("ruling", "forces")
_LED = words("ruling", "led")
_LEADS = words("ruling", "leads")


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
