"""Adding reports where they are few beside those that stand: the record is copied, and only what they touch is made.

`pipeline.make` asks of every stage and unit whether it is as it was, and writes every row anew. A record whose rows are
those that were written, by the stages as they are, needs that question only where a row that a stage reads has changed:
reports are followed from stage to stage, and one is `touched` from the moment that any row about it differs from the
standing record's. Stages that look at all reports together look at all of them here too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from onrecord import (
    acrossreports,
    aligning,
    annotating,
    carry,
    carrystories,
    collecting,
    forgetting,
    limits,
    pipeline,
    schema,
    uttering,
)  # fmt: skip
from onrecord.copied import CopiedRecord
from onrecord.engines.local import LocalEngine
from onrecord.intact import as_made, told_before
from onrecord.laws import digests
from onrecord.model import told_in
from onrecord.options import Options
from onrecord.pipeline import PLAN, Stage, Summary
from onrecord.refusing import refuse
from onrecord.run import Progress, Run
from onrecord.store import Workspace

TOUCHED = "(SELECT report_id FROM touched)"
WHOLE: dict[str, Callable[[Run], None]] = {
    "align": acrossreports.align,
    "group": acrossreports.group,
    "link": acrossreports.link,
    "utterances": acrossreports.utterances,
}


class Growing(CopiedRecord):
    """A copy of the standing record, into which reports come; the one that stands is at hand as `standing`."""

    bearing: Mapping[str, Collection[str]] = MappingProxyType({})
    """Reports, by the name of a stage, on which it is run whatever its tables hold."""
    new = False
    """Whether any report came in."""
    moved: set[str]
    """Tables of which rows were taken away, and may have come back elsewhere."""

    def begin(self, bearing: Mapping[str, Collection[str]]) -> None:
        """Put back what stages over all reports changed of what others gave; call it once the new reports are read."""
        db = self.db
        self.bearing = bearing
        self.moved = {"reports", "entities", "entity_mentions", "attributions", "event_mentions", "stories"}
        self.attach_standing()
        names = ", ".join(schema.AS_READ.schema.names)
        db.execute(
            "CREATE TEMP TABLE touched AS SELECT report_id FROM reports "
            "WHERE report_id NOT IN (SELECT report_id FROM standing.reports)"
        )
        self.new = bool(self.count("touched"))
        db.execute(f"INSERT INTO as_read BY NAME SELECT {names} FROM reports WHERE report_id IN {TOUCHED}")
        again = {r for stage in ("segment", "resolve") for r in bearing.get(stage, ())}
        db.execute("CREATE TEMP TABLE undated AS SELECT unnest($1::VARCHAR[]) AS report_id", [sorted(again)])
        db.execute("INSERT INTO undated SELECT report_id FROM reports WHERE published_basis = 'story'")
        self.undate("FROM undated")
        db.execute("DELETE FROM entity_mentions WHERE report_id IN (SELECT report_id FROM unlinked)")
        db.execute("INSERT INTO entity_mentions SELECT * FROM unlinked")
        db.execute("DELETE FROM unlinked")
        db.execute("DELETE FROM event_mentions WHERE mention_id IN (SELECT mention_id FROM echoes)")
        db.execute("DELETE FROM echoes")

    def known_parses(self) -> int:
        """They are there already."""
        return self.count("parses")

    def changed(self, now: Mapping[str, str]) -> set[str]:
        """The tables whose rows are not those of the standing record, and those whose rows may stand elsewhere now.

        `now` are the digests of the tables.
        """
        before = json.loads(self.facts()["digests"])
        return self.moved | {name for name, digest in now.items() if digest != before.get(name)}

    def undate(self, reports: str) -> None:
        """Give the reports of this query the dates that they were read with."""
        dated = ", ".join(
            f"{n} = " + ("CASE WHEN a.published_at IS NULL THEN NULL ELSE 'metadata' END" if n == "published_basis"
                         else "NULL" if n == "published_span" else f"a.{n}")
            for n in schema.DATED
        )  # fmt: skip
        self.db.execute(
            f"UPDATE reports SET {dated} FROM as_read a WHERE reports.report_id = a.report_id "
            f"AND reports.report_id IN ({reports})"
        )

    def touch(self, reports: str) -> None:
        """The reports of this query are not, or may not be, as they were."""
        self.db.execute(f"INSERT INTO touched SELECT DISTINCT report_id FROM ({reports}) EXCEPT SELECT * FROM touched")

    def touch_differing(self, table: str, columns: Sequence[str] = (), among: str = "") -> None:
        """Touch the reports of rows that this table has and the standing record has not, or the other way round.

        `among` is a query in brackets for the reports of which rows may differ.
        """
        names = ", ".join(columns or schema.table(table).schema.names)
        where = f" WHERE report_id IN {among}" if among else ""
        here, there = f"SELECT {names} FROM {table}{where}", f"SELECT {names} FROM standing.{table}{where}"
        ids = [n for n in ("report_id", "report_a", "report_b", "from_report_id", "with_report_id") if n in names]
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE differing AS (({here} EXCEPT {there}) UNION ALL ({there} EXCEPT {here}))"
        )
        for name in ids:
            self.touch(f"SELECT {name} AS report_id FROM differing WHERE {name} IS NOT NULL")
            if self.kept is not None and name in ("report_id", "report_a", "report_b"):
                self.db.execute(f"INSERT INTO fresh SELECT {name} FROM differing EXCEPT SELECT report_id FROM fresh")


def grow(
    record: Path, read: Callable[[Run, dict[str, str]], None], options: Options, progress: Progress | None = None
) -> Summary | None:
    """Put the reports that `read` gives into the record; None, and nothing done, where all of it has to be looked at.

    `read` is told the reports that are there already, id to uri. The rows are those that `pipeline.make` gives. Raises
    what `read` raises, and `RecordError` when there is no whole record, and leaves it as it was when anything fails.
    """
    if options.engine != "local":
        return None
    pipeline.check_options(options)
    started = time.perf_counter()
    told: Progress = progress or (lambda stage, done, total: None)
    engine = LocalEngine(options.workers, options.worker_mib)
    with Growing(record) as work, engine, collecting.seldom_in():
        if not as_made(work, options) or any(
            told_before(work, stage.name) != stage.met.told(options) for stage in PLAN if stage.met is not None
        ):
            return None
        run = Run(work, engine, options, told, small_characters=pipeline.SMALL_CHARACTERS)
        read(run, dict(work.db.execute("SELECT report_id, uri FROM reports").fetchall()))
        summary = Summary(reports=work.count("reports"), stage_seconds={"read": _since(started)})
        summary.input_problems, summary.unread = run.input_problems, run.unread
        follow(run, summary)
    summary.seconds = _since(started)
    return summary


def follow(run: Run, summary: Summary, bearing: Mapping[str, Collection[str]] | None = None) -> None:
    """Run the stages on reports that are new, and on all that they touch; then write the record.

    `bearing` are reports, by the name of a stage, on which that stage is run again whatever its tables hold.
    """
    work = run.work
    assert isinstance(work, Growing)
    work.kept = set(carry.CARRIED)
    work.begin(bearing or {})
    started_on = [row[0] for row in work.db.execute(TOUCHED).fetchall()]
    run.small = run.few([*started_on, *(r for reports in work.bearing.values() for r in reports)])
    for stage in PLAN if started_on or work.bearing else ():
        at = time.perf_counter()
        pipeline.lawfully(stage, run, partial(_grown, stage))
        summary.stage_seconds[stage.name] = _since(at)
    run.progress("store", 0, 1)
    at = time.perf_counter()
    work.detach_standing()
    refuse(work, "store", texts=True)
    summary.take_stock(work)
    now = digests(work.db)
    work.finish_changed(pipeline.facts_of(run.options), work.changed(now), working=False, now=now)
    run.progress("store", 1, 1)
    summary.stage_seconds["store"] = _since(at)


def _grown(stage: Stage, run: Run) -> None:
    """What a stage does where reports came in."""
    work, db = run.work, run.work.db
    assert isinstance(work, Growing)
    if stage.work is not None and isinstance(stage.unit, carry.Unit):
        _by_report(stage, stage.unit, stage.work, run, work)
    elif isinstance(stage.unit, carry.Whole):
        _over_all(stage.unit, run, work)
    elif stage.name == "repeat":
        if work.new:
            mine = acrossreports.SOURCE
            of = f"(SELECT * FROM reports WHERE {mine} IN (SELECT {mine} FROM reports WHERE report_id IN {TOUCHED}))"
            db.execute(f"DELETE FROM repeats WHERE report_id IN (SELECT report_id FROM {of})")
            acrossreports.repeats(run, of)
            work.touch_differing("repeats")
        work.undate(f"SELECT report_id FROM reports WHERE report_id IN {TOUCHED}")
    elif stage.name == "annotate":
        annotating.annotate_paragraphs(run)
        db.execute("DELETE FROM parses WHERE parse_key NOT IN (SELECT parse_key FROM paragraphs)")
    elif stage.name == "date":
        acrossreports.date(run)
        work.touch_differing("reports", ("report_id", *schema.DATED))
    elif stage.name == "reconcile":
        _reconciled(run, work)
    else:
        stage.run(run)


def _by_report(
    stage: Stage, unit: carry.Unit, done: Callable[[Run, Sequence[str]], None], run: Run, work: Growing
) -> None:
    """Work on the touched reports of which the stage sees something else, or which asked what is otherwise now."""
    db = work.db
    if unit.name in carry.ASKING:
        failed = f"SELECT report_id FROM problems WHERE stage = '{unit.name}' AND report_id IS NOT NULL"
        again = f"SELECT report_id FROM ({carry.asked_otherwise(unit.name, 'report_id')}) UNION {failed}"
    else:
        again = "SELECT report_id FROM touched LIMIT 0"
    bears = sorted(work.bearing.get(unit.name, ()))
    db.execute(f"CREATE OR REPLACE TEMP TABLE again AS ({again}) UNION SELECT unnest($1::VARCHAR[])", [bears])
    looked = "(SELECT report_id FROM touched UNION SELECT report_id FROM again)"
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS SELECT report_id AS unit, '{carry.key_of(unit, run.options)}:' || h "
        f"AS input FROM ({carry.seen_by(unit, looked)})"
    )
    db.execute(
        f"DELETE FROM units WHERE unit NOT IN (FROM again) AND (unit, input) IN "
        f"(SELECT (unit, input) FROM carried WHERE stage = '{unit.name}')"
    )
    mine = "(SELECT unit FROM units)"
    if work.count("units"):
        work.moved.update(unit.writes)
    for table in unit.writes:
        if table == "reports":  # what it gave those that it need not work on
            db.execute(
                f"UPDATE reports SET {', '.join(f'{n} = s.{n}' for n in schema.DATED)} FROM standing.reports s "
                f"WHERE reports.report_id = s.report_id AND s.published_basis = 'text' "
                f"AND s.report_id IN {TOUCHED} AND s.report_id NOT IN {mine}"
            )
        else:
            db.execute(f"DELETE FROM {table} WHERE report_id IN {mine}")
    db.execute(f"DELETE FROM problems WHERE stage = '{unit.name}' AND report_id IN {mine}")
    db.execute(f"DELETE FROM carried WHERE stage = '{unit.name}' AND unit IN {mine}")
    done(run, [row[0] for row in db.execute(f"{mine} ORDER BY unit").fetchall()])
    work.touch("SELECT unit AS report_id FROM units")
    carry.note(work, unit, run.options, only=mine)


def _over_all(whole: carry.Whole, run: Run, work: Growing) -> None:
    """Work on all reports together, and touch those of which something came out otherwise."""
    db = work.db
    if not work.new and _as_before(whole, run, work):
        run.progress(whole.name, 0, 0)
        return
    seen = carry.digest_of([(t, carry.columns(t)) for t in whole.reads])
    start = carry.start_of(whole, run.options)
    db.execute(f"CREATE OR REPLACE TEMP TABLE units AS SELECT '{start}:' || h AS input FROM ({seen})")
    few = _few(whole, run, work)
    if not few:
        if whole.name in ("align", "group"):
            for table, _ in whole.gives:
                db.execute(f"DELETE FROM {table}")
        db.execute(f"DELETE FROM problems WHERE stage = '{whole.name}'")
        WHOLE[whole.name](run)
    if whole.name == "group":
        db.execute(
            "UPDATE stories SET n_origins = s.n_origins FROM standing.stories s WHERE stories.story_id = s.story_id"
        )
    for table, columns in whole.gives:
        if table == "attributions":
            told = "(SELECT report_id FROM attributions WHERE attribution_id IN (FROM told) UNION FROM touched)"
            work.touch_differing(table, ("report_id", *columns[:2]), told if few else "")
        elif table == "entity_mentions":
            linked = "SELECT report_id FROM unlinked UNION SELECT report_id FROM standing.unlinked"
            work.touch_differing(table, among=f"({linked} UNION FROM touched)")
        elif {"report_id", "report_a"}.intersection(schema.table(table).schema.names) and not schema.table(
            table
        ).working:
            work.touch_differing(table)
    db.execute(f"DELETE FROM carried WHERE stage = '{whole.name}' AND unit = '{carry.EVERYTHING}'")
    if not work.count("problems", f"stage = '{whole.name}' AND report_id IS NOT NULL"):
        carry.note_whole(work, whole)


MANY = 4
"""Where one report of so many is touched, a stage looks at all: beyond that reading them by parts saves nothing."""
FEW: dict[str, Callable[[Workspace, Sequence[str]], None]] = {
    "align": aligning.align_few,
    "utterances": uttering.utter_few,
}
"""Stages over all reports that can look at touched ones alone, and at what these bear on."""


def _few(whole: carry.Whole, run: Run, work: Growing) -> bool:
    """Let such a stage look at touched reports and what these bear on; False where all have to be looked at."""
    changed = [row[0] for row in work.db.execute(TOUCHED).fetchall()]
    total = work.count("reports")
    if whole.name not in FEW or MANY * len(changed) > total or work.count("problems", f"stage = '{whole.name}'"):
        return False
    run.progress(whole.name, 0, 1)
    try:
        with limits.at_most(acrossreports.allowed(run.options.report_seconds)(total)):
            FEW[whole.name](work, changed)
    except (Exception, limits.TimeLimitError):  # which report it is, looking at all tells
        return False
    run.progress(whole.name, 1, 1)
    return True


def _as_before(whole: carry.Whole, run: Run, work: Growing) -> bool:
    """True where such a stage is given what the standing record gave it; then what it made stands as it stood."""
    if whole.name in ("link", "utterances"):  # its rows were put aside, or some of them were made anew
        return carry.take_whole(work, whole, run.options)
    seen = carry.digest_of([(t, carry.columns(t)) for t in whole.reads])
    found = work.db.execute(
        f"SELECT 1 FROM carried WHERE stage = $1 AND input = $2 || ':' || ({seen})",
        [whole.name, carry.start_of(whole, run.options)],
    )
    return bool(found.fetchall())


def _reconciled(run: Run, work: Growing) -> None:
    """Reconcile the stories that hold something else, or asked what is otherwise now; forget those that are no more."""
    db = work.db
    failed = "SELECT report_id FROM problems WHERE stage = 'reconcile' AND report_id IS NOT NULL"
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE again AS SELECT story_id FROM ({carry.asked_otherwise('reconcile', 'story_id')})"
        f" UNION SELECT story_id FROM story_reports WHERE report_id IN ({failed})"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE looked AS SELECT story_id FROM (FROM story_reports UNION ALL "
        f"FROM standing.story_reports) WHERE report_id IN {TOUCHED} UNION (FROM again)"
    )
    stories = "(SELECT story_id FROM looked)"
    members = f"(SELECT report_id FROM story_reports WHERE story_id IN {stories})"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE units AS SELECT story_id AS unit, "
        f"'{carry.key_of(carrystories.STORIES, run.options)}:' || h AS input "
        f"FROM ({carrystories.stories_seen(stories, members)})"
    )
    db.execute(
        "DELETE FROM units WHERE unit NOT IN (FROM again) AND (unit, input) IN "
        "(SELECT (unit, input) FROM carried WHERE stage = 'reconcile')"
    )
    mine = "(SELECT unit FROM units)"
    gone = [row[0] for row in db.execute("SELECT DISTINCT story_id FROM events EXCEPT SELECT story_id FROM stories "
                                         "ORDER BY 1").fetchall()]  # fmt: skip
    db.execute(
        f"DELETE FROM carried WHERE stage = 'reconcile' AND (unit IN {mine} OR unit NOT IN "
        "(SELECT story_id FROM stories))"
    )
    db.execute(
        "DELETE FROM problems WHERE stage = 'reconcile' AND report_id IN "
        f"(SELECT report_id FROM story_reports WHERE story_id IN {mine})"
    )
    told = told_in("standing.event_mentions", "anchor_start", "standing.")
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE stays AS SELECT mention_id FROM ({told}) SEMI JOIN standing.echoes "
        f"USING (mention_id) WHERE told_in IN (SELECT story_id FROM stories) AND told_in NOT IN {mine}"
    )
    for table in ("event_mentions", "echoes"):
        db.execute(f"INSERT INTO {table} BY NAME SELECT * FROM standing.{table} WHERE mention_id IN (FROM stays)")
    coded = f"(SELECT * FROM event_mentions WHERE event_id IS NULL AND report_id IN {TOUCHED})"
    db.execute(  # what was coded again as it was stays in its event
        f"UPDATE event_mentions SET event_id = s.event_id FROM ({told_in(coded, 'anchor_start')}) m "
        "JOIN standing.event_mentions s USING (mention_id) WHERE event_mentions.mention_id = m.mention_id "
        f"AND s.event_id IS NOT NULL AND m.told_in NOT IN {mine}"
    )
    forgetting.events(work, gone)
    for table in ("asked_by_reconcile", "traced"):
        db.execute(f"DELETE FROM {table} WHERE story_id NOT IN (SELECT story_id FROM stories)")
    todo = [row[0] for row in db.execute(f"{mine} ORDER BY unit").fetchall()]
    db.execute(f"UPDATE stories SET n_origins = 0 WHERE story_id IN {mine}")
    work.worked_on(acrossreports.members(work, todo))
    acrossreports.reconcile(run, todo)
    carrystories.note_stories(work, mine)


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 3)
