"""Values of an event's details and how two of them relate, each field by its own logic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from onrecord.model import Entity
from onrecord.stages.reconcile.words import content, settings, stem
from onrecord.text import plain, words

ORDER = ("contradicts", "different_scope", "spread", "updates", "refines", "agrees")


_IN_QUOTES = re.compile(r'"([^"]+)(?:"|$)')
# Years by which two reports err over one person's age.
_SLIP = 2
_CURRENCIES = {"dollar": "$", "usd": "$", "euro": "€", "eur": "€", "pound": "£", "gbp": "£"}
# Counts of one thing in one happening that differ by more than this factor count different sets of it.
_FAR = 3.0
_MEASURE = frozenset({"%", "percent", "$", "£", "€", "dollar", "euro", "pound", "yen", "yuan", "km", "mile", "ton"})


@dataclass(frozen=True, slots=True)
class Value:
    """One value as a report gives it. `low`/`high` bound a count or a date's day numbers; `exact` means no hedge."""

    field: str
    text: str
    words: str
    low: float | None = None
    high: float | None = None
    exact: bool = True
    estimate: bool = False
    total: bool = False  # counts more than the happening itself
    entity: Entity | None = None
    published: str = ""  # the day, ISO
    unit: str | None = None
    part: str = ""  # what a count of only some of them counts
    strict: bool = False  # more than `low`, not `low` itself
    later: bool = False  # put as the newest count: 'has risen to', 'revised'


@cache
def _bounds(name: str) -> re.Pattern[str]:
    table: Any = settings()["bounds"]
    words = sorted(table[name], key=len, reverse=True)
    return re.compile(r"(?:^|\b)(?:" + "|".join(re.escape(w) for w in words) + r")\b[\s\w]{0,12}$")


@cache
def _scope() -> re.Pattern[str]:
    table: Any = settings()["scope"]
    return re.compile(r"\b(?:" + "|".join(re.escape(w) for w in table["total"]) + r")\b")


def count(quantity: dict[str, Any], text: str, clause: tuple[int, int], published: str) -> Value:
    """A quantity with its hedges, read from the words before it in its clause."""
    start, end = quantity["char_start"], quantity["char_end"]
    if quantity.get("to") is not None:
        return _range(quantity, " ".join(text[start:end].split()), published)
    value, unit, role = float(quantity["value"]), quantity["unit"], quantity["role"]
    hedge, unit = _qualified(unit)
    words = " ".join(text[start:end].split())
    before = f"{plain(text[max(clause[0], start - 24) : start])} {hedge}".strip()
    inside = plain(words)
    low: float | None = value
    high: float | None = value
    estimate = False
    shown = f"{value:g}" if value < 1e6 else f"{value:,.0f}"
    estimates: Any = settings()["estimates"]
    vague = next((w for w in sorted(estimates, key=len, reverse=True) if re.search(rf"\b{w}\b", inside)), None)
    if vague and not re.search(r"\d", inside):
        low, high = float(estimates[vague][0]), float(estimates[vague][1]) or None
        estimate, shown = True, vague
    elif _hedge("least", before, inside):
        high, shown = None, f"at least {shown}"
    elif _hedge("most", before, inside):
        low, shown, estimate = value * 0.8, f"up to {shown}", True
    elif _hedge("near", before, inside):
        low, high, estimate, shown = value * 0.85, value * 1.15, True, f"about {shown}"
    strict = shown.startswith("at least") and _hedge("more", before, inside)
    later = bool(_NEWEST.search(plain(text[clause[0] : clause[1]])))
    # 'Four resigned on Monday, joining three who have left since the vote': what a comma sets off counts others.
    tail = re.split(r"[,;]", text[end : clause[1]], maxsplit=1)[0]
    total = bool(_scope().search(plain(text[clause[0] : end] + tail)))
    shown = f"{shown} {unit}" if unit else shown
    return Value(role, shown, words, low, high, low == high, estimate, total, None, published, unit, "", strict, later)


def _qualified(unit: str | None) -> tuple[str, str | None]:
    """('at least', 'tank') of 'at least tank': the hedge that coding keeps with a unit, and the unit ('$': dollar)."""
    table: Any = settings()["bounds"]
    named = plain(unit or "")
    hedge = max((w for name in table for w in table[name] if f"{named} ".startswith(f"{w} ")), key=len, default="")
    measured = named.removeprefix(hedge).strip()
    return hedge, _CURRENCIES.get(measured, measured) or None


def _range(quantity: dict[str, Any], words: str, published: str) -> Value:
    """Ages 'between 10 and 15': every one of them, not some unknown one."""
    low, high = float(quantity["value"]), float(quantity["to"])
    shown = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return Value(quantity["role"], shown, words, low, high, exact=low == high, published=published)


def _growing(role: str) -> bool:
    table: Any = settings()["growing"]
    return role in table["roles"]


def _hedge(name: str, before: str, inside: str) -> bool:
    table: Any = settings()["bounds"]
    return bool(_bounds(name).search(before)) or any(inside.startswith(w + " ") for w in table[name])


def relate(a: Value, b: Value) -> str:
    """How value `a` stands to value `b` of another report; symmetric (one of `schema.RELATIONS`)."""
    if a.field == "date":
        return _dates(a, b)
    if a.field in ("place", "actor", "recipient"):
        return _names(a, b)
    if a.field == "quotation":
        return _quoted(a, b)
    if a.field == "age":
        return _ages(a, b)
    return _counts(a, b)


def _dates(a: Value, b: Value) -> str:
    clock = [bool(_CLOCK.search(plain(v.words))) for v in (a, b)]
    if a.low is None or a.high is None or b.low is None or b.high is None:
        # One of them is a day of the week whose date no report gives; only such that may be one day are compared.
        return "agrees" if clock[0] == clock[1] else "refines"
    if (a.low, a.high) == (b.low, b.high):
        return "agrees" if clock[0] == clock[1] else "refines"
    if a.low <= b.high and b.low <= a.high:
        return "refines"
    return "contradicts"


_NEWEST = re.compile(r"\b(?:revis(?:ed|ing)|ris(?:en|es) to|rose to|climbed to|later (?:said|put)|now stands?)\b")
_CLOCK = re.compile(
    r"\b(?:\d{1,2}[:.]\d\d|\d{1,2} ?[ap]\.?m|noon|midnight|dawn|morning|afternoon|evening|night|early|late)\b"
)


def _names(a: Value, b: Value) -> str:
    if a.entity is not None and b.entity is not None and a.entity.id == b.entity.id:
        return "agrees"
    ours, theirs = content(a.words)[0], content(b.words)[0]
    if ours == theirs and ours:
        return "agrees"
    if ours & theirs and (ours <= theirs or theirs <= ours):
        return "refines"
    if a.entity is None or b.entity is None:
        return "refines"
    if a.entity.country and a.entity.country == b.entity.country:
        if "country" in (a.entity.kind, b.entity.kind) or a.field != "place":
            return "refines"
        return "refines" if _close(a.entity, b.entity) else "contradicts"
    if a.entity.country is None or b.entity.country is None:
        return "refines"
    return "contradicts"


def _close(a: Entity, b: Entity) -> bool:
    """Within about 150 km, or of unknown position: a district, its city and its province."""
    if a.latitude is None or b.latitude is None or a.longitude is None or b.longitude is None:
        return True
    return abs(a.latitude - b.latitude) < 1.4 and abs(a.longitude - b.longitude) < 1.8


def _quoted(a: Value, b: Value) -> str:
    """One utterance: in the same words, or in more of them; only what stands between quotation marks is quoted."""
    ours, theirs = _between(a.words), _between(b.words)
    return "agrees" if ours == theirs else "refines"


@lru_cache(maxsize=20_000)
def _between(said: str) -> tuple[str, ...]:
    folded = plain(said)
    inside = [m.group(1) for m in _IN_QUOTES.finditer(folded)] or [folded]
    return tuple(w for part in inside for w, _, _ in words(part))


def _ages(a: Value, b: Value) -> str:
    """Ages do not grow with the news: ranges that meet estimate the same, ages years apart are of two people."""
    if (a.low, a.high) == (b.low, b.high):
        return "agrees"
    if a.exact and b.exact and a.low is not None and b.low is not None:
        return "contradicts" if abs(a.low - b.low) <= _SLIP else "different_scope"
    if a.low is None or a.high is None or b.low is None or b.high is None or a.low > b.high or b.low > a.high:
        return "different_scope"
    return "refines" if a.exact or b.exact else "spread"


def _counts(a: Value, b: Value) -> str:
    if a.low is None or b.low is None:
        return "agrees"
    if a.unit != b.unit and _MEASURE & {a.unit, b.unit}:
        return "different_scope"
    top_a = a.high if a.high is not None else float("inf")
    top_b = b.high if b.high is not None else float("inf")
    if (a.low, top_a) == (b.low, top_b):
        return "agrees"
    if a.total != b.total:
        return "different_scope"
    if a.low == b.low:
        # '15' and 'at least 15': the same figure, one of them hedged; 'more than 15' is another.
        return "agrees" if (a.exact or b.exact) and a.strict == b.strict else "refines"
    if a.part != b.part or (not _growing(a.field) and _far(a, b)):
        return "different_scope"
    vague = {24.0, 40.0, 200.0, 2000.0} & {a.low if not a.exact else 0.0, b.low if not b.exact else 0.0}
    within = a.low <= top_b and b.low <= top_a and (a.exact or b.exact or vague)
    if (
        not a.exact
        and not b.exact
        and a.low <= top_b
        and b.low <= top_a
        and max(a.low, b.low) <= 1.2 * min(a.low, b.low)
    ):
        # 'About 80' and 'more than 80' are one figure, hedged twice.
        return "refines"
    if a.high is None and b.high is None and not (a.exact or b.exact or a.estimate or b.estimate) and not within:
        # 'At least four', 'at least five': both hold, and the higher one came later.
        return "updates"
    if a.later != b.later and not vague and not within:
        return "updates"
    if within and a.high is not None and b.high is not None:
        # 'About 197' holds the 197 of the day after: nothing new was counted.
        return "refines"
    if a.published != b.published and not (within and vague):
        return "updates"
    if _growing(a.field) and not vague and not (a.exact and b.exact):
        return "updates"
    if within:
        return "refines"
    if a.estimate or b.estimate or a.high is None or b.high is None or _by_eye(a.field):
        return "spread"
    return "contradicts"


def _far(a: Value, b: Value) -> bool:
    ends = [(v.low or 0.0, v.high if v.high is not None else v.low or 0.0) for v in (a, b)]
    low, high = sorted(ends)
    return high[0] > _FAR * max(low[1], 1.0)


@cache
def _seen() -> frozenset[str]:
    table: Any = settings()["by_eye"]
    return frozenset(stem(w) for w in str(table["things"]).split())


def _by_eye(field: str) -> bool:
    """True for what is counted by whoever sees it, at one moment: 'carriers' in a street, 'marchers'."""
    return any(stem(w) in _seen() for w in field.split())
