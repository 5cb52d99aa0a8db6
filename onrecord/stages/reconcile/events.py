"""The row of one event: who, to whom, when and where as most origins have it, and the clause that states it best."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from onrecord.model import Entity
from onrecord.schema import MODALITIES
from onrecord.stages.reconcile.judge import MUTUAL
from onrecord.stages.reconcile.origins import Origins
from onrecord.stages.reconcile.view import Mention, Story


def row(event_id: str, mentions: Sequence[Mention], story: Story, origins: Origins) -> dict[str, Any]:
    """The row of `events` for one event, from its mentions and what is known of its origins."""
    told = [m for m in mentions if m.report in set(origins.reports)] or list(mentions)
    modality = min((m.modality for m in told), key=MODALITIES.index)
    # What states the event most strongly also says best who did it; a denial or a plan of it does not.
    firm = [m for m in told if m.modality == modality]
    firm = [m for m in firm if not m.bare] or firm
    type_, mode = _type(firm)
    actors, recipients = _sides(firm, _parties(firm, "actors", story), _parties(firm, "recipients", story))
    first, last = _date(firm, origins)
    place = _place(firm, story.entities)
    # 'The Baidoa bombing': where it was, not who did it.
    actors = [e for e in actors if place is None or e.id != place.id or e.kind != "place"]
    best = _summary(firm, type_, {e.id for e in (*actors, *recipients)}, place, story)
    span = best.start, best.end
    confidences = [m.row["confidence"] for m in firm if m.row["confidence"] is not None]
    certain = max(confidences, default=0.5)
    return {
        "event_id": event_id,
        "story_id": story.id,
        "event_type": type_,
        "mode": mode,
        "modality": modality,
        "summary": story.reports[best.report].text[slice(*span)],
        "mention_id": best.id,
        "actor_names": [e.name for e in actors],
        "actor_countries": [e.country for e in actors],
        "recipient_names": [e.name for e in recipients],
        "recipient_countries": [e.country for e in recipients],
        "date_start": first,
        "date_end": last,
        "place": place.name if place else None,
        "country": place.country if place else None,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "n_reports": len(origins.reports),
        "n_origins": len(origins.origins),
        "n_origins_low": origins.low,
        "n_origins_high": origins.high,
        "origins_reason": origins.reason,
        "first_report_id": min(origins.reports, key=story.order),
        "confidence": round(1 - (1 - certain) * 0.7 ** (len(origins.origins) - 1), 3),
    }


def _type(mentions: Sequence[Mention]) -> tuple[str, str | None]:
    """The type that most reports give it, then the mode that goes with that type most often."""
    reports: dict[str, set[str]] = defaultdict(set)
    for m in mentions:
        reports[m.type].add(m.report)
    type_ = min(reports, key=lambda t: (-len(reports[t]), -sum(m.type == t for m in mentions), t))
    modes = Counter(m.row["mode"] for m in mentions if m.type == type_ and m.row["mode"])
    return type_, min(modes, key=lambda x: (-modes[x], x)) if modes else None


def _parties(mentions: Sequence[Mention], name: str, story: Story) -> list[Entity]:
    """The entities that at least a third as many reports name as name the most named one; persons before countries."""
    reports: dict[str, set[str]] = defaultdict(set)
    for m in mentions:
        for entity in getattr(m, name):
            if entity in story.entities:
                reports[entity].add(m.report)
    if not reports:
        return []
    most = max(len(r) for r in reports.values())
    kept = [story.entities[e] for e, r in reports.items() if 3 * len(r) >= most]
    # 'Japan' says no more where 'the Japanese prime minister' is named.
    named = {e.country for e in kept if e.kind in ("person", "organisation", "group")}
    kept = [e for e in kept if e.kind != "country" or e.country not in named]
    return sorted(kept, key=lambda e: (-len(reports[e.id]), e.name, e.id))[:8]


def _sides(
    mentions: Sequence[Mention], actors: list[Entity], recipients: list[Entity]
) -> tuple[list[Entity], list[Entity]]:
    """Whoever stands on both sides, on the one where more reports have them; who alone did it to themselves, on both.

    Where as many do, parties to talks act; of another deed or a visit whoever is the only one on a side stays on it.
    """
    done: set[str] = set()
    suffered: set[str] = set()
    for entity in {e.id for e in actors} & {e.id for e in recipients}:
        if any(entity in m.actors and entity in m.recipients for m in mentions):
            done |= {entity} if len(recipients) > 1 else set()
            continue
        does = len({m.report for m in mentions if entity in m.actors})
        undergoes = len({m.report for m in mentions if entity in m.recipients})
        acts = (
            all(m.type in MUTUAL and m.row["mode"] != "visit" for m in mentions)
            or len(actors) == 1
            or len(recipients) > 1
        )
        (done if does > undergoes or (does == undergoes and acts) else suffered).add(entity)
    return [e for e in actors if e.id not in suffered], [e for e in recipients if e.id not in done]


def _date(mentions: Sequence[Mention], origins: Origins) -> tuple[str | None, str | None]:
    """The interval that most origins allow; of those, the one that is said rather than supposed, then the narrowest."""
    dated = [(m, m.first, m.last) for m in mentions if m.first is not None and m.last is not None]
    if not dated:
        return None, None
    intervals = sorted({(a, b) for _, a, b in dated})

    def rank(interval: tuple[int, int]) -> tuple[object, ...]:
        a, b = interval
        backers = {origins.of.get(m.id, m.report) for m, x, y in dated if x <= b and a <= y}
        certain = any(m.certain for m, x, y in dated if (x, y) == interval)
        sayers = {m.report for m, x, y in dated if (x, y) == interval}
        return (not certain, -len(backers), b - a, -len(sayers), interval)

    a, b = min(intervals, key=rank)
    return date.fromordinal(a).isoformat(), date.fromordinal(b).isoformat()


def _place(mentions: Sequence[Mention], entities: Mapping[str, Entity]) -> Entity | None:
    """The place that most reports name, a town before the country around it."""
    reports: dict[str, set[str]] = defaultdict(set)
    for m in mentions:
        if m.place and m.place in entities:
            reports[m.place].add(m.report)
    if not reports:
        return None
    best = min(reports, key=lambda p: (entities[p].kind == "country", -len(reports[p]), entities[p].name, p))
    return entities[best]


def _summary(mentions: Sequence[Mention], type_: str, parties: set[str], place: Entity | None, story: Story) -> Mention:
    """The mention that names most of what is known of the event, in a clause neither bare nor endless."""

    def rank(m: Mention) -> tuple[object, ...]:
        known = len((m.actors | m.recipients) & parties) + bool(m.actors)
        known += bool(place and m.place == place.id) + bool(m.certain) + min(2, len(m.row["quantities"] or ()))
        text = story.reports[m.report].text
        fit = 0 if 40 <= m.end - m.start <= 260 else 1
        # A clause cut out of its sentence begins with a comma, a conjunction or a small letter.
        opening = text[m.start : m.start + 1]
        cut = 0 if opening.isupper() or opening.isdigit() or opening in "\"“'‘" else 1 if opening.isalpha() else 2
        return (m.type != type_, cut == 2, fit, -known, cut, story.order(m.report), m.start, m.id)

    return min(mentions, key=rank)
