"""The day of an event that its own sentence does not date, where the same report dates it elsewhere.

Within one report a definite 'the summit' of two parties is the summit of those two that the report dates (one sense per
discourse, Gale, Church and Yarowsky 1992, here for events), and so is a deed that is done once: a province annexed, a
person killed, somebody charged, an office left. What the report dates twice and differently stays undated. A meeting
dated after the report is still to come wherever the report speaks of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from onrecord.model import Document, EventMention
from onrecord.stages.code import grammar

BASIS = "context"
_OWN = ("clause", "sentence")
_MEETS = "CONSULT"
_TO_MEET = grammar.words("meet talk summit meeting hold visit discuss host sit speak confer")
_ONCE = frozenset({("COERCE", "seize"), ("COERCE", "arrest"), ("RETREAT", "resign"), ("SANCTION", "convict")})
_HARM = grammar.words("kill murder assassinate execute shoot poison stab behead slay wound injure abduct kidnap")
_CHARGED = grammar.words("indict indictment")
_OTHERS = grammar.words("a an another any every each no previous earlier past last first second third next new other")
_STEM = 5  # letters that 'annex' and 'annexation', 'indict' and 'indictment' share
_NAMED = frozenset({"person", "organisation", "country", "place"})
_NEAR = 31  # days from the report within which a meeting is 'the summit'; that of a file photo is another
_LONGEST = 366  # days: 'in the 1990s' dates nothing else


def recalled(doc: Document, mentions: Sequence[EventMention]) -> list[EventMention]:
    """The mentions, those that the report dates elsewhere with that day; `mentions` are of the whole report."""
    dated = [m for m in mentions if m.date_basis in _OWN and m.start is not None and _short(m)]
    awaited = [m for m in mentions if m.event_type == _MEETS and m.modality == "planned" and _meets(doc, m)]
    out = []
    for m in mentions:
        if m.start is None and m.modality == "actual":
            same = _of_meeting(doc, m, dated) if m.event_type == _MEETS else _of_deed(doc, m, dated)
            if same:
                m = _with_day(doc, m, same)
            elif awaited and _awaited(doc, m, awaited, mentions):
                m = replace(m, modality="planned")
        out.append(m)
    return out


def _short(m: EventMention) -> bool:
    return m.start is not None and m.end is not None and (m.end - m.start).days < _LONGEST


def _with_day(doc: Document, m: EventMention, same: list[EventMention]) -> EventMention:
    """The mention with the day of these others; as it is where they have none, or days that differ."""
    days = {(e.start, e.end) for e in same}
    starts, ends = [d for d, _ in days if d is not None], [d for _, d in days if d is not None]
    if not starts or not ends or max(starts) > min(ends):
        return m
    told = min(same, key=lambda e: (_length(e), abs(e.anchor.start - m.anchor.start), e.anchor.start))
    ahead = m.event_type == _MEETS and doc.published is not None and (told.start or date.min) > doc.published
    return replace(
        m,
        start=told.start,
        end=told.end,
        date_basis=BASIS,
        date_span=told.date_span,
        modality="planned" if ahead else m.modality,
    )


def _length(m: EventMention) -> int:
    return (m.end - m.start).days if m.start is not None and m.end is not None else _LONGEST


def _anchor(doc: Document, m: EventMention) -> int:
    return doc.tokens_in(m.anchor)[0]


def _of_meeting(doc: Document, m: EventMention, dated: Iterable[EventMention]) -> list[EventMention]:
    """The dated mentions of the meeting that 'the summit' of the same parties is."""
    at = _anchor(doc, m)
    who = frozenset(m.actors)
    if not _the_one(doc, m):
        return []
    found = [e for e in dated if who == {*e.actors, *e.recipients} and _length(e) == 0 and _meets(doc, e)]
    found = [e for e in found if doc.published is None or abs((e.start or date.min) - doc.published).days <= _NEAR]
    if not all(e.event_type == _MEETS for e in found) and any(_over(doc, e) for e in found):
        return []  # they met, and are to meet again
    alike = [e for e in found if doc.lemmas[_anchor(doc, e)].lower() == doc.lemmas[at].lower()]
    return alike or found


def _awaited(doc: Document, m: EventMention, awaited: Iterable[EventMention], mentions: Iterable[EventMention]) -> bool:
    """True for 'the summit' of parties who nowhere in the report have met, where it tells of that summit as ahead."""
    if m.event_type != _MEETS or not _the_one(doc, m):
        return False
    who, word = frozenset(m.actors), doc.lemmas[_anchor(doc, m)].lower()
    if not any(who == {*e.actors} and doc.lemmas[_anchor(doc, e)].lower() == word for e in awaited):
        return False
    told = (e for e in mentions if e.event_type == _MEETS and e.modality == "actual" and who <= {*e.actors})
    return not any(doc.pos[_anchor(doc, e)] in ("VERB", "AUX") or _over(doc, e) for e in told)


def _the_one(doc: Document, m: EventMention) -> bool:
    """True for a noun in the singular that speaks of the one meeting of two or more parties."""
    at = _anchor(doc, m)
    return len(set(m.actors)) >= 2 and doc.tags[at] == "NN" and not _one_of_several(doc, at)


def _meets(doc: Document, m: EventMention) -> bool:
    if m.event_type == _MEETS:
        return True
    return m.event_type == "AGREE" and m.modality == "planned" and doc.lemmas[_anchor(doc, m)].lower() in _TO_MEET


def _over(doc: Document, m: EventMention) -> bool:
    return m.event_type == _MEETS and m.end is not None and doc.published is not None and m.end <= doc.published


def _one_of_several(doc: Document, noun: int) -> bool:
    """True for 'a summit', 'their first meeting', 'another round of talks': which one is not told."""
    return any(doc.lower[k] in _OTHERS or doc.tags[k] == "CD" for k in doc.children[noun])


def _of_deed(doc: Document, m: EventMention, dated: Iterable[EventMention]) -> list[EventMention]:
    """The dated mentions of the deed, done once, that a mention without a day speaks of."""
    if not _once(doc, m):
        return []
    leaves = m.event_type == "RETREAT"
    whom = _named(doc, m.actors if leaves else m.recipients)
    found = []
    for e in dated:
        if (e.event_type, e.mode) != (m.event_type, m.mode) or e.modality != "actual" or not _alike(doc, m, e):
            continue
        if not whom & _named(doc, e.actors if leaves else e.recipients):
            continue
        if leaves or not m.actors or not e.actors or set(m.actors) & set(e.actors):
            found.append(e)
    return found


def _once(doc: Document, m: EventMention) -> bool:
    """True for what is done to somebody once: who was killed or charged is not so every month."""
    word = doc.lemmas[_anchor(doc, m)].lower()
    if m.event_type == "ASSAULT":
        killed = {doc.entities[i].kind for i in m.recipients if i in doc.entities}
        return word in _HARM and "person" in killed
    return (m.event_type, m.mode) in _ONCE or (m.event_type == "ACCUSE" and word in _CHARGED)


def _named(doc: Document, ids: Iterable[str]) -> frozenset[str]:
    """Those of the entities that are one and the same wherever the report names them."""
    known = ((i, doc.entities[i]) for i in ids if i in doc.entities)
    return frozenset(i for i, e in known if e.kind in _NAMED or (e.kind == "group" and e.country))


def _alike(doc: Document, one: EventMention, other: EventMention) -> bool:
    """True where the same word, as verb or noun, states both."""
    words = [doc.lemmas[_anchor(doc, m)].lower()[:_STEM] for m in (one, other)]
    return words[0] == words[1] or one.mode == "seize"
