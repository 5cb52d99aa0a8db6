"""A report on which a stage over many reports fails costs itself: the others go on as without it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import onrecord
from onrecord import pipeline, schema
from onrecord.acrossreports import reconcile_stories
from onrecord.isolating import MOST, isolated
from onrecord.query import Record
from onrecord.stages import align, attribute, group, link, reconcile
from onrecord.stages import time as time_stage

REPORTS = Path(__file__).parent.parent / "examples" / "reports"
MARK = "Zzyzx"


def reports(n: int) -> dict[str, pa.Table]:
    return {"reports": pa.table({"report_id": [f"r{i:03}" for i in range(n)]}), "other": pa.table({"x": [1]})}


def searched(n: int, fails: Callable[[set[str]], bool]) -> tuple[list[str], set[str], int]:
    """What was left, what was put aside, and how often the work was tried."""
    tried = 0

    def work(tables: dict[str, pa.Table]) -> list[str]:
        nonlocal tried
        tried += 1
        ids = tables["reports"]["report_id"].to_pylist()
        if fails(set(ids)):
            raise RuntimeError("no")
        return list(ids)

    tables = reports(n)
    done = isolated(work, tables, tables["reports"]["report_id"].to_pylist(), lambda n: 60)
    assert all(why == ("error", "RuntimeError: no") for why in done.aside.values())
    return (done.given if done.given is not None else ["none"]), set(done.aside), tried


def test_undisturbed_work_is_one_call_with_the_tables_as_they_are() -> None:
    tables = reports(3)
    done = isolated(lambda given: given is tables, tables, ["r000", "r001", "r002"], lambda n: 0)
    assert (done.given, done.aside) == (True, {})


def test_each_report_that_fails_is_found_and_no_other() -> None:
    for bad in ({"r000"}, {"r999"}, {"r499", "r500"}, {"r000", "r333", "r334", "r999"}):
        left, aside, tried = searched(1000, lambda ids, bad=bad: bool(ids & bad))
        assert aside == bad
        assert len(left) == 1000 - len(bad)
        assert tried < 1 + 20 * len(bad)


def test_of_reports_that_fail_only_together_one_goes() -> None:
    left, aside, _ = searched(100, lambda ids: {"r007", "r070"} <= ids)
    assert aside == {"r070"}
    assert len(left) == 99


def test_work_that_always_fails_ends_soon() -> None:
    left, aside, tried = searched(5000, lambda ids: True)
    assert (left, len(aside)) == (["none"], 5000)
    assert tried < 10 * MOST
    left, aside, tried = searched(5000, bool)
    assert (left, len(aside)) == ([], 5000)
    assert tried < 10 * MOST


def test_time_and_memory_that_run_out_are_put_aside_too() -> None:
    def work(tables: dict[str, pa.Table]) -> int:
        ids = tables["reports"]["report_id"].to_pylist()
        while "r003" in ids:
            time.process_time()
        if "r005" in ids:
            raise MemoryError
        return len(ids)

    tables = reports(8)
    done = isolated(work, tables, tables["reports"]["report_id"].to_pylist(), lambda n: 0.2)
    assert done.given == 6
    assert {i: why for i, (why, _) in done.aside.items()} == {"r003": "time-limit", "r005": "memory-limit"}


def test_a_search_for_slow_reports_ends_within_its_budget() -> None:
    """Of many slow reports those are found for which there is time; the search stays within a multiple of the bound."""

    def searched(slow: set[str], bound: float) -> tuple[int, set[str], float]:
        def work(tables: dict[str, pa.Table]) -> int:
            ids = tables["reports"]["report_id"].to_pylist()
            while slow & set(ids):
                time.process_time()
            return len(ids)

        tables = reports(64)
        before = time.process_time()
        done = isolated(work, tables, tables["reports"]["report_id"].to_pylist(), lambda n: bound)
        assert {why for why, _ in done.aside.values()} == {"time-limit"}
        assert done.given == 64 - len(done.aside)
        return done.given, set(done.aside), time.process_time() - before

    left, aside, took = searched({"r017"}, 0.3)
    assert (left, aside) == (63, {"r017"})
    assert took < 4 * 0.3
    slow = {f"r{n:03}" for n in range(0, 64, 5)}
    left, aside, took = searched(slow, 0.3)
    assert slow <= aside
    assert took < 4 * 0.3


def test_the_first_half_of_a_search_does_not_use_up_the_time_of_the_rest() -> None:
    slow = {f"r{n:03}" for n in range(20)}

    def work(tables: dict[str, pa.Table]) -> set[str]:
        ids = set(tables["reports"]["report_id"].to_pylist())
        while slow & ids:
            time.process_time()
        return ids

    tables = reports(64)
    done = isolated(work, tables, tables["reports"]["report_id"].to_pylist(), lambda n: 0.3)
    assert done.given is not None
    assert {f"r{n:03}" for n in range(32, 64)} <= done.given, "what was not tried when the time was spent is tried once"


class Panic(BaseException):
    """As a library written in Rust ends."""


Panic.__name__ = "PanicException"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, and a report of one of their stories that names the mark."""
    folder = tmp_path_factory.mktemp("in")
    for path in REPORTS.iterdir():
        shutil.copy(path, folder)
    whole = next(p for p in sorted(REPORTS.iterdir()) if p.suffix == ".txt").read_text(encoding="utf-8")
    said = f'"{MARK} will not go unanswered in the days that come," said {MARK} Aldane, the governor of {MARK}.'
    (folder / "zz.txt").write_text(f"{whole}\n\n{said}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "r.duckdb"
    pipeline.build([folder], path, options=onrecord.Options(workers=1))
    return path


STAGES = {
    "align": (align, "aligned"),
    "group": (group, "group"),
    "date": (time_stage, "date_by_story"),
    "link": (link, "link"),
    "utterances": (attribute, "utterances"),
    "reconcile": (reconcile, "reconcile"),
}
ERRORS = [RuntimeError("planted"), RecursionError("planted"), Panic("planted")]


def marked(tables: Any) -> bool:
    """True when the report that names the mark is among the reports of these tables."""
    given = tables.values() if isinstance(tables, dict) else tables
    return any("text" in t.schema.names and MARK in "".join(t["text"].to_pylist()) for t in given)


@pytest.mark.parametrize("stage", STAGES)
def test_a_report_on_which_a_stage_fails_costs_itself(
    stage: str, folder: Path, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = STAGES[stage]
    whole = getattr(module, name)
    error = ERRORS[sorted(STAGES).index(stage) % len(ERRORS)]

    def faulty(*given: Any) -> Any:
        if marked(given[0] if isinstance(given[0], dict) else given):
            raise error
        return whole(*given)

    path = tmp_path / "r.duckdb"
    shutil.copy(undisturbed, path)
    with duckdb.connect(str(path)) as db:
        db.execute("DELETE FROM carried")
        db.execute("DELETE FROM problems WHERE stage <> 'read'")
    monkeypatch.setattr(module, name, faulty)
    for _ in range(2):  # also when all else is taken over from the record that stands
        pipeline.build([folder], path, options=onrecord.Options(workers=1))
        with Record(path) as record, Record(undisturbed) as other:
            assert record.check() == []
            told = [p for p in record.problems().to_pylist() if p["stage"] == stage]
            (mine,) = {r["report_id"] for r in record.reports().to_pylist() if MARK in r["text"]}
            assert [(p["report_id"], p["uri"], p["reason"]) for p in told] == [(mine, f"{folder.name}/zz.txt", "error")]
            assert "planted" in told[0]["detail"]
            assert record.reports().num_rows == other.reports().num_rows
            stories = {r["report_id"]: r["story_id"] for r in record.table("story_reports").to_pylist()}
            assert len(stories) == record.reports().num_rows, "every report is in a story"
            for table in ("segments", "timexes", "entity_mentions"):
                if stage not in ("link", "group", "date"):
                    assert record.table(table).to_pylist() == other.table(table).to_pylist(), table
            events = {e["event_id"] for e in record.events().to_pylist()}
            of_mine = {m["event_id"] for m in record.table("event_mentions").to_pylist() if m["report_id"] == mine}
            assert len(events) > 5
            if stage == "reconcile":
                assert of_mine == {None}
                others = {m["event_id"] for m in record.table("event_mentions").to_pylist() if m["report_id"] != mine}
                assert others - {None}


def test_the_rest_of_a_story_is_reconciled_as_without_the_report(
    undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Record(undisturbed) as record:
        tables = {name: record.table(name) for name in schema.TABLES if name in reconcile_reads()}
    mine = next(r["report_id"] for r in tables["reports"].to_pylist() if MARK in r["text"])
    whole = reconcile.reconcile
    without = {n: _without(t, mine) for n, t in tables.items()}
    for name in ("stories",):
        without[name] = tables[name]
    wanted = reconcile_stories(without)
    monkeypatch.setattr(reconcile, "reconcile", lambda given, least: 1 / 0 if marked(given) else whole(given, least))
    given = reconcile_stories(tables, 60)
    assert [p["report_id"] for p in given["problems"].to_pylist()] == [mine]
    for name in ("events", "origins", "ledger", "event_mentions"):
        assert sorted(given[name].to_pylist(), key=repr) == sorted(wanted[name].to_pylist(), key=repr), name


def reconcile_reads() -> set[str]:
    stage = next(s for s in pipeline.PLAN if s.name == "reconcile")
    return {*stage.reads, "story_reports"} - {"paragraphs", "parses", "anchors", "corrections"}


def _without(table: pa.Table, report: str) -> pa.Table:
    names = [n for n in ("report_id", "report_a", "report_b") if n in table.schema.names]
    rows = [r for r in table.to_pylist() if all(r[n] != report for n in names)]
    return pa.Table.from_pylist(rows, schema=table.schema)
