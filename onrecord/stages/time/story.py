"""date_by_story: a date for reports that have none, from the dated reports of their story."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa

from onrecord.model import day_of

_SPAN = timedelta(days=3)  # a story whose dated reports lie further apart says too little of when another was published


def date_by_story(reports: pa.Table, story_reports: pa.Table, alignments: pa.Table) -> pa.Table:
    """`reports` with `published_at` filled, basis 'story', where a report has none and its story tells the day.

    The day is the most common one among the story's dated reports that share text with the report (weighed by the
    words they share); without shared text, among all its dated reports if they lie within three days. Of equally
    common days the earliest. Midnight UTC, for the hour is not known. Reports dated this way date no others.
    """
    ids = reports.column("report_id").to_pylist()
    when = reports.column("published_at").to_pylist()
    basis = reports.column("published_basis").to_pylist()
    shown = reports.column("published_day").to_pylist()
    days: dict[str, date] = {
        i: d
        for i, w, s, b in zip(ids, when, shown, basis, strict=True)
        if b != "story" and (d := day_of({"published_at": w, "published_day": s})) is not None
    }
    stories: dict[str, list[str]] = defaultdict(list)
    of_report: dict[str, list[str]] = defaultdict(list)
    columns = (story_reports.column(c).to_pylist() for c in ("story_id", "report_id", "parts"))
    for s, r, parts in zip(*columns, strict=True):
        if parts is None:  # a round-up may come days after what it tells in part
            stories[s].append(r)
            of_report[r].append(s)
    undated = {i for i, w in zip(ids, when, strict=True) if w is None}
    shared = _shared_words(alignments, undated, days)
    for n, report in enumerate(ids):
        if report not in undated:
            continue
        mates = {m for s in of_report.get(report, ()) for m in stories[s] if m in days}
        day = _day(mates, shared.get(report, {}), days)
        if day is not None:
            when[n], shown[n], basis[n] = datetime.combine(day, time(), UTC), day.isoformat(), "story"
    out = reports
    for name, values in (("published_at", when), ("published_day", shown), ("published_basis", basis)):
        at = out.schema.get_field_index(name)
        out = out.set_column(at, name, pa.array(values, out.schema.field(name).type))
    return out


def _shared_words(alignments: pa.Table, undated: set[str], days: dict[str, date]) -> dict[str, dict[str, int]]:
    """For each undated report, the words that it shares with each dated one."""
    out: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    columns = (alignments.column(c).to_pylist() for c in ("report_a", "report_b", "words"))
    for a, b, words in zip(*columns, strict=True):
        for one, other in ((a, b), (b, a)):
            if one in undated and other in days:
                out[one][other] += words or 0
    return out


def _day(mates: set[str], shared: dict[str, int], days: dict[str, date]) -> date | None:
    votes: Counter[date] = Counter()
    for mate in mates & shared.keys():
        votes[days[mate]] += max(1, shared[mate])
    if not votes:
        if not mates or max(days[m] for m in mates) - min(days[m] for m in mates) > _SPAN:
            return None
        votes.update(days[m] for m in mates)
    return min(votes, key=lambda d: (-votes[d], d))
