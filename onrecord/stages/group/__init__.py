"""group: reports to stories, a story being all reports of one happening and of what follows from it.

Reports are rows of weighted words (`features`), compared through an inverted index, never all with all
(`kernels`); a difference in dates lowers the similarity, copied text raises it; average-link clustering (`linkage`)
makes the stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord import schema
from onrecord.model import day_of
from onrecord.stages.group.features import Features, weighed
from onrecord.stages.group.features import terms as terms_of
from onrecord.stages.group.linkage import average_link
from onrecord.stages.group.mixing import unmixed
from onrecord.stages.group.pairs import Columns, Edges, similar
from onrecord.stages.group.parts import Part, Parts, Times, Told
from onrecord.text import key

__all__ = ["alike", "group"]

THRESHOLD = 0.20
"""Mean similarity of two clusters from which they are one story; from 0.14 to 0.22 little changes."""
FLOOR = 0.07
"""Similarity below which two reports count as having nothing to do with each other. Most pairs that have anything in
common are below it: of 24,503 reports 25 million reach 0.06 and 11 million 0.08. At 0.06 and 0.07 the story sets of the
bench come out the same; at 0.08 the pooled one is .001 lower, at 0.1 Wikinews .008."""
ONE_WORD = 0.12
"""The most that one word adds to a similarity: two short reports that name one town are not one happening yet."""
HALF_LIFE = 5.0
"""Days between two reports that halve their similarity, beyond the first `SAME_DAYS`."""
LEFT = 0.5
"""What no difference in dates takes away: dates are wrong often enough, and copies stay copies."""
SAME_DAYS = 1.0
"""Days within which a happening is still the same news."""
_COLUMNS = ("report_id", "title", "published_at", "published_day")
COPIED = 0.3
"""Share of both reports' words that are one text, from which two reports are one story whatever else they have."""
COPY_BOOST = 1.0
"""What copied text adds to the similarity of two reports: its share of the shorter report times this."""


def group(
    reports: pa.Table, segments: pa.Table, alignments: pa.Table, terms: pa.Table | None = None
) -> tuple[pa.Table, pa.Table]:
    """The tables `stories` and `story_reports`: every report is in one story, alone if need be.

    Reports need no date. Alignments may be empty; with them the stories are told apart better. `terms` are the words of
    reports as counted before; those of others are counted here. `n_origins` is 0 until it is counted.
    """
    given = similarities(reports, segments, alignments, terms)
    rows, edges = given.rows, given.edges
    times, told = Times(_days(rows), SAME_DAYS, LEFT, HALF_LIFE), Told(given.told, given.table)

    def parts_among(labels: Sequence[int]) -> Parts:
        return Parts(told, given.table, labels, THRESHOLD, ONE_WORD, times)

    labels = average_link(len(rows), edges, given.joined, THRESHOLD)
    labels = unmixed(labels, edges, given.joined, parts_among(range(len(rows))))
    parts = parts_among(labels).found(edges, FLOOR)
    return _tables(rows, labels, edges, _headlines(reports, segments), parts)


def alike(reports: pa.Table, segments: pa.Table, alignments: pa.Table) -> frozenset[tuple[str, str]]:
    """Pairs of report ids, the smaller first, that may be of one happening: in one story, or alike enough by words.

    Looser than `group`, which needs a report to be like all of a story: two accounts of one happening can stand in
    two stories, each nearer to others. Copied text makes no pair alike here, for furniture is copied too.
    """
    _, belongs = group(reports, segments, alignments)
    members: dict[str, list[str]] = {}
    for row in belongs.to_pylist():
        members.setdefault(row["story_id"], []).append(row["report_id"])
    pairs = {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}
    given = similarities(reports, segments, schema.ALIGNMENTS.empty())
    ids = [r["report_id"] for r in given.rows]
    pairs |= {(min(ids[i], ids[j]), max(ids[i], ids[j])) for i, j, _ in given.edges.at_least(THRESHOLD)}
    return frozenset(pairs)


@dataclass(frozen=True, slots=True)
class Compared:
    """Reports in time order, with the paragraphs of `terms` and their words weighed; similar pairs of them; pairs that
    copied text ties."""

    rows: list[dict[str, Any]]
    told: pa.Table
    table: Features
    edges: Edges
    joined: list[tuple[int, int]]


def similarities(
    reports: pa.Table, segments: pa.Table, alignments: pa.Table, terms: pa.Table | None = None
) -> Compared:
    """Reports compared with each other, through an index."""
    rows = sorted(
        reports.select([c for c in _COLUMNS if c in reports.column_names]).to_pylist(),
        key=lambda r: (r["published_at"] is None, r["published_at"] or datetime.min, r["report_id"]),
    )
    place = {r["report_id"]: i for i, r in enumerate(rows)}
    told = _told(rows, reports, segments, schema.TERMS.empty() if terms is None else terms)
    table = weighed(told)
    days = _days(rows)
    copied = _copied(alignments, place, reports)
    joined = [pair for pair, (low, _) in copied.items() if low >= COPIED]
    boosts = {j * len(rows) + i: COPY_BOOST * high for (i, j), (_, high) in copied.items()}
    told = told.select(["paragraphs", "held", "said"])
    edges = similar(table, FLOOR, ONE_WORD, partial(_settled, len(rows), days, boosts))
    return Compared(rows, told, table, edges, joined)


def _settled(
    n: int, days: NDArray[np.float64], boosts: Mapping[int, float], low: int, high: int, pairs: Columns
) -> Columns:
    """These pairs, those with dates apart less alike and those with copied text more, without those below `FLOOR`.

    They are all whose second report is from `low` to `high` and that share words; pairs with copied text alone join
    them. A pair's code in `boosts` is `second * n + first`.
    """
    first, second, cosine = pairs
    similarity = cosine * _decay(days, first, second)
    wanted = np.asarray(sorted(code for code in boosts if low * n <= code < high * n), np.int64)
    if len(wanted):
        boost = np.asarray([boosts[code] for code in wanted.tolist()], np.float64)
        codes = second.astype(np.int64) * n + first
        at = np.searchsorted(codes, wanted)
        known = codes[np.minimum(at, len(codes) - 1)] == wanted if len(codes) else np.zeros(len(wanted), np.bool_)
        similarity[at[known]] = np.minimum(1.0, similarity[at[known]] + boost[known])
        at, new, boost = at[~known], wanted[~known], np.minimum(1.0, boost[~known])
        first, second = np.insert(first, at, new % n), np.insert(second, at, new // n)
        similarity = np.insert(similarity, at, boost)
    kept = similarity >= FLOOR
    return first[kept], second[kept], similarity[kept]


def _told(rows: list[dict[str, Any]], reports: pa.Table, segments: pa.Table, known: pa.Table) -> pa.Table:
    """A row of `terms` for each of these rows, in their order; what is not known is counted.

    Where the known rows are these in this order they are not held twice.
    """
    ids = pa.array([r["report_id"] for r in rows], pa.string())
    unknown = ids.filter(pc.invert(pc.is_in(ids, value_set=known["report_id"].combine_chunks())))
    if len(unknown):
        sections: dict[str, list[dict[str, Any]]] = {}
        for row in segments.filter(pc.is_in(segments["report_id"], value_set=unknown)).to_pylist():
            sections.setdefault(row["report_id"], []).append(row)
        counted: list[dict[str, Any]] = []
        for r in reports.filter(pc.is_in(reports["report_id"], value_set=unknown)).to_pylist():
            words = terms_of(r["text"], sections.get(r["report_id"], ()), r["title"])
            counted.append({"report_id": r["report_id"], **words})
        known = pa.concat_tables([known, schema.TERMS.from_rows(counted)])
    if known["report_id"].combine_chunks().equals(ids):
        return known
    return known.take(pc.index_in(ids, value_set=known["report_id"].combine_chunks()))


def _days(rows: list[dict[str, Any]]) -> NDArray[np.float64]:
    return np.asarray([r["published_at"].timestamp() / 86_400 if r["published_at"] else np.nan for r in rows])


def _decay(days: NDArray[np.float64], first: Any, second: Any) -> Any:
    apart = np.abs(days[first] - days[second]) - SAME_DAYS
    return np.where(np.isnan(apart), 1.0, LEFT + (1.0 - LEFT) * 0.5 ** (np.maximum(apart, 0.0) / HALF_LIFE))


def _copied(
    alignments: pa.Table, place: Mapping[str, int], reports: pa.Table
) -> dict[tuple[int, int], tuple[float, float]]:
    """Pairs of reports to the copied share (of characters) of the one that has less of it, and of the other."""
    sums: dict[tuple[int, int], list[int]] = {}
    size = dict(zip(reports["report_id"].to_pylist(), pc.utf8_length(reports["text"]).to_pylist(), strict=True))
    length = {i: max(1, size[report_id]) for report_id, i in place.items()}
    columns = ["report_a", "a_start", "a_end", "report_b", "b_start", "b_end", "quotation"]
    for row in alignments.select(columns).to_pylist():
        if row["quotation"] or row["report_a"] not in place or row["report_b"] not in place:
            continue
        a, b = place[row["report_a"]], place[row["report_b"]]
        here, there = row["a_end"] - row["a_start"], row["b_end"] - row["b_start"]
        entry = sums.setdefault((min(a, b), max(a, b)), [0, 0])
        entry[a > b] += here
        entry[a < b] += there
    out = {}
    for (i, j), (x, y) in sums.items():
        shares = x / length[i], y / length[j]
        out[i, j] = min(shares), max(shares)
    return out


def _tables(
    rows: list[dict[str, Any]],
    labels: list[int],
    edges: Edges,
    headlines: Mapping[str, str],
    parts: Sequence[Part],
) -> tuple[pa.Table, pa.Table]:
    central = [0.0] * len(rows)
    home = np.asarray(labels, np.int32)
    for i, j, s in edges.within(home):
        central[i] += s
        central[j] += s
    members: dict[int, list[int]] = {}
    for i, label in enumerate(labels):
        members.setdefault(label, []).append(i)
    of_others: dict[int, dict[int, list[dict[str, int]]]] = {}
    for p in parts:
        spans = of_others.setdefault(p.story, {}).setdefault(p.report, [])
        spans.append({"char_start": p.start, "char_end": p.end})
    stories: list[dict[str, Any]] = []
    belongs: list[dict[str, Any]] = []
    for label in sorted(members):
        story_id = key("story", rows[label]["report_id"], prefix="s_")
        days = [day.isoformat() for i in members[label] if (day := day_of(rows[i])) is not None]
        titles = [
            (-central[i], i, t)
            for i in members[label]
            if (t := rows[i]["title"] or headlines.get(rows[i]["report_id"]))
        ]
        stories.append(
            {
                "story_id": story_id,
                "title": min(titles)[2] if titles else None,
                "date_start": min(days, default=None),
                "date_end": max(days, default=None),
                "n_reports": len(members[label]) + len(of_others.get(label, ())),
                "n_origins": 0,
            }
        )
        spans_of = dict.fromkeys(members[label]) | of_others.get(label, {})
        belongs.extend(
            {"story_id": story_id, "report_id": rows[i]["report_id"], "parts": spans} for i, spans in spans_of.items()
        )
    return schema.STORIES.from_rows(stories), schema.STORY_REPORTS.from_rows(belongs)


def _headlines(reports: pa.Table, segments: pa.Table) -> dict[str, str]:
    """Report id to its first headline in the text, for reports that came without a title."""
    bare = reports.filter(pc.equal(pc.fill_null(reports["title"], ""), "")).select(["report_id", "text"])
    texts = dict(zip(bare["report_id"].to_pylist(), bare["text"].to_pylist(), strict=True))
    found = segments.filter(
        pc.and_(
            pc.equal(segments["kind"], "headline"),
            pc.is_in(segments["report_id"], value_set=bare["report_id"].combine_chunks()),
        )
    )
    columns = [found.column(c).to_pylist() for c in ("report_id", "char_start", "char_end")]
    out: dict[str, str] = {}
    for report_id, start, end in sorted(zip(*columns, strict=True)):
        out.setdefault(report_id, " ".join(texts[report_id][start:end].split()))
    return out
