"""Reports that are not one whole report: live blogs, and the beginnings that a paywall shows. They are kept, and said.

A live blog tells many happenings in reversed order; a stub lacks what the page promises. Whoever counts or compares
should know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from onrecord import lexicon
from onrecord.model import RawReport
from onrecord.text import fold

_TAIL = 8  # lines at the end among which a paywall's prompt is looked for; behind it stand a site's other prompts
# Characters; a longer text is the report, whatever prompt stands below it. A stub is a lead and a paragraph or two.
LONGEST_STUB = 2_500
_ENTRIES = 5  # lines of nothing but a time of day, the later first; timetables and chronologies run the other way
_CLOCK = re.compile(
    r"(?:(?:updated|posted|published)(?: at)?:? )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})| ?(?=[ap]))"
    r" ?(?:(?P<half>[ap])\.?m\.?)?(?: ?(?:[A-Z]{2,4}|\(.{2,12}\)))?",
    re.IGNORECASE,
)
_AGO = re.compile(r"(?P<count>\d{1,2}|an?) ?(?:(?P<hours>h|hrs?|hours?)|m|mins?|minutes?) ago", re.IGNORECASE)
_LIVE = "a live blog, or an entry of one: it may tell several happenings, the newest first"
_STUB = "a paywall: only the beginning of the report is there; give the whole text"


def notices(report: RawReport) -> Iterator[tuple[str, str]]:
    """(reason, detail) of what shows that a report is a live blog or a paywall's stub, at most one of each."""
    text = report.text
    address = next((a for a in (report.external_id, report.uri) if a and a.startswith("http")), "")
    live = _matches("live-blog", "title", report.title or "") or _matches("live-blog", "url", address)
    if live or "live-blog" in report.stated or _entries(text) >= _ENTRIES:
        yield "live-blog", _LIVE
    if len(text) <= LONGEST_STUB and ("paywall" in report.stated or _prompted(text)):
        yield "paywall", _STUB


def _prompted(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return any(_matches("paywall", "line", line) for line in lines[-_TAIL:] if len(line) <= 200)


def _entries(text: str) -> int:
    """How many lines are a time of day that is earlier than the time in the line of times before."""
    times = [t for line in text.splitlines() if len(line) <= 32 and (t := _minutes(line.strip())) is not None]
    return 1 + sum(b < a for a, b in pairwise(times)) if sum(b > a for a, b in pairwise(times)) <= 1 else 0


def _minutes(line: str) -> int | None:
    if m := _CLOCK.fullmatch(line):
        half = (m["half"] or "").lower()
        hour = int(m["hour"]) % 12 + 12 * (half == "p") if half else int(m["hour"])
        return hour * 60 + int(m["minute"] or 0)
    if m := _AGO.fullmatch(line):
        count = int(m["count"]) if m["count"].isdigit() else 1
        return -count * (60 if m["hours"] else 1)
    return None


@cache
def _patterns(reason: str, where: str) -> tuple[re.Pattern[str], ...]:
    found = (r["pattern"] for r in lexicon.rows("notices.tsv") if (r["reason"], r["where"]) == (reason, where))
    return tuple(re.compile(p, re.IGNORECASE) for p in found)


def _matches(reason: str, where: str, text: str) -> bool:
    return bool(text) and any(p.search(fold(text[:400])) for p in _patterns(reason, where))
