"""The dateline: place, date and agency before a report's first sentence ('KELMOUTH, March 4 (Reuters) -')."""

from __future__ import annotations

import re
from functools import lru_cache

from onrecord.stages.segment import agencies

_DASH = r"(?:--+|[-–—]|:|\.\.\.)"
_CAPS = r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.'’-]+)"
_CITY = rf"{_CAPS}(?:[ /-](?:(?:de|la|el|al|du|of|on|and|upon)[ -])?{_CAPS}){{0,4}}(?:/{_CAPS}(?: {_CAPS}){{0,2}})?"
_NAME = r"(?:[A-ZÀ-Þ][\w.'’-]+)"
_PLACE = rf"{_NAME}(?:[ /-](?:(?:de|la|el|al|du|of|on|and|upon|the)[ -])?{_NAME}){{0,4}}"
_REGION = rf"(?:, ?{_NAME}(?: (?:of |and )?{_NAME}){{0,3}})"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
_DATE = rf"(?:,? ?(?:on )?(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?|, (?:\d{{1,2}}/\d{{1,2}}/\d{{2,4}}))"
# Words in capitals that open a headline-like lead or a rubric, not a place.
_RUBRIC = re.compile(
    r"^(?:UPDATE|BREAKING|EXCLUSIVE|OPINION|ANALYSIS|FILE|VIDEO|WATCH|LIVE|READ|NEWS|ALERT|CORRECTION|"
    r"COMMENT|EDITORIAL|"
    r"EXPLAINER|FACT CHECK|FACTBOX|FEATURE|INTERVIEW|NOTE|Q|A|Q&A|MORE|RELATED|PHOTOS?|WHO|WHAT|WHEN|"
    r"WHERE|WHY|HOW|THE(?! HAGUE)|JUST IN|"
    r"TRUMP|CNN|BBC|NBC|ABC|CBS|FOX|AP|I|IT|HE|SHE|WE|YES|NO|OK|PRESIDENT)\b(?:[ \d:]|$)"
)


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """(pattern, needs a rubric check), the surest first."""
    agency = agencies.pattern()
    paren = rf"\(\s*(?:{agency}|[A-Z][A-Za-z./& -]{{1,30}})\s*\)"
    known = rf"\(\s*{agency}(?:\s*[/,&]\s*{agency})*\s*\)|/{agency}/"
    return (
        (
            re.compile(rf"(?:{_PLACE}{_REGION}{{0,2}}{_DATE}?[,.]? ?)?(?:{known}) ?(?:{_DASH}|\.(?= )|(?=[A-Z\"'(]))"),
            False,
        ),
        (re.compile(rf"{_CITY}{_REGION}{{0,2}}{_DATE}?,? ?(?:{paren})? ?(?:--+|[–—]|-(?= ))"), True),
        (re.compile(rf"{_CITY}{_REGION}{{0,2}}{_DATE} ?:"), True),
        (re.compile(rf"{_CITY}{_REGION}?: (?=[A-Z\"'])"), True),
        (re.compile(rf"{_PLACE}{_REGION}{{0,2}}{_DATE},? ?(?:{paren})? ?(?:--+|[–—]|-(?= ))"), True),
        (re.compile(rf"{_NAME}(?: {_NAME})?(?:, {_NAME}(?: {_NAME})?)? ?(?:--+|[–—])(?= ?[A-Z\"'])"), True),
    )


def length(folded: str, *, sure: bool = False) -> int:
    """Characters of the dateline that a paragraph starts with, dash included; 0 when it has none.

    `folded` is the paragraph with quotation marks and dashes folded. With `sure` only a dateline that names an
    agency counts, as in the later items of a round-up.
    """
    head = folded[:160]
    if sure and "(" not in head and "/" not in head:
        return 0
    for pattern, doubtful in _forms()[: 1 if sure else None]:
        m = pattern.match(head)
        if not m or m.end() >= len(folded) - 20:
            continue
        if doubtful and (_RUBRIC.match(head) or not _place_like(m.group())):
            continue
        return m.end()
    return 0


def alone(folded: str) -> bool:
    """True for a line that is a dateline and nothing else: 'KELMOUTH', 'KELMOUTH, March 4 (Reuters)'."""
    if len(folded) > 90 or _RUBRIC.match(folded):
        return False
    return len(folded) > 3 and _alone().fullmatch(folded) is not None


@lru_cache(maxsize=1)
def _alone() -> re.Pattern[str]:
    agency = agencies.pattern()
    by = rf"\(\s*{agency}\s*\)"
    whole = (
        rf"{_CAPS}(?: {_CAPS})?(?: ?(?:--|-))?"
        rf"|{_CITY},? ?(?:{_REGION}{{1,2}}{_DATE}?|{_DATE}|(?={by})),? ?(?:{by})? ?{_DASH}?"
        rf"|{_PLACE}{_REGION}{{0,2}}{_DATE},? ?(?:{by})? ?{_DASH}?"
        rf"|{_PLACE}{_REGION}{{0,2}} ?{by} ?{_DASH}?"
    )
    return re.compile(whole)


def _place_like(found: str) -> bool:
    return 4 <= len(found.strip(" -–—:")) <= 90
