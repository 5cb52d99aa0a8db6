"""The whole flow, stage by stage, from inputs to a record. `PLAN` is the table of contents of the product.

A stage names the tables it reads and writes; `check_plan` fails at once when one asks for what nobody has written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import acrossreports, annotating, carry, carrystories, collecting, perreport, schema
from onrecord.bearing import actors_bear, actors_told, lengths_bear, lengths_told
from onrecord.correcting import stage as correcting
from onrecord.engines import engine as chosen_engine
from onrecord.engines.local import LocalEngine
from onrecord.errors import LawError, UsageError
from onrecord.intake import nothing_read, read_reports
from onrecord.options import Options
from onrecord.refusing import cover, refuse
from onrecord.run import Progress, Run
from onrecord.stages import annotate
from onrecord.store import Workspace
from onrecord.touching import ontology_bears, ontology_told

SMALL_CHARACTERS = 150_000  # below this a pool of processes costs more to start (3 s) than it saves


@dataclass
class Summary:
    """What a build made: counts, and the seconds each stage took.

    `input_problems` are those of the inputs given this time, `unread` what was said of those that gave no report;
    `refused` are problems of rows that broke a law.
    """

    reports: int = 0
    stories: int = 0
    events: int = 0
    origins: int = 0
    problems: int = 0
    input_problems: int = 0
    unread: list[str] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)

    def take_stock(self, work: Workspace) -> None:
        """Count what the tables hold."""
        self.stories, self.events = work.count("stories"), work.count("events")
        self.origins, self.problems = work.count("origins"), work.count("problems")
        self.refused = work.count("problems", "reason = 'law-broken'")


@dataclass(frozen=True)
class Stage:
    """One stage: what it reads, what it writes, and the function that does it."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Run], None]
    unit: carry.Unit | carry.Whole | None = None
    """Where its outputs are taken over by their hashes."""
    met: carry.Met | None = None
    """What else it reads, of which a report meets a part."""
    work: Callable[[Run, Sequence[str]], None] | None = None
    """What it does with some reports, of a stage that works on one report at a time."""


def per_report(
    name: str,
    function: Callable[[perreport.Tables, Options], perreport.Tables],
    reads: str,
    writes: str,
    *,
    code: str,
    options: str = "",
    met: carry.Met | None = None,
) -> Stage:
    """A stage that works on one report at a time: batches of reports go to the engine, rows come back.

    Reports for which the standing record holds what it would give are left out; `code` are the folders under stages/
    and `options` the options that it rests on; `met` is what else it reads of which a report meets a part.
    """
    tables = tuple(reads.split())
    unit = carry.Unit(name, tables, tuple(writes.split()), tuple(code.split()), tuple(options.split()))

    def work(run: Run, todo: Sequence[str]) -> None:
        run.work.worked_on(todo)
        total = len(todo)
        done = 0
        run.progress(name, 0, total)
        results = run.engine.map(
            partial(_call, function, run.options),
            payloads(run.work, name, tables, todo),
            on_death=partial(run.died, name),
            split=perreport.halves,
            small=run.few(todo),
        )
        gathered: dict[str, list[pa.Table]] = {}
        for given in results:
            done += given.pop("n")
            for table, rows in given.items():
                gathered.setdefault(table, []).append(rows)
            run.progress(name, min(done, total), total)
        for table, parts in gathered.items():
            if table == "reports":
                acrossreports.update_dates(run.work, pa.concat_tables(parts))
            else:
                run.work.put(table, pa.concat_tables(parts))

    def run(run: Run) -> None:
        work(run, carry.take(run.work, unit, run.options, met))
        carry.note(run.work, unit, run.options, met)

    return Stage(name, tables, unit.writes, run, unit, met, work)


def over_all(whole: carry.Whole, function: Callable[[Run], None], writes: str) -> Stage:
    """A stage that looks at all reports together: left out where the standing record holds what it would give."""

    def run(run: Run) -> None:
        if carry.take_whole(run.work, whole, run.options):
            run.progress(whole.name, 0, 0)
        else:
            function(run)
            run.work.remade([table for table, _ in whole.gives if table != "attributions"])
        if not run.work.count(
            "problems", f"stage = '{whole.name}' AND report_id IS NOT NULL"
        ):  # such a one is run again
            carry.note_whole(run.work, whole)

    return Stage(whole.name, whole.reads, tuple(writes.split()), run, whole)


def _call(
    function: Callable[[perreport.Tables, Options], perreport.Tables], options: Options, tables: perreport.Tables
) -> dict[str, Any]:
    return {**function(tables, options), "n": tables["reports"].num_rows}


BATCHES_A_QUERY = 16  # each query reads a whole table; with one a batch, 20,000 reports took minutes to hand out


def payloads(
    work: Workspace, stage: str, tables: Sequence[str], report_ids: Sequence[str]
) -> Iterator[perreport.Tables]:
    """The rows of these tables about these reports, as the stage sees them, batch by batch."""
    batches = work.batches(report_ids)
    while some := list(islice(batches, BATCHES_A_QUERY)):
        ids = [i for batch in some for i in batch]
        whole = {t: work.get(t, ids) for t in tables if t not in ("parses", "entities")}
        if "parses" in tables:
            whole["parses"] = _referred(work, "parses", "parse_key", whole["paragraphs"]["parse_key"])
        if "entities" in tables:
            whole["entities"] = _referred(work, "entities", "entity_id", whole["entity_mentions"]["entity_id"])
        for batch in some:
            payload = {t: _only(rows, "report_id", pa.array(batch)) for t, rows in whole.items() if t not in _REFERRED}
            for t, (holder, column) in _REFERRED.items():
                if t in whole:
                    payload[t] = _only(whole[t], column, payload[holder][column].unique())
            yield payload


_REFERRED = {"parses": ("paragraphs", "parse_key"), "entities": ("entity_mentions", "entity_id")}


def _only(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    """The rows whose column has one of the values, in their order, as a table of its own."""
    return table.filter(pc.is_in(table[column], value_set=values)).combine_chunks()


def _referred(work: Workspace, table: str, column: str, values: pa.ChunkedArray) -> pa.Table:
    query = f"SELECT * FROM {table} WHERE {column} IN (SELECT unnest(?)) ORDER BY {column}"
    return work.query(query, [values.unique().to_pylist()]).cast(schema.table(table).schema)


PARSED = "reports segments credits paragraphs parses"
RESOLVED = f"{PARSED} entity_mentions entities"
CORRECTED = ("stories", "story_reports", "entities", "entity_mentions", "attributions", "event_mentions")

PLAN: tuple[Stage, ...] = (
    Stage(
        "correct reports",
        ("reports", "corrections"),
        ("reports", "originals", "effects"),
        lambda run: correcting.correct_reports(run.work),
    ),
    Stage("repeat", ("reports",), ("repeats",), acrossreports.repeats),
    per_report(
        "segment",
        perreport.segment_reports,
        "reports marks repeats",
        "segments credits terms paragraphs",
        code="segment group annotate",
        options="model",
        met=carry.Met(lengths_told, lengths_bear),
    ),
    Stage("annotate", ("reports", "paragraphs"), ("parses",), annotating.annotate_paragraphs),
    per_report(
        "resolve",
        perreport.resolve_reports,
        PARSED,
        "reports claims entity_mentions",
        code="resolve time annotate",
        met=carry.Met(actors_told, actors_bear),
    ),
    Stage("merge entities", ("claims",), ("entities",), acrossreports.merge_entities),
    over_all(carry.ALIGN, acrossreports.align, "alignments derivations"),
    over_all(carry.GROUP, acrossreports.group, "stories story_reports"),
    Stage("date", ("reports", "story_reports", "alignments"), ("reports",), acrossreports.date),
    over_all(carry.LINK, acrossreports.link, "entities entity_mentions"),
    per_report("time", perreport.find_times, PARSED, "timexes", code="time annotate"),
    per_report(
        "attribute",
        perreport.attribute_reports,
        f"{RESOLVED} timexes",
        "attributions sayings asked_by_attribute",
        code="attribute annotate",
    ),
    over_all(carry.UTTERANCES, acrossreports.utterances, "attributions"),
    per_report(
        "code",
        perreport.code_reports,
        f"{RESOLVED} timexes attributions",
        "event_mentions asked_by_code",
        code="code annotate",
        met=carry.Met(ontology_told, ontology_bears),
    ),
    Stage(
        "correct",
        (*CORRECTED, "reports", "segments", "corrections"),
        (*CORRECTED, "originals", "anchors", "effects"),
        lambda run: _nothing(correcting.correct(run.work)),
    ),
    Stage(
        "reconcile",
        (
            *RESOLVED.split(),
            "timexes",
            "attributions",
            "alignments",
            "derivations",
            "stories",
            "event_mentions",
            "anchors",
            "corrections",
        ),
        ("events", "origins", "ledger", "asked_by_reconcile", "traced", "effects", "event_mentions", "stories"),
        acrossreports.reconcile,
        carrystories.STORIES,
    ),
    Stage("settle", ("corrections", "effects"), ("effects", "problems"), lambda run: correcting.settle(run.work)),
)


GIVEN = frozenset({"reports", "marks", "problems", "corrections"})
"""Tables that are filled before the first stage."""


def _nothing(_: object) -> None:
    """For a step whose answer a build has no use for."""


def check_plan(plan: Sequence[Stage] = PLAN) -> None:
    """Raise `UsageError` when a stage reads a table that nothing before it writes."""
    written = set(GIVEN)
    for stage in plan:
        missing = [t for t in stage.reads if t not in written]
        if missing:
            raise UsageError(f"stage {stage.name} reads {', '.join(missing)}, which no stage before it writes")
        written.update(stage.writes)


def check_options(options: Options) -> None:
    """Load what the options name before any work begins; raises `UsageError` where that is missing or faulty."""
    from onrecord.stages.code import load_ontology

    annotate.version(options.model)
    if options.actors:
        from onrecord.stages.resolve import load

        load(tuple(Path(p) for p in options.actors))
    load_ontology(Path(options.ontology) if options.ontology else None)


def build(
    inputs: Iterable[str | Path],
    out: str | Path = "record.duckdb",
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Read reports and put on the record what happened, once, at `out`; what stood there stays until this is whole.

    `inputs` are files, folders, globs, or web addresses of pages and feeds; fetched pages are kept beside `out`, in
    `out`.fetched, and fetched again only when they changed. Raises `UsageError` when no report could be read
    at all, `RecordError` when `out` cannot be written.
    """
    given = [str(i) for i in inputs]
    return make(out, lambda run: _nothing(read_reports(run, given)), options=options, progress=progress)


def make(
    out: str | Path,
    read: Callable[[Run], None],
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Write the record of the reports that `read` puts into the tables `reports` and `marks`.

    What the standing record holds of the same reports, from the same stages and options, is taken over.
    """
    options = options or Options()
    check_plan()
    check_options(options)
    started = time.perf_counter()
    summary = Summary()
    told: Progress = progress or (lambda stage, done, total: None)
    with Workspace(out) as work, chosen_engine(options) as engine, collecting.seldom_in():
        work.known_corrections()
        work.attach_standing()
        run = Run(work, engine, options, told, small_characters=SMALL_CHARACTERS)
        plan: list[tuple[str, Callable[[], None]]] = [("read", partial(_read, run, read, summary))]
        plan += [(stage.name, partial(lawfully, stage, run)) for stage in PLAN]
        for name, step in plan:
            at = time.perf_counter()
            step()
            summary.stage_seconds[name] = round(time.perf_counter() - at, 3)
        told("store", 0, 1)
        at = time.perf_counter()
        work.finish(facts_of(options), mend=partial(refuse, work, "store", texts=True))
        told("store", 1, 1)
        summary.stage_seconds["store"] = round(time.perf_counter() - at, 3)
        summary.take_stock(work)
    summary.seconds = round(time.perf_counter() - started, 2)
    return summary


def facts_of(options: Options) -> dict[str, Any]:
    """What a record says of how it was made."""
    told = {k: v for k, v in asdict(options).items() if k not in _UNSAID}
    return {"options": told, "parser": annotate.version(options.model)}


def lawfully(stage: Stage, run: Run, step: Callable[[Run], None] | None = None) -> None:
    """Run a stage, or `step` in its place; what it gave that breaks a law is refused before the next stage reads it."""
    try:
        (step or stage.run)(run)
    except LawError as error:  # a table of a stage that looks at all reports, not as it is declared
        nobody = {"uri": "all reports", "report_id": None}
        run.work.put_rows("problems", [perreport.problem(nobody, stage.name, "law-broken", str(error))])
    if "segments" in stage.writes:
        cover(run.work)
    before = PLAN[: PLAN.index(stage) + 1]
    known = GIVEN.union(*(s.writes for s in before))
    refuse(run.work, stage.name, stage.writes, known)


def _read(run: Run, read: Callable[[Run], None], summary: Summary) -> None:
    work = run.work
    if not work.count("corrections"):  # they may change any row
        work.keep_lawful(carry.CARRIED)
    read(run)
    summary.reports = work.count("reports")
    summary.input_problems, summary.unread = run.input_problems, run.unread
    if not summary.reports:
        raise UsageError(nothing_read(run))
    _note_as_read(run)


def _note_as_read(run: Run) -> None:
    """Keep what the input says of each report, and see how much there is to do."""
    names = ", ".join(schema.AS_READ.schema.names)
    run.work.db.execute(f"INSERT INTO as_read BY NAME SELECT {names} FROM reports")
    run.small = _characters(run.work) < SMALL_CHARACTERS


_UNSAID = ("workers", "engine", "master", "report_seconds", "worker_mib")  # how it was made, not what was made


def correct(out: str | Path, corrections: pa.Table, *, progress: Progress | None = None) -> None:
    """Add rows of `corrections` to a standing record and apply them; only what they touch is made anew.

    A correction of a report (its date, its outlet) bears on all that rests on it: then every stage runs again, on the
    reports and parses that the record holds. Rows that would break a law are refused, as in a build. Raises
    `RecordError` when there is no record or another process writes it, and leaves it as it was.
    """
    with Workspace(out) as work, LocalEngine() as engine, collecting.seldom_in():
        facts = work.take_over()
        work.put("corrections", corrections)
        run = Run(work, engine, stored_options(facts), progress or (lambda stage, done, total: None), small=True)
        if correcting.concern_reports(work, corrections):
            check_options(run.options)
            run.small_characters = SMALL_CHARACTERS
            correcting.as_read(work)
            _note_as_read(run)
            work.attach_standing()
            for stage in PLAN:
                lawfully(stage, run)
        else:
            acrossreports.reconcile(run, correcting.correct(work))
            correcting.settle(work)
        work.finish(facts, mend=partial(refuse, work, "store", texts=True))


def stored_options(facts: dict[str, Any]) -> Options:
    """The options with which a record was made, as far as this version knows them."""
    told: dict[str, Any] = json.loads(facts.get("options") or "{}")
    known = {f.name for f in fields(Options)}
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in told.items() if n in known}
    return Options(**given)


def _characters(work: Workspace) -> int:
    return int(work.query("SELECT coalesce(sum(length(text)), 0) AS n FROM reports").to_pylist()[0]["n"])
