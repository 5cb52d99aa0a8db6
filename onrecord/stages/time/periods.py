"""What seasons, quarters, half years, year ends and holidays mean: one function a rule of the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from onrecord.stages.time import calendar
from onrecord.stages.time.absolute import relative_year, year_of
from onrecord.stages.time.reading import Hit, Reading
from onrecord.stages.time.words import era_days, moving

_THIS = 120  # days after its end at which a season is still 'this summer'
_FEASTS = {
    "moon ramadan": (0, 29),
    "moon eid al-fitr": (-1, 1),
    "moon eid al-adha": (-1, 1),
    "moon ashura": (-1, 1),
    "moon passover": (-1, 7),
    "moon rosh hashanah": (-1, 1),
    "moon yom kippur": (-1, 0),
    "moon hanukkah": (-1, 7),
}  # first and last day, counted from the one in lexicon/time/moving.tsv; a Jewish feast begins at the sundown before
_LATER = 1500  # characters back to the quarter that 'the year-ago quarter' compares with


def _season(h: Hit) -> Reading | None:
    season = h.value("season")
    year, anchor = year_of(h)
    if year is None and h.c.ref is not None and not h.has("ryear"):
        ref, rel, anchor = h.c.ref, h.words("rel"), h.c.ref_name
        spans = {y: d for y in range(max(2, ref.year - 2), ref.year + 2) if (d := calendar.days(f"{y:04d}-{season}"))}
        past = [y for y, d in spans.items() if d[1] < ref]
        begun = [y for y, d in spans.items() if d[0] <= ref]
        ahead = [y for y, d in spans.items() if d[1] >= ref]
        if "last" in rel or "previous" in rel or "past" in rel:
            year = max(past, default=None)
        elif "next" in rel or "coming" in rel:
            year = min((y for y, d in spans.items() if d[0] > ref), default=None)
        elif "this" in rel and h.direction() == "past":
            year = max(begun, default=None)
        elif "this" in rel and h.direction() != "future":
            year = max((y for y in begun if (ref - spans[y][1]).days < _THIS), default=min(ahead, default=None))
        elif "this" in rel or h.direction() in ("future", "present"):
            year = min(ahead, default=None)
        else:
            year = max(begun, default=None)
    if (
        year is None
        and not h.has("rel", "part", "partof")
        and h.before() not in ("in", "the", "of", "since", "until", "during", "by")
    ):
        return None
    return Reading("DATE", f"{year:04d}-{season}" if year is not None else f"XXXX-{season}", h.mod(), anchor)


def _quarter(h: Hit) -> Reading | None:
    return _nth_quarter(h, int(re.sub(r"\D", "", h.value("ord")) or 0))


def _nth_quarter(h: Hit, n: int) -> Reading | None:
    if not 1 <= n <= 4:
        return None
    year, anchor = year_of(h)
    if year is None and h.c.ref is not None:
        ref, anchor = h.c.ref, h.c.ref_name
        # Companies report a quarter some weeks after it ends, in any tense: the nearest one that has begun.
        now = (ref.month + 2) // 3
        ahead = h.direction() == "future"
        year = ref.year + (1 if ahead and now - n > 1 else -1 if n - now > (2 if ahead else 0) else 0)
    head = f"{year:04d}" if year is not None else "XXXX"
    return Reading("DATE", f"{head}-Q{n}", None, anchor, whole=not _is_fiscal(h))


def _quarter_named(h: Hit) -> Reading | None:
    """'the second and fourth quarters': the word that counts stands behind the second of them."""
    if h.has("qs") and "quarters" not in h.line.words[h.m.start("qs") : h.m.end("qs")]:
        return None
    if (
        h.has("qs") and not h.has("year") and h.direction() == "present"
    ):  # 'sales peak in the second and fourth quarters'
        return Reading("DATE", f"XXXX-Q{h.value('ord')}")
    return _quarter(h)


def _quarter_figure(h: Hit) -> Reading | None:
    """'Q3 2021'."""
    return _nth_quarter(h, int(h.value("q")))


def _ended_quarter(h: Hit) -> Reading | None:
    """'the quarter ended July 31': the calendar quarter that holds most of it."""
    if h.after() not in ("ended", "ending", "to", "through"):
        return the_quarter(h)
    year, ref = h.value("year"), h.c.ref
    month = int(h.value("mon"))
    if not year and ref is None:
        return Reading("DATE", "XXXX-QX")
    ahead = h.after() == "ending" and h.direction() == "future"
    of = int(year) if year else (ref.year - (month > ref.month and not ahead) if ref else 0)
    middle = calendar.days(f"{of:04d}-{month:02d}")
    held = calendar.at(calendar.move(middle[0], "M", -1), "Q") if middle else None
    return Reading("DATE", held, None, "explicit" if year else h.c.ref_name) if held else None


def _is_fiscal(h: Hit) -> bool:
    return any(w in ("fiscal", "financial") for w in h.line.words[h.m.start() : h.m.end()])


def _half(h: Hit) -> Reading | None:
    n = {"last": 2, "second": 2}.get(h.word("ord"), int(h.value("ord") or 0) if h.value("ord").isdigit() else 0)
    if n not in (1, 2):
        return None
    year, anchor = year_of(h)
    if year is None and h.has("theyear") and h.c.ref:
        year, anchor = h.c.ref.year, h.c.ref_name
    head = f"{year:04d}" if year is not None else "XXXX"
    return Reading("DATE", f"{head}-H{n}", None, anchor)


def _holiday(h: Hit) -> Reading | None:
    rule = h.value("hol")
    if rule == "no day":
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", rule):
        return Reading("DATE", rule, None, "explicit")
    year, anchor = year_of(h)
    ref = h.c.ref
    if year is None and ref is not None and not h.has("ryear"):
        anchor = h.c.ref_name
        options = [d for y in (ref.year - 1, ref.year, ref.year + 1) for d in _days_in(rule, y)]
        rel, way = h.word("rel"), h.direction()
        if options:
            if rel == "last":
                options = [d for d in options if d < ref]
            elif rel == "next":
                options = [d for d in options if d > ref]
            elif way == "past":
                options = [d for d in options if d <= ref]
            elif way == "future":
                options = [d for d in options if d >= ref]
            day = min(options, key=lambda d: (abs((d - ref).days), d), default=None)
            if day:
                return Reading("DATE", day.isoformat(), None, anchor, _feast(rule, day))
    if year is not None:
        days = _days_in(rule, year)
        day = days[0] if len(days) == 1 else None
        if day is None:
            return Reading("DATE", f"{year:04d}-XX-XX", None, anchor)
        return Reading("DATE", day.isoformat(), None, anchor, _feast(rule, day))
    if m := re.fullmatch(r"\d\d-\d\d", rule):
        return Reading("DATE", f"XXXX-{m[0]}")
    return Reading("DATE", "XXXX-XX-XX")


def _era(h: Hit) -> Reading | None:
    """'the Reagan era'; an administration is a time only where something lasts or happens in it."""
    text = h.line.words[h.m.end() - 1]
    days = era_days(text, h.c.ref)
    if days is None:
        return None
    if text.endswith("administration") and h.before() not in ("during", "since", "throughout", "until"):
        return None
    if text.endswith("era") and h.after() == "-":
        return None
    first, last = days
    end = last if last and (h.c.ref is None or last <= h.c.ref) else h.c.ref
    span = (first, end) if end else None
    years = (span[1].year - span[0].year) if span else None
    return Reading("DURATION", f"P{years or 'X'}Y", None, "explicit" if span else None, span)


def _days_in(rule: str, year: int) -> tuple[date, ...]:
    """The days of a feast in a year by its rule in lexicon/time/holidays.tsv."""
    if rule.startswith("moon "):
        return moving().get((rule.removeprefix("moon "), year), ())
    day = calendar.holiday(rule, year)
    return (day,) if day else ()


def _feast(rule: str, day: date) -> calendar.Days | None:
    """The days that a feast lasts; where the moon must be seen, a day on either side of the one reckoned."""
    first, last = _FEASTS.get(rule, (0, 0))
    return (day + timedelta(first), day + timedelta(last)) if first or last else None


def the_quarter(h: Hit) -> Reading | None:
    """'the quarter': the one that the report has named, else the last one over."""
    if h.after() in ("of", "-", "to", "mile", "century", "final", "finals", "point"):
        return None
    return known_quarter(h) or latest_quarter(h)


def known_quarter(h: Hit) -> Reading | None:
    """The quarter that the report has named."""
    return Reading("DATE", h.c.quarter, anchor="previous") if h.c.quarter else None


def latest_quarter(h: Hit) -> Reading | None:
    """The last quarter that is over: the one a report of results is about."""
    value = calendar.at(calendar.move(h.c.ref, "M", -3), "Q") if h.c.ref else None
    return Reading("DATE", value or "XXXX-QX", anchor=h.c.ref_name if value else None)


def _same_quarter(h: Hit) -> Reading | None:
    """'the 1988 quarter', 'last year's period': the quarter that the report is about, in another year."""
    year = int(h.value("year")) if h.has("year") else None
    if year is None:
        year = relative_year(h, h.word("ryear"))[0]
    if year is None:
        return None
    tail = h.c.quarter[4:] if h.c.quarter else ""
    return Reading("DATE", f"{year:04d}{tail}", anchor="previous" if tail else h.c.ref_name)


def _current_quarter(h: Hit) -> Reading | None:
    if "current" in h.line.words[h.m.start() : h.m.end()]:
        if h.word("unit") == "period":
            return None
        value = calendar.at(h.c.ref, "Q")
        return Reading("DATE", value or "XXXX-QX", anchor=h.c.ref_name if value else None)
    return latest_quarter(h) if h.word("unit") == "quarter" or h.c.quarter else None


def _year_ago(h: Hit) -> Reading:
    if h.c.quarter and h.span.start - h.c.last_at < _LATER:
        return Reading("DATE", f"{int(h.c.quarter[:4]) - 1:04d}{h.c.quarter[4:]}", anchor="previous")
    year = f"{h.c.ref.year - 1:04d}" if h.c.ref else "XXXX"
    return Reading("DATE", year, anchor=h.c.ref_name if h.c.ref else None)


def _year_end(h: Hit) -> Reading | None:
    if h.word("partof") != "end" or h.before() in ("a", "the", "-", "next", "last"):
        return None if h.word("partof") != "end" or not h.has("unit") else _end_of_year(h)
    if "-" not in h.line.words[h.m.start() : h.m.end()]:
        return _end_of_year(h)
    return Reading(
        "DATE", f"{h.c.ref.year:04d}-12-31" if h.c.ref else "XXXX-12-31", None, h.c.ref_name if h.c.ref else None
    )


def _end_of_year(h: Hit) -> Reading:
    value = f"{h.c.ref.year:04d}" if h.c.ref else "XXXX"
    return Reading("DATE", value, h.mod(), h.c.ref_name if h.c.ref else None)


PERIODS: dict[str, Callable[[Hit], Reading | None]] = {
    "season": _season,
    "era": _era,
    "quarter": _quarter_named,
    "quarter_figure": _quarter_figure,
    "ended_quarter": _ended_quarter,
    "half": _half,
    "holiday": _holiday,
    "same_quarter": _same_quarter,
    "latest_quarter": _current_quarter,
    "year_ago": _year_ago,
    "year_end": _year_end,
}
