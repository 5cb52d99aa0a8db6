"""'His Russian counterpart': who holds in Russia the office that he holds in his country.

Whose counterpart it is, the possessor or the clause's subject tells; that person's office, the report or the leaders'
lexicon. The counterpart is the person whom the report names in that office for that country, else the one in the
lexicon on the report's day, else the office itself, without a name.
"""

from __future__ import annotations

from collections.abc import Callable

from onrecord.lexicon import toml
from onrecord.model import Document
from onrecord.stages.resolve.cast import Cast, Draft
from onrecord.stages.resolve.phrases import Phrase
from onrecord.stages.resolve.reading import plain_office

_KINDS = [
    [plain_office(" ".join(office.split())) for office in text.split("|")]
    for text in toml("resolve.toml")["counterparts"].values()
]
"""Offices that face each other, the usual title first; heads of state and government last."""
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})


def find(
    cast: Cast,
    phrase: Phrase,
    country: str | None,
    roles: list[tuple[int, str, Draft]],
    at: Callable[[int], Draft | None],
) -> Draft | None:
    """The holder of the facing office, or None where the report does not say whose counterpart or of which country.

    `roles` are the offices that the report gives people around (token, office, person); `at` is the person mentioned
    at a token.
    """
    doc = cast.doc
    country = country or _from(cast, phrase)
    owner = _owner(doc, phrase, at)
    if country is None or owner is None or (facing := _facing(cast, roles, owner)) is None:
        return None
    office, kind = facing
    held = [
        d
        for _, role, d in roles
        if d is not owner and d.kind == "person" and plain_office(role.lower()) in kind and _country(cast, d) == country
    ]
    named = held or [d for d in cast.drafts.values() if d is not owner and _holds(cast, d, kind, country)]
    if named:
        return named[0]
    on = doc.published
    if on is not None:
        known = [(e, plain_office(o)) for e, o in cast.lexicon.in_office(country, on) if plain_office(o) in kind]
        known = [k for k in known if k[1] == office] or known
        if len({e.key for e, _ in known}) == 1:
            return cast.known(known[0][0])
    offices = {plain_office(o) for o in cast.lexicon.offices(country)} & set(kind)
    if office not in offices:
        if len(offices) > 1 or (not offices and kind is _KINDS[-1]):
            return None
        office = min(offices, default=kind[0])
    adjective = next(iter(cast.lexicon.adjectives_of(country)), None)
    return cast.draft(
        "person", f"{adjective} {office}" if adjective else office, f"office:{country}:{office}", country=country,
        sector="GOV", role=office, noun=office.split()[-1],
    )  # fmt: skip


def _facing(cast: Cast, roles: list[tuple[int, str, Draft]], owner: Draft) -> tuple[str, list[str]] | None:
    """The owner's office in plain words, and the offices that face it."""
    offices = [role for _, role, d in roles if d is owner]
    term = owner.entry.term(cast.doc.published) if owner.entry is not None else None
    for office in (*offices, owner.role, term.office if term else None):
        said = plain_office((office or "").lower())
        kind = next((k for k in _KINDS if said in k), None)
        if kind is not None:
            return said, kind
    return None


def _owner(doc: Document, phrase: Phrase, at: Callable[[int], Draft | None]) -> Draft | None:
    """The possessor, or for 'his' the subject of the nearest clause above that names a person before."""
    if phrase.determiner == "poss":
        possessor = next((c for c in phrase.modifiers if doc.deps[c] == "poss"), None)
        return at(possessor) if possessor is not None else None
    if phrase.determiner not in ("his", "her", "their", "its", "the"):
        return None
    top, climbed = phrase.head, 0
    while doc.heads[top] != top and climbed < 30:
        before, top, climbed = top, doc.heads[top], climbed + 1
        if doc.deps[before] == "conj" and (other := at(top)) is not None:
            return other
        for child in doc.children[top]:
            if child < phrase.first and doc.deps[child] in _SUBJECTS and (subject := at(child)) is not None:
                return subject
    return None


def _from(cast: Cast, phrase: Phrase) -> str | None:
    """'his counterpart from Norland'."""
    at = phrase.last
    if at < len(cast.doc) and cast.doc.lower[at] == "from":
        for token in (at + 1, at + 2):
            if (found := cast.at_token.get(token)) is not None and found[0].first == token:
                return found[0].country
    return None


def _holds(cast: Cast, draft: Draft, kind: list[str], country: str) -> bool:
    if draft.entry is None or (term := draft.entry.term(cast.doc.published)) is None:
        return False
    return draft.kind == "person" and term.country == country and plain_office(term.office) in kind


def _country(cast: Cast, draft: Draft) -> str | None:
    return draft.entity(cast.doc.published).country
