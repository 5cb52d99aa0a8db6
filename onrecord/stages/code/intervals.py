"""The days that time expressions give: alone, two of them joined ('on Friday and Saturday'), or open ('since 2014')."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from onrecord.model import Document, Span, Timex
from onrecord.stages.code import grammar, placed
from onrecord.stages.code.tenses import in_progress, perfect, present_perfect

BESIDE = ("after", "before")  # 'the day after the vote' is not the vote's
_OPENING = ("between", "from")
_TO = grammar.words("to through thru until till - –")
_WITH = grammar.words("and or &")
_AGAIN = grammar.words("on in again then early late")
_HANDLE = 24  # characters before the day of a tweet in which its writer's name ends
_TWEET = re.compile(r"@\w+\)\s*$")
_LEAD = 5  # words between 'since' and a time: 'since at least the summer of 2014'


@dataclass(frozen=True, slots=True)
class Time:
    """A time expression in a sentence: its tokens `[first, last)`, the one it hangs by, whether it ends a range."""

    timex: Timex
    first: int
    last: int
    top: int
    spanning: bool = False

    @property
    def one_day(self) -> bool:
        """True for a day, false for a week, a month or a year."""
        return self.timex.start == self.timex.end


def times_of(doc: Document) -> dict[int, list[Time]]:
    """The time expressions of a document by sentence; those that together name one stretch are one."""
    out: dict[int, list[Time]] = {}
    for timex in doc.timexes:
        inside = doc.tokens_in(timex.span)
        if not inside:
            continue
        top = next((t for t in inside if doc.heads[t] not in inside or doc.heads[t] == t), inside[0])
        time = Time(timex, inside[0], inside[-1] + 1, top)
        if doc.lower[inside[-1]] == "era" and doc.deps[inside[-1]] in ("compound", "nmod", "amod"):
            continue  # 'the Vietnam-era soldiers' are of that time wherever they are met
        here = out.setdefault(doc.sentence_of[top], [])
        joined = _joined(doc, here[-1], time) if here else ()
        if joined is None:
            here.pop()
        elif joined:
            here[-1] = joined[0]
        else:
            here.append(time)
    return out


def _joined(doc: Document, one: Time, two: Time) -> Sequence[Time] | None:
    """Two expressions as one stretch of days; () where they have nothing to do with each other.

    None where the two name days apart ('in 2006 and 2014'): an event of both has no one date.
    """
    between = doc.lower[one.last : two.first]
    if not between or len(between) > 2 or any(t.timex.type not in ("DATE", "TIME") for t in (one, two)):
        return ()
    days = [d for t in (one, two) for d in (t.timex.start, t.timex.end)]
    if any(d is None for d in days):
        return ()
    start, until, resumed, end = (d for d in days if d is not None)
    opener = doc.lower[one.first - 1] if one.first else ""
    ranged = between[0] in _TO or (opener == "between" and between[0] == "and")
    if not (ranged and len(between) == 1 and opener in (*_OPENING, "", *_TO, "the", "of")) and not (
        between[0] in _WITH and set(between[1:]) <= _AGAIN and _hang_together(doc, one, two)
    ):
        return ()
    if ranged and opener not in _OPENING and between[0] not in ("-", "–", "through", "thru"):
        return ()
    if end < start or (resumed <= until and not ranged):
        return ()
    if not ranged and resumed - until > timedelta(1):
        return None
    span = Span(one.timex.span.start, two.timex.span.end)
    timex = replace(one.timex, span=span, start=start, end=end)
    return (Time(timex, one.first, two.last, one.top, spanning=True),)


def _hang_together(doc: Document, one: Time, two: Time) -> bool:
    """True when the parser too joins the two, by themselves or with their prepositions."""
    up = doc.heads[two.top]
    return one.first <= up < one.last or (doc.deps[up] == "conj" and doc.heads[up] == doc.heads[one.top])


def since(doc: Document, time: Time) -> bool:
    """True for the time of 'since 2014' and 'since at least last summer', not for that of 'since Friday's raid'."""
    up = doc.heads[time.top]
    if not time.first <= up < time.last and doc.lower[up] == "since":
        return True
    lead = doc.lower[max(0, time.first - _LEAD) : time.first]
    if "since" not in lead or (doc.pos[up] in ("NOUN", "PROPN") and not time.first <= up < time.last):
        return False
    after = lead[len(lead) - lead[::-1].index("since") :]
    return all(w in ("at", "least", "the", "about", "around", "early", "late", "mid", "second", "first") for w in after)


def told_beside(doc: Document, time: Time, anchor: int) -> bool:
    """True for the vote of 'on March 3, the day after the vote': that day is not its own."""
    if anchor < time.last or time.last >= len(doc) or doc.lower[time.last] not in BESIDE:
        return False
    below = doc.heads[time.last] if doc.deps[time.last] == "mark" else time.last
    return anchor == below or any(up == below for up in doc.ancestors(anchor))


def of_tweet(doc: Document, timex: Timex) -> bool:
    """True for the day under a tweet, which dates its writing: '— A. Berg (@aberg) May 3, 2031'."""
    return _TWEET.search(doc.text[max(0, timex.span.start - _HANDLE) : timex.span.start]) is not None


def tale(doc: Document, verb: int) -> bool:
    """True for what is no news of the day: 'takes no refugees', 'when I met him, he asked for tea'."""
    below = [j for k in doc.children[verb] for j in (k, *doc.children[k])]
    if any(doc.deps[j] in ("det", "neg") and doc.lower[j] in ("no", "never") for j in below):
        return True
    whens = [k for k in doc.children[verb] if doc.deps[k] == "advcl" and k < verb]
    return any(doc.lower[j] in ("when", "once") for k in whens for j in doc.children[k])


def days_of(doc: Document, time: Time, verb: int | None) -> tuple[date | None, date | None] | None:
    """First and last day of an event of that verb; None where the expression cannot date it.

    What 'has gone on since 2014' lasts until the report; without a perfect, 'since' only bounds.
    """
    start, end = time.timex.start, time.timex.end
    if since(doc, time):
        return (start, doc.published) if verb is not None and perfect(doc, verb) else None
    if verb is not None and _denied(doc, time, verb):
        return None
    over = doc.published is not None and end is not None and end < doc.published
    if verb is not None and over and in_progress(doc, verb):
        return None
    return start, end


def taken_up(doc: Document, verb: int | None) -> tuple[date | None, date | None, str, Span] | None:
    """The day that a relative clause with 'when' takes up, as `Calendar.when`: 'until Monday, when leaders meet'."""
    if verb is None:
        return None
    first = grammar.first_conjunct(doc, verb)
    if doc.deps[first] != "relcl" or not any(doc.lower[k] == "when" for k in doc.children[first]):
        return None
    at = doc.starts[doc.heads[first]]
    if not placed.times(doc).around(at, at + 1):
        return None
    dated = (t for t in doc.timexes if t.type == "DATE" and t.span.start <= at < t.span.end)
    return next(((t.start, t.end, "clause", t.span) for t in dated if t.start is not None and t.start == t.end), None)


def _denied(doc: Document, time: Time, verb: int) -> bool:
    """True where 'has met' is given a time to come, or a month or a year that is over: the time is another's.

    'has been accused of an assault ten years ago'; a day is left to it, as some write 'has resigned on Monday'.
    """
    start, end, day = time.timex.start, time.timex.end, doc.published
    if day is None or start is None or end is None or not present_perfect(doc, verb):
        return False
    up = doc.heads[time.top]
    for _ in range(_LEAD):
        if doc.pos[up] in ("ADP", "SCONJ", "ADV"):
            up = doc.heads[up]
    return start > day or (end < day and start != end and up == verb)
