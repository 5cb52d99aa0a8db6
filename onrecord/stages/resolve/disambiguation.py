"""Disambiguation: the readings of all place names of one report settled together.

Each distinct name (with its container, if one is said) holds a distribution over its readings. In each round a
reading's score is its prior, plus what a container said beside it gives, plus the share of the report's other names
that lie in its country and in its division, plus how near the nearest other name is. Names weigh once however often
they are repeated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from onrecord.stages.resolve.gazetteer import Entry, Gazetteer, fold_name
from onrecord.stages.resolve.home import Home
from onrecord.stages.resolve.spotting import Spot

_BETWEEN = re.compile(r"\s?(?:,|\(|-)\s?|\s(?:in|of)\s(?:the\s)?|,\s(?:in|a\s\w+\sin)\s(?:the\s)?")
_IN = re.compile(r"\s(?:in)\s(?:the\s)?")
_SHORT_AFTER = re.compile(r"\s?,?\s\(?([A-Z][A-Za-z]{0,4}\.?(?:\s?[A-Z][a-z]{0,3}\.)?)(?![A-Za-z])")
_CODE_AFTER = re.compile(r"\s?\(([A-Z]{3})\)")
_MOST_READINGS = 40
_MOST_NAMES = 400
_MOST_PAIRED = 1_500
"""Names are settled in blocks of `_MOST_NAMES`, of at most `_MOST_PAIRED` readings: time and memory grow with their
square.
"""
_ROUNDS = 4

# Weights in units of one power of ten of population; set by hand on the development halves of three news sets.
_CONTAINED = 12.0
_COUNTRY = 2.5
_DIVISION = 3.0
_NEAR = 2.5
_NEAR_KM = 120.0
_ALIAS = 1.0
_ALIAS_ENGLISH = 1.5
_ENGLISH = {"USA", "GBR", "CAN", "AUS", "NZL", "IRL", "ZAF"}
"""Where towns have English names, GeoNames' other names are mostly former ones ('Franklin' for Columbus)."""
_CAPITAL = 1.0
_SHARED = 1.2
_CITY = 100_000
_ALIAS_DIVISION = 1.5
_PRIOR = {"country": 11.0, "division1": 6.5, "continent": 9.0, "sea": 9.0, "gulf": 9.0, "ocean": 9.0, "strait": 9.0}
_OTHER_PRIOR = 6.2
_WORLD = 2.0
_ALIAS_OF_WORLD = 1.0
_WORLD_DIVISION = 2.0
_TIMES = 5
"""A large city abroad, so many times larger than its namesakes, needs more than a country's support to be one of them:
'Geneva' in a report of American and Russian envoys.
"""
_TOWN, _SHARE = 50_000, 0.6
"""Of a namesake of such a city with fewer people than this, only so much of its country's support counts: a report of
Americans in Geneva is not in Illinois, unless something else in it is.
"""
_HOME = 1.0
"""What a reading gains that lies in the country of the paper."""
_NAMESAKE = 4.0
"""And one that is the paper's own town, or within the reach of `_NEAR` of it in its division."""
_UNSUPPORTED = 20_000
"""A town below this many people is given only when something else in the report lies in its country."""


def settle(text: str, spots: Sequence[Spot], gazetteer: Gazetteer, home: Home | None = None) -> list[Entry | None]:
    """What each spot (in text order) means, None where nothing in the gazetteer or the report says so.

    `home` is where the report's paper is made; its town counts as one more name of the report.
    """
    home = home or Home()
    containers = _containers(text, spots, gazetteer)
    keys = _keys(spots, containers)
    names = list(dict.fromkeys(k for k in keys if k is not None))
    if not names:
        return [None] * len(spots)
    most = min(_MOST_READINGS, max(3, _MOST_PAIRED // min(len(names), _MOST_NAMES)))
    at = {k: n for n, k in enumerate(names)}
    readings: list[Sequence[Entry]] = [[] for _ in names]
    inside: list[list[Entry]] = [[] for _ in names]
    doubtful = [True] * len(names)
    for spot, key, box in zip(spots, keys, containers, strict=True):
        n = at.get(key) if key is not None else None
        if n is None:
            continue
        if not readings[n]:
            readings[n] = _most_likely(spot.readings, box)[:most]
        doubtful[n] &= spot.doubtful
        inside[n].extend(b for b in box if b not in inside[n])
    chosen: list[Entry | None] = []
    for first in range(0, len(names), _MOST_NAMES):
        block = slice(first, first + _MOST_NAMES)
        local = [home.named(name) for name, _ in names[block]]
        own = [(home.town,)] if home.town is not None else []
        alone: list[list[Entry]] = [[] for _ in own]
        solved = _solve(
            [*readings[block], *own],
            [*inside[block], *alone],
            [*doubtful[block], *(False for _ in own)],
            [*local, *(False for _ in own)],
            home,
        )
        chosen += solved[: len(local)]
    out = [chosen[at[k]] if k is not None and k in at else None for k in keys]
    for n, box in enumerate(containers[:-1]):
        here = out[n]
        around = [b for b in box if here is not None and b in spots[n + 1].readings and _inside(here, b)]
        if around:
            # 'Ithaca, New York': the second name is the state here, whatever it means elsewhere in the report.
            out[n + 1] = around[0]
    return out


def _keys(spots: Sequence[Spot], containers: Sequence[Sequence[Entry]]) -> list[tuple[str, str] | None]:
    """A key for each distinct name: the name, and its container where the report says one."""
    last: dict[str, str] = {}
    for spot, box in zip(spots, containers, strict=True):
        if box:
            last.setdefault(spot.name, box[0].name)
    keys: list[tuple[str, str] | None] = []
    for spot, box in zip(spots, containers, strict=True):
        if not spot.readings:
            keys.append(None)
            continue
        name = fold_name(spot.name)
        if box:
            last[spot.name] = box[0].name
        keys.append((name, last.get(spot.name, "")))
    return keys


def _containers(text: str, spots: Sequence[Spot], gazetteer: Gazetteer) -> list[list[Entry]]:
    """For each spot, the divisions or countries that the words after it put it in."""
    out: list[list[Entry]] = []
    for n, spot in enumerate(spots):
        box: list[Entry] = []
        end = spot.span.end
        if n + 1 < len(spots) and spots[n + 1].span.start - end <= 12 and not spot.demonym:
            after = spots[n + 1]
            if _BETWEEN.fullmatch(text, end, after.span.start) and not after.demonym:
                box = [
                    r
                    for r in after.readings
                    if r.kind in {"country", "division1", "division2"} and any(_inside(s, r) for s in spot.readings)
                ]
                if any(s.kind == "country" for s in spot.readings):
                    # 'Russia, U.S. officials said': two countries, not a town of the second.
                    parts = [s for s in spot.readings if s.kind == "division1"]
                    box = [r for r in box if r.kind != "country" or any(_inside(p, r) for p in parts)]
                elif not box and (land := _put_in(text, spot, after)) is not None:
                    box = [land]
        if not box and (m := _SHORT_AFTER.match(text, end, end + 14)):
            divisions = [gazetteer.divisions.get(d) for d in gazetteer.short.get(m.group(1).strip(), ())]
            box = [d for d in divisions if d is not None and any(_inside(s, d) for s in spot.readings)]
        if not box and (m := _CODE_AFTER.match(text, end, end + 7)):  # 'Tripoli (LBN)'
            land = gazetteer.countries.get(m.group(1))
            box = [land] if land is not None and any(_inside(s, land) for s in spot.readings) else []
        out.append(box)
    return out


def _put_in(text: str, spot: Spot, after: Spot) -> Entry | None:
    """The country that 'Palma in Norland' gives a town none of whose readings lies there; None elsewhere."""
    if not _IN.fullmatch(text, spot.span.end, after.span.start) or spot.embedded or after.embedded:
        return None
    first = after.readings[0] if after.readings else None
    small = all(r.kind in ("town", "division2") for r in spot.readings)
    return first if first is not None and first.kind == "country" and small else None


def _inside(entry: Entry, container: Entry) -> bool:
    if entry.country is None or entry.country != container.country or entry is container:
        return False
    if container.kind == "country":
        return entry.kind != "country"
    if entry.kind in {"country", "division1"} or entry.admin1 != container.admin1:
        return False
    return container.kind == "division1" or _kilometres(entry, container) < 120


def _kilometres(a: Entry, b: Entry) -> float:
    p, q = math.radians(a.latitude), math.radians(b.latitude)
    h = math.sin((q - p) / 2) ** 2
    h += math.cos(p) * math.cos(q) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 12742 * math.asin(min(1.0, math.sqrt(h)))


def _prior(entry: Entry) -> float:
    size = math.log10(entry.population + 10)
    score = _PRIOR.get(entry.kind)
    if score is None:
        if entry.kind == "town":
            score = size + _CAPITAL * entry.capital
        elif entry.kind == "division2":
            score = 0.8 * size - 0.5
        else:
            score = _OTHER_PRIOR
    if entry.alias and entry.kind == "town":
        score -= _ALIAS_ENGLISH if entry.country in _ENGLISH and entry.population < 5_000_000 else _ALIAS
    elif entry.alias and entry.kind == "division2":
        score -= _ALIAS_DIVISION
    return score


def _priors(readings: Sequence[Entry], local: bool, home: Home) -> list[float]:
    """Priors of one name's readings; a country that shares its name with another's large division (Georgia) is no
    surer than the division, nor is one of which the paper bears the name (`local`), unless it is at home there.
    """
    scores = [_prior(e) for e in readings]
    divisions = [e for e in readings if e.kind == "division1" and not e.alias and e.population > 1_000_000]
    towns = [e for e in readings if e.kind == "town" and e.population >= _CITY]
    world = None if local else _world_city(readings)
    for i, e in enumerate(readings):
        if e is world:
            scores[i] += _WORLD + (_ALIAS_OF_WORLD if e.alias else 0.0)
        city = next((t for t in towns if t.country == e.country and t.admin1 == e.admin1), None)
        if e.kind == "division1" and city is not None and not e.curated:
            # 'Voronezh' alone is the city, and so is 'New York'; 'Voronezh region' has no other reading.
            scores[i] = min(scores[i], _prior(city) - 0.5)
        if e.kind == "division1" and not e.alias and _world_division(e, readings):
            scores[i] += _WORLD_DIVISION
        if e.kind == "country" and any(d.country != e.country for d in divisions):
            scores[i] = _PRIOR["division1"] + _SHARED
        if local and e.kind == "country" and any(t.kind == "town" and t.country != e.country for t in readings):
            scores[i] = min(scores[i], _PRIOR["division1"])
        if home.country is not None and e.country == home.country and e.kind != "country":
            scores[i] += _HOME
        if home.town is not None and e.kind == "town" and _same_parts(e, home.town):
            scores[i] += _NAMESAKE
    return scores


def _world_division(entry: Entry, readings: Sequence[Entry]) -> bool:
    """True for a state or province far larger than any other of its name: the Florida that all news knows."""
    others = [r.population for r in readings if r.kind == "division1" and r is not entry]
    return bool(others) and entry.population >= _CITY * 10 and entry.population > 10 * max(others)


def _same_parts(entry: Entry, town: Entry) -> bool:
    """True for the paper's town, and a town near it in its division."""
    if (entry.country, entry.admin1) != (town.country, town.admin1):
        return False
    return _kilometres(entry, town) < _NEAR_KM


def _world_city(readings: Sequence[Entry]) -> Entry | None:
    """The city that a name means in any country's news: capitals and large ones, several times larger than others."""
    towns = sorted((e for e in readings if e.kind == "town"), key=lambda e: -e.population)
    if not towns or towns[0].country in _ENGLISH:
        return None
    first = towns[0]
    if first.alias and any(e.country in _ENGLISH and not e.alias and e.population >= _UNSUPPORTED for e in towns):
        return None  # a former name of Harare's is no surer than the English town
    if first.alias and (capital := next((t for t in towns if t.capital and not t.alias), None)):
        towns = [t for t in towns if not t.alias]  # Islamabad is that capital, not the larger city once called so
        first = capital
    large = first.population >= _CITY or first.capital
    others = [t for t in towns if t.country != first.country]
    if not large or any(t.population * _TIMES > first.population for t in others):
        return None
    return None if any(e.kind == "country" for e in readings) else first


def _most_likely(readings: Sequence[Entry], box: Sequence[Entry]) -> list[Entry]:
    ranked = sorted(enumerate(readings), key=lambda x: (-any(_inside(x[1], b) for b in box), -_prior(x[1]), x[0]))
    return [entry for _, entry in ranked]


def _solve(
    readings: Sequence[Sequence[Entry]],
    inside: Sequence[Sequence[Entry]],
    doubtful: Sequence[bool],
    local: Sequence[bool],
    home: Home,
) -> list[Entry | None]:
    flat = [e for group in readings for e in group]
    owner = np.repeat(np.arange(len(readings)), [len(g) for g in readings])
    starts = np.cumsum([0, *(len(g) for g in readings)])
    base = np.array([s for group, own in zip(readings, local, strict=True) for s in _priors(group, own, home)])
    for n, box in enumerate(inside):
        for i in range(starts[n], starts[n + 1]):
            if any(_inside(flat[i], b) for b in box):
                base[i] += _CONTAINED
    country_of = _codes([e.country or "" for e in flat])
    division_of = _codes([f"{e.country}.{e.admin1}" if e.admin1 else "" for e in flat])
    near = _nearness(flat)
    near[owner[:, None] == owner[None, :]] = 0.0
    worldly = np.array([not own and _world_city(group) is not None for group, own in zip(readings, local, strict=True)])
    small = np.array([e.kind == "town" and e.population < _TOWN for e in flat])
    by_land = np.where(worldly[owner] & small, _SHARE * _COUNTRY, _COUNTRY)
    p = _softmax(base, owner, starts)
    weight = np.array([0.0 if d else 1.0 for d in doubtful])[owner]
    supported = np.zeros(len(flat))
    for _ in range(_ROUNDS):
        by_country = _support(p * weight, country_of, owner, len(readings))
        by_division = _support(p * weight, division_of, owner, len(readings))
        closest = (near * (p * weight)[None, :]).max(axis=1)
        supported = by_country
        score = base + by_land * by_country + _DIVISION * by_division + _NEAR * closest
        p = _softmax(score, owner, starts)
    out: list[Entry | None] = []
    for n in range(len(readings)):
        i = starts[n] + int(np.argmax(p[starts[n] : starts[n + 1]]))
        e = flat[i]
        if inside[n] and not any(_inside(e, b) for b in inside[n]) and e.country != inside[n][0].country:
            out.append(None)  # the text puts it where the gazetteer has none of that name
            continue
        weak = e.kind == "town" and e.population < _UNSUPPORTED and supported[i] < 0.05 and not inside[n]
        surname = doubtful[n] and (supported[i] < 0.05 or (e.kind == "town" and e.country in _ENGLISH))
        out.append(None if weak or surname else e)
    return out


def _codes(values: Sequence[str]) -> Any:
    order: dict[str, int] = {"": 0}
    return np.array([order.setdefault(v, len(order)) for v in values])


def _softmax(score: Any, owner: Any, starts: Any) -> Any:
    top = np.maximum.reduceat(score, starts[:-1])
    raised = np.exp(score - top[owner])
    return raised / np.add.reduceat(raised, starts[:-1])[owner]


def _support(p: Any, codes: Any, owner: Any, n: int) -> Any:
    """For each reading, the share of the other names' mass that lies under the same code."""
    table = np.zeros((n, int(codes.max()) + 1))
    np.add.at(table, (owner, codes), p)
    table[:, 0] = 0.0
    total = table.sum(axis=0)
    others = total[codes] - table[owner, codes]
    everything = max(float(total.sum()), 1e-9)
    rest = np.maximum(everything - table.sum(axis=1)[owner], 1e-9)
    return np.where(codes == 0, 0.0, others / rest * np.minimum(1.0, others))


def _nearness(flat: Sequence[Entry]) -> Any:
    local = np.array([e.kind not in {"country", "continent", "ocean"} for e in flat])
    latitude = np.radians([e.latitude for e in flat])
    longitude = np.radians([e.longitude for e in flat])
    x = np.stack([np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)], axis=1)
    chord = np.sqrt(np.maximum(2 - 2 * (x @ x.T), 0))
    near = np.exp(-chord * 6371 / _NEAR_KM)
    near *= local[:, None] * local[None, :]
    return near
