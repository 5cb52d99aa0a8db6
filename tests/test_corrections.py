from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import onrecord
from onrecord import corrections, schema
from onrecord.correcting.log import Correction, undone_by
from onrecord.corrections import Change
from onrecord.errors import UsageError
from onrecord.query import Record

ROOT = Path(__file__).parent.parent
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(example_record: Record, tmp_path: Path) -> Path:
    """A record of the sample reports that a test may change."""
    target = tmp_path / "record.duckdb"
    shutil.copy(example_record.path, target)
    return target


def ids(record: Record, table: str, column: str, where: str = "true") -> list[str]:
    return list(record.sql(f"SELECT {column} AS id FROM {table} WHERE {where} ORDER BY 1")["id"].to_pylist())


def everything(path: Path) -> dict[str, list[dict[str, Any]]]:
    with Record(path) as record:
        assert record.check() == []
        skipped = ("meta", "parses", "paragraphs")
        return {n: sorted(record.table(n).to_pylist(), key=str) for n in schema.TABLES if n not in skipped}


def differing(a: dict[str, list[dict[str, Any]]], b: dict[str, list[dict[str, Any]]]) -> list[str]:
    return [n for n in a if a[n] != b[n]]


def some_of_each(record: Record) -> list[Change]:
    """A correction of each kind that fits the sample reports."""
    story = record.sql("SELECT story_id FROM stories ORDER BY n_reports DESC, 1 LIMIT 1")["story_id"][0].as_py()
    other = ids(record, "stories", "story_id", f"story_id <> '{story}'")
    events = ids(record, "(SELECT event_id FROM events ORDER BY n_reports DESC, 1 LIMIT 40)", "event_id",
                 f"event_id IN (SELECT event_id FROM events WHERE story_id = '{story}')")  # fmt: skip
    wide = record.sql(
        "SELECT event_id, list(mention_id ORDER BY mention_id) AS m FROM event_mentions WHERE event_id IS NOT NULL "
        "GROUP BY 1 HAVING count(DISTINCT report_id) > 1 ORDER BY 1"
    ).to_pylist()
    people = ids(record, "entities", "entity_id", "kind = 'person' AND entity_id IN "
                 "(SELECT entity_id FROM entity_mentions GROUP BY 1 HAVING count(*) > 2)")  # fmt: skip
    values = record.sql("SELECT DISTINCT event_id, field, value FROM ledger ORDER BY ALL").to_pylist()
    dated = next(v for v in values if v["field"] == "date")
    said = ids(record, "attributions", "attribution_id", "source_entity IS NOT NULL")
    reports = ids(record, "reports", "report_id")
    mentioned = record.sql(
        "SELECT entity_id, min(report_id) AS r FROM entity_mentions GROUP BY 1 HAVING count(DISTINCT report_id) > 1 "
        "ORDER BY 1"
    ).to_pylist()
    return [
        Change("merge", "events", (events[0], events[1])),
        Change("split", "events", (wide[0]["event_id"],), None, {"mentions": wide[0]["m"][:1]}),
        Change("reject", "events", (wide[2]["event_id"],)),
        Change("reject", "event_mentions", (wide[1]["m"][0],)),
        Change("set", "events", (events[3],), "place", "Larnvik"),
        Change("set", "events", (events[3],), "killed", "13"),
        Change("set", "events", (wide[-1]["event_id"],), "actor", ["The harbour board", people[0]]),
        Change("reject", "ledger", (dated["event_id"],), "date", dated["value"]),
        Change("confirm", "ledger", (values[0]["event_id"],), values[0]["field"], values[0]["value"]),
        Change("confirm", "events", (wide[-1]["event_id"],)),
        Change("merge", "entities", (people[0], people[1])),
        Change("split", "entities", (mentioned[0]["entity_id"],), None,
               {"reports": [mentioned[0]["r"]], "name": "Another one"}),
        Change("set", "entities", (people[2],), "country", "NOR"),
        Change("set", "attributions", (said[0],), "source", people[2]),
        Change("reject", "attributions", (said[1],), "source"),
        Change("merge", "stories", (story, other[0])),
        Change("split", "stories", (story,), None,
               {"reports": ids(record, "story_reports", "report_id", f"story_id = '{story}'")[:2]}),
        Change("set", "stories", (other[0],), "title", "The strike at Larnvik"),
        Change("set", "reports", (reports[0],), "published_at", "2024-01-05"),
        Change("set", "reports", (reports[1],), "outlet", "The Larnvik Herald"),
    ]  # fmt: skip


def test_corrections_of_every_kind_outlive_a_rebuild_and_leave_no_trace_when_undone(
    path: Path, example_record: Record
) -> None:
    before = everything(path)
    made = corrections.make_all(path, some_of_each(example_record), who="Kim", why="read it again")
    lost = [at.correction.change for at in made if at.state == "unmatched"]
    assert not lost, lost
    corrected = everything(path)
    for table in ("reports", "stories", "entities", "attributions", "event_mentions", "events", "origins", "ledger"):
        assert corrected[table] != before[table], table
    rebuilt = everything(onrecord.build(ROOT / "examples" / "reports", path).path)
    assert differing(corrected, rebuilt) == []
    undoing = [
        Correction(made[0].correction.made_at + timedelta(seconds=n), "Kim", Change("undo", "corrections", (i,)))
        for n, i in enumerate((at.correction.correction_id for at in made), 1)
    ]
    corrections.import_lines(path, [json.dumps(u.to_json()) for u in undoing])
    assert set(differing(before, everything(path))) == {"corrections", "effects"}


@pytest.mark.slow
@pytest.mark.parametrize("n", range(20))
def test_a_correction_made_is_a_correction_rebuilt_and_undone_is_gone(
    path: Path, example_record: Record, n: int
) -> None:
    before = everything(path)
    change = some_of_each(example_record)[n]
    made = corrections.make(path, change, who="Kim", why="read it again")
    assert made.state == "applied", made.effects
    corrected = everything(path)
    touched = set(differing(before, corrected)) - {"corrections", "effects", "anchors", "originals"}
    assert touched or change.action == "confirm" or change.field == "killed"
    rebuilt = everything(onrecord.build(ROOT / "examples" / "reports", path).path)
    assert differing(corrected, rebuilt) == []
    corrections.undo(path, made.correction.correction_id, who="Kim")
    undone = everything(path)
    assert set(differing(before, undone)) <= {"corrections", "effects"}
    corrections.undo(path, corrections.listing(path)[-1].correction.correction_id, who="Kim")
    assert set(differing(corrected, everything(path))) <= {"corrections", "effects"}


def test_the_log_only_grows(path: Path, example_record: Record) -> None:
    event = ids(example_record, "events", "event_id")[0]
    done = corrections.make(path, Change("confirm", "events", (event[:9],)), why="read it", who="Kim Aas", when=NOON)
    c = done.correction
    assert (c.made_by, c.made_at, c.why, c.change.ids) == ("Kim Aas", NOON, "read it", (event,))
    assert c.evidence["targets"][0]["spans"][0]["words"]
    undone = corrections.undo(path, c.correction_id, who="Per Lie", when=NOON + timedelta(hours=1))
    assert [at.state for at in corrections.listing(path)] == ["undone", "applied"]
    with pytest.raises(UsageError, match=f"undone already, by {undone.correction.correction_id}"):
        corrections.undo(path, c.correction_id)
    corrections.undo(path, undone.correction.correction_id, who="Kim Aas", when=NOON + timedelta(hours=2))
    assert [at.state for at in corrections.listing(path)][1:] == ["undone", "applied"]
    assert corrections.listing(path)[0].undone_by is None
    with Record(path) as record:
        assert record.check() == []
        assert record.sql("SELECT count(*) AS n FROM corrections")["n"].to_pylist() == [3]


def test_what_cannot_be_is_said_with_the_remedy(path: Path, example_record: Record) -> None:
    events = ids(example_record, "events", "event_id")
    before = path.read_bytes()
    for change, told in (
        (Change("erase", "events", ("ev_1",)), "the actions are merge, split"),
        (Change("merge", "reports", ("r_1", "r_2")), "merge: not of 'reports', but of events, entities, stories"),
        (Change("merge", "events", (events[0], events[0])), "at least two different ids"),
        (Change("confirm", "events", ("ev_none",)), "no row 'ev_none' in events"),
        (Change("confirm", "events", (events[0][:-1] + "x",)), f"did you mean {events[0]}"),
        (Change("confirm", "events", ("ev_",)), "write more of it"),
        (Change("set", "events", (events[0],), "date", "next week"), "2024-05-17/2024-05-19"),
        (Change("set", "events", (events[0],), "modality", "perhaps"), "one of actual, ongoing"),
        (Change("set", "stories", (events[0],), "colour", "red"), "the field can be title"),
        (Change("reject", "ledger", (events[0],), "killed", "900000"), "the event's values are"),
        (Change("split", "events", (events[0],), None, {"mentions": []}), "name what goes"),
    ):
        with pytest.raises(UsageError, match=told):
            corrections.make(path, change)
    assert path.read_bytes() == before


def test_a_log_is_exchanged_line_by_line(path: Path, example_record: Record, tmp_path: Path) -> None:
    event = ids(example_record, "events", "event_id")[0]
    corrections.make(path, Change("confirm", "events", (event,)), who="Kim", why="“seen”")
    lines = corrections.export_lines(path)
    other = tmp_path / "other.duckdb"
    shutil.copy(example_record.path, other)
    assert len(corrections.import_lines(other, [*lines, "", *lines]).added) == 1
    again = corrections.import_lines(other, lines)
    assert (again.added, again.known) == ([], 1)
    assert corrections.export_lines(other) == lines
    for bad, told in (
        ("{", "line 1: not JSON"),
        ("[1]", "line 1: not a JSON object"),
        ("{}", "'made_by'"),
        (json.dumps({"made_by": "Kim", "made_at": "soon"}), "'made_at'"),
        (json.dumps({"made_by": "Kim", "made_at": "2024-05-01", "action": "merge", "table": "events"}), "'ids'"),
    ):
        with pytest.raises(UsageError, match=told):
            corrections.import_lines(other, [bad])


def made(minute: int, change: Change) -> Correction:
    return Correction(NOON + timedelta(minutes=minute), "Kim", change)


@given(st.lists(st.integers(0, 30), max_size=30))
def test_undoing_holds_unless_it_is_undone(picks: list[int]) -> None:
    log = [made(0, Change("confirm", "events", ("ev_1",)))]
    for n, pick in enumerate(picks, 1):
        log.append(made(n, Change("undo", "corrections", (log[pick % len(log)].correction_id,))))

    def holds(c: Correction) -> bool:
        return not any(holds(u) for u in log if u.change.ids == (c.correction_id,))

    assert set(undone_by(log)) == {c.correction_id for c in log if not holds(c)}


def test_a_row_and_a_line_give_the_correction_back() -> None:
    c = made(1, Change("set", "events", ("ev_1",), "actor", ["Ana Vik", "Union — “West”"]))
    assert Correction.from_row(c.row()) == c
    assert Correction.from_json(json.loads(json.dumps(c.to_json()))) == c
    assert Correction.from_row(c.row()).correction_id == Correction.from_json(c.to_json()).correction_id
