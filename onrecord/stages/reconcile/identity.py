"""Who a source is when origins are counted: an institution that speaks, a person, an unnamed official, a paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from onrecord import lexicon
from onrecord.model import Entity
from onrecord.stages.reconcile import described
from onrecord.stages.reconcile.view import Report, Source, Story
from onrecord.stages.reconcile.words import content, settings, stem
from onrecord.text import plain, words

_GOVERNMENT = ("GOV", "SPY")
_BODY_OF_SECTOR = {"COP": "police", "JUD": "court", "MIL": "military", "HLH": "hospital"}
_TAIL = re.compile(r",|;| \b(?:of|in|at|on|for|from|who|which|that|with|near|under|by)\b ")
_PARTICIPLE = re.compile(r" \w{3,}ing\b")
_QUOTED = re.compile(r"([^,;.]{3,45}?) (?:as )?(?:saying|said|says|stating)\b")
_OFFICE = re.compile(r"'s (?:office|team|staff|campaign|camp|aides?|spokes\w+|lawyers?|attorneys?)\b")
_PLURAL_MEDIA = re.compile(r"\b(?:media|press|reports|newspapers|papers|outlets|websites|channels)\b")
_PERSONAL = ("LEG", "OPP", "PTY", "BUS", "CVL", "CIV", "EDU", "ELI", "REB")


@dataclass(frozen=True, slots=True)
class Identity:
    """Sources that share a key are one. `telling` are the words of an unnamed source's description, for comparing it
    with others; `vague` marks a description that need not mean the same people in another report."""

    kind: str  # one of schema.ORIGIN_KINDS
    keys: tuple[tuple[str, ...], ...]
    label: str
    telling: frozenset[str] = frozenset()
    vague: bool = False
    by_media: bool = False  # the state's own media: a road as much as a source
    guessed: bool = False  # whose government it is, its own words do not say


@cache
def _pattern(*path: str) -> re.Pattern[str]:
    found: Any = settings()
    for step in path:
        found = found[step]
    either = "|".join(re.escape(w) for w in sorted(found, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{either})(?!\w)")


@cache
def _bodies() -> tuple[str, ...]:
    bodies = settings()["bodies"]
    assert isinstance(bodies, dict)
    return tuple(bodies)


@cache
def _agencies() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of the names of news agencies and outlets that the lexicon knows, and the first name of each."""
    names: dict[str, str] = {}
    for row in lexicon.rows("agencies.tsv"):
        for field in ("name", "aliases", "domains", "abbreviations"):
            for alias in row[field].split("|"):
                if len(alias) > 2:
                    names.setdefault(plain(alias), plain(row["name"]))
    either = "|".join(re.escape(n) for n in sorted(names, key=lambda n: (-len(n), n)))
    return re.compile(rf"(?<![\w-])(?:{either})(?!\w)"), names


def known_agency(name: str) -> bool:
    """True when a byline is no more than the name of an agency or outlet of the lexicon, 'By' aside."""
    bare = plain(name).removeprefix("by ").strip(" .,")
    return _agencies()[0].fullmatch(bare) is not None


def outlet_key(name: str) -> str:
    """An outlet's name or web address reduced to what tells it from others ('www.bbc.co.uk', 'BBC News' -> 'bbc')."""
    name = plain(name)
    pattern, names = _agencies()
    known = pattern.search(name)
    if known:
        name = names[known.group()]
    if re.fullmatch(r"[\w.-]+\.[a-z]{2,}(?:/.*)?", name):
        parts = name.split("/")[0].split(".")[:-1]
        while len(parts) > 1 and parts[-1] in ("co", "com", "org", "net", "gov", "ac", "edu"):
            parts.pop()
        own = parts[-1] if parts else name
        return own.removesuffix("news") if len(own) > 6 else own
    kept = [w for w in name.split() if w not in ("the", "news", "online", "agency", "newspaper", "website", "report")]
    return " ".join(kept) or name


def identify(source: Source, report: Report, story: Story) -> Identity | None:
    """What the source of an attribution is; `None` for one that names nobody ('it was reported')."""
    asked = source.id or source, report.id
    if asked not in story.identities:
        story.identities[asked] = _identify(source, report, story)
    found: Identity | None = story.identities[asked]
    return found


def _identify(source: Source, report: Report, story: Story) -> Identity | None:
    if source.type == "unattributed":
        return None
    entity = story.entities.get(source.entity or "")
    label = _label(source, report, entity)
    if _nobody(label):
        return None
    named = " ".join(report.text[s:e] for s, e in source.named)
    if _nobody(named) and content(label)[0] & content(" ".join(report.text[s:e] for s, e in source.content))[0]:
        return None  # 'they added', with those who are spoken of taken for those who speak
    known = (entity.name, entity.role) if entity else ()
    told = described.text_of(source, report, story)
    said = plain(" ".join(t for t in (named, source.label, *known) if t)) + " / " + told
    country = source.country or (entity.country if entity else None) or "?"
    busied = _PARTICIPLE.search(label)
    if entity is None and busied and not any(w[:1].isupper() for w in label[: busied.start()].split()[1:]):
        # 'The prosecutor investigating Russian loans' is not thereby Russia's.
        country = "?"
    if _pattern("government", "media").search(said):
        return Identity("institution", (("government", country),), label, by_media=True)
    if source.type == "outlet" and (body := _quoted_body(source, report)):
        return _institution(body, country, label)
    if _of_this_outlet(told, report):
        return _outlet(None, report, named, report.outlet or label)
    if source.type == "outlet" or _staff(label):
        return _outlet(entity, report, named, label)
    if _unspecified(label, source.country):
        return Identity("institution", (("officials", country),), label, vague=True)
    nominal = entity is not None and entity.kind in ("person", "group") and not _capital(entity.name)
    hidden = source.type == "anonymous" or (source.type == "named" and nominal)
    if hidden and not _is_body(named or label) and not _pattern("spokespeople", "words").search(said):
        return _anonymous(source, entity, label, label)
    found = _speaking(source, entity, said, country, label, report, story) or _itself(
        source, entity, report, story, named, label
    )
    if found.keys[0][0] == "government" and described.bare(named) and source.type != "named":
        found = replace(found, guessed=True)
    head = described.owner(source, report, story, ("person",)) if _OFFICE.search(said) else None
    if head is not None and found.kind != "document":
        # 'Her office', whatever else it is called, is known by whose it is.
        found = replace(found, keys=(*found.keys, ("office of", head.id)))
    return found


@lru_cache(maxsize=20_000)
def _nobody(label: str) -> bool:
    anonymous = settings()["anonymous"]
    assert isinstance(anonymous, dict)
    return {w for w, _, _ in words(label) if len(w) > 1 or w == "i"} <= set(anonymous["nobody"])


def _staff(label: str) -> bool:
    """True for 'a Reuters witness', 'its correspondent': an outlet's own people."""
    name = plain(label)
    return bool(_agencies()[0].search(name) and _pattern("reporters", "words").search(name))


def _of_this_outlet(told: str, report: Report) -> bool:
    """True for 'NBC News chief foreign correspondent' in a report of NBC News: what he saw is the outlet's own."""
    if not report.outlet or not _pattern("reporters", "words").search(told):
        return False
    own = outlet_key(report.outlet)
    return any(outlet_key(m.group()) == own for m in _agencies()[0].finditer(told))


def _quoted_body(source: Source, report: Report) -> str | None:
    """The body that an outlet is cited as quoting: 'the agency quoted a police statement saying ...'."""
    start, end = min(source.content, default=(0, 0))
    opening = _QUOTED.match(plain(report.text[start : min(end, start + 80)]))
    return _body(opening.group(1)) if opening else None


def _outlet(entity: Entity | None, report: Report, named: str, label: str) -> Identity:
    """An outlet that is cited; 'the network', 'the paper' is the one that was named last, at first the report's own."""
    nation = _national_media(label)
    if nation:
        return Identity("outlet", (("media", nation),), label, vague=True)
    own = outlet_key(report.outlet) if report.outlet else None
    known_as = entity.name if entity is not None and _capital(entity.name) and not _staff(label) else label
    if _bland(known_as):
        if ("outlets", 0) not in report.found:
            outlets = [s.label for s in report.sources if s.type == "outlet" and s.label and not _bland(s.label)]
            report.found["outlets", 0] = outlets
        before = report.found["outlets", 0]
        known_as = before[-1] if before else report.outlet or known_as
    key = outlet_key(known_as)
    if key == own:
        return Identity("own_reporting", (("outlet", key),), label)
    known = _agencies()[0].search(plain(known_as))
    return Identity("agency" if known and _staff(label) else "outlet", (("outlet", key),), label)


def _bland(label: str) -> bool:
    documents = settings()["documents"]
    assert isinstance(documents, dict)
    return {w for w, _, _ in words(label)} <= set(documents["generic"])


@cache
def _nations() -> frozenset[str]:
    return frozenset(d.strip().lower() for row in lexicon.rows("countries.tsv") for d in row["adjectives"].split("|"))


def _national_media(label: str) -> str | None:
    """'turkish' of 'Turkish media', 'Turkish news reports': the press of a country, no outlet in particular."""
    parts = label.split()
    nation = next((w for w in parts[:2] if w.lower() in _nations()), None)
    rest = " ".join(w for w in parts if w != nation)
    return nation.lower() if nation and rest and _bland(rest) and _PLURAL_MEDIA.search(plain(rest)) else None


def _capital(name: str) -> bool:
    return any(w[0].isupper() for w in name.split() if w)


def _unspecified(label: str, country: str | None) -> bool:
    """True for 'officials', 'a senior official', 'Thai authorities': which of them, stands elsewhere if at all."""
    names = {w.lower() for w in label.split() if w[0].isupper()} if country else set()
    words_ = {w for w, _, _ in words(label)} - names
    anonymous, government = settings()["anonymous"], settings()["government"]
    assert isinstance(anonymous, dict)
    assert isinstance(government, dict)
    official = set(government["unspecified"])
    return bool(words_ & official) and words_ <= official | set(anonymous["terms"]) and len(names) < 3


def _speaking(
    source: Source, entity: Entity | None, said: str, country: str, label: str, report: Report, story: Story
) -> Identity | None:
    """The institution that a source is or speaks for."""
    sector = entity.sector if entity else None
    person = entity if entity is not None and entity.kind == "person" and _capital(entity.name) else None
    if _pattern("spokespeople", "words").search(said):
        owner = described.owner(source, report, story)
        if owner is not None and owner.country and country == "?":
            country = owner.country
        if owner is not None and owner.kind != "country" and owner.sector not in (*_GOVERNMENT, *_BODY_OF_SECTOR):
            keys: tuple[tuple[str, ...], ...] = (("entity", owner.id),)
            return Identity("institution", keys + ((("entity", person.id),) if person else ()), label)
    body = _body(said)
    if body is None and not _pattern("government", "others").search(said) and sector not in _PERSONAL:
        if _pattern("government", "words").search(said) or sector in _GOVERNMENT:
            body = "local government" if _pattern("government", "local").search(said) else "government"
        else:
            body = _BODY_OF_SECTOR.get(sector or "")
    return _institution(body, country, label, person) if body else None


def _itself(source: Source, entity: Entity | None, report: Report, story: Story, named: str, label: str) -> Identity:
    person = source.type == "named" and (entity is None or entity.kind == "person")
    kind = "document" if source.type == "document" else "named_source" if person else "institution"
    if kind in ("document", "outlet") and (nation := _national_media(label)):
        return Identity("outlet", (("media", nation),), label, vague=True)
    if kind == "document" and _bland(label):
        return Identity(kind, (("document in", report.id),), label, vague=True)
    if entity is None and kind != "named_source":
        entity = described.owner(source, report, story, ("organisation",))
    if entity is not None and entity.kind != "country":
        if entity.sector == "JRN" and kind != "named_source":
            return Identity("outlet", (("outlet", outlet_key(entity.name)), ("entity", entity.id)), label)
        keys: tuple[tuple[str, ...], ...] = (("entity", entity.id),)
        if kind == "named_source" and _pattern("officers", "words").search(described.text_of(source, report, story)):
            # Its editor or director speaks for a house as its spokesman does.
            house = described.owner(source, report, story, ("organisation",))
            keys += (("entity", house.id),) if house is not None and house.sector not in _PERSONAL else ()
        return Identity(kind, keys, label, content(_name_proper(named, entity.name))[0])
    stems = content(named or label)[0]
    key = ("words", *sorted(stems)) if stems else ("report", report.id, label)
    return Identity(kind, (key,), label, stems, vague=not stems)


def _name_proper(named: str, known: str) -> str:
    """'Ann Lee' of 'Harbour Editor-in-Chief Ann Lee' that was taken for a Harbour Editor."""
    last = named.split()[-2:]
    apart = len(last) == 2 and all(w[:1].isupper() and w.isalpha() for w in last) and not set(last) & set(known.split())
    return " ".join(last) if apart else known


def _institution(body: str, country: str, label: str, person: Entity | None = None) -> Identity:
    own = (("entity", person.id),) if person is not None and person.kind == "person" else ()
    return Identity("institution", ((body, country), *own), label)


def _is_body(named: str) -> bool:
    """True for 'the police', 'state media', 'the Nigerian presidency': a body that speaks, not a hidden person.

    The last word of the phrase decides, before any 'of', 'in', 'who' or comma: 'a police source' is a person.
    """
    phrase = _TAIL.split(plain(named), maxsplit=1)[0]
    heads = [_pattern("bodies", b) for b in _bodies()]
    heads += [_pattern("government", "media"), _pattern("government", "seats")]
    # 'The prosecutor investigating the fire' is one too.
    ends = {len(phrase), *(m.start() for m in _PARTICIPLE.finditer(phrase))}
    return any(m.end() in ends for p in heads for m in p.finditer(phrase))


def _anonymous(source: Source, entity: Entity | None, named: str, label: str) -> Identity:
    anonymous: Any = settings()["anonymous"]
    generic = {stem(w) for w in anonymous["generic"]} | {stem(w) for w in anonymous["terms"]}
    telling = frozenset(stem(w) for w, _, _ in words(named) if w not in anonymous["terms"]) - generic
    keys: list[tuple[str, ...]] = []
    if entity is not None and entity.kind in ("person", "group") and telling and _capital(entity.name):
        keys.append(("entity", entity.id))
    keys.append(("anonymous", *sorted(telling)) if telling else ("anonymous in", source.report))
    return Identity("anonymous_source", tuple(keys), label, telling, not telling)


def _body(said: str) -> str | None:
    for body in _bodies():
        if _pattern("bodies", body).search(said):
            return body
    return None


def _label(source: Source, report: Report, entity: Entity | None) -> str:
    if source.label:
        return " ".join(source.label.split())
    if entity is not None:
        return entity.name
    named = " ".join(" ".join(report.text[s:e].split()) for s, e in source.named)
    return named or "source not named"


def deepest(source: Source, by_id: Mapping[str, Source]) -> list[Source]:
    """The source itself and those it is told in, innermost first."""
    chain, seen = [source], {source.id}
    while source.parent and source.parent in by_id and source.parent not in seen:
        source = by_id[source.parent]
        seen.add(source.id)
        chain.append(source)
    return chain
