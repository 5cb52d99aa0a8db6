"""The whole flow, stage by stage, from inputs to a record. `PLAN` is the table of contents of the product.

A stage names the tables it reads and writes; `check_plan` fails at once when one asks for what nobody has written.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import acrossreports, perreport, schema
from onrecord.correcting import stage as correcting
from onrecord.engines.local import LocalEngine
from onrecord.errors import UsageError
from onrecord.model import RawReport
from onrecord.options import Options
from onrecord.run import Progress, Run
from onrecord.stages import annotate
from onrecord.store import Workspace
from onrecord.text import key

SMALL_CHARACTERS = 150_000  # below this a pool of processes costs more to start (3 s) than it saves


@dataclass
class Summary:
    """What a build made: counts, and the seconds each stage took."""

    reports: int = 0
    stories: int = 0
    events: int = 0
    origins: int = 0
    problems: int = 0
    input_problems: int = 0
    seconds: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """One stage: what it reads, what it writes, and the function that does it."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    run: Callable[[Run], None]


def per_report(
    name: str, function: Callable[[perreport.Tables, Options], perreport.Tables], reads: str, writes: str
) -> Stage:
    """A stage that works on one report at a time: batches of reports go to the engine, rows come back."""
    tables = tuple(reads.split())

    def run(run: Run) -> None:
        total = run.work.count("reports")
        done = 0
        run.progress(name, 0, total)
        work = partial(_call, function, run.options)
        died = partial(run.died, name)
        results = run.engine.map(
            work, _payloads(run.work, tables), on_death=died, split=perreport.halves, small=run.small
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

    return Stage(name, tables, tuple(writes.split()), run)


def _call(
    function: Callable[[perreport.Tables, Options], perreport.Tables], options: Options, tables: perreport.Tables
) -> dict[str, Any]:
    return {**function(tables, options), "n": tables["reports"].num_rows}


BATCHES_A_QUERY = 16  # each query reads a whole table; with one a batch, 20,000 reports took minutes to hand out


def _payloads(work: Workspace, tables: Sequence[str]) -> Iterator[perreport.Tables]:
    batches = work.batches()
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


def annotate_paragraphs(run: Run) -> None:
    """paragraphs → parses: each distinct paragraph that no earlier build parsed, batched by length."""
    run.work.known_parses()
    fresh = run.work.query(
        "SELECT p.parse_key, min(substr(r.text, p.char_start + 1, p.char_end - p.char_start)) AS words "
        "FROM paragraphs p JOIN reports r USING (report_id) "
        "WHERE p.parse_key NOT IN (SELECT parse_key FROM parses) GROUP BY p.parse_key ORDER BY length(words), parse_key"
    ).to_pylist()
    total = len(fresh)
    run.progress("annotate", 0, total)
    batches: list[perreport.Paragraphs] = []
    seconds = float(run.options.report_seconds)
    batch: list[tuple[str, str]] = []
    size = 0
    for row in fresh:
        batch.append((row["parse_key"], row["words"]))
        size += len(row["words"])
        if size > 60_000:
            batches.append((run.options.model, seconds, batch))
            batch, size = [], 0
    if batch:
        batches.append((run.options.model, seconds, batch))
    done = 0

    for parses in run.engine.map(
        perreport.parse_paragraphs,
        batches,
        on_death=lambda payload: None,
        split=perreport.halved_paragraphs,
        small=run.small,
    ):
        run.work.put("parses", parses)
        done += parses.num_rows
        run.progress("annotate", done, total)
    _put_aside_unparsed(run)


def _put_aside_unparsed(run: Run) -> None:
    """Paragraphs that killed their worker or took too long have no parse: noted, and left out from here on."""
    work = run.work
    hit = work.query(
        "SELECT DISTINCT r.report_id, r.uri, p.char_start, p.char_end FROM paragraphs p JOIN reports r "
        "USING (report_id) WHERE parse_key NOT IN (SELECT parse_key FROM parses) ORDER BY ALL"
    ).to_pylist()
    work.put_rows(
        "problems",
        [
            perreport.problem(
                r,
                "annotate",
                "worker-died",
                f"the paragraph at {r['char_start']}-{r['char_end']} could not be parsed: it took too long or too much "
                "memory; see the options report_seconds and worker_mib",
            )
            for r in hit
        ],
    )
    work.db.execute("DELETE FROM paragraphs WHERE parse_key NOT IN (SELECT parse_key FROM parses)")


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
    per_report("segment", perreport.segment_reports, "reports marks repeats", "segments credits paragraphs"),
    Stage("annotate", ("reports", "paragraphs"), ("parses",), annotate_paragraphs),
    per_report("resolve", perreport.resolve_reports, PARSED, "entities entity_mentions"),
    Stage("merge entities", ("entities",), ("entities",), acrossreports.merge_entities),
    Stage("align", ("reports", "segments", "credits"), ("alignments", "derivations"), acrossreports.align),
    Stage(
        "group",
        ("reports", "segments", "alignments"),
        ("stories", "story_reports"),
        acrossreports.group,
    ),
    Stage("date", ("reports", "story_reports", "alignments"), ("reports",), acrossreports.date),
    Stage(
        "link", ("entities", "entity_mentions", "story_reports"), ("entities", "entity_mentions"), acrossreports.link
    ),
    per_report("time", perreport.find_times, PARSED, "timexes"),
    per_report("attribute", perreport.attribute_reports, f"{RESOLVED} timexes", "attributions"),
    Stage("utterances", ("attributions", "reports"), ("attributions",), acrossreports.utterances),
    per_report("code", perreport.code_reports, f"{RESOLVED} timexes attributions", "event_mentions"),
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
        ("events", "origins", "ledger", "effects"),
        acrossreports.reconcile,
    ),
    Stage("settle", ("corrections", "effects"), ("effects", "problems"), lambda run: correcting.settle(run.work)),
)


def _nothing(_: object) -> None:
    """All stories are reconciled in a build, whichever a correction touches."""


def check_plan(plan: Sequence[Stage] = PLAN) -> None:
    """Raise `UsageError` when a stage reads a table that nothing before it writes."""
    written = {"reports", "marks", "problems", "corrections"}
    for stage in plan:
        missing = [t for t in stage.reads if t not in written]
        if missing:
            raise UsageError(f"stage {stage.name} reads {', '.join(missing)}, which no stage before it writes")
        written.update(stage.writes)


def check_options(options: Options) -> None:
    """Load what the options name before any work begins; raises `UsageError` where that is missing or faulty."""
    from onrecord.stages.code import load_ontology
    from onrecord.stages.resolve import load

    annotate.version(options.model)
    load(tuple(Path(p) for p in options.actors))
    load_ontology(Path(options.ontology) if options.ontology else None)


def read_reports(run: Run, inputs: Iterable[str]) -> None:
    """inputs → reports, marks; what cannot be read → problems."""
    from onrecord.stages.read import read

    reports: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    seen: dict[str, str] = {}

    def on_problem(uri: str, reason: str, detail: str) -> None:
        problems.append({"uri": _clean(uri), "stage": "read", "reason": reason, "detail": _clean(detail)[:2000]})

    def flush() -> None:
        for name, rows in (("reports", reports), ("marks", marks), ("problems", problems)):
            run.work.put_rows(name, rows)
            rows.clear()

    cache = run.work.target.with_name(run.work.target.name + ".fetched")
    for raw in read(inputs, on_problem=on_problem, cache=cache):
        row = report_row(raw)
        first = seen.setdefault(row["report_id"], row["uri"])
        if first != row["uri"] or any(r["report_id"] == row["report_id"] for r in reports[-1:]):
            on_problem(raw.uri, "duplicate", f"the same report as {first}; counted once")
            continue
        reports.append(row)
        marks.extend({"report_id": row["report_id"], **m.span.row(), "kind": m.kind} for m in raw.marks)
        if len(reports) % 500 == 0:
            flush()
        run.progress("read", len(seen), None)
    flush()
    run.progress("read", len(seen), len(seen))


def report_row(raw: RawReport) -> dict[str, Any]:
    """A report as read, as a row; its id rests on name, outlet and text, never on where the input folder stands."""
    text = _clean(raw.text)
    name = raw.external_id or (raw.uri if "://" in raw.uri else PurePath(raw.uri).name)
    return {
        "report_id": key(_clean(name), _opt(raw.outlet), text, prefix="r_"),
        "external_id": _opt(raw.external_id),
        "uri": _clean(raw.uri),
        "outlet": _opt(raw.outlet),
        "title": _opt(raw.title),
        "byline": _opt(raw.byline),
        "language": _opt(raw.language),
        "published_at": raw.published,
        "published_basis": "metadata" if raw.published else None,
        "text": text,
        "ingested_at": raw.fetched,
    }


def _clean(text: str) -> str:
    """Lone surrogates, which no UTF-8 can hold, become U+FFFD, one for one; all else stays."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        text.encode("utf-8")
        return False
    return True


def _opt(text: str | None) -> str | None:
    return _clean(text) if text else None


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
    options = options or Options()
    check_plan()
    check_options(options)
    started = time.perf_counter()
    summary = Summary()
    told: Progress = progress or (lambda stage, done, total: None)
    with Workspace(out) as work, LocalEngine(options.workers, options.worker_mib) as engine:
        work.known_corrections()
        run = Run(work, engine, options, told)
        plan: list[tuple[str, Callable[[], None]]] = [("read", partial(read_reports, run, [str(i) for i in inputs]))]
        plan += [(stage.name, partial(stage.run, run)) for stage in PLAN]
        for name, step in plan:
            at = time.perf_counter()
            step()
            summary.stage_seconds[name] = round(time.perf_counter() - at, 3)
            if name == "read":
                summary.reports = work.count("reports")
                summary.input_problems = work.count("problems", "reason NOT IN ('duplicate', 'live-blog')")
                if not summary.reports:
                    raise UsageError(_nothing_read(work))
                run.small = _characters(work) < SMALL_CHARACTERS
        summary.stories, summary.events = work.count("stories"), work.count("events")
        summary.origins = work.count("origins")
        summary.problems = work.count("problems")
        facts = {k: v for k, v in asdict(options).items() if k not in _UNSAID}
        work.finish({"options": facts, "parser": annotate.version(options.model)})
    summary.seconds = round(time.perf_counter() - started, 2)
    return summary


_UNSAID = ("workers", "report_seconds", "worker_mib")  # how it was made, not what was made


def correct(out: str | Path, corrections: pa.Table, *, progress: Progress | None = None) -> None:
    """Add rows of `corrections` to a standing record and apply them; only what they touch is made anew.

    A correction of a report (its date, its outlet) bears on all that rests on it: then every stage runs again, on the
    reports and parses that the record holds. Raises `RecordError` when there is no record or another process writes
    it, and leaves it as it was.
    """
    with Workspace(out) as work, LocalEngine() as engine:
        facts = work.take_over()
        work.put("corrections", corrections)
        run = Run(work, engine, _options(facts), progress or (lambda stage, done, total: None), small=True)
        if correcting.concern_reports(work, corrections):
            check_options(run.options)
            run.small = _characters(work) < SMALL_CHARACTERS
            correcting.as_read(work)
            for stage in PLAN:
                stage.run(run)
        else:
            acrossreports.reconcile(run, correcting.correct(work))
            correcting.settle(work)
        work.finish(facts)


def _options(facts: dict[str, Any]) -> Options:
    """The options with which a record was made, as far as this version knows them."""
    told: dict[str, Any] = json.loads(facts.get("options") or "{}")
    known = {f.name for f in fields(Options)}
    given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in told.items() if n in known}
    return Options(**given)


def _characters(work: Workspace) -> int:
    return int(work.query("SELECT coalesce(sum(length(text)), 0) AS n FROM reports").to_pylist()[0]["n"])


def _nothing_read(work: Workspace) -> str:
    rows = work.db.execute("SELECT uri, reason, detail FROM problems ORDER BY uri LIMIT 5").fetchall()
    shown = "\n".join(f"  {uri}: {detail or reason}" for uri, reason, detail in rows)
    return f"no report could be read; nothing was written\n{shown}" if rows else "no inputs; see onrecord build --help"
