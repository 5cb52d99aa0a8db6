from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord import corrections
from onrecord.correcting.log import Correction, undone_by
from onrecord.corrections import Change
from onrecord.errors import UsageError
from onrecord.query import Record

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(example_record: Record, tmp_path: Path) -> Path:
    """A record of the sample reports that a test may change."""
    target = tmp_path / "record.duckdb"
    shutil.copy(example_record.path, target)
    return target


def ids(record: Record, table: str, column: str, where: str = "true") -> list[str]:
    return list(record.sql(f"SELECT {column} AS id FROM {table} WHERE {where} ORDER BY 1")["id"].to_pylist())


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
