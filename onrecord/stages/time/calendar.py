"""TIMEX3 values and the days they mean.

A unit is named by its TIMEX3 letter: D day, W week, WE weekend, FN fortnight, M month, Q quarter, H half year, Y year,
DE decade, CE century, ML millennium; TS, TM and TH are second, minute and hour. Every function gives None where the
calendar of `datetime` ends (years 1 to 9999).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

Days = tuple[date, date]

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*)?$")
_MONTH = re.compile(r"(\d{4})-(\d\d)$")
_WEEK = re.compile(r"(\d{4})-W(\d\d)(-WE)?$")
_SEASONS = {"SP": (3, 5), "SU": (6, 8), "FA": (9, 11), "WI": (12, 14)}
_PARTS = {**{f"Q{n}": (3 * n - 2, 3 * n) for n in range(1, 5)}, "H1": (1, 6), "H2": (7, 12), **_SEASONS}
_SIZE = {u: n for n, u in enumerate(("D", "WE", "W", "FN", "M", "Q", "H", "Y", "DE", "CE", "ML"), 1)} | {
    "TS": 0,
    "TM": 0,
    "TH": 0,
}
MONTHS_OF = {"M": 1, "Q": 3, "H": 6, "Y": 12, "DE": 120, "CE": 1200, "ML": 12000}
DAYS_OF = {"D": 1, "W": 7, "WE": 7, "FN": 14}


def size(unit: str) -> int:
    """Rank of a unit by length, days before weeks before months."""
    return _SIZE[unit]


def move(day: date, unit: str, n: float) -> date | None:
    """The day `n` units later (earlier when negative); the last of the month where the month is shorter."""
    try:
        if unit in DAYS_OF:
            return day + timedelta(days=round(DAYS_OF[unit] * n))
        if unit in MONTHS_OF:
            months = day.year * 12 + day.month - 1 + round(MONTHS_OF[unit] * n)
            year, month = divmod(months, 12)
            return date(year, month + 1, min(day.day, _month_days(year, month + 1)))
        per_day = {"TH": 24, "TM": 1440, "TS": 86400}[unit]
        return day + timedelta(days=int(n / per_day))
    except (ValueError, OverflowError):
        return None


def at(day: date | None, unit: str) -> str | None:
    """TIMEX3 value of the unit that holds the day: 2022-01-21, 2022-W03, 2022-01, 2022-Q1, 2022, 202, 20."""
    if day is None:
        return None
    year = f"{day.year:04d}"
    if unit in ("W", "WE", "FN"):
        iso = day.isocalendar()
        return f"{iso.year:04d}-W{iso.week:02d}" + ("-WE" if unit == "WE" else "")
    return {
        "M": f"{year}-{day.month:02d}",
        "Q": f"{year}-Q{(day.month + 2) // 3}",
        "H": f"{year}-H{(day.month + 5) // 6}",
        "Y": year,
        "DE": year[:3],
        "CE": year[:2],
        "ML": year[:1],
    }.get(unit, day.isoformat())


def unit_of(value: str) -> str | None:
    """The unit of a calendar value, None when it is no calendar value."""
    if _DAY.match(value):
        return "D"
    if m := _WEEK.match(value):
        return "WE" if m[3] else "W"
    if _MONTH.match(value):
        return "M"
    if re.fullmatch(r"\d{2,4}", value):
        return {2: "CE", 3: "DE", 4: "Y"}[len(value)]
    if m := re.fullmatch(r"\d{4}-(Q\d|H\d|SP|SU|FA|WI)", value):
        return "H" if m[1][0] == "H" else "Q"
    return None


@lru_cache(maxsize=4096)
def days(value: str) -> Days | None:
    """First and last day that a calendar value means, None when it is not fully specified or not on the calendar."""
    try:
        if m := _DAY.match(value):
            day = date(int(m[1]), int(m[2]), int(m[3]))
            return day, day
        if m := _WEEK.match(value):
            monday = date.fromisocalendar(int(m[1]), int(m[2]), 1)
            return (monday + timedelta(5) if m[3] else monday), monday + timedelta(6)
        if m := _MONTH.match(value):
            return date(int(m[1]), int(m[2]), 1), _month_end(int(m[1]), int(m[2]))
        if m := re.fullmatch(r"(\d{4})-(\w\w)", value):
            first, last = _PARTS[m[2]]
            year = int(m[1])
            return date(year, first, 1), _month_end(year + (last > 12), (last - 1) % 12 + 1)
        if re.fullmatch(r"\d{2,4}", value):
            return date(int(value.ljust(4, "0")), 1, 1), date(int(value.ljust(4, "9")), 12, 31)
    except (ValueError, KeyError, OverflowError):
        pass
    return None


def easter(year: int, orthodox: bool = False) -> date:
    """Easter Sunday, on the Gregorian calendar (Meeus's algorithms; the Julian one moved 13 days, right 1900-2099)."""
    if orthodox:
        d = (19 * (year % 19) + 15) % 30
        e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
        month, day = divmod(d + e + 114, 31)
        return date(year, month, day + 1) + timedelta(13)
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    h = (19 * a + b - d - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + weekday - 7 * ((a + 11 * h + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


def holiday(rule: str, year: int) -> date | None:
    """The day of a holiday in a year by a rule of lexicon/time/holidays.tsv; None when the rule is empty."""
    try:
        if m := re.fullmatch(r"(easter|orthodox)([+-]\d+)", rule):
            return easter(year, m[1] == "orthodox") + timedelta(int(m[2]))
        if m := re.fullmatch(r"(\d\d)/(-?\d)/(\d)(?:\+(\d))?", rule):
            month, n, weekday = int(m[1]), int(m[2]), int(m[3])
            if n < 0:
                last = _month_end(year, month)
                return last - timedelta((last.isoweekday() - weekday) % 7)
            first = date(year, month, 1)
            return first + timedelta((weekday - first.isoweekday()) % 7 + 7 * (n - 1) + int(m[4] or 0))
        return date(year, int(rule[:2]), int(rule[3:])) if rule else None
    except (ValueError, OverflowError):
        return None


def _month_days(year: int, month: int) -> int:
    return _month_end(year, month).day


def _month_end(year: int, month: int) -> date:
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - timedelta(1)
