"""link: entities of different reports that are one: misspelt, shortened, turned round.

Pairs are compared only within a block: people who share a surname and a story, or a rare surname. Two people of one
surname stay two unless their given names are one slip, an initial or a short form apart.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from onrecord.lexicon import toml
from onrecord.model import Homes, day_of
from onrecord.text import plain

_SHORT = 4
_LARGEST_BLOCK = 400
_CLAUSE = 60  # characters after the description; as many as two reporters hardly write alike by chance
_DAYS = 2  # between reports that mean the same unnamed person by the same description
_TOLD = re.compile(r"[^.\n]{0,40}?\btold (?:the )?((?:[A-Z][\w'’&-]*)(?: [A-Z][\w'’&-]*){0,3})")
_GENDERS = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f", "hers": "f"}
_UNNAMED = {name: frozenset(text.split()) for name, text in toml("resolve.toml")["unnamed"].items()}


def link(entities: pa.Table, entity_mentions: pa.Table, reports: pa.Table, story_reports: pa.Table) -> dict[str, str]:
    """Entity id to the id of the entity that it is merged into, for the entities that are; no chains.

    Merged: a surname alone with the one full name of that surname in a story; given names one slip apart, an initial
    and the name, or the same words in another order, of people who share a story and do not differ in country; unnamed
    sources of a story whom two reports describe alike (see `_unnamed`). The fuller entity stays.
    """
    entities = entities.filter(pc.equal(entities["kind"], "person"))  # what else there is keeps its one name
    people = entities["entity_id"].combine_chunks()
    entity_mentions = entity_mentions.filter(pc.is_in(entity_mentions["entity_id"], value_set=people))
    rows = {e["entity_id"]: e for e in entities.to_pylist()}
    uses: dict[str, int] = defaultdict(int)
    homes = Homes(story_reports.to_pylist())
    stories: dict[str, set[str]] = defaultdict(set)
    ids, where = entity_mentions.column("entity_id").to_pylist(), entity_mentions.column("report_id").to_pylist()
    named = {e for e, f in zip(ids, entity_mentions.column("form").to_pylist(), strict=True) if f == "name"}
    starts = entity_mentions.column("char_start").to_pylist()
    for entity, report, start in zip(ids, where, starts, strict=True):
        uses[entity] += 1
        if (story := homes.at(report, start)) is not None:
            stories[entity].add(story)
    blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entity, row in rows.items():
        if entity not in named:
            continue
        words = _words(row["name"])
        for story in stories[entity]:
            for word in {w for w in (words[:1] + words[-1:]) if w}:
                blocks[story, word].append(entity)
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        while x in parent:
            x = parent[x]
        return x

    for _, members in sorted(blocks.items()):
        if not 1 < len(members) <= _LARGEST_BLOCK:
            continue
        for a, b in _pairs(rows, sorted(set(members))):
            a, b = root(a), root(b)
            if a != b:
                keep, drop = sorted((a, b), key=lambda e: (-_fullness(rows[e]), -uses[e], e))
                parent[drop] = keep
    for members in _unnamed({e: r for e, r in rows.items() if e not in named}, entity_mentions, reports, stories):
        keep = root(min(members))
        for other in members:
            if root(other) != keep:
                parent[root(other)] = keep
    return {x: root(x) for x in sorted(parent)}


@dataclass(slots=True)
class _Unnamed:
    """What a report says of a source that it does not name."""

    entity: str
    report: str
    start: int
    end: int
    day: date | None
    country: object
    genders: set[str]
    hearers: set[str]  # whom the source 'told' it


def _unnamed(
    rows: dict[str, dict[str, object]], entity_mentions: pa.Table, reports: pa.Table, stories: dict[str, set[str]]
) -> list[list[str]]:
    """Unnamed sources of one story whom two reports describe alike, without a fact that tells them apart.

    Either the reports go on in the same words after the description, or the description says more than 'an official',
    the two reports are at most two days apart, and neither gender, country nor hearer ('told the Meridian Press')
    differ. A report with two such people leaves its own alone.
    """
    found = _described(rows, entity_mentions, reports)
    texts = dict(zip(reports.column("report_id").to_pylist(), reports.column("text").to_pylist(), strict=True))
    copied: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    alike: dict[tuple[str, str], list[_Unnamed]] = defaultdict(list)
    for entity, source in found.items():
        description = plain(str(rows[entity]["name"]))
        clause = plain((texts.get(source.report) or "")[source.end : source.end + 200])
        for story in stories[entity]:
            if len(clause) >= _CLAUSE:
                copied[story, description, clause[:_CLAUSE]].append(entity)
            if _telling(description):
                alike[story, description].append(source)
    groups = [sorted(set(members)) for _, members in sorted(copied.items()) if len(set(members)) > 1]
    for _, sources in sorted(alike.items(), key=lambda g: g[0]):
        groups.extend(_agreeing(sources))
    return groups


def _described(rows: dict[str, dict[str, object]], entity_mentions: pa.Table, reports: pa.Table) -> dict[str, _Unnamed]:
    told_in = reports.select(["report_id", "text", "published_at", "published_day"]).to_pylist()
    known = {r["report_id"]: (r["text"], day_of(r)) for r in told_in}
    out: dict[str, _Unnamed] = {}
    columns = ("entity_id", "char_start", "char_end", "report_id", "form")
    for entity, start, end, report, form in zip(*(entity_mentions.column(c).to_pylist() for c in columns), strict=True):
        row = rows.get(entity)
        if row is None:
            continue
        text, day = known.get(report, ("", None))
        source = out.get(entity)
        if source is None:
            source = out[entity] = _Unnamed(entity, report, 1 << 40, 1 << 40, day, row["country"], set(), set())
        if form == "nominal" and start < source.start:
            source.start, source.end, source.report, source.day = start, end, report, day
        gender = _GENDERS.get(text[start:end].lower())
        if gender:
            source.genders.add(gender)
        if told := _TOLD.match(text, end):
            source.hearers.add(plain(told.group(1)))
    return {e: s for e, s in out.items() if s.start < 1 << 40}


def _telling(description: str) -> bool:
    words = description.split()
    return (
        len(words) > 1
        and words[-1] in _UNNAMED["described_once"]
        and any(w not in _UNNAMED["says_nothing"] for w in words[:-1])
    )


def _agreeing(sources: list[_Unnamed]) -> list[list[str]]:
    """Groups of the sources, one a report at most, that no fact tells apart."""
    of_report: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        of_report[source.report].add(source.entity)
    groups: list[list[_Unnamed]] = []
    for source in sorted(sources, key=lambda s: (s.day or date.max, s.report, s.start)):
        if len(of_report[source.report]) > 1:
            continue
        home = next((g for g in groups[-_LARGEST_BLOCK:] if all(_compatible(source, o) for o in g[:_SHORT])), None)
        if home is None:
            groups.append([source])
        else:
            home.append(source)
    return [sorted({s.entity for s in g}) for g in groups if len({s.entity for s in g}) > 1]


def _compatible(a: _Unnamed, b: _Unnamed) -> bool:
    if a.day and b.day and abs((a.day - b.day).days) > _DAYS:
        return False
    if a.country is not None and b.country is not None and a.country != b.country:
        return False
    if a.genders and b.genders and not a.genders & b.genders:
        return False
    return not (a.hearers and b.hearers) or any(
        set(x.split()) & set(y.split()) - {"the", "news", "agency", "newspaper", "daily", "press", "times"}
        for x in a.hearers
        for y in b.hearers
    )


def _pairs(rows: dict[str, dict[str, object]], members: list[str]) -> Iterable[tuple[str, str]]:
    full = [m for m in members if len(_words(str(rows[m]["name"]))) > 1]
    for n, a in enumerate(full):
        for b in full[n + 1 :]:
            if _one(rows[a], rows[b]):
                yield a, b
    groups: list[set[str]] = []
    for m in full:
        near = [g for g in groups if any(_one(rows[m], rows[o]) for o in g)]
        merged = {m}.union(*near) if near else {m}
        groups = [g for g in groups if g not in near] + [merged]
    for m in members:
        words = _words(str(rows[m]["name"]))
        if len(words) != 1:
            continue
        of_name = [g for g in groups if any(words[0] == _words(str(rows[o]["name"]))[-1] for o in g)]
        if len(of_name) == 1:
            other = min(of_name[0])
            if _countries_agree(rows[m], rows[other]):
                yield m, other


def _one(a: dict[str, object], b: dict[str, object]) -> bool:
    """True when two full names are one person's."""
    if not _countries_agree(a, b):
        return False
    x, y = _words(str(a["name"])), _words(str(b["name"]))
    if sorted(x) == sorted(y):
        return True
    if x[-1] != y[-1]:
        return False
    mine, theirs = x[0], y[0]
    if mine == theirs:
        return True
    if min(len(mine), len(theirs)) == 1:
        return mine[0] == theirs[0]
    if len(mine) >= _SHORT and len(theirs) >= _SHORT and mine[0] == theirs[0]:
        from rapidfuzz.distance import OSA

        if OSA.distance(mine, theirs, score_cutoff=1) <= 1:
            return True
    return min(len(mine), len(theirs)) >= 3 and (mine.startswith(theirs) or theirs.startswith(mine))


def _countries_agree(a: dict[str, object], b: dict[str, object]) -> bool:
    return a["country"] is None or b["country"] is None or a["country"] == b["country"]


def _fullness(row: dict[str, object]) -> int:
    return (len(_words(str(row["name"]))) > 1) + (row["country"] is not None) + (row["sector"] is not None)


def _words(name: str) -> list[str]:
    return [w.rstrip(".") for w in plain(name).replace("-", " ").split() if w.rstrip(".")]
