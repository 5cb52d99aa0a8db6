"""Dead and wounded that the passage around an event states in words that were not coded for it.

'Eight people died', 'had left three dead', 'the toll has risen to 14', 'about 80 people have been wounded': in the
sentence of a mention, or in its paragraph and the next two where no other attack is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from onrecord.model import Spans
from onrecord.stages.reconcile.view import Mention, Report, Story, ordinal
from onrecord.stages.reconcile.words import number, settings
from onrecord.text import fold

_LONGEST = 2000
# Sentences before and after one that are near it where a page has no paragraphs.
_BEFORE, _AFTER = 1, 3
# Days from which on a date is another happening's.
_BACK = 60
_SUFFERING = ("killed", "injured", "displaced", "missing")
HARM_TYPES = ("ASSAULT", "INCIDENT")
_HARMFUL = (*HARM_TYPES, "OTHER")
_N = r"(?P<n>\d[\d,]*|[A-Za-z]+(?:-[a-z]+)?|(?:tens|hundreds) of thousands)"
_WHO = (
    r"(?: (?:other|more|additional|civilian))?"
    r"(?: (?:people|persons|others|civilians|soldiers|children|men|women|[a-z]{4,}(?:ers|ors|ists|ians|ents)))?"
)
_OF = r"(?: of (?:them|people|others))?"
_KILLED = r"(?:killed|dead|died|(?:shot|burned|crushed) (?:dead|to death)|lost their lives|perished)"
_HURT = r"(?:injured|wounded|hurt)"
_MOVED = (
    r"(?:displaced|homeless|evacuated|relocated|moved to|housed in|sheltering in|forced (?:from|to (?:flee|leave))"
    r"|driven from|(?:fled|left) their homes|in (?:[\w-]+ ){0,2}(?:camps|shelters))"
)
_GONE = ("displac", "home", "shelter", "camp", "evacuat", "relocat", "missing", "unaccounted")
_CAMP = re.compile(r"displac|home|shelter|camps?\b|evacuat|relocat|missing|unaccounted", re.IGNORECASE)
_BE = r"(?: who| (?:have|has|had)| (?:were|was|been|are|be))*"
_WHOM = f"{_N}{_WHO}{_OF}{_BE}"
_DEAD = ("kill", "dead", "death", "died", "lost", "perished")
_HARMED = ("injur", "wound", "hurt")
# Role, what a sentence must have for it (looked for first: most sentences count nobody), and the whole pattern.
_PATTERNS = (
    ("killed", _DEAD, re.compile(rf"\b{_WHOM}(?: reported(?:ly)?| confirmed)? {_KILLED}\b", re.IGNORECASE)),
    ("injured", _HARMED, re.compile(rf"\b{_WHOM}(?: reported(?:ly)?)? {_HURT}\b", re.IGNORECASE)),
    ("displaced", _GONE, re.compile(rf"\b{_WHOM} (?:already |still )?{_MOVED}\b", re.IGNORECASE)),
    ("missing", _GONE, re.compile(rf"\b{_WHOM} (?:reported |still )?(?:missing|unaccounted)\b", re.IGNORECASE)),
    (
        "displaced",
        _GONE,
        re.compile(
            r"\b(?:displac(?:es|ed|ing)|driv(?:es|ing)|driven|drove|forc(?:es|ed|ing)|evacuat(?:es|ed|ing))"
            rf" (?:(?:at least|more than|about|around|some|up to|nearly|almost) )?{_N}{_WHO}"
            rf"(?P<home>{_OF} [^.;]{{0,20}}\b(?:homes?|houses|villages)\b)?",
            re.IGNORECASE,
        ),
    ),
    (
        "killed",
        ("kill", "claim", "leav", "left"),
        re.compile(
            r"\b(?:kill(?:s|ed|ing)|claim(?:s|ed|ing) the lives of|leav(?:es|ing)|left)"
            rf" (?:(?:at least|more than|about|around|some|up to|nearly) )?{_N}{_WHO}(?P<dead> dead)?\b",
            re.IGNORECASE,
        ),
    ),
    (
        "injured",
        _HARMED,
        re.compile(
            r"\b(?:injur(?:es|ed|ing)|wound(?:s|ed|ing))"
            rf" (?:(?:at least|more than|about|around|some|up to|nearly) )?{_N}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "killed",
        ("toll", "number of"),
        re.compile(
            r"\b(?:toll|number of (?:people |those |the )?(?:killed|dead|deaths|victims|fatalities))\b[^.;:!?\n]{0,90}?"
            r"\b(?:to|at|reached|reaches|hit|hits|passed|exceeded|now|was|is)"
            rf"\s+(?:(?:at least|more than|about|around)\s+)?{_N}\b",
            re.IGNORECASE,
        ),
    ),
)  # fmt: skip


def tolls(mentions: Sequence[Mention], story: Story) -> Iterator[tuple[Mention, dict[str, Any], tuple[int, int]]]:
    """(mention, quantity with its role, sentence) for each stated toll that no mention's own quantities hold."""
    own = {m.id for m in mentions}
    taken: dict[str, Spans[str]] = defaultdict(Spans)
    for m in mentions:
        for q in m.row["quantities"] or ():
            taken[m.report].add(q["char_start"], q["char_end"], q["role"])
    seen: set[tuple[str, int]] = set()
    for m in mentions:
        if m.type not in _HARMFUL or m.kind != "real":
            continue
        report = story.reports[m.report]
        for sentence in near(m, report):
            if (m.report, sentence) in seen or elsewhen(m, sentence, report):
                continue
            if any(o.type in HARM_TYPES and o.id not in own for o in story.by_sentence.get((m.report, sentence), ())):
                continue
            seen.add((m.report, sentence))
            start, end = report.sentence_span(report.stops[sentence])
            for role, (a, b), value in stated(report, start, end):
                # 'Three demonstrators were shot dead': coded as a count of demonstrators, it is one of the dead too.
                coded = taken[m.report].touching(a, b)
                if not any(own_role == role or own_role in _SUFFERING for own_role in coded):
                    taken[m.report].add(a, b, role)
                    yield m, {"char_start": a, "char_end": b, "value": value, "unit": None, "role": role}, (start, end)


def near(m: Mention, report: Report) -> Iterator[int]:
    """Numbers of the sentences of the mention's paragraph and of the next two, the mention's own first."""
    yield m.sentence
    n = report.paragraph(m.anchor[0])
    start = report.breaks[n]
    end = report.breaks[n + 3] if n + 3 < len(report.breaks) else len(report.text)
    first, last = report.sentence(start), report.sentence(end - 1)
    if end - start > _LONGEST:
        first, last = max(first, m.sentence - _BEFORE), min(last, m.sentence + _AFTER)
    yield from range(first, last + 1)


def elsewhen(m: Mention, sentence: int, report: Report) -> bool:
    """True when a sentence beside the mention's own names a day months before it and none nearer: it looks back."""
    if sentence == m.sentence:
        return False
    told = m.first if m.first is not None else ordinal(report.day)
    start, end = report.sentence_span(report.stops[sentence])
    days = [d for t in report.times_in(start, end) if t["type"] == "DATE" and (d := ordinal(t["date_end"])) is not None]
    return told is not None and bool(days) and max(days) < told - _BACK


def stated(report: Report, start: int, end: int) -> list[tuple[str, tuple[int, int], float]]:
    """(role, characters, value) of the dead and wounded that a sentence states; looked for once, whoever asks."""
    if ("stated", start) not in report.found:
        report.found["stated", start] = list(_stated(report.text, start, min(end, start + 600)))
    found: list[tuple[str, tuple[int, int], float]] = report.found["stated", start]
    return found


def _stated(text: str, start: int, end: int) -> Iterator[tuple[str, tuple[int, int], float]]:
    """(role, characters of the number, value) of each toll that a stretch of text states."""
    folded = fold(text[start:end])
    estimates = settings()["estimates"]
    assert isinstance(estimates, dict)
    low = folded.lower()
    for role, needs, pattern in _PATTERNS:
        if not any(w in low for w in needs) or (needs is _GONE and not _CAMP.search(folded)):
            continue
        for found in pattern.finditer(folded):
            groups = found.groupdict()
            if "home" in groups and not groups["home"] and found[0][:3].lower() in ("dri", "dro", "for"):
                continue
            if "dead" in groups and not groups["dead"] and found[0][:4].lower() in ("left", "leav"):
                continue
            word = found["n"].lower()
            value = number(word)
            if value is None and word in estimates:
                value = float(estimates[word][0])
            if value is not None:
                yield role, (start + found.start("n"), start + found.end("n")), value
