"""link: entities of different reports that are one: misspelt, shortened, turned round.

Pairs are compared only within a block: people who share a surname and a story, or a rare surname. Two people of one
surname stay two unless their given names are one slip, an initial or a short form apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from onrecord.text import plain

_SHORT = 4
_LARGEST_BLOCK = 400
_CLAUSE = 60  # characters after the description; as many as two reporters hardly write alike by chance


def link(entities: pa.Table, entity_mentions: pa.Table, reports: pa.Table, story_reports: pa.Table) -> dict[str, str]:
    """Entity id to the id of the entity that it is merged into, for the entities that are; no chains.

    Merged: a surname alone with the one full name of that surname in a story; given names one slip apart, an initial
    and the name, or the same words in another order, of people who share a story and do not differ in country; unnamed
    people of a story whom two reports describe and go on about in the same words. The fuller entity stays.
    """
    rows = {e["entity_id"]: e for e in entities.to_pylist()}
    uses: dict[str, int] = defaultdict(int)
    stories_of_report: dict[str, list[str]] = defaultdict(list)
    for row in story_reports.to_pylist():
        stories_of_report[row["report_id"]].append(row["story_id"])
    stories: dict[str, set[str]] = defaultdict(set)
    ids, where = entity_mentions.column("entity_id").to_pylist(), entity_mentions.column("report_id").to_pylist()
    named = {e for e, f in zip(ids, entity_mentions.column("form").to_pylist(), strict=True) if f == "name"}
    for entity, report in zip(ids, where, strict=True):
        uses[entity] += 1
        stories[entity].update(stories_of_report.get(report, ()))
    blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entity, row in rows.items():
        if row["kind"] != "person" or entity not in named:
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


def _unnamed(
    rows: dict[str, dict[str, object]], entity_mentions: pa.Table, reports: pa.Table, stories: dict[str, set[str]]
) -> list[list[str]]:
    """Unnamed sources of one story that two reports describe and go on about in the same words."""
    texts = dict(zip(reports.column("report_id").to_pylist(), reports.column("text").to_pylist(), strict=True))
    first: dict[str, tuple[int, int, str]] = {}
    columns = ("entity_id", "char_start", "char_end", "report_id", "form")
    for entity, start, end, report, form in zip(*(entity_mentions.column(c).to_pylist() for c in columns), strict=True):
        row = rows.get(entity)
        if row is None or form != "nominal" or row["kind"] != "person":
            continue
        if entity not in first or (start, end) < first[entity][:2]:
            first[entity] = (start, end, report)
    same: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for entity, (_, end, report) in first.items():
        clause = plain((texts.get(report) or "")[end : end + 200])
        if len(clause) >= _CLAUSE:
            for story in stories[entity]:
                same[story, plain(str(rows[entity]["name"])), clause[:_CLAUSE]].append(entity)
    return [sorted(set(members)) for _, members in sorted(same.items()) if len(set(members)) > 1]


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
