"""When a page was published: what it states, on the day that its readers' clocks showed, else what htmldate finds.

Content systems state UTC, in which an evening in the Americas is the next day already. The page tells its own day in
other places: the same instant with an offset, the same minutes and seconds on a local clock, the day in its address.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from itertools import islice

from htmldate import find_date
from lxml.html import HtmlElement

from onrecord.stages.read.dates import when
from onrecord.stages.read.metadata import Metadata

_STAMP = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?P<zone>Z|[+-]\d\d:?\d\d)?(?![\d:])")
_STAMPS = 2_000  # timestamps of a page looked at; listings have more
_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_CHUNKS = 12  # pieces of text of an element in which a labelled date is looked for
_LEAST, _MOST = timedelta(hours=-12), timedelta(hours=14)  # the offsets in use
_QUARTER = timedelta(minutes=15)
_LABELLED = re.compile(
    r"(?:(?:first |originally )?(?:published|posted|written)|publication date|date (?:published|posted)|"
    r"publish date|posted on|created)(?: on| at)?\s*:?\s*"
    r"(?P<date>(?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?|[A-Z][a-z]{2,8}\.? \d{1,2},? (?:19|20)\d\d|"
    r"\d{1,2} [A-Z][a-z]{2,8} (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# How January 1 is written where a page means it; htmldate gives that day also for a bare year in a copyright line.
_NEW_YEAR = (
    r"{y}-01-01|{y}/0?1/0?1\b|\b0?1[./-]0?1[./-]{y}|\bJan(?:uary|\.)? 0?1(?:st)?,? {y}|\b0?1(?:st|\.)? Jan\w*\.? {y}"
)


def published(html: str, tree: HtmlElement, about: Metadata, url: str | None = None) -> datetime | None:
    """When a page was published, by its JSON-LD or meta elements, a labelled line, else htmldate's search; or None."""
    stated = when(about.published) if about.published else None
    if stated:
        return _local(stated, html, (url, about.url))
    labelled = _labelled(tree)
    if labelled:
        return labelled
    if about.url and not (url and _IN_ADDRESS.search(url)) and _IN_ADDRESS.search(about.url):
        url = about.url
    try:
        found = find_date(html, original_date=True, extensive_search=True, url=url)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    if found and found.endswith("-01-01") and not re.search(_NEW_YEAR.format(y=found[:4]), html):
        return None
    return when(found)


def _local(stated: datetime, html: str, addresses: tuple[str | None, ...]) -> datetime:
    """The same instant on the clock of the page's readers, where it is stated in UTC and the page shows that clock."""
    if _told(stated):
        return stated
    clock = _clock(stated.replace(microsecond=0), html)
    return stated.astimezone(timezone(clock)) if clock is not None else by_address(stated, *addresses)


def _told(stated: datetime) -> bool:
    """True when a time tells its own clock, or is a day alone."""
    return bool(stated.utcoffset()) or (stated.hour, stated.minute, stated.second) == (0, 0, 0)


def by_address(stated: datetime, *addresses: str | None) -> datetime:
    """The same instant on the clock by which it falls on the day in a page's address, where UTC makes it the next."""
    if _told(stated):
        return stated
    for day in (_day(a) for a in addresses if a):
        if day is None or day == stated.date() or abs(day - stated.date()) > timedelta(1):
            continue
        # The least whole hours that put the instant on the day which the address names. West of Hawaii and east of
        # Tonga hardly anybody publishes: such an address names another day, not a clock.
        for hours in range(1, 14) if day > stated.date() else range(-1, -11, -1):
            shown = stated.astimezone(timezone(timedelta(hours=hours)))
            if shown.date() == day:
                return shown
    return stated


def _clock(stated: datetime, html: str) -> timedelta | None:
    """The offset at which a page repeats an instant: in so many words, else as local time to the second."""
    bare: timedelta | None = None
    for n, m in enumerate(_STAMP.finditer(html)):
        if n >= _STAMPS:
            break
        found = when(m.group())
        if found is None:
            continue
        found = found.replace(microsecond=0)
        offset = found.utcoffset()
        if m["zone"]:
            if offset and found == stated:
                return offset
            continue
        apart = found - stated
        if bare is None and stated.second and apart and _LEAST <= apart <= _MOST and not apart % _QUARTER:
            bare = apart
    return bare


def _day(address: str) -> date | None:
    m = _IN_ADDRESS.search(address)
    try:
        return date(int(m[1]), int(m[2]), int(m[3])) if m else None
    except ValueError:
        return None


def _labelled(tree: HtmlElement) -> datetime | None:
    """The first line of the page that says 'Published: ...' or the like and a full date."""
    for element in tree.iter("p", "span", "div", "li", "time", "em", "small"):
        text = " ".join(" ".join(islice(element.itertext(), _CHUNKS)).split())
        if 10 < len(text) <= 160 and (m := _LABELLED.match(text)) and (found := when(m["date"])):
            return found
    return None
