"""What clock times and words like 'now', 'recently' and 'the future' mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from onrecord.stages.time import calendar
from onrecord.stages.time.absolute import nearest_weekday
from onrecord.stages.time.reading import Hit, Reading

_OPENING = ("", ".", ":", ";", '"', ",", "and", "but")
_SAME_PASSAGE = 400  # characters back to the day that a bare clock time belongs to


def _clock(h: Hit) -> Reading | None:
    hour, minute = _hour(h)
    if hour is None:
        return None
    weekday = h.value("dow", "dow2")
    ref, anchor = h.c.ref, h.c.ref_name
    day: date | None = ref
    if h.has("cyear"):
        day, anchor = _own_day(h), "explicit"
    elif weekday and ref:
        local = "local" in (h.after(), *h.line.words[h.m.start() : h.m.end()])
        day = nearest_weekday(ref, int(weekday), h.direction(), local)
    elif h.has("rel") and ref:
        day = calendar.move(ref, "D", int(h.value("rel")))
    elif h.after() in ("that", "the") and "day" in h.following(3):
        day, anchor = h.c.previous(h.span.start, "D"), "previous"
    elif (previous := h.c.previous(h.span.start, "D")) and h.span.start - h.c.last_at < _SAME_PASSAGE:
        day, anchor = previous, "previous"
    zone = "Z" if (h.word("zone") or h.word("zone2")) in ("gmt", "utc", "zulu") else ""
    head = day.isoformat() if day else f"XXXX-{'WXX-' + weekday if weekday else 'XX-XX'}"
    return Reading("TIME", f"{head}T{hour:02d}:{minute:02d}{zone}", h.about(), anchor if day else None)


def _own_day(h: Hit) -> date | None:
    """The full date right after a clock time: '8:15 a.m. on Aug. 6, 1945'."""
    day = re.sub(r"\D", "", h.value("cday", "cday2"))
    found = calendar.days(f"{int(h.value('cyear')):04d}-{int(h.value('cmon', 'cmon2')):02d}-{int(day or 0):02d}")
    return found[0] if found else None


def _hour(h: Hit) -> tuple[int | None, int]:
    if h.has("noon"):
        if h.before() == "high" or h.is_name():
            return None, 0
        text = h.value("noon")
    elif h.has("mil"):
        text = f"{int(h.value('mil').replace('.', '') or 0):04d}"
        text = f"{text[:2]}:{text[2:]}" if len(h.word("mil")) in (3, 4) else "99:0"
    elif h.has("clock24"):
        text = h.word("clock24").replace(".", ":")
        if not (
            h.has("zone")
            or h.has("ap2", "dow", "rel", "dp")
            or h.before() in ("at", "by", "until", "since", "around", "from", "about", "to", "of")
        ):
            return None, 0
    else:
        name = "clock" if h.has("clock") else "bare"
        text = h.word(name).replace(".", ":")
        if text.isalpha():
            text = h.value(name)
    bits = [int(b) for b in text.split(":") if b.isdigit()]
    hour, minute = bits[0] if bits else 99, bits[1] if len(bits) > 1 else 0
    marker = h.word("ap") or h.word("ap2")
    part = h.value("dp")
    if hour > 24 or minute > 59 or (marker and marker[0] in "ap" and hour > 12 and ":" not in text):
        return None, 0
    if (marker.startswith("p") or part in ("AF", "EV", "NI")) and hour < 12:
        hour += 12
    elif marker.startswith("a") and hour == 12:
        hour = 0
    return hour, minute


def _ref(h: Hit) -> Reading | None:
    if "soon" in (h.word_at_start(), h.after()) and (h.before() == "as" or h.after() in ("as", "after")):
        return None
    value = h.line.values[h.m.end() - 1]
    if value == "FUTURE_REF" and h.direction() == "past":  # 'he was soon released': what came next in a tale
        return None
    return None if h.is_name() or h.after() == "-" else reference(h, value)


def _now(h: Hit) -> Reading | None:
    return None if h.is_name() or h.after() == "-" else reference(h, "PRESENT_REF")


def _ref_phrase(h: Hit) -> Reading | None:
    if h.has("attime") and h.before() in _OPENING and _has_clause(h):
        return None
    if h.has("attime"):
        return reference(h, "PAST_REF")
    if h.has("past"):
        return reference(h, "PAST_REF") if h.before() in ("in", "of", "from", "with", "to") else None
    if h.has("future"):
        doc, at = h.c.doc, h.line.starts[h.m.start("future")]
        if any(doc.starts[i] == at and doc.tags[i] == "JJ" for i in doc.tokens_in(h.span)):  # 'the future president'
            return None
        return reference(h, "FUTURE_REF") if h.after() != "of" else None  # 'the future of our peoples' is their lot
    return reference(h, "PRESENT_REF")


def _has_clause(h: Hit) -> bool:
    """'at the time he was seized': the clause tells the time."""
    doc = h.c.doc
    return any(
        doc.lower[i] == "time" and any(doc.deps[j] in ("relcl", "acl") for j in doc.children[i])
        for i in doc.tokens_in(h.span)
    )


def reference(h: Hit, value: str) -> Reading:
    """A TIMEX3 reference value; the present is the report's own day."""
    ref = h.c.ref
    present = value == "PRESENT_REF" and ref is not None
    return Reading("DATE", value, None, h.c.ref_name if present else None, (ref, ref) if present and ref else None)


def _these_days(h: Hit) -> Reading | None:
    if h.line.words[h.m.start()] != "these" or h.word("unit") != "days":
        return None
    return reference(h, "PRESENT_REF")


MOMENTS: dict[str, Callable[[Hit], Reading | None]] = {
    "clock": _clock,
    "ref": _ref,
    "now": _now,
    "ref_phrase": _ref_phrase,
    "these_days": _these_days,
}
