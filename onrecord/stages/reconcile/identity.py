"""Who a source is when origins are counted: an institution that speaks, a person, an unnamed official, a paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from onrecord.stages.reconcile.view import Entity, Report, Source, Story
from onrecord.stages.reconcile.words import content, settings, stem
from onrecord.text import plain, words

_GOVERNMENT = ("GOV", "SPY")
_BODY_OF_SECTOR = {"COP": "police", "JUD": "court", "MIL": "military", "HLH": "hospital"}
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


def outlet_key(name: str) -> str:
    """An outlet's name or web address reduced to what tells it from others ('www.bbc.co.uk', 'BBC News' -> 'bbc')."""
    name = plain(name)
    if re.fullmatch(r"[\w.-]+\.[a-z]{2,}(?:/.*)?", name):
        parts = [p for p in name.split("/")[0].split(".") if p not in ("www", "m", "edition", "news", "uk", "us", "in")]
        return next((p for p in parts if len(p) > 2 and p not in ("com", "org", "net")), parts[0] if parts else name)
    kept = [w for w in name.split() if w not in ("the", "news", "online", "agency", "newspaper", "website", "report")]
    return " ".join(kept) or name


def identify(source: Source, report: Report, story: Story) -> Identity | None:
    """What the source of an attribution is; `None` for one that names nobody ('it was reported')."""
    if source.type == "unattributed":
        return None
    entity = story.entities.get(source.entity or "")
    label = _label(source, report, entity)
    named = " ".join(report.text[s:e] for s, e in source.named)
    known = (entity.name, entity.role) if entity else ()
    said = plain(" ".join(t for t in (named, source.label, *known) if t))
    country = source.country or (entity.country if entity else None) or "?"
    if source.type == "outlet" and not _pattern("government", "media").search(said):
        return Identity("outlet", (("outlet", outlet_key(entity.name if entity else source.label or named)),), label)
    if source.type == "anonymous" and not _collective(named or label):
        return _anonymous(source, entity, named or label, label)
    sector = entity.sector if entity else None
    if _pattern("government", "media").search(said):
        return _institution("government", country, label)
    body = _body(said, sector)
    if body:
        return _institution(body, country, label)
    if sector in _GOVERNMENT or (_pattern("government", "words").search(said) and sector not in _PERSONAL):
        level = "local government" if _pattern("government", "local").search(said) else "government"
        return _institution(level, country, label)
    if source.type == "named" and entity is not None and entity.kind == "person":
        owner = _owner(source, story) if _pattern("spokespeople", "words").search(said) else None
        if owner:
            return Identity("institution", (("entity", owner.id), ("entity", entity.id)), f"{owner.name} ({label})")
        return Identity("named_source", (("entity", entity.id),), label)
    kind = {"document": "document", "named": "named_source"}.get(source.type, "institution")
    if entity is not None:
        return Identity(kind, (("entity", entity.id),), label)
    stems = content(named or label)[0]
    key = ("words", *sorted(stems)) if stems else ("report", report.id, label)
    return Identity(kind, (key,), label, stems, vague=not stems)


def _institution(body: str, country: str, label: str) -> Identity:
    return Identity("institution", ((body, country),), label)


def _collective(named: str) -> bool:
    """True for 'officials', 'the authorities': a government that speaks, not a person who hides."""
    return bool({w for w, _, _ in words(named)} <= _collectives())


@cache
def _collectives() -> frozenset[str]:
    return frozenset({"the", "some", "local", "state", "officials", "authorities", "government"})


def _anonymous(source: Source, entity: Entity | None, named: str, label: str) -> Identity:
    anonymous: Any = settings()["anonymous"]
    generic = {stem(w) for w in anonymous["generic"]} | {stem(w) for w in anonymous["terms"]}
    telling = frozenset(stem(w) for w, _, _ in words(named) if w not in anonymous["terms"]) - generic
    keys: list[tuple[str, ...]] = []
    if entity is not None and entity.kind in ("person", "group") and telling:
        keys.append(("entity", entity.id))
    keys.append(("anonymous", *sorted(telling)) if telling else ("anonymous in", source.report))
    return Identity("anonymous_source", tuple(keys), label, telling, not telling)


def _body(said: str, sector: str | None) -> str | None:
    for body in _bodies():
        if _pattern("bodies", body).search(said):
            return body
    return _BODY_OF_SECTOR.get(sector or "")


def _owner(source: Source, story: Story) -> Entity | None:
    """The organisation that a spokesperson is named with."""
    for start, end in source.named:
        for s, e, entity_id in story.named.get(source.report, []):
            entity = story.entities.get(entity_id)
            if start <= s and e <= end and entity and entity.kind in ("organisation", "group"):
                return entity
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
