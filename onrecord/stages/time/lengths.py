"""What durations ('a two-day visit', 'for months') and sets ('every Tuesday', 'twice a week') mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from onrecord.model import Span
from onrecord.stages.time import calendar
from onrecord.stages.time.reading import Hit, Reading, number

_RATE_BEFORE = frozenset(
    ["times", "time", "once", "twice", "million", "billion", "percent", "%", "dollars", "tons", "barrels"]
)
_SPANS = frozenset(["for", "in", "within", "of", "by", "after", "only", "least", "than", "just"])
_NO_LENGTH = frozenset(["straight", "consecutive", "successive", "solid", "just", "only", "even", "barely", "exactly"])
_REPORTED = 4  # the month until which figures of the full year are those of the year before
_DURATION = {"TS": "T{}S", "TM": "T{}M", "TH": "T{}H"} | {u: "{}" + u for u in ("D", "W", "M", "Q", "Y", "WE")}


def duration(unit: str, n: float | None) -> str:
    """TIMEX3 value of a duration: P2Y, PT90M, PXW, P18M (a year and a half), P2W (a fortnight)."""
    if unit == "FN":
        unit, n = "W", None if n is None else n * 2
    years = {"DE": 10, "CE": 100, "ML": 1000}.get(unit)
    if years:
        unit, n = "Y", None if n is None else n * years
    if n is not None and n != int(n):
        if unit == "TH" and n > 1:
            return f"PT{int(n)}H{round(n % 1 * 60)}M"
        smaller = {"Y": ("M", 12), "TH": ("TM", 60), "TM": ("TS", 60), "D": ("TH", 24)}
        if n < 1 and unit in smaller and (n * smaller[unit][1]).is_integer():
            unit, n = smaller[unit][0], n * smaller[unit][1]
    count = "X" if n is None else str(int(n)) if n == int(n) else f"{n:g}"
    return "P" + _DURATION[unit].format(count)


def _duration(h: Hit) -> Reading | None:
    unit, word = h.value("unit"), h.word("unit")
    if _is_one_day(h, unit):
        return Reading("DATE", "FUTURE_REF")
    counted = h.words("count")[:1]
    if word == "quarters" and (
        (h.after() == "of" and counted in (["three"], ["3"])) or "-" in h.line.words[h.m.start() : h.m.end()]
    ):
        return None
    if word == "quarter":
        if word == "quarter" and (not h.has("count") or h.word("count") != "one"):
            return None
        unit = "Q"
    if word == "second":
        unit = "TS"
        if h.after() in ("-",) or h.number("count") != 1:
            return None
    n: float | None = h.number("count") if h.has("count") else 1
    if h.has("whole") and h.word("whole") == "half":
        n = 0.5
    elif h.has("nth"):
        n = float(re.sub(r"\D", "", h.value("nth")) or 0)
        if h.word("whole") not in ("straight", "consecutive", "successive", "full") or n < 2:
            return None
    elif h.has("whole") and h.word("whole") == "full" and unit == "Y" and h.word_at_start() == "the":
        return _full_year(h)
    elif h.has("whole") and h.word("whole") in _NO_LENGTH:
        return None
    if h.has("half"):
        n = (n or 0) + 0.5
    if h.line.words[h.m.end() - 1] == "long" and not h.has("count") and word.endswith("s"):
        n = None
    if h.has("vague"):
        n = None
    if n is not None and n > 1 and not word.endswith("s") and not h.has("half", "nth") and not _modifies(h):
        return None
    if unit == "WE" and n == 1 and not h.has("count"):
        return None
    counts = h.words("count")
    if "half" in counts and counts[0] in ("half", "a", "an") and "and" not in counts:
        n = 0.5
    mod = h.about()
    value = duration(unit, n)
    if not h.has("count") and h.line.words[h.m.start()] in ("a", "an") and _is_rate(h):
        return Reading("SET", value)
    return _anchored(h, Reading("DURATION", value, mod), unit, n)


def _is_one_day(h: Hit, unit: str) -> bool:
    """'will one day be', 'could some day be': no length, but a day to come."""
    if unit != "D" or [*h.words("about"), *h.words("count")] not in (["one"], ["some", "one"]):
        return False
    doc = h.c.doc
    i = next((j for j in doc.tokens_in(h.span) if doc.lower[j] == "day"), None)
    return (
        i is not None
        and doc.pos[doc.heads[i]] in ("VERB", "AUX")
        and h.direction() == "future"
        and h.before() not in _SPANS
    )


def _full_year(h: Hit) -> Reading | None:
    """'for the full year': the business year that a company's figures are of."""
    ref = h.c.ref
    if h.before() not in ("for", "in", "over"):
        return Reading("DURATION", "P1Y")
    if ref is None:
        return Reading("DATE", "XXXX")
    year = ref.year - (ref.month <= _REPORTED and h.direction() == "past")
    return Reading("DATE", f"{year:04d}", anchor=h.c.ref_name)


def _units_ahead(h: Hit) -> Reading | None:
    """'the weeks ahead'."""
    if h.value("unit") not in ("D", "W", "M", "Y", "DE", "TH") or h.after() == "of":
        return None
    return Reading("DURATION", duration(h.value("unit"), None))


def _modifies(h: Hit) -> bool:
    """True for 'a six-year process' and 'a three hour meeting', where the unit stays singular."""
    if "-" in h.line.words[h.m.start() : h.m.end()]:
        return True
    doc = h.c.doc
    after = next((i for i in doc.tokens_in(Span(h.span.end, h.span.end + 2)) if doc.starts[i] >= h.span.end), None)
    return after is not None and doc.pos[after] in ("NOUN", "ADJ", "PROPN")


def _is_rate(h: Hit) -> bool:
    """'15 a year', '$5 million a year', 'twice a week', 'barrels a day'."""
    before = h.before()
    if h.after() in ("after", "before"):  # 'a month after that vote'
        return False
    if re.fullmatch(r"[\d,.]+", before) or before in _RATE_BEFORE:
        return True
    doc = h.c.doc
    i = next((j for j in doc.tokens_in(h.span) if doc.deps[j] == "npadvmod"), None)
    return i is not None and doc.pos[doc.heads[i]] in ("NOUN", "NUM", "PROPN", "SYM", "ADV")


def _anchored(h: Hit, reading: Reading, unit: str, n: float | None) -> Reading:
    """Days of a duration that counts from an event: 'less than a week after that test'."""
    if n is None or unit in ("TS", "TM", "TH"):
        return reading
    event = h.c.event_days(h.span.end)
    if event is None:
        return reading
    side, first, last = event
    sign = 1 if side == "after" else -1
    far = calendar.move(first if sign < 0 else last, unit, sign * n)
    if far is None:
        return reading
    try:
        if reading.mod == "LESS_THAN":
            days = (last + timedelta(1), far - timedelta(1)) if sign > 0 else (far + timedelta(1), first - timedelta(1))
        elif reading.mod is not None:
            return reading
        else:
            days = calendar.days(calendar.at(far, unit) or "") or (far, far)
            days = days if unit in ("M", "Q", "Y", "DE", "CE") else (far, far)
    except OverflowError:
        return reading
    if days[0] <= days[1]:
        reading.days, reading.anchor = days, "event"
    return reading


def _plural(h: Hit) -> Reading | None:
    unit = h.value("unit")
    if unit == "WE":
        return Reading("SET", "XXXX-WXX-WE") if h.before() in ("on", "at") else None
    lead = h.before() in (
        "for",
        "in",
        "over",
        "after",
        "within",
        "by",
        "recent",
        "took",
        "take",
        "takes",
        "taken",
        "spent",
        "lasted",
        "lasting",
    )
    if not lead or unit == "TS" or h.word("unit") in ("hrs", "mins", "yrs", "wks", "min"):
        return None
    if h.after() == "of" and h.before() not in ("after", "for", "over"):
        return None
    if unit in ("TM", "TH", "Q") and h.before() not in ("for", "in", "within", "after", "took", "take"):
        return None
    return Reading("DURATION", duration(unit, None))


def _over_years(h: Hit) -> Reading | None:
    if h.before() not in ("over", "through", "down") or h.value("unit") not in ("Y", "M", "DE", "CE"):
        return None
    return Reading("DURATION", duration(h.value("unit"), None))


def _longword(h: Hit) -> Reading:
    return Reading("DURATION", h.line.values[h.m.start()])


def _set(h: Hit) -> Reading | None:
    if h.has("dow"):
        part = h.value("daypart")
        return Reading("SET", f"XXXX-WXX-{h.value('dow')}" + (f"T{part}" if part else ""))
    if h.has("mon"):
        return Reading("SET", f"XXXX-{int(h.value('mon')):02d}")
    if h.has("season"):
        return Reading("SET", f"XXXX-{h.value('season')}")
    if h.has("daypart0"):
        return Reading("SET", f"XXXX-XX-XXT{h.value('daypart0')}")
    unit, word = h.value("unit"), h.word("unit")
    unit = {"quarter": "Q", "second": "TS"}.get(word, unit)
    n = 2.0 if "other" in h.line.words[h.m.start() : h.m.end()] else 1.0
    if h.has("count"):
        n = number(h.words("count"), h.line.values[h.m.start("count") : h.m.end("count")]) or 1.0
    return Reading("SET", duration(unit, n))


def _yearly(h: Hit) -> Reading:
    """'every Easter'."""
    return Reading("SET", "P1Y")


def _setword(h: Hit) -> Reading | None:
    doc = h.c.doc
    token = next(iter(doc.tokens_in(h.span)), None)
    if token is None or h.is_name() or doc.tags[token] in ("NNP", "NNPS", "NN", "NNS"):
        return None
    if h.word_at_start() != "daily" and doc.tags[token] not in ("RB", "RBR"):
        return None
    return Reading("SET", h.line.values[h.m.start()])


LENGTHS: dict[str, Callable[[Hit], Reading | None]] = {
    "duration": _duration,
    "age": lambda h: None,
    "plural": _plural,
    "over_years": _over_years,
    "units_ahead": _units_ahead,
    "longword": _longword,
    "set": _set,
    "setword": _setword,
    "yearly": _yearly,
}
