"""The cross-report stages joined to the store: each takes whole tables, or whole stories, and puts tables back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import carrystories, forgetting, limits, perreport, schema
from onrecord.errors import panicked
from onrecord.isolating import DIED, Outcome, isolated
from onrecord.laws import broken_spans
from onrecord.text import key
from onrecord.uttering import put_utterances

if TYPE_CHECKING:
    from onrecord.run import Run
    from onrecord.store import Workspace

R = TypeVar("R")

MENTIONS_A_BATCH = 5_000


def update_dates(work: Workspace, dated: pa.Table) -> None:
    """Give reports the publication date and basis that a later stage found."""
    if dated.num_rows:
        work.db.register("dated", dated.select(["report_id", *schema.DATED]))
        work.db.execute(
            f"UPDATE reports SET {', '.join(f'{n} = d.{n}' for n in schema.DATED)} "
            "FROM dated d WHERE reports.report_id = d.report_id"
        )
        work.db.unregister("dated")


REPEATED = 3  # reports of one outlet; two may be one report and its update
LONGEST_REPEAT = 600  # characters; page furniture is shorter
# Share of a report's characters in lines that other reports of its outlet have too, above which it is taken for an
# update or a second printing of one of them, and is no witness that a line is furniture.
BORROWED = 0.5


SOURCE = (
    "coalesce(outlet, nullif(regexp_extract(coalesce(external_id, uri), '^https?://(?:www\\.)?([^/:?#]+)', 1), ''))"
)
"""SQL: the outlet of a report; where unknown, the host of its web address."""


def repeats(run: Run, of: str = "reports") -> None:
    """reports → repeats: page furniture and promos of an outlet, known by standing in many of its reports.

    Counted by outlet (where unknown, by host of the web address), so that agency copy that many outlets reprint does
    not count. One pass over hashes of lines, in SQL. `of` is a query for all reports of some outlets: of these alone.
    """
    db = run.work.db
    run.progress("repeat", 0, 1)
    db.execute(
        "CREATE TEMP TABLE lines AS SELECT report_id, source, hash(line) AS h, length(line) AS size, line FROM ("
        f"SELECT report_id, {SOURCE} AS source, "
        f"trim(unnest(string_split(text, chr(10))), ' ' || chr(9) || chr(13) || chr(160)) AS line FROM {of}"
        ") WHERE source IS NOT NULL AND line <> ''"
    )
    db.execute(
        "CREATE TEMP TABLE spread AS SELECT source, h FROM lines GROUP BY source, h "
        "HAVING count(DISTINCT report_id) > 1"
    )
    db.execute(
        "CREATE TEMP TABLE own AS SELECT report_id FROM lines l LEFT JOIN spread s "
        "ON l.source = s.source AND l.h = s.h "
        f"GROUP BY report_id HAVING coalesce(sum(size) FILTER (s.h IS NOT NULL), 0) <= {BORROWED} * sum(size)"
    )
    db.execute(
        "CREATE TEMP TABLE furniture AS SELECT source, h FROM lines JOIN own USING (report_id) "
        f"WHERE size <= {LONGEST_REPEAT} GROUP BY source, h HAVING count(DISTINCT report_id) >= {REPEATED}"
    )
    db.execute("INSERT INTO repeats SELECT DISTINCT report_id, line FROM lines JOIN furniture USING (source, h)")
    for table in ("lines", "spread", "own", "furniture"):
        db.execute(f"DROP TABLE {table}")
    run.progress("repeat", 1, 1)


def merge_entities(run: Run) -> None:
    """One row an entity, of the rows that each report gave: the value given most often, the smaller one on a tie.

    Names that differ in case or apostrophe are one name. It is written small where a third of the reports write it so:
    a common noun begins sentences and titles too. Names thus stay when a few reports more come in.
    """
    names = [n for n in schema.ENTITIES.schema.names if n not in ("entity_id", "latitude", "longitude", "geonames_id")]
    picks = [(n, n) for n in names if n != "name"]
    picks.append(
        ("spot", "CASE WHEN latitude IS NULL THEN NULL ELSE {'a': latitude, 'b': longitude, 'c': geonames_id} END")
    )
    parts = [
        f"(SELECT entity_id, first(v ORDER BY n DESC, v) AS {name} FROM (SELECT entity_id, {value} AS v, count(*) AS n "
        f"FROM claims WHERE ({value}) IS NOT NULL GROUP BY ALL) GROUP BY entity_id)"
        for name, value in picks
    ]
    small = "sum(CASE WHEN v = lower(v) THEN n ELSE 0 END)"
    parts.append(
        "(SELECT entity_id, first(v ORDER BY m DESC, least, fits DESC, contains(v, '’'), n DESC, v) AS name FROM ("
        "SELECT *, sum(n) OVER w AS m, min(v) OVER w AS least, "
        f"(v = lower(v)) = (3 * {small} OVER w >= sum(n) OVER w) AS fits FROM (SELECT entity_id, name AS v, "
        "lower(replace(name, '’', chr(39))) AS folded, count(*) AS n FROM claims GROUP BY ALL) "
        "WINDOW w AS (PARTITION BY entity_id, folded)) GROUP BY entity_id)"
    )
    joined = " ".join(f"LEFT JOIN {part} USING (entity_id)" for part in parts)
    query = (
        f"SELECT entity_id, {', '.join(names)}, spot.a AS latitude, spot.b AS longitude, spot.c AS geonames_id "
        f"FROM (SELECT DISTINCT entity_id FROM claims) {joined} ORDER BY entity_id"
    )
    run.work.replace("entities", run.work.query(query))


def _isolated(
    run: Run, stage: str, names: Sequence[str], work: Callable[[perreport.Tables], R], **queries: str
) -> Outcome[R]:
    """Work on whole tables, `reports` among them; reports on which it fails are left out and stand in problems.

    `queries` give rows of a table in an order of their own.
    """
    tables = {
        name: run.work.query(queries[name]).cast(schema.table(name).schema) if name in queries else run.work.get(name)
        for name in names
    }
    ids = tables["reports"]["report_id"].to_pylist()
    with run.work.held_small():
        done = isolated(work, tables, ids, allowed(run.options.report_seconds))
        del tables
    if done.aside:
        rows = {r["report_id"]: r for r in run.work.get("reports", list(done.aside)).to_pylist()}
        told = [perreport.problem(rows[i], stage, *why) for i, why in sorted(done.aside.items())]
        run.work.put_rows("problems", told)
    return done


SECONDS_A_REPORT = 1.0
"""Processor seconds, beside those of one report, that a stage over all may take for each; it takes some 0.01."""


def align(run: Run) -> None:
    """reports, segments, credits → alignments, derivations, compared, grams; `compared` is believed where it stands."""
    from onrecord.stages.align import aligned

    run.progress("align", 0, 1)
    names = ("reports", "segments", "credits", "compared")
    given = _isolated(run, "align", names, lambda t: aligned(*(t[n] for n in names))).given
    run.work.db.execute("DELETE FROM compared")
    for name, rows in zip(("alignments", "derivations", "compared", "grams"), given or (), strict=False):
        run.work.put(name, rows)
    run.progress("align", 1, 1)


def group(run: Run) -> None:
    """reports, segments, terms, alignments → stories, story_reports; one on which it fails is a story alone."""
    from onrecord.stages.group import group as group_reports

    run.progress("group", 0, 1)
    names = ("reports", "segments", "alignments", "terms")
    in_time = (
        f"SELECT {', '.join(schema.TERMS.schema.names)} FROM terms JOIN reports USING (report_id) "
        "ORDER BY published_at NULLS LAST, report_id"
    )
    done = _isolated(run, "group", names, lambda t: group_reports(*(t[n] for n in names)), terms=in_time)
    for name, rows in zip(("stories", "story_reports"), done.given or (), strict=False):
        run.work.put(name, rows)
    if done.aside:
        alone = [_alone(row) for row in run.work.get("reports", list(done.aside)).to_pylist()]
        run.work.put_rows("stories", [story for story, _ in alone])
        run.work.put_rows("story_reports", [belongs for _, belongs in alone])
    run.progress("group", 1, 1)


def _alone(report: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of `stories` and `story_reports` for a report that is a story of its own."""
    story_id = key("story", report["report_id"], prefix="s_")
    belongs = {"story_id": story_id, "report_id": report["report_id"], "parts": None}
    days = {"date_start": report["published_day"], "date_end": report["published_day"]}
    return {"story_id": belongs["story_id"], "title": report["title"], **days, "n_reports": 1, "n_origins": 0}, belongs


def date(run: Run) -> None:
    """Reports without a date take their story's, where that is sure; stories get their first and last day."""
    from onrecord.stages.time import date_by_story

    run.progress("date", 0, 1)
    names = ("reports", "story_reports", "alignments")
    reports = _isolated(run, "date", names, lambda t: date_by_story(*(t[n] for n in names))).given
    if reports is not None:
        update_dates(run.work, reports.filter(pc.equal(reports["published_basis"], "story")))
    run.work.db.execute(
        "UPDATE stories SET date_start = d.first, date_end = d.last FROM (SELECT story_id, "
        "min(published_day) AS first, max(published_day) AS last "
        "FROM story_reports JOIN reports USING (report_id) WHERE parts IS NULL GROUP BY story_id) d "
        "WHERE stories.story_id = d.story_id"
    )
    run.progress("date", 1, 1)


def link(run: Run) -> None:
    """Entities that different reports name differently become one."""
    from onrecord.stages.link import link as link_entities

    total = run.work.count("reports")

    def links(tables: perreport.Tables) -> dict[str, str]:
        entities, mentions = tables["entities"], tables["entity_mentions"]
        if tables["reports"].num_rows < total:  # an entity of no report that is left may be what linking fails on
            entities = entities.filter(pc.is_in(entities["entity_id"], value_set=mentions["entity_id"].unique()))
        return link_entities(entities, mentions, tables["reports"], tables["story_reports"])

    run.progress("link", 0, 1)
    work = run.work
    merges = _isolated(run, "link", ("reports", "entities", "entity_mentions", "story_reports"), links).given
    if merges:
        table = pa.table({"old": list(merges), "new": list(merges.values())})
        work.db.register("merges", table)
        work.db.execute(
            "INSERT INTO unlinked BY NAME SELECT * FROM entity_mentions WHERE report_id IN "
            "(SELECT report_id FROM entity_mentions JOIN merges ON old = entity_id)"
        )
        linked = work.query(
            "SELECT report_id, char_start, char_end, coalesce(new, entity_id) AS entity_id, min(form) AS form "
            "FROM entity_mentions LEFT JOIN merges ON old = entity_id WHERE report_id IN "
            "(SELECT report_id FROM unlinked) GROUP BY ALL ORDER BY ALL"
        )
        work.db.execute("DELETE FROM entity_mentions WHERE report_id IN (SELECT report_id FROM unlinked)")
        work.put("entity_mentions", linked)
        work.db.execute("DELETE FROM entities WHERE entity_id IN (SELECT old FROM merges)")
        work.db.unregister("merges")
    run.progress("link", 1, 1)


def utterances(run: Run) -> None:
    """The same words by the same source in several reports get one utterance id."""
    from onrecord.stages.attribute import shares
    from onrecord.stages.attribute import utterances as find_utterances

    def same(tables: perreport.Tables) -> tuple[dict[str, str], dict[str, float]]:
        found = find_utterances(tables["attributions"], tables["reports"], tables["sayings"])
        return found, shares(tables["attributions"], found)

    run.progress("utterances", 0, 1)
    found, kept = _isolated(run, "utterances", ("reports", "attributions", "sayings"), same).given or ({}, {})
    put_utterances(run.work, found, kept)
    run.progress("utterances", 1, 1)


STORY_TABLES = (
    "reports", "segments", "credits", "entity_mentions", "timexes", "attributions", "story_reports", "event_mentions",
)  # fmt: skip


def reconcile(run: Run, stories: Iterable[str] | None = None, *, recoded: bool = False) -> None:
    """Whole stories, batch by batch → events, origins, ledger, effects, and the event of each mention.

    In a build, stories that are as they were in the standing record are taken from it. With `stories`, those of them
    alone: what was known of their events, also of ones that are no more, goes. Where nothing but mentions was
    `recoded`, events stay whose mentions are those that `traced` knows.
    """
    work = run.work
    if stories is None:
        only = carrystories.take_stories(work, run.options)
        work.worked_on(members(work, only))
    else:
        only = sorted(set(stories))
        (forgetting.mentions if recoded else forgetting.events)(work, only)
    done = 0
    run.progress("reconcile", 0, len(only))
    gathered: dict[str, list[pa.Table]] = {}
    for given in run.engine.map(
        partial(reconcile_stories, seconds=run.options.report_seconds, least_confidence=run.options.least_confidence),
        _stories(run, only),
        on_death=partial(run.died, "reconcile"),
        split=partial(_halves, run.work),
        save=partial(_saved, run.options.report_seconds),
        small=run.few(members(work, only)),
    ):
        done += given["stories"].num_rows
        for name, rows in given.items():
            gathered.setdefault(name, []).append(rows)
        run.progress("reconcile", done, len(only))
    forgetting.rows(work, only, gathered)
    for name, parts in gathered.items():
        rows = pa.concat_tables(parts)
        if name == "event_mentions":
            work.db.register("given", rows)
            work.db.execute(
                "INSERT INTO echoes BY NAME SELECT mention_id, report_id FROM given "
                "WHERE mention_id NOT IN (SELECT mention_id FROM event_mentions)"
            )
            work.db.unregister("given")
        if name in ("event_mentions", "stories"):
            column = "story_id" if name == "stories" else "mention_id"
            ids = rows.column(column).unique().to_pylist()
            work.db.execute(f"DELETE FROM {name} WHERE {column} IN (SELECT unnest($1::VARCHAR[]))", [ids])
        work.put(name, rows)
    if stories is None:
        carrystories.note_stories(work)


def members(work: Workspace, stories: list[str]) -> list[str]:
    """The reports of these stories."""
    query = "SELECT DISTINCT report_id FROM story_reports WHERE story_id IN (SELECT unnest($1::VARCHAR[]))"
    return [row[0] for row in work.db.execute(query, [stories]).fetchall()]


def reconcile_stories(tables: perreport.Tables, seconds: float = 0, least_confidence: float = 0) -> perreport.Tables:
    """`reconcile` on some stories; rows that would break a law are refused and noted.

    Where it fails, or takes more than `seconds` of processor time and `SECONDS_A_REPORT` for each report (0: no bound),
    it goes on with one story at a time, and within a story with all reports but those that make it fail: these are
    noted, and their mentions stay in no event.
    """
    bound = allowed(seconds)
    attempt = partial(_reconciled, least_confidence=least_confidence)
    if tables["stories"].num_rows > 1:
        try:
            with limits.at_most(bound(tables["reports"].num_rows)):
                return attempt(tables)
        except BaseException as error:
            if not isinstance(error, Exception | limits.TimeLimitError) and not panicked(error):
                raise
            alone = [_story_of(tables, s) for s in tables["stories"]["story_id"].to_pylist()]
            parts = [reconcile_stories(story, seconds, least_confidence) for story in alone]
            return {name: pa.concat_tables([p[name] for p in parts]) for name in parts[0]}
    ids = tables["reports"]["report_id"].to_pylist()
    return _with_problems(tables, isolated(attempt, tables, ids, bound))


def _saved(seconds: float, attempt: Callable[[perreport.Tables], perreport.Tables], tables: perreport.Tables) -> Any:
    """`reconcile_stories` of one story whose worker died: of all its reports but those on which workers die.

    `attempt` is a try in a worker of its own.
    """
    ids = tables["reports"]["report_id"].to_pylist()
    return _with_problems(tables, isolated(attempt, tables, ids, allowed(seconds), ("worker-died", DIED)))


def allowed(seconds: float) -> Callable[[int], float]:
    """Processor seconds that a stage may take for so many reports together, of those that one may take; 0: any."""
    return lambda n: seconds + SECONDS_A_REPORT * n if seconds else 0


NOTHING = ("events", "origins", "ledger", "traced", "effects", "asked_by_reconcile", "problems")


def _with_problems(tables: perreport.Tables, done: Outcome[perreport.Tables]) -> perreport.Tables:
    """What reconciling a story gave, and a row of `problems` for each report that was put aside."""
    from onrecord.stages.reconcile import own_mentions

    given = done.given
    if given is None or len(done.aside) == tables["reports"].num_rows:
        given = {name: schema.table(name).empty() for name in NOTHING}
        mentions = own_mentions(tables["event_mentions"], tables["story_reports"], tables["stories"])
        given |= {"event_mentions": mentions, "stories": tables["stories"]}
    reports = {r["report_id"]: r for r in tables["reports"].select(["report_id", "uri"]).to_pylist()}
    noted = [perreport.problem(reports[i], "reconcile", *why) for i, why in sorted(done.aside.items())]
    return {**given, "problems": pa.concat_tables([given["problems"], schema.PROBLEMS.from_rows(noted)])}


def _story_of(tables: perreport.Tables, story_id: str) -> perreport.Tables:
    """The rows of one story, of tables that hold several, and all of where its reports belong."""
    members = tables["story_reports"].filter(pc.equal(tables["story_reports"]["story_id"], story_id))
    out = {
        "stories": tables["stories"].filter(pc.equal(tables["stories"]["story_id"], story_id)),
    }
    for name, rows in tables.items():
        column = "report_a" if name == "alignments" else "report_id"
        if name not in out:
            wanted = column in rows.schema.names
            out[name] = rows.filter(pc.is_in(rows[column], value_set=members["report_id"])) if wanted else rows
    return out


def _halves(work: Workspace, tables: perreport.Tables) -> list[perreport.Tables]:
    stories = tables["stories"]["story_id"].to_pylist()
    belongs = tables["story_reports"].to_pylist()
    halves = [h for h in (stories[: len(stories) // 2], stories[len(stories) // 2 :]) if h]
    return [
        _story_tables(work, half, sorted({r["report_id"] for r in belongs if r["story_id"] in half})) for half in halves
    ]


def _reconciled(tables: perreport.Tables, least_confidence: float = 0) -> perreport.Tables:
    from onrecord.stages.reconcile import reconcile as reconcile_tables

    out = dict(reconcile_tables(tables, least_confidence))
    texts = {r["report_id"]: r for r in tables["reports"].select(["report_id", "uri", "text"]).to_pylist()}
    problems = []
    for name in ("ledger",):
        kept = []
        for row in out[name].to_pylist():
            report = texts[row["report_id"]]
            broken = next(broken_spans(schema.table(name), report["text"], [row]), None)
            if broken:
                problems.append(perreport.problem(report, "reconcile", "law-broken", f"{name}: {broken[1]}"))
            else:
                kept.append(row)
        out[name] = schema.table(name).from_rows(kept)
    out["problems"] = schema.PROBLEMS.from_rows(problems)
    return out


def _stories(run: Run, only: list[str]) -> Iterator[perreport.Tables]:
    work = run.work
    sizes = work.db.execute(
        "SELECT story_id, list(DISTINCT report_id), count(mention_id) FROM story_reports "
        "LEFT JOIN event_mentions USING (report_id) WHERE story_id IN (SELECT unnest($1::VARCHAR[])) "
        "GROUP BY story_id ORDER BY story_id",
        [only],
    ).fetchall()
    stories: list[str] = []
    reports: list[str] = []
    size = 0
    for n, (story_id, report_ids, mentions) in enumerate(sizes):
        stories.append(story_id)
        reports.extend(report_ids)
        size += mentions
        if size >= MENTIONS_A_BATCH or n + 1 == len(sizes):
            yield _story_tables(work, stories, sorted(set(reports)))
            stories, reports, size = [], [], 0


def _story_tables(work: Workspace, stories: list[str], reports: list[str]) -> perreport.Tables:
    tables = {name: work.get(name, reports) for name in STORY_TABLES}
    tables["stories"] = work.query("SELECT * FROM stories WHERE story_id IN (SELECT unnest(?)) ORDER BY 1", [stories])
    tables["alignments"] = work.query(
        "SELECT * FROM alignments WHERE report_a IN (SELECT unnest($1)) AND report_b IN (SELECT unnest($1)) "
        "ORDER BY ALL",
        [reports],
    )
    tables["derivations"] = work.query(
        "SELECT * FROM derivations WHERE report_id IN (SELECT unnest(?)) ORDER BY ALL", [reports]
    )
    tables["entities"] = work.query(
        "SELECT * FROM entities WHERE entity_id IN "
        "(SELECT entity_id FROM entity_mentions WHERE report_id IN (SELECT unnest(?))) ORDER BY entity_id",
        [reports],
    )
    tables["traced"] = work.query("SELECT * FROM traced WHERE story_id IN (SELECT unnest(?)) ORDER BY 1", [stories])
    tables["anchors"] = work.query("SELECT * FROM anchors WHERE story_id IN (SELECT unnest(?)) ORDER BY ALL", [stories])
    tables["corrections"] = work.query(
        "SELECT * FROM corrections WHERE correction_id IN "
        "(SELECT correction_id FROM anchors WHERE story_id IN (SELECT unnest(?))) ORDER BY correction_id",
        [stories],
    )
    return {name: t.cast(schema.table(name).schema) for name, t in tables.items()}
