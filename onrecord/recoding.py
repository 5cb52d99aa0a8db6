"""Making a record anew with other options: only the rows on which the options that changed bear are looked at.

`pipeline.make` asks of every stage and unit whether it is as it was, and writes every table, which takes its time also
where nothing is done. A record whose rows are those that were written, and whose stages all are those that made it,
needs no such question. Where lines of the ontology are all that changed, the mentions of the reports on which they bear
are coded anew, the stories that hold a report with other mentions are reconciled, and the keys of both are brought up
to date; a least confidence is for `doubting`; from other options reports are followed as where a record grows.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from onrecord import acrossreports, carry, carrystories, collecting, doubting, growing, perreport, pipeline, schema
from onrecord.copied import CopiedRecord
from onrecord.engines.local import LocalEngine
from onrecord.excerpts import LEFT, excerpts, recode_reports
from onrecord.intact import UNFINISHED, as_made, told_before
from onrecord.options import Options
from onrecord.pipeline import PLAN, Summary
from onrecord.run import Progress, Run
from onrecord.store import Workspace
from onrecord.touching import Places

CODE = next(s for s in PLAN if s.name == "code")
CHANGED = (
    "event_mentions", "echoes", "stories", "events", "origins", "ledger", "traced", "asked_by_reconcile",
    "asked_by_code", "carried", "problems",
)  # fmt: skip
"""The tables that coding and reconciling write, with the keys of both; the last three by coding alone."""
_FEW = 1000  # reports of which a process alone codes excerpts in less time than it takes to start others


def recode(record: Path, options: Options, progress: Progress | None = None) -> Summary | None:
    """Make the record anew with these options; None, and nothing done, where any row of it may differ.

    The rows are those that `pipeline.make` gives. Raises `RecordError` when there is no whole record, and leaves it as
    it was when anything fails.
    """
    if options.engine != "local":
        return None
    pipeline.check_options(options)
    started = time.perf_counter()
    told: Progress = progress or (lambda stage, done, total: None)
    engine = LocalEngine(options.workers, options.worker_mib)
    with growing.Growing(record) as work, engine, collecting.seldom_in():
        least = pipeline.stored_options(work.facts()).least_confidence
        if not as_made(work, replace(options, least_confidence=least)):
            return None
        told_now: dict[str, str] = {}
        bearing: dict[str, Collection[str]] = {}
        for stage in PLAN:
            if stage.met is None:
                continue
            before, now = told_before(work, stage.name), stage.met.told(options)
            if before != now:
                told_now[stage.name] = now
                reports = stage.met.bears(work, options, before, now)
                if reports is None or (reports and least != options.least_confidence):
                    return None
                if reports:
                    bearing[stage.name] = reports
        summary = Summary(reports=work.count("reports"), stage_seconds={"read": _since(started)})
        for stage in PLAN:
            told(stage.name, 0, 0)
        run = Run(work, engine, options, told, small_characters=pipeline.SMALL_CHARACTERS)
        for name, now in sorted(told_now.items()):
            work.db.execute(
                f"UPDATE carried SET input = $2 WHERE stage = $1 AND unit = '{carry.EVERYTHING}'", [name, now]
            )
        if bearing.keys() - {CODE.name}:
            growing.follow(run, summary, bearing)
        elif not _in_place(run, summary, bearing.get(CODE.name, {}), least, bool(told_now)):
            return None  # a law is broken: a build refuses each stage's rows before the next reads them
    summary.seconds = _since(started)
    return summary


def _in_place(run: Run, summary: Summary, places: Collection[str], least: float, told_now: bool) -> bool:
    """Code these sentences anew, reconcile what they touch, and write the tables that change; False: a law is broken.

    `least` is the least confidence of the record as it stands.
    """
    work, options = run.work, run.options
    assert isinstance(work, CopiedRecord)
    work.kept = set(carry.CARRIED)
    at = time.perf_counter()
    stories = _coded(run, dict(places)) if isinstance(places, dict) and places else []
    summary.stage_seconds["code"] = _since(at)
    at = time.perf_counter()
    changed: Collection[str] = CHANGED if stories else CHANGED[-3:] if told_now else ()
    if stories:
        _reconciled(run, stories)
    elif least != options.least_confidence:
        doubting.settle(run, least, _reconciled)
        changed = CHANGED
    summary.stage_seconds["reconcile"] = _since(at)
    at = time.perf_counter()
    run.progress("store", 0, 1)
    if changed and work.broken(changed):
        return False
    summary.take_stock(work)
    facts = pipeline.facts_of(options)
    if changed or json.loads(work.facts()["options"]) != json.loads(json.dumps(facts["options"])):
        work.finish_changed(facts, changed)
    run.progress("store", 1, 1)
    summary.stage_seconds["store"] = _since(at)
    return True


def _coded(run: Run, places: Places) -> list[str]:
    """Code these reports anew; the stories that hold one with other mentions than before."""
    work, db, reports = run.work, run.work.db, list(places)
    db.execute("CREATE TEMP TABLE bearing AS SELECT unnest($1::VARCHAR[]) AS report_id", [reports])
    query = "SELECT DISTINCT report_id FROM problems WHERE stage = 'code' AND report_id IN (FROM bearing)"
    failed = {row[0] for row in db.execute(query).fetchall()}  # what was refused or failed there is not known
    db.execute("DELETE FROM problems WHERE stage = 'code' AND report_id IN (FROM bearing)")
    places = {report: at if report not in failed else frozenset() for report, at in places.items()}
    gathered: dict[str, list[pa.Table]] = {t: [schema.table(t).empty()] for t in (*CODE.writes, "problems")}
    run.progress("code", 0, len(reports))
    parts = {report: at for report, at in places.items() if at}
    left = sorted(places.keys() - parts.keys())
    for whole in (False, True):
        payloads = (
            _with_mentions(work, pipeline.payloads(work, "code", CODE.reads, left))
            if whole
            else excerpts(work, parts, carry.raw("event_mentions"))
        )
        for given in run.engine.map(
            partial(recode_reports, options=run.options, places=places, whole=whole),
            payloads,
            on_death=partial(run.died, "code"),
            split=perreport.halves,
            small=run.few(left) if whole else len(parts) < _FEW,
        ):
            left += given.pop(LEFT)["report_id"].to_pylist() if LEFT in given else []
            for name, rows in given.items():
                gathered[name].append(rows)
    run.progress("code", len(reports), len(reports))
    work.put("problems", pa.concat_tables(gathered["problems"]))
    _asked_too(work, "code", "(FROM bearing)", pa.concat_tables(gathered["asked_by_code"]))
    coded = pa.concat_tables(gathered["event_mentions"])
    db.register("coded", coded)
    _sums("old", f"SELECT * FROM ({carry.raw('event_mentions')}) WHERE report_id IN (FROM bearing)", work)
    _sums("new", "SELECT * FROM coded", work)
    db.execute(
        "CREATE TEMP TABLE other AS SELECT report_id FROM bearing LEFT JOIN old USING (report_id) "
        "LEFT JOIN new USING (report_id) WHERE old.s IS DISTINCT FROM new.s OR old.n IS DISTINCT FROM new.n"
    )
    db.execute(
        "UPDATE carried SET output = g.output FROM (SELECT report_id, coalesce(s, 0)::VARCHAR || ':' || coalesce(n, 0) "
        "AS output FROM bearing LEFT JOIN new USING (report_id)) g WHERE stage = 'code' AND unit = g.report_id"
    )
    db.execute(f"DELETE FROM carried WHERE stage = 'code' AND unit IN (SELECT report_id FROM {UNFINISHED})")
    query = "SELECT DISTINCT story_id FROM story_reports WHERE report_id IN (FROM other) ORDER BY 1"
    stories = [row[0] for row in db.execute(query).fetchall()]
    work.worked_on(acrossreports.members(work, stories))
    db.execute(
        "DELETE FROM event_mentions WHERE report_id IN (FROM other) "
        "AND mention_id NOT IN (SELECT mention_id FROM echoes)"
    )
    db.execute("INSERT INTO event_mentions BY NAME SELECT * FROM coded WHERE report_id IN (FROM other)")
    db.unregister("coded")
    # What reconciling sees of a story is a sum of hashes of rows: those of the mentions that are gone are taken off it.
    db.execute(
        "UPDATE carried SET input = split_part(input, ':', 1) || ':' || (split_part(input, ':', 2)::HUGEINT + d.s) "
        "|| ':' || (split_part(input, ':', 3)::HUGEINT + d.n) FROM (SELECT story_id, "
        "sum(coalesce(new.s, 0) - coalesce(old.s, 0)) AS s, sum(coalesce(new.n, 0) - coalesce(old.n, 0)) AS n "
        "FROM other JOIN story_reports USING (report_id) LEFT JOIN old USING (report_id) LEFT JOIN new USING "
        "(report_id) GROUP BY story_id) d WHERE stage = 'reconcile' AND unit = d.story_id"
    )
    return stories


def _asked_too(work: Workspace, stage: str, units: str, asks: pa.Table) -> None:
    """What a stage asked now goes beside what it asked before: what was not made anew rests on that.

    `units` is SQL for the reports or stories that it worked on.
    """
    name = f"asked_by_{stage}"
    unit = schema.table(name).key[0]
    work.db.register("asks", asks)
    work.db.execute(
        f"CREATE OR REPLACE TEMP TABLE both_ask AS SELECT {unit}, entity_id, "
        "list_sort(list_distinct(flatten(list(columns)))) AS columns "
        f"FROM (FROM {name} WHERE {unit} IN {units} UNION ALL FROM asks) GROUP BY ALL"
    )
    work.db.unregister("asks")
    work.db.execute(f"DELETE FROM {name} WHERE {unit} IN {units}")
    work.db.execute(f"INSERT INTO {name} BY NAME FROM both_ask")


def _with_mentions(work: Workspace, payloads: Iterable[perreport.Tables]) -> Iterator[perreport.Tables]:
    """Each payload with what was coded of its reports; mentions that reconciling found are not among them."""
    query = f"SELECT *, NULL AS event_id FROM ({carry.raw('event_mentions')}) WHERE report_id IN (SELECT unnest($1))"
    for tables in payloads:
        rows = work.query(query, [tables["reports"]["report_id"].to_pylist()])
        mentions = rows.select(schema.EVENT_MENTIONS.schema.names).cast(schema.EVENT_MENTIONS.schema)
        yield {**tables, "event_mentions": mentions}


def _sums(name: str, rows: str, work: Workspace) -> None:
    """A table of reports with the sum of the hashes of these rows of event_mentions, and how many they are."""
    work.db.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT report_id, sum(h) AS s, count(*) AS n "
        f"FROM ({carry.given_rows('event_mentions', rows)}) GROUP BY report_id"
    )


def _reconciled(run: Run, stories: list[str]) -> None:
    """Reconcile these stories, and bring the keys of what goes into them and comes out up to date."""
    run.progress("reconcile", 0, len(stories))
    if not stories:
        return
    db = run.work.db
    db.execute("CREATE TEMP TABLE touched AS SELECT unnest($1::VARCHAR[]) AS story_id", [stories])
    mine = "report_id IN (SELECT report_id FROM story_reports WHERE story_id IN (FROM touched))"
    # rows that were refused are made again, and noted
    db.execute(
        "DELETE FROM traced WHERE story_id IN (SELECT story_id FROM story_reports JOIN problems USING (report_id) "
        "WHERE stage IN ('reconcile', 'store'))"
    )
    db.execute(f"DELETE FROM problems WHERE stage = 'reconcile' AND {mine}")
    db.execute("UPDATE stories SET n_origins = 0 WHERE story_id IN (FROM touched)")
    asked_before = run.work.query("SELECT * FROM asked_by_reconcile WHERE story_id IN (FROM touched)")
    db.execute("DELETE FROM asked_by_reconcile WHERE story_id IN (FROM touched)")
    acrossreports.reconcile(run, stories, recoded=True)
    _asked_too(run.work, "reconcile", "(FROM touched)", asked_before)
    db.execute(
        f"UPDATE carried SET output = g.output FROM ({carrystories.stories_given('', '(FROM touched)')}) g "
        "WHERE stage = 'reconcile' AND carried.unit = g.unit"
    )
    db.execute(
        "DELETE FROM carried WHERE stage = 'reconcile' AND unit IN (SELECT story_id FROM story_reports WHERE report_id "
        f"IN (SELECT report_id FROM {UNFINISHED} WHERE stage = 'reconcile'))"
    )


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)
