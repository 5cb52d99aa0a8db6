from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from onrecord.errors import LawError, RecordError
from onrecord.query import Record
from onrecord.store import Workspace, open_record

TEXT = "Ferry crews in Larnvik went on strike on Monday."


def fill(work: Workspace, text: str = TEXT, segment_end: int | None = None) -> None:
    work.put_rows("reports", [{"report_id": "r_1", "uri": "a.txt", "text": text}])
    end = len(text) if segment_end is None else segment_end
    work.put_rows("segments", [{"report_id": "r_1", "char_start": 0, "char_end": end, "kind": "body"}])


def write(path: Path, text: str = TEXT) -> None:
    with Workspace(path) as work:
        fill(work, text)
        work.finish({})


def test_a_record_holds_what_was_put(tmp_path: Path) -> None:
    write(tmp_path / "a.duckdb")
    with Record(tmp_path / "a.duckdb") as record:
        assert record.reports()["text"].to_pylist() == [TEXT]
        assert record.check() == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.duckdb"]


@pytest.mark.parametrize(
    ("segment_end", "law"),
    [(len(TEXT) + 1, "stretch of the report"), (len(TEXT) - 2, "cover"), (0, "stretch of the report")],
)
def test_a_span_outside_the_text_is_refused_and_the_old_record_stays(
    tmp_path: Path, segment_end: int, law: str
) -> None:
    path = tmp_path / "a.duckdb"
    write(path)
    before = path.read_bytes()
    with pytest.raises(LawError, match=law), Workspace(path) as work:
        fill(work, segment_end=segment_end)
        work.finish({})
    assert path.read_bytes() == before


def test_a_dangling_reference_and_a_double_key_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(LawError, match=r"entity_id must exist in entities.entity_id"),
        Workspace(tmp_path / "a") as work,
    ):
        fill(work)
        mention = {"report_id": "r_1", "char_start": 15, "char_end": 22, "entity_id": "e_0", "form": "name"}
        work.put_rows("entity_mentions", [mention])
        work.finish({})
    with pytest.raises(LawError, match="must be single"), Workspace(tmp_path / "b") as work:
        fill(work)
        work.put_rows("reports", [{"report_id": "r_1", "uri": "b.txt", "text": TEXT}])
        work.finish({})


def test_leaving_without_finish_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Workspace(tmp_path / "a.duckdb") as work:
        fill(work)
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_did_not_fit_into_memory_leaves_with_the_writer(tmp_path: Path) -> None:
    left = tmp_path / "a.duckdb.overflow"
    left.mkdir()
    (left / "of-a-writer-that-was-killed").write_text("x")
    with Workspace(tmp_path / "a.duckdb") as work:
        assert not left.exists()
        assert work.db.execute("SELECT current_setting('temp_directory')").fetchall() == [(str(left),)]
        work.db.execute("SET memory_limit = '40MB'")
        work.db.execute("CREATE TABLE wide AS SELECT range AS n, repeat(range::VARCHAR, 20) AS t FROM range(600000)")
        rows = work.db.execute("SELECT sum(length(t)), count(DISTINCT n) FROM wide").fetchall()
        assert rows == [(20 * sum(len(str(n)) for n in range(600_000)), 600_000)]
    assert list(tmp_path.iterdir()) == []


def test_a_record_from_before_a_working_table_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path)
    with duckdb.connect(str(path)) as db:
        db.execute("DROP TABLE sayings")
    with Workspace(path) as work:
        work.take_over()
        assert work.count("reports") == 1 and work.count("sayings") == 0


def _hold(path: str, ready: multiprocessing.synchronize.Event) -> None:
    with Workspace(path):
        ready.set()
        time.sleep(30)


def test_a_second_writer_is_told_who_writes_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path)
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(path), ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(RecordError, match=f"being written by process {holder.pid}"), Workspace(path):
        pass
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join()
    with Record(path) as record:
        assert record.check() == []
    write(path, TEXT + " Again.")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.duckdb"]


def test_corrections_and_parses_outlive_a_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    made = {"correction_id": "c_1", "made_at": datetime(2024, 5, 1, tzinfo=UTC), "made_by": "kim", "action": "confirm"}
    with Workspace(path) as work:
        fill(work)
        work.put_rows("corrections", [made | {"target": "events ev_1"}])
        work.finish({})
    with Workspace(path) as work:
        work.known_corrections()
        fill(work)
        work.finish({})
    with Record(path) as record:
        assert record.table("corrections")["made_by"].to_pylist() == ["kim"]


def test_corrections_outlive_a_change_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    write(path)
    db = duckdb.connect(str(path))
    db.execute(
        "INSERT INTO corrections (correction_id, made_at, made_by, action, target) VALUES "
        "('c_1', '2024-05-01', 'kim', 'confirm', 'events ev_1')"
    )
    db.execute("ALTER TABLE corrections DROP COLUMN evidence")
    db.execute("UPDATE meta SET value = '1' WHERE name = 'schema_version'")
    db.close()
    with Workspace(path) as work:
        work.known_corrections()
        fill(work)
        work.finish({})
    with Record(path) as record:
        assert record.table("corrections").select(["made_by", "evidence"]).to_pylist() == [
            {"made_by": "kim", "evidence": None}
        ]


def test_what_is_no_record_says_so(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no such record"):
        open_record(tmp_path / "missing.duckdb")
    (tmp_path / "torn.duckdb").write_bytes(b"\0" * 8 + b"DUCK" + b"not a database" * 400)
    with pytest.raises(RecordError, match="not a whole record"):
        open_record(tmp_path / "torn.duckdb")
    write(tmp_path / "old.duckdb")
    db = duckdb.connect(str(tmp_path / "old.duckdb"))
    db.execute("UPDATE meta SET value = '0' WHERE name = 'schema_version'")
    db.close()
    with pytest.raises(RecordError, match=r"schema 0.*build the record again"):
        open_record(tmp_path / "old.duckdb")


def test_check_finds_what_was_changed_behind_its_back(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    changes = {
        "UPDATE segments SET char_end = char_end + 1": "segments: char_start must be a stretch",
        "UPDATE segments SET char_start = 3": "must not cut a word",
        "UPDATE segments SET report_id = 'r_9'": "report_id must exist in reports.report_id",
        "INSERT INTO segments SELECT * FROM segments": "must be single",
        "UPDATE segments SET kind = 'banner'": "kind is not one of",
        "UPDATE reports SET text = text || ' More.'": "cover every non-blank character",
        "DROP TABLE ledger": "ledger: the table is missing",
        "ALTER TABLE ledger DROP COLUMN relation": "columns are missing",
    }
    write(tmp_path / "whole.duckdb")
    for change, law in changes.items():
        shutil.copy(tmp_path / "whole.duckdb", path)
        db = duckdb.connect(str(path))
        db.execute(change)
        db.close()
        with Record(path) as record:
            assert any(law in str(v) for v in record.check()), change
        path.unlink()


def test_a_record_opened_for_reading_reaches_no_other_file(tmp_path: Path) -> None:
    write(tmp_path / "a.duckdb")
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    with Record(tmp_path / "a.duckdb") as record:
        for query in (
            f"SELECT * FROM '{tmp_path}/secret.csv'",
            f"COPY reports TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/b.duckdb'",
            "DELETE FROM reports",
            "SET enable_external_access = true",
        ):
            with pytest.raises(Exception, match="SQL"):
                record.sql(query)
