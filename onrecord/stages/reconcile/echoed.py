"""The row of an event mention that stands in a sentence which coding passed over: what its own words give."""

from __future__ import annotations

import re
from typing import Any

from onrecord import schema
from onrecord.stages.reconcile.mentions import mention_of
from onrecord.stages.reconcile.standing import beside
from onrecord.stages.reconcile.view import Mention, Report, Story, ordinal
from onrecord.stages.reconcile.words import root
from onrecord.text import WORD, fold, key

# The type of a happening that coding has no type for.
UNTYPED = "OTHER"
_CONFIDENCE = 0.4
_MUTUAL = frozenset({"CONSULT"})  # whoever takes part is an actor
_IN_WORDS = (1, 3)  # quad classes of what is said and not done
_UNREAL = re.compile(
    r"\b(?:not|never|no|nobody|neither|nor|without|deny|denies|denied|will|would|may|might|could|should|shall|if|unless"
    r"|plans?|planned|planning|threat\w*|warn\w*|hop\w+|fear\w*|avoid\w*|prevent\w*|alleged\w*|call\w* for"
    r"|demand\w*|ask\w*)\b"
    r"|n't\b",
    re.IGNORECASE,
)
# How a thing was done, which states nothing: who gives arms 'in exchange' for captives need not have freed any.
_MANNER = re.compile(r"\bin (?:exchange|return|response|protest)\Z", re.IGNORECASE)
_IN = re.compile(r"\b(?:in|at|near|outside|inside|around|across) (?:the )?\Z", re.IGNORECASE)


def echo_id(report_id: str, anchor_start: int, event_type: str) -> str:
    """The id of a mention that is found here; none that coding makes has it."""
    return key(report_id, str(anchor_start), event_type, "echo", prefix="m_")


def stated_at(text: str, word: str) -> tuple[int, int] | None:
    """Where a sentence states something as a fact with a word of this stem; None where it does not."""
    for m in WORD.finditer(fold(text)):
        if root(m.group().lower()) == word:
            unreal = _UNREAL.search(text[max(0, m.start() - 60) : m.end() + 12])
            return None if unreal else (m.start(), m.end())
    return None


def _ahead(like: Mention, report: Report, first: int | None) -> bool:
    """True for a meeting that is still to come on the day of the report, by its sentence or by what it is like."""
    day, known = ordinal(report.day), first if first is not None else like.first
    return like.type in _MUTUAL and day is not None and known is not None and known > day


def untyped_mention(sentence: tuple[str, int, int], word: str, story: Story) -> Mention | None:
    """The mention of a happening without a type in a sentence (report, start, end), None where it is no fact."""
    report, (start, end) = story.reports[sentence[0]], sentence[1:]
    anchor = stated_at(report.text[start:end], word)
    if anchor is None:
        return None
    spot = (start + anchor[0], start + anchor[1])
    row = {column.name: None for column in schema.EVENT_MENTIONS.columns} | {
        **{name: [] for name in ("contexts", "actors", "recipients", "actor_spans", "recipient_spans")},
        **_here(report, (start, end), spot, UNTYPED, _time_in(report, start, end, spot)),
    }
    return mention_of(row, report, story.entities)


def with_parties(row: dict[str, Any], story: Story) -> dict[str, Any]:
    """A row made here with the parties that stand right beside its word, where it has none.

    They are for whoever reads the mention; which event it tells and where that is known from were settled without them.
    """
    if row["actors"] and row["recipients"]:
        return row
    report = story.reports[row["report_id"]]
    sentence, word = (row["char_start"], row["char_end"]), (row["anchor_start"], row["anchor_end"])
    does, undergoes = beside(report.text, sentence, word, story.named.get(report.id, ()), story.entities)
    if row["event_type"] in _MUTUAL:
        does, undergoes = {**does, **undergoes}, {}
    out, known = dict(row), {*row["actors"], *row["recipients"]}
    for name, spans, found in (("actors", "actor_spans", does), ("recipients", "recipient_spans", undergoes)):
        fresh = {e: s for e, s in found.items() if e not in known}
        if fresh and not row[name]:
            out[name] = list(fresh)
            out[spans] = [{"char_start": a, "char_end": b} for a, b in fresh.values()]
            known |= fresh.keys()
    return out


def _time_in(report: Report, start: int, end: int, anchor: tuple[int, int]) -> dict[str, Any] | None:
    """The day or hour that a sentence names, if it names one only and not for when somebody said so."""
    times = list(report.times_in(start, end))
    told_by = report.covering(*anchor)
    if not times or not all(s.covers(times[0]["char_start"], times[0]["char_end"]) for s in told_by):
        return None
    return times[0] if len(times) == 1 and times[0]["type"] in ("DATE", "TIME") else None


def _here(
    report: Report, clause: tuple[int, int], anchor: tuple[int, int], event_type: str, time: dict[str, Any] | None
) -> dict[str, Any]:
    """The columns that say where a mention that coding missed stands, when it was and who is cited for it."""
    covering = report.covering(*anchor)
    return {
        "mention_id": echo_id(report.id, anchor[0], event_type),
        "event_id": None,
        "report_id": report.id,
        "char_start": clause[0],
        "char_end": clause[1],
        "anchor_start": anchor[0],
        "anchor_end": anchor[1],
        "event_type": event_type,
        "modality": "actual",
        "date_start": time["date_start"] if time else None,
        "date_end": time["date_end"] if time else None,
        "date_basis": "sentence" if time else None,
        "date_span": {"char_start": time["char_start"], "char_end": time["char_end"]} if time else None,
        "quantities": [],
        "attribution_id": min(covering, key=lambda c: (sum(e - b for b, e in c.content), c.id)).id
        if covering
        else None,
        "confidence": _CONFIDENCE,
    }


def _day_of(group: list[Mention], first: int | None, last: int | None) -> bool:
    """True where a mention of the same event has, on its own word, a day of these."""
    return (
        first is not None
        and last is not None
        and any(
            m.certain and m.first is not None and m.last is not None and first <= m.last and m.first <= last
            for m in group
            if m.kind == "real"
        )
    )


def mention_in(
    sentence: tuple[str, int, int], like: Mention, word: str, story: Story, group: list[Mention]
) -> Mention | None:
    """The mention of `like`'s event in a sentence (report, start, end), or None when it is no fact there.

    What is asked, said or promised is a fact only by the word that states it: of a meeting that some ask to cancel,
    'met' says nothing, nor does it without whoever asks. Parties that `like` lacks are those of the `group` of mentions
    of its event.
    """
    if like.row["quad"] in _IN_WORDS and word != like.anchor_stem:
        return None
    report, (start, end) = story.reports[sentence[0]], sentence[1:]
    anchor = stated_at(report.text[start:end], word)
    if anchor is None:
        return None
    spot = (start + anchor[0], start + anchor[1])
    if _MANNER.search(report.text, max(start, spot[0] - 4), spot[1]):
        return None
    time = _time_in(report, start, end, spot)
    first, last = (ordinal(time["date_start"]), ordinal(time["date_end"])) if time else (None, None)
    if first is not None and last is not None and like.first is not None and like.last is not None:
        if like.certain and (first > like.last + 2 or like.first > last + 2):
            return None
    elif time is not None and not _day_of(group, first, last):
        time = None
    here = list(story.named_in(report.id, start, end))

    def named(ids: frozenset[str]) -> tuple[list[str], list[dict[str, int]]]:
        spans: dict[str, dict[str, int]] = {}
        for a, b, e in here:
            if e in ids:
                spans.setdefault(e, {"char_start": a, "char_end": b})
        return list(spans), list(spans.values())

    theirs = frozenset().union(*(m.actors for m in group if m.kind == "real"))
    whose = frozenset().union(*(m.recipients for m in group if m.kind == "real"))
    actors, actor_spans = named(like.actors or theirs - like.recipients)
    recipients, recipient_spans = named((like.recipients or whose - theirs) - set(actors))
    if like.row["quad"] in _IN_WORDS and not actors:
        return None
    places, place_spans = named(frozenset({like.place}) if like.place else frozenset())
    if not places:
        places, place_spans = named(frozenset(m.place for m in group if m.kind == "real" and m.place))
        # 'Russian' says nothing of where, and of two the one that is meant is not told.
        if len(places) > 1 or not all(_IN.search(report.text, start, s["char_start"]) for s in place_spans):
            places, place_spans = [], []
    row = {
        **like.row,
        **_here(report, (start, end), spot, like.type, time),
        "actors": actors,
        "recipients": recipients,
        "actor_spans": actor_spans,
        "recipient_spans": recipient_spans,
        "modality": "planned" if _ahead(like, report, first) else "actual",
        "place": places[0] if places else None,
        "place_span": place_spans[0] if places else None,
    }
    return mention_of(row, report, story.entities)
