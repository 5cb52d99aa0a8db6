"""Rows of `event_mentions` with what comparing them needs: their words, and how they take their happening up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from onrecord.model import Entity
from onrecord.stages.reconcile.view import HARM, LEAD, SUFFERED, Mention, Report, ordinal
from onrecord.stages.reconcile.words import content, names, root, settings, stem
from onrecord.text import plain, words

_KNOWN = re.compile(r"\b(?:the|this|these|those|that|his|her|their|its|such)\s+(?:[\w'’-]+\s+){0,2}$", re.IGNORECASE)
# Characters after a verb in which its object stands.
_CARRIED = 60
_OCCASION = re.compile(r"\b(?:ahead|before|after|during|amid|while|when|until|since)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"[\"'“‘\s]*(?:that\s+)?(?:I|[Ww]e|[Oo]ur|[Mm]y)\b")


def mention_of(row: dict[str, Any], report: Report, entities: Mapping[str, Entity]) -> Mention:
    """A row of `event_mentions` with what comparing it needs."""
    start, end = row["char_start"], row["char_end"]
    anchor = (row["anchor_start"], row["anchor_end"])
    anchor_stem = _stated(report.text, anchor, end)
    lead = report.sentence(anchor[0]) <= report.sentence(report.body_start) + LEAD
    stems, numbers = content(report.text[start:end])
    actors, recipients = frozenset(row["actors"] or ()), frozenset(row["recipients"] or ())
    if not actors and _FIRST_PERSON.match(report.text, start):
        speakers = {s.entity for s in report.covering(*anchor) if s.entity}
        actors = frozenset(speakers) if len(speakers) == 1 else actors
    first = ordinal(row["date_start"] or row["date_end"])
    last = ordinal(row["date_end"] or row["date_start"])

    def countries(ids: frozenset[str]) -> frozenset[str]:
        return frozenset(c for i in ids if i in entities and (c := entities[i].country))

    return Mention(
        row, row["mention_id"], report.id, start, end, anchor, row["event_type"], row["modality"],
        actors, recipients, countries(actors), countries(recipients), first, last,
        row["date_basis"] in ("clause", "sentence", "anchor"), row["place"], stems, numbers,
        names(report.text[start:end]),
        anchor_stem,
        frozenset(s.utterance for s in report.covering(*anchor) if s.utterance),
        report.sentence(anchor[0]), report.around(anchor[0]),
        lead,
        counts_happenings(report.text[start:end]),
        not row["date_span"]
        and not actors
        and (_bare(report.text, (start, end), anchor, len(stems)) or _toll(row, anchor_stem, stems, numbers)),
        lead and anchor_stem in report.headline,
    )  # fmt: skip


def _stated(text: str, anchor: tuple[int, int], end: int) -> str:
    """The stem of the word that says what happened: of 'announced their resignations', 'resignations'.

    Not of what it only was the occasion of: who 'took to the streets ahead of the summit' did not meet.
    """
    own = root(text[anchor[0] : anchor[1]])
    if own not in carriers():
        return own
    after = _OCCASION.split(plain(text[anchor[1] : min(end, anchor[1] + _CARRIED)]), maxsplit=1)[0]
    stems = (stem(w) for w, _, _ in words(after))
    return next((s for s in stems if s.startswith("~") and s not in carriers()), own)


@cache
def carriers() -> frozenset[str]:
    """Stems of verbs that leave it to their object to say what happened."""
    return frozenset(stem(w) for w in f"{settings()['light_verbs']} {settings()['carrying_verbs']}".split())


def _bare(text: str, clause: tuple[int, int], anchor: tuple[int, int], telling: int) -> bool:
    return clause == anchor or (telling <= 2 and presupposed(text, anchor[0]))


def _toll(row: dict[str, Any], anchor: str, stems: frozenset[str], numbers: frozenset[float]) -> bool:
    """True for 'about 80 people have been wounded', 'dozens were hurt in the blast': how many, and of what no more."""
    counted = bool(numbers) or any(q["value"] is not None for q in row["quantities"] or ())
    told = {s for s in stems if s not in HARM and s not in settings()["estimates"]}  # type: ignore[operator]
    return anchor in SUFFERED and counted and not row["place_span"] and len(told) <= 1


def presupposed(text: str, anchor: int) -> bool:
    """True when the word at `anchor` stands there as known: 'the attack', 'their release'."""
    return bool(_KNOWN.search(text[max(0, anchor - 40) : anchor]))


def recalled(mention: Mention, report: Report) -> bool:
    """True when a mention takes its event up as known; not when the words before its anchor are who did it."""
    text = report.text[mention.start : mention.end]
    at = mention.anchor[0] - mention.start
    known = _KNOWN.search(text[max(0, at - 40) : at])
    if known is None:
        return False
    first = mention.start + max(0, at - 40) + known.start()
    spans = (mention.row["actor_spans"] or []) + (mention.row["recipient_spans"] or [])
    determiner = len(known.group().split()[0])
    return not any(s["char_start"] == first and s["char_end"] > first + determiner for s in spans)


def counts_happenings(text: str) -> bool:
    """True when a clause counts happenings instead of telling one: 'four missile tests', 'has met him twice'."""
    return bool(_several().search(plain(text)))


@cache
def _several() -> re.Pattern[str]:
    nouns = "|".join(sorted(str(settings()["plural_happenings"]).split()))
    amounts = (
        r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[2-9]|[1-9]\d|several|many|dozens of"
        r"|a (?:series|string|wave) of"
    )
    return re.compile(rf"\b(?:{amounts}) (?:[\w-]+ ){{0,3}}(?:{nouns})\b|\b(?:twice|repeatedly|[a-z0-9]+ times)\b")
