"""Changing a record that stands: reports come in, reports go out, the rest is taken over.

Each is a build of all the reports that are to be in the record, so it gives the rows that a build of their inputs
gives; what the reports do not meet is carried over (`carry`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from onrecord import growing, pipeline, recoding, schema
from onrecord.errors import RecordError, UsageError
from onrecord.intake import nothing_read, read_reports, report_row, take_reports
from onrecord.limits import Bound
from onrecord.options import Options
from onrecord.pipeline import Summary
from onrecord.run import Progress, Run
from onrecord.store import arrow_table, open_record

if TYPE_CHECKING:
    from onrecord.stages.read.fetch import Fetcher

Standing = dict[str, str]
"""Report id to uri of the reports that stay."""


def options_of(record: str | Path, workers: int = 0) -> Options:
    """The options that a record was built with; raises `RecordError` when there is no whole record."""
    db = open_record(record)
    try:
        facts = dict(db.execute("SELECT name, value FROM meta").fetchall())
    finally:
        db.close()
    return replace(pipeline.stored_options(facts), workers=workers)


def add(
    inputs: Iterable[str | Path],
    record: str | Path = "record.duckdb",
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Read more reports into a standing record; the rows are those of one build of all the inputs.

    `options` are those of the record unless given. Raises `RecordError` when there is no whole record, `UsageError`
    when no report could be read, and leaves the record as it was when anything fails.
    """
    given = [str(i) for i in inputs]

    def read(run: Run, seen: dict[str, str]) -> None:
        if not read_reports(run, given, seen):
            raise UsageError(nothing_read(run))

    return _added(record, read, options or options_of(record), progress)


def _added(
    record: str | Path, read: Callable[[Run, Standing], None], options: Options, progress: Progress | None
) -> Summary:
    """Put the reports that `read` gives into a standing record."""
    return growing.grow(Path(record), read, options, progress) or pipeline.make(
        record, lambda run: read(run, keep(run)), options=options, progress=progress
    )


def recode(
    record: str | Path = "record.duckdb",
    *,
    options: Options,
    progress: Progress | None = None,
) -> Summary:
    """Make a standing record anew with other options, from the reports that it holds: its inputs are not read again.

    The rows are those of a build of its inputs with these options; what does not rest on an option that changed is
    taken over. Raises `RecordError` when there is no whole record, and leaves it as it was when anything fails.
    """
    open_record(record).close()
    return recoding.recode(Path(record), options, progress) or pipeline.make(
        record, _kept_whole, options=options, progress=progress
    )


def remove(
    reports: Sequence[str],
    record: str | Path = "record.duckdb",
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Take reports out of a record, and all that rested on them alone; the rows are those of a build without them.

    A report is named by its id, its uri, or the name that it came with. Raises `UsageError` for a name that no report
    has, or when none would be left.
    """
    options = options or options_of(record)
    gone = find(record, reports)
    return pipeline.make(record, lambda run: _keep_but(run, gone), options=options, progress=progress)


def _kept_whole(run: Run) -> None:
    keep(run)


def _keep_but(run: Run, gone: Sequence[str]) -> None:
    keep(run, gone)
    if not run.work.count("reports"):
        raise UsageError("no report would be left; delete the file instead")


def find(record: str | Path, names: Sequence[str]) -> list[str]:
    """The ids of the reports that have these names; raises `UsageError` for a name that none has."""
    db = open_record(record)
    try:
        table = arrow_table(db, "SELECT report_id, uri, external_id FROM reports ORDER BY report_id")
    finally:
        db.close()
    ids: dict[str, list[str]] = {}
    for row in table.to_pylist():
        for name in {row["report_id"], row["uri"], row["external_id"]} - {None}:
            ids.setdefault(name, []).append(row["report_id"])
    for name in names:
        if name not in ids:
            raise UsageError(f"{record}: no report {name!r}; onrecord show reports {record} lists them")
    return sorted({i for name in names for i in ids[name]})


def keep(run: Run, gone: Sequence[str] = ()) -> Standing:
    """Put the reports of the standing record, as they were read, and what was said of the inputs, in the new one.

    `gone` are ids of reports to be left out, with what was said of them. Raises `RecordError` for a record that an
    older onrecord made, which does not keep what reports were as read.
    """
    work = run.work
    if not work.standing:
        raise RecordError(f"{work.target}: made by another version of onrecord; build it again from its inputs first")
    names = schema.AS_READ.schema.names[1:]
    as_read = ", ".join(f"a.{n} AS {n}" for n in names)
    stays = "r.report_id NOT IN (SELECT unnest($1::VARCHAR[]))"
    work.db.execute(
        f"INSERT INTO reports BY NAME SELECT r.* REPLACE ({as_read}, "
        "CASE WHEN a.published_at IS NULL THEN NULL ELSE 'metadata' END AS published_basis, "
        "NULL AS published_span) FROM standing.reports r JOIN standing.as_read a USING (report_id) "
        f"WHERE {stays}",
        [list(gone)],
    )
    work.db.execute(f"INSERT INTO marks BY NAME SELECT r.* FROM standing.marks r WHERE {stays}", [list(gone)])
    seen: Standing = dict(work.db.execute("SELECT report_id, uri FROM reports ORDER BY report_id").fetchall())
    work.db.execute(
        "INSERT INTO problems BY NAME SELECT * FROM standing.problems WHERE stage = 'read' AND uri NOT IN "
        "(SELECT uri FROM standing.reports WHERE report_id IN (SELECT unnest($1::VARCHAR[]))) "
        "AND NOT (reason = 'duplicate' AND detail IN (SELECT 'the same report as ' || uri || '; counted once' "
        "FROM standing.reports WHERE report_id IN (SELECT unnest($1::VARCHAR[]))))",
        [list(gone)],
    )
    return seen


def watch(
    record: str | Path,
    feeds: Sequence[str],
    *,
    every: float = 900,
    times: int = 0,
    most: int = 200,
    options: Options | None = None,
    progress: Progress | None = None,
    told: Callable[[Summary | None, int, list[str]], None] = lambda summary, new, problems: None,
    fetcher: Fetcher | None = None,
    sleep: Callable[[float], Any] = time.sleep,
) -> int:
    """Poll feeds, pages, files or folders and add the reports that are new; how many were added.

    `every` are the seconds between polls, `times` how often to poll (0: until interrupted), `most` how many reports a
    poll may add: the rest waits for the next. A record that is not there yet is made by the first poll that finds a
    report. What a server says has not changed is not fetched again. `told` hears after each poll of what was built
    (None: nothing new), how many were new, and what could not be read. A `fetcher` of one's own takes the place of
    the one that asks each site politely.
    """
    from onrecord.stages.read import read

    added = polls = 0
    while True:
        polls += 1
        standing = Path(record).exists()
        mine = options or (options_of(record) if standing else Options())
        known = _known(record) if standing else set()
        fresh: list[Any] = []
        cache = Path(record).with_name(Path(record).name + ".fetched")
        problems: list[str] = []

        def on_problem(uri: str, reason: str, detail: str, problems: list[str] = problems) -> None:
            problems.append(detail)

        clock = Bound(mine.report_seconds)
        for raw in read(feeds, on_problem=on_problem, cache=cache, fetcher=fetcher, clock=clock):
            report_id = report_row(raw)["report_id"]
            if report_id not in known:
                known.add(report_id)
                fresh.append(raw)
                if len(fresh) >= most:
                    break
        summary = None
        if fresh:
            batch = fresh

            def take(run: Run, seen: Standing, batch: list[Any] = batch) -> None:
                take_reports(run, batch, seen)

            if standing:
                summary = _added(record, take, mine, progress)
            else:
                summary = pipeline.make(record, partial(take, seen={}), options=mine, progress=progress)
            added += len(fresh)
        told(summary, len(fresh), problems)
        if polls == times:
            return added
        sleep(every)


def _known(record: str | Path) -> set[str]:
    db = open_record(record)
    try:
        return {row[0] for row in db.execute("SELECT report_id FROM reports").fetchall()}
    finally:
        db.close()
