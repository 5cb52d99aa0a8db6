"""What 'yesterday', 'last week', 'later this year', 'the past three months', 'a day earlier' mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from onrecord.model import Span
from onrecord.stages.time import calendar
from onrecord.stages.time.lengths import duration
from onrecord.stages.time.periods import the_quarter
from onrecord.stages.time.reading import Hit, Reading

_BACK = {"last": -1, "past": -1, "previous": -1, "preceding": -1, "prior": -1}
_ON = {"next": 1, "coming": 1, "upcoming": 1, "forthcoming": 1, "following": 1, "ensuing": 1, "subsequent": 1}
_NARRATIVE = {"previous", "preceding", "prior", "following", "ensuing", "subsequent", "same", "that"}
_UNKNOWN = {"D": "XXXX-XX-XX", "W": "XXXX-WXX", "WE": "XXXX-WXX-WE", "FN": "XXXX-WXX", "M": "XXXX-XX", "Q": "XXXX-QX"}
_STARTS_NAME = {"DT", "PRP$", "NNP", "NNPS", "JJ", "NN"}  # tags of the first word of what an event is called
_SUNDAY = 6
_FRIDAY = 4
_SAME_PASSAGE = 400  # characters: about a paragraph of news


def _relday(h: Hit) -> Reading | None:
    if h.is_name():
        return None
    part = h.value("daypart")
    tail = f"T{part}" if part else ""
    kind = "TIME" if part else "DATE"
    if h.c.ref is None:
        return Reading(kind, f"XXXX-XX-XX{tail}", h.mod())
    day = calendar.move(h.c.ref, "D", int(h.value("rel")))
    return Reading(kind, day.isoformat() + tail, h.mod(), h.c.ref_name) if day else None


def _tonight(h: Hit) -> Reading:
    head = h.c.ref.isoformat() if h.c.ref else "XXXX-XX-XX"
    return Reading("TIME", head + "TNI", h.mod(), h.c.ref_name if h.c.ref else None)


def _double_day(h: Hit) -> Reading | None:
    if h.c.ref is None:
        return Reading("DATE", "XXXX-XX-XX")
    step = int(h.value("rel")) + (-1 if h.word("dir") == "before" else 1)
    day = calendar.move(h.c.ref, "D", step)
    return Reading("DATE", day.isoformat(), anchor=h.c.ref_name) if day else None


def _event_day(h: Hit) -> Reading | None:
    """'the day after the vote': the day beside that of the event, where the text has told it."""
    doc = h.c.doc
    i = next((j for j in doc.tokens_in(Span(h.span.end, h.span.end + 20)) if doc.starts[j] >= h.span.end), None)
    if i is None or i + 1 >= len(doc) or doc.tags[i + 1] not in _STARTS_NAME:
        return None
    event = h.c.event_days(h.span.end)
    if event is None:
        said = h.c.last_start if h.c.last_unit == "D" and h.c.found and h.before() == "," else None
        beside = said is not None and h.span.start - h.c.found[-1][1] <= len(", ")
        if said and beside:  # 'on March 3, the day before the vote'
            return Reading("DATE", said.isoformat(), anchor="previous")
        return Reading("DATE", "XXXX-XX-XX")
    side, first, last = event
    day = calendar.move(last, "D", 1) if side == "after" else calendar.move(first, "D", -1)
    return Reading("DATE", day.isoformat(), anchor="event") if day else None


def _later_day(h: Hit) -> Reading | None:
    """'later in the day': the day that the text is at."""
    base = h.c.previous(h.span.start, "D")
    if base and h.c.ref and base + timedelta(7) < h.c.ref and h.direction() in ("future", "present"):
        base = None  # 'is to meet him later in the day' is not told of a day of weeks ago
    day, anchor = (base, "previous") if base else (h.c.ref, h.c.ref_name)
    return Reading("DATE", day.isoformat() if day else "XXXX-XX-XX", h.mod(), anchor if day else None)


def _unit(h: Hit) -> Reading | None:
    unit, rel = h.value("unit"), h.word("rel")
    if h.is_name():
        return None
    if rel in ("this", "that") and len(h.words("rel")) > 1:
        rel = h.words("rel")[1]
    if rel == "that" and not _is_determiner(h):
        return None
    lead = h.line.words[h.m.start("rel") - 1] if h.m.start("rel") > h.m.start() else ""
    if unit in ("MO", "AF", "EV", "NI"):
        return _unit_part_of_day(h, unit, rel, lead)
    if unit in ("TS", "TM", "TH"):
        if rel in _BACK or rel in _ON:
            return Reading("DURATION", duration(unit, 1))
        return None
    narrative = rel in _NARRATIVE or (rel == "next" and lead == "the" and unit in ("D", "W", "M", "Y"))
    base, anchor = h.c.ref, h.c.ref_name
    if narrative:
        base = h.c.same_day(h.span.start) if unit == "D" and rel in ("same", "that") else None
        base = (
            base
            or h.c.previous(h.span.start, unit)
            or (h.c.last_start if rel in ("same", "that") and unit == "Y" else None)
        )
        anchor = "previous"
        if base is None:
            if rel == "that":
                return None
            if rel == "same" or (unit == "D" and rel != "previous"):
                return Reading("DATE", _UNKNOWN.get(unit, "XXXX"), h.mod())
            base, anchor = h.c.ref, h.c.ref_name
    if base is None:
        return Reading("DATE", _UNKNOWN.get(unit, "XXXX"), h.mod())
    step = _BACK.get(rel, _ON.get(rel, 0))
    if unit == "W" and h.words("rel") == ["this", "past"] and base.weekday() >= _FRIDAY:
        step = 0  # at the end of a week, 'this past week' is the one that ends
    if rel == "latest" and unit == "Y":
        step = -1
    if unit == "WE":
        return _weekend(h, base, rel, anchor)
    if lead == "the" and unit in ("D", "W", "M", "Y", "DE", "CE"):
        if rel in ("past", "last"):
            return _around_now(h, unit, -1)
        if rel in ("next", "coming") and unit in ("DE", "CE"):
            return _around_now(h, unit, 1)
    moved = calendar.move(base.replace(day=1) if unit in ("M", "Q", "Y", "DE", "CE") else base, unit, step)
    value = calendar.at(moved, unit)
    if value is None or moved is None:
        return None
    reading = Reading("DATE", value, h.mod(), anchor)
    fiscal = any(w in ("fiscal", "financial", "academic", "school") for w in h.line.words[h.m.start() : h.m.end()])
    reading.whole = not fiscal
    if unit == "W" and h.words("rel") == ["this", "past"] and not step:
        reading.days = (base - timedelta(base.weekday()), base)
    elif unit == "W" and base == h.c.ref and base.weekday() == _SUNDAY:
        reading.days = _weeks_on_sunday(base, step)
    _trim(h, reading)
    return reading


def _weeks_on_sunday(day: date, step: int) -> calendar.Days | None:
    """'Last week' and 'this week' said on a Sunday: to some the week ends with that day, to others it has begun."""
    monday = calendar.move(day, "D", 7 * step - _SUNDAY)
    end = calendar.move(day, "D", 7 * step + 7)
    if monday is None or end is None:
        return None
    return (monday, min(end, day - timedelta(1))) if step < 0 else (monday, end)


def _around_now(h: Hit, unit: str, sign: int) -> Reading:
    """'the past year', 'the next decade': the length of a unit, up to the reference day or from it."""
    ref = h.c.ref
    far = calendar.move(ref, unit, sign) if ref else None
    days = (min(far, ref), max(far, ref)) if far and ref else None
    return Reading("DURATION", duration(unit, 1), anchor=h.c.ref_name if days else None, days=days)


def _trim(h: Hit, reading: Reading) -> None:
    """'earlier this year' ends with the reference day; 'later this year' starts after it."""
    days, ref = calendar.days(reading.value), h.c.ref
    word = h.word("part")
    if days is None or ref is None or word not in ("earlier", "later") or not days[0] <= ref <= days[1]:
        return
    if word == "earlier":
        reading.days = (days[0], ref)
    elif ref < days[1]:
        reading.days = (ref + timedelta(1), days[1])


def _is_determiner(h: Hit) -> bool:
    doc = h.c.doc
    at = h.line.starts[h.m.start("rel")]
    return any(doc.starts[i] == at and doc.tags[i] == "DT" for i in doc.tokens_in(h.span))


def _unit_part_of_day(h: Hit, part: str, rel: str, lead: str) -> Reading | None:
    step = {"last": -1, "previous": -1, "next": 1, "following": 1}.get(rel, 0)
    if rel in _NARRATIVE or (rel == "next" and lead == "the"):
        base, anchor = h.c.previous(h.span.start, "D"), "previous"
    else:
        base, anchor = h.c.ref, h.c.ref_name
    day = calendar.move(base, "D", step) if base else None
    if rel in ("past", "coming", "current", "latest", "upcoming"):
        return None
    if anchor == "previous" and day and h.c.ref and day > h.c.ref and h.direction() == "past":
        day = None  # what is told as over does not lie ahead: it is counted from another day
    return Reading("TIME", f"{day.isoformat() if day else 'XXXX-XX-XX'}T{part}", h.mod(), anchor if day else None)


def _weekend(h: Hit, base: date, rel: str, anchor: str) -> Reading | None:
    saturday = base + timedelta(5 - base.weekday())
    if rel in ("last", "past", "previous"):
        saturday = base - timedelta((base.weekday() - 5) % 7 or 7) if base.weekday() != 6 else base - timedelta(8)
    elif rel == "next":
        saturday += timedelta(7) if base.weekday() >= 0 else timedelta(0)
    elif rel == "this":
        past = h.direction() == "past" and base.weekday() < 4
        saturday = base - timedelta(base.weekday() + 2) if past else saturday
    value = calendar.at(saturday, "WE")
    return Reading("DATE", value, h.mod(), anchor) if value else None


def _the_unit(h: Hit) -> Reading | None:
    unit, ref = h.value("unit"), h.c.ref
    if unit == "Q":
        return the_quarter(h)
    if unit == "Y" and h.after() in ("ending", "to", "through") and h.before() in ("for", "in", "over"):
        return Reading("DURATION", "P1Y")
    if unit == "Y":
        tied = h.after() in ("of", "that", "when", "-", "since", "after", "before")
        if tied or h.before() not in ("for", "in", "of", "so", "during", "earlier", "later"):
            return None
        if h.before() == "of" and h.before(2) not in ("rest", "remainder", "half", "most", "part", "months", "quarter"):
            return None
        year = f"{ref.year:04d}" if ref else "XXXX"
        return Reading("DATE", year, None, h.c.ref_name if ref else None)
    if ref is None:
        return Reading("DATE", "XXXX-WXX-WE")
    saturday = ref + timedelta(5 - ref.weekday())
    if h.direction() not in ("future", "present") and ref.weekday() < _SUNDAY:
        saturday -= timedelta(7)
    value = calendar.at(saturday, "WE")
    return Reading("DATE", value, None, h.c.ref_name) if value else None


def _unit_part(h: Hit) -> Reading | None:
    unit, ref = h.value("unit"), h.c.ref
    if unit not in ("Y", "M", "W", "Q", "DE", "CE"):
        return None
    value = calendar.at(ref, unit) if ref else _UNKNOWN.get(unit, "XXXX")
    return Reading("DATE", value or "XXXX", h.mod(), h.c.ref_name if ref else None)


def _window(h: Hit) -> Reading | None:
    unit, rel = h.value("unit"), h.word("rel")
    n = h.number("count")
    ref = h.c.ref
    if h.line.kinds[h.m.end() - 1] == "" or (unit in ("2", "WE") and rel == "recent"):
        return None
    if h.word("unit") == "second":
        return None
    if h.word("unit") == "quarter":
        unit = "Q"
    value = duration(unit, n)
    if n is None or ref is None or unit in ("TS", "TM") or rel in ("previous", "preceding", "prior", "following"):
        return Reading("DURATION", value)
    if rel in ("last", "past", "recent"):
        start = calendar.move(ref, unit, -n)
        days = (start, ref) if start else None
    else:
        end = calendar.move(ref, unit, n)
        days = (ref, end) if end else None
    return Reading("DURATION", value, h.about(), h.c.ref_name if days else None, days)


def _ago(h: Hit) -> Reading | None:
    unit = h.value("unit")
    n: float | None = h.number("count") if h.has("count") else (None if h.word("unit").endswith("s") else 1)
    if h.word("unit") in ("second", "quarter"):
        unit = {"second": "TS", "quarter": "Q"}[h.word("unit")]
    word = h.word("dir") or h.word("stopdir")
    back = word in ("ago", "back", "earlier", "before", "previous", "preceding", "prior")
    if word == "back" and h.direction() != "past":
        return None
    if not h.has("count") and h.m.start("unit") == h.m.start() and not h.word("unit").endswith("s"):
        return None
    if n is None:
        return Reading("DURATION", duration(unit, None), h.about())
    if h.before() == "of" and not h.has("count"):  # 'a quarter of a century ago'
        return None
    narrative = word in ("earlier", "later", "before", "after", "previous", "preceding", "prior")
    base, anchor, sure = h.c.ref, h.c.ref_name, True
    near_quarter = h.c.last_unit == "Q" and h.span.start - h.c.last_at < _SAME_PASSAGE
    quarter = h.c.quarter if unit == "Y" and near_quarter else None
    if narrative and (previous := h.c.previous(h.span.start, unit)):
        base, anchor = previous, "previous"
    elif narrative:  # counted from something that has no date here
        sure = False
        if not back and unit not in ("TS", "TM", "TH") and h.direction() != "future":
            base = None
    if quarter and word in ("ago", "earlier", "before"):  # so in figures; what happened 'a year ago' need not be
        return Reading("DATE", f"{int(quarter[:4]) - int(n):04d}{quarter[4:]}", h.about(), "previous", whole=False)
    if base is None:
        return Reading("DATE", _UNKNOWN.get(unit, "XXXX"), h.about())
    if unit in ("TS", "TM", "TH"):
        moved = calendar.move(base, unit, -n if back else n)
        days = (moved, moved) if moved and n >= 24 and unit == "TH" else None
        return Reading("DURATION", duration(unit, n), h.about(), anchor if days else None, days)
    moved = calendar.move(base, unit, -n if back else n)
    value = calendar.at(moved, {"FN": "W", "CE": "DE"}.get(unit, unit))
    if value is None:
        return None
    if moved and (h.word("rel") == "today" or (unit == "W" and "so" in h.line.words[h.m.start() : h.m.end()])):
        value = moved.isoformat()
    days = _within(moved, unit, h.about()) if sure and back else None
    return Reading("DATE", value, h.about(), anchor, days, whole=sure)


def _within(day: date | None, unit: str, about: str | None) -> calendar.Days | None:
    """The days of 'less than a week ago': the unit that follows that day; of 'more than': the one before it."""
    if day is None or about not in ("LESS_THAN", "MORE_THAN"):
        return None
    other = calendar.move(day, unit, 1 if about == "LESS_THAN" else -1)
    return (min(day, other), max(day, other)) if other else None


RELATIVE: dict[str, Callable[[Hit], Reading | None]] = {
    "relday": _relday,
    "tonight": _tonight,
    "double_day": _double_day,
    "unit": _unit,
    "event_day": _event_day,
    "later_day": _later_day,
    "the_unit": _the_unit,
    "unit_part": _unit_part,
    "window": _window,
    "ago": _ago,
}
