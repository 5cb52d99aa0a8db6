"""What dates, months, weekdays, years, decades and centuries mean: one function a rule of the grammar.

A function gives a `Reading`, or None where the words turn out to be no time expression. Without a reference date the
value keeps its unknown parts as X (TIMEX3) and no days are given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from onrecord.stages.time import calendar
from onrecord.stages.time.context import Direction
from onrecord.stages.time.reading import Hit, Reading
from onrecord.stages.time.words import named_days

_AROUND = 20  # words on either side among which another day of that date may be told
_NAMED = 3  # words after a day among which the name of what happened on it stands
_FAR = 9  # months ahead of a bare month that may as well be the one just over: 'on his decision to leave in May'
_GONE = 6  # months after which 'through June' is no longer the June that is over
_EVE = 6  # days back to the weekday that is also tomorrow's
_SOON = 2  # days or months ahead at which a named thing is still the coming one in the past tense


def _iso(h: Hit) -> Reading:
    return Reading(
        "TIME" if "t" in h.line.words[h.m.start()] else "DATE", h.line.words[h.m.start()].upper(), anchor="explicit"
    )


def _slash(h: Hit) -> Reading | None:
    a, b, c = (int(x) for x in h.line.words[h.m.start()].split("/"))
    month, day = (a, b) if a <= 12 else (b, a)
    year = c if c > 99 else c + (1900 if c > 50 else 2000)
    return (
        Reading("DATE", f"{year:04d}-{month:02d}-{day:02d}", anchor="explicit")
        if 1 <= month <= 12 and day <= 31
        else None
    )


def year_of(h: Hit) -> tuple[int | None, str | None]:
    """Year that the expression names ('1990', 'last year'), and what it rests on."""
    if v := h.value("year", "year0", "year1", "year2"):
        return int(v), "explicit"
    for name in ("ryear", "ryear0"):
        if h.has(name):
            return relative_year(h, h.word(name))
    return None, None


def relative_year(h: Hit, word: str) -> tuple[int | None, str | None]:
    """The year that 'last', 'this', 'the following' year is, and what it rests on."""
    step = {"last": -1, "previous": -1, "next": 1, "following": 1}.get(word, 0)
    if word in ("previous", "following", "same", "that") and (base := h.c.previous(h.span.start, "Y")):
        return base.year + step, "previous"
    return (h.c.ref.year + step, h.c.ref_name) if h.c.ref else (None, None)


def _pick_year(h: Hit, month: int, day: int | None) -> int | None:
    """The year of a month, or day of a month, that is given without one."""
    ref = h.c.ref
    if ref is None:
        return None
    way = h.direction()
    if day is not None:
        options = [
            d for y in (ref.year - 1, ref.year, ref.year + 1) if (d := calendar.days(f"{y:04d}-{month:02d}-{day:02d}"))
        ]
        if not options:
            return None
        past = [d[0] for d in options if d[0] <= ref]
        ahead = [d[0] for d in options if d[0] >= ref]
        near = min((d[0] for d in options), key=lambda d: (abs((d - ref).days), d))
        if _goes_on(h) and way == "past" and past and ahead and (ref - past[-1]).days > _GONE * 30:
            return ahead[0].year
        # A day named without its year is within some months; tense settles the rest.
        if way == "past" and past and (ref - past[-1]).days < 300:
            return past[-1].year
        if way in ("future", "present") and ahead and (ahead[0] - ref).days < (200 if way == "future" else 120):
            return ahead[0].year
        return near.year
    ahead_months = (month - ref.month) % 12
    if h.c.modifies(h.span) or (
        way in ("past", "present") and h.c.of_noun(h.span)
    ):  # 'the November election', 'the September figures': the nearest one
        back = (way == "past" and ahead_months > _SOON) or ahead_months > 6
        return ref.year - (month > ref.month) if back else ref.year + (month < ref.month)
    if _goes_on(h) and way != "future" and (ref.month - month) % 12 > _GONE:
        return ref.year + (month < ref.month)
    if way == "past":
        return ref.year if month <= ref.month else ref.year - 1
    if way in ("future", "present"):
        if way == "present" and 0 <= ref.month - month <= 3:
            return ref.year
        return ref.year if month >= ref.month else ref.year + 1
    return (ref.year + (month < ref.month)) if ahead_months <= 3 else (ref.year - (month > ref.month))


def _goes_on(h: Hit) -> bool:
    """'a lease extended through March': the end of something, which lies ahead rather than most of a year back."""
    return h.before() in ("through", "thru", "until", "till")


def _date(h: Hit) -> Reading | None:
    month, day = int(h.value("mon")), int(re.sub(r"\D", "", h.value("day", "dayw")) or 0)
    if not 1 <= day <= 31:
        return None
    year, anchor = year_of(h)
    sure = True
    if year is None and h.has("last") and h.c.ref:
        passed = (month, day) < (h.c.ref.month, h.c.ref.day)
        year, anchor = h.c.ref.year - (not passed), h.c.ref_name
    elif year is None and (known := _named_year(h, month, day)):
        year, anchor = known, "explicit"
    elif year is None and not h.has("ryear"):
        year, anchor, sure = _year_meant(h, month, day)
    head = f"{year:04d}" if year is not None else "XXXX"
    value = f"{head}-{month:02d}-{day:02d}"
    if year is not None and calendar.days(value) is None:
        return None
    part = h.value("daypart", "daypart0", "daypart2")
    return Reading("TIME" if part else "DATE", value + (f"T{part}" if part else ""), anchor=anchor, whole=sure)


def _year_meant(h: Hit, month: int, day: int | None) -> tuple[int | None, str | None, bool]:
    """The year of a month or day given without one, what it rests on, and whether that is sure enough for days."""
    told, open_ = h.c.told_year(h.span.start, month) if h.direction() in ("past", None) else (None, False)
    if told is not None:
        return told, "previous", True
    year = _pick_year(h, month, day)
    ref = h.c.ref
    if ref and year and day is None and (year - ref.year) * 12 + month - ref.month >= _FAR:
        open_ = True
    return year, h.c.ref_name if year is not None else None, not open_


def _named_year(h: Hit, month: int, day: int) -> int | None:
    """The year of a day that is the name of something that happened on it: 'the Sept. 11 attacks'."""
    for year, words, unless in named_days().get((month, day), ()):
        near = {*h.following(_AROUND), *(h.before(n) for n in range(1, _AROUND))}
        known = not near & unless and (h.c.ref is None or h.c.ref >= date(year, month, day))
        of = h.before() in ("of", "on") and h.before(2) in words and h.before(2).endswith("s")
        meant = h.before() == "of" or h.before(3) in ("terror", "terrorist")
        if known and (words & set(h.following(_NAMED)) or (of and meant)):
            return year
    return None


def _date_more(h: Hit) -> Reading | None:
    """The second day of 'April 24 and 25'."""
    if h.c.last_start is None or h.span.start - h.c.last_at > 40:
        return None
    value = f"{h.c.last_start:%Y-%m}-{int(h.value('day')):02d}"
    return Reading("DATE", value, anchor="previous") if calendar.days(value) else None


def _week_of(h: Hit) -> Reading | None:
    day = _date(h)
    days = calendar.days(day.value) if day else None
    value = calendar.at(days[0], h.value("unit")) if days else None
    return Reading("DATE", value, anchor=day.anchor) if value and day else None


def _date_range(h: Hit) -> Reading | None:
    month = int(h.value("mon"))
    d1, d2 = (int(re.sub(r"\D", "", h.value(g)) or 0) for g in ("d1", "d2"))
    year, anchor = year_of(h)
    if year is None:
        year = _pick_year(h, month, d1)
        anchor = h.c.ref_name
    if not 0 < d1 < d2 <= 31:
        return None
    value = f"P{d2 - d1 + 1}D"
    if year is None:
        return Reading("DURATION", value)
    first, last = (calendar.days(f"{year:04d}-{month:02d}-{d:02d}") for d in (d1, d2))
    return Reading("DURATION", value, anchor=anchor, days=(first[0], last[0])) if first and last else None


def _month(h: Hit) -> Reading | None:
    month = int(h.value("mon"))
    year, anchor = year_of(h)
    sure = True
    if year is None and h.c.ref is not None:
        rel, ref = h.word("rel"), h.c.ref
        anchor = h.c.ref_name
        if rel in ("last", "past", "previous"):
            year = ref.year - (month >= ref.month)
            if rel == "last" and (ref.month - month) % 12 == 1:
                # 'last May' told in June is mostly that of a year ago, as the other is 'last month': a year, no days
                year, sure = year - 1, False
        elif rel in ("next", "coming", "upcoming", "following"):
            year = ref.year + (month <= ref.month)
        elif rel == "this":
            year = ref.year
        else:
            year, anchor, sure = _year_meant(h, month, None)
    head = f"{year:04d}" if year is not None else "XXXX"
    return Reading("DATE", f"{head}-{month:02d}", h.mod(), anchor, whole=sure)


def _day_of_month(h: Hit) -> Reading | None:
    day = int(re.sub(r"\D", "", h.value("day")))
    if h.before() not in ("on", "by", "until", "since", "of") or h.c.last_unit not in ("D", "M") or not h.c.last_start:
        return None
    value = f"{h.c.last_start:%Y-%m}-{day:02d}"
    near = h.span.start - h.c.last_at < 300
    return Reading("DATE", value, anchor="previous") if near and calendar.days(value) else None


def nearest_weekday(ref: date, weekday: int, way: Direction | None, local: bool = False) -> date:
    """The day of that name that the tense points to, counting the reference day itself.

    By `local` time far away, the day after the report's may have begun.
    """
    back = (ref.isoweekday() - weekday) % 7
    ahead = (weekday - ref.isoweekday()) % 7
    if local and ahead == 1:
        return ref + timedelta(1)
    if way == "future" or (way == "present" and ahead <= 3):
        return ref + timedelta(ahead)
    return ref - timedelta(back)


def _weekday(h: Hit) -> Reading | None:
    weekday, rel, wrel = int(h.value("dow")), h.word("rel"), h.word("wrel")
    part = h.value("daypart", "daypart2")
    tail = _part_of_day(part)
    mod = h.mod()
    if h.c.ref is None:
        return Reading("TIME" if part else "DATE", f"XXXX-WXX-{weekday}{tail}", mod)
    ref, anchor, sure = h.c.ref, h.c.ref_name, True
    if h.before() in ("a", "one") and not (rel or wrel or h.c.modifies(h.span)):  # 'on a Saturday earlier this month'
        return Reading("TIME" if part else "DATE", f"XXXX-WXX-{weekday}{tail}", mod)
    try:
        if rel in ("following", "previous", "same") and (base := h.c.previous(h.span.start, "D")):
            anchor = "previous"
            step = (weekday - base.isoweekday()) % 7
            day = base + timedelta(step or (7 if rel == "following" else 0))
            if rel == "previous":
                day = base - timedelta((base.isoweekday() - weekday) % 7 or 7)
        elif wrel:
            monday = ref - timedelta(ref.weekday())
            day = monday + timedelta(weekday - 1 + {"last": -7, "next": 7, "following": 7}.get(wrel, 0))
        elif rel in ("last", "past", "previous"):
            day = ref - timedelta((ref.isoweekday() - weekday) % 7 or 7)
        elif rel in ("next", "coming", "upcoming", "following"):
            day = ref + timedelta((weekday - ref.isoweekday()) % 7 or 7)
        else:
            ahead = (weekday - ref.isoweekday()) % 7
            way, planned = h.direction(), h.planned()
            if planned:
                way = "present"
            if h.c.modifies(h.span) and not 2 < ahead < 5:  # 'Friday's report': the nearest Friday
                way = "future" if ahead <= _SOON else "past"
            day = nearest_weekday(ref, weekday, way, local=[h.after(), *h.following(2)[1:]] == ["local", "time"])
            # A report of far away is dated a day before its own 'today'.
            sure = (bool(rel) or (ref - day).days != _EVE) and not planned
            if rel == "this" and h.direction() in (None, "present"):
                day = ref + timedelta((weekday - ref.isoweekday()) % 7)
    except OverflowError:
        return None
    return Reading("TIME" if part else "DATE", day.isoformat() + tail, mod, anchor, whole=sure)


def _nth_weekday(h: Hit) -> Reading | None:
    """'the first Sunday in November'; of every month it is a set."""
    if h.has("unit"):
        return Reading("SET", f"P1{h.value('unit')}")
    n = -1 if h.word("nth") == "last" else int(h.value("nth") or 0)
    month, weekday = int(h.value("mon")), int(h.value("dow"))
    if not -1 <= n <= 5:
        return None
    year, anchor = (int(h.value("year")), "explicit") if h.has("year") else (None, None)
    if year is None:
        year, anchor = _pick_year(h, month, None), h.c.ref_name
    if year is None:
        return Reading("DATE", f"XXXX-{month:02d}-XX")
    day = calendar.holiday(f"{month:02d}/{n}/{weekday}", year)
    return Reading("DATE", day.isoformat(), None, anchor) if day and day.month == month else None


def _early_hours(h: Hit) -> Reading | None:
    """'the early hours of Saturday'."""
    day = _weekday(h)
    if day is None or "hours" not in h.line.words[h.m.start() : h.m.end()] or day.mod is None:
        return None
    part = "MO" if day.mod == "START" else "NI"
    return Reading("TIME", day.value + f"T{part}", day.mod, day.anchor)


def _weekdays_ago(h: Hit) -> Reading | None:
    """'two Fridays ago'."""
    n = h.number("count")
    if h.c.ref is None or n is None:
        return Reading("DATE", f"XXXX-WXX-{h.value('dow')}")
    last = h.c.ref - timedelta((h.c.ref.isoweekday() - int(h.value("dow"))) % 7 or 7)
    day = calendar.move(last, "W", 1 - n)
    return Reading("DATE", day.isoformat(), None, h.c.ref_name) if day else None


def _part_of_day(part: str) -> str:
    return f"T{part}" if part else ""


def _weekday_shift(h: Hit) -> Reading | None:
    if h.c.ref is None:
        return None
    day = nearest_weekday(h.c.ref, int(h.value("dow")), "future" if h.has("later") else "past")
    moved = calendar.move(day, "W", 1 if h.has("later") else -1)
    return Reading("DATE", moved.isoformat(), anchor=h.c.ref_name) if moved else None


def _weekday_set(h: Hit) -> Reading:
    if not h.has("dow"):
        return Reading("SET", "XXXX-WXX")
    return Reading("SET", f"XXXX-WXX-{h.value('dow')}{_part_of_day(h.value('daypart'))}")


def _plain_year(h: Hit) -> Reading:
    value = h.value("year")
    if h.word("partof") == "half":
        return Reading("DATE", value, anchor="explicit")
    return Reading("DATE", value, h.mod(), "explicit")


def _fiscal(h: Hit) -> Reading:
    return Reading("DATE", h.value("year", "year2"), anchor="explicit", whole=False)


def _year_range(h: Hit) -> Reading | None:
    first, second = int(h.value("year")), h.word("to")
    if len(second) != 2:
        return None
    last = first // 100 * 100 + int(second)
    last += 100 if last < first else 0
    if not 0 < last - first <= 30:
        return None
    return Reading("DURATION", f"P{last - first}Y", anchor="explicit", days=(date(first, 1, 1), date(last, 12, 31)))


def _century_of(two: int, ref: date | None) -> int:
    """The full year of a two-digit one: the latest that is not more than ten years after the reference."""
    limit = (ref.year if ref else 2030) + 10
    return next(y for y in (2000 + two, 1900 + two, 1800 + two) if y <= max(limit, 1899))


def _short_year(h: Hit) -> Reading | None:
    if h.before() not in (
        "in",
        "of",
        "since",
        "from",
        "to",
        "late",
        "early",
        "mid",
        "summer",
        "the",
        "and",
        "until",
        "through",
    ):
        return None
    return Reading("DATE", str(_century_of(int(h.value("short")[1:]), h.c.ref)), anchor="explicit")


def _spoken_year(h: Hit) -> Reading | None:
    if h.has("thousands"):
        year = h.number("thousands")
        return Reading("DATE", f"{int(year)}", anchor="explicit") if year and 2000 <= year < 2100 else None
    hi, lo = int(h.value("hi")), h.number("lo")
    if hi not in (17, 18, 19) or lo is None:
        return None
    return Reading("DATE", f"{hi * 100 + int(lo)}", anchor="explicit")


def _decade(h: Hit) -> Reading | None:
    text = h.word("dec")
    digits = re.sub(r"\D", "", text)
    owner = h.line.words[h.m.start("dec") - 1] if h.m.start("dec") else ""
    lead = {"in", "of", "the", "since", "early", "late", "mid", "middle", "-", "and", "from", "to", "'"}
    if len(digits) == 4:
        whole = digits[2] == "0" and digits[0] == "1"  # 'the 1800s' are a hundred years
        return Reading("DATE", digits[: 2 if whole else 3], h.mod(), "explicit")
    if not text.startswith("'") and (owner not in {"the", "-", "early", "late", "mid"} or "the" not in _near(h)):
        return None
    if owner not in lead and not text.startswith("'"):
        return None
    two = int(digits) if digits else int(h.value("dec"))
    return Reading("DATE", str(_century_of(two, h.c.ref))[:3], h.mod(), "explicit")


def _near(h: Hit) -> list[str]:
    return h.line.words[max(0, h.m.start("dec") - 4) : h.m.start("dec")]


def _century(h: Hit) -> Reading | None:
    n = int(re.sub(r"\D", "", h.value("ord")) or 0)
    if not 1 < n <= 30:
        return None
    days = None
    if h.has("nth"):
        first = 100 * (n - 1) + (50 if h.word("nth") in ("second", "last", "latter") else 0)
        days = (date(first, 1, 1), date(first + 49, 12, 31))
    return Reading("DATE", f"{n - 1:02d}", h.mod(), "explicit", days)


ABSOLUTE: dict[str, Callable[[Hit], Reading | None]] = {
    "iso": _iso,
    "slash": _slash,
    "date": _date,
    "date_range": _date_range,
    "date_more": _date_more,
    "week_of": _week_of,
    "month": _month,
    "day_of_month": _day_of_month,
    "weekday": _weekday,
    "nth_weekday": _nth_weekday,
    "early_hours": _early_hours,
    "weekdays_ago": _weekdays_ago,
    "weekday_shift": _weekday_shift,
    "weekday_set": _weekday_set,
    "year": _plain_year,
    "fiscal": _fiscal,
    "year_range": _year_range,
    "short_year": _short_year,
    "spoken_year": _spoken_year,
    "decade": _decade,
    "century": _century,
}
