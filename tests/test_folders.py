"""A record as a folder of Parquet: built, opened and asked like the one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import onrecord
from onrecord import schema
from onrecord.cli import app
from onrecord.exports import export
from onrecord.folders import as_file
from onrecord.query import Record

REPORT = (
    "Police in Karvelle arrested four men on Monday after a fire at a grain store.\n\n"
    '"They were seen leaving by the river gate," said Inspector Lena Marsh.\n'
)


@pytest.fixture(scope="module")
def folder(example_record: Record, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("folders") / "record"
    export(example_record, path)
    return path


def test_a_folder_holds_the_tables_of_the_file(example_record: Record, folder: Path) -> None:
    with onrecord.open(folder) as record:
        for name, table in schema.TABLES.items():
            if not table.working and name != "meta":
                assert record.table(name).to_pylist() == example_record.table(name).to_pylist(), name
        assert record.check() == []
        assert onrecord.tell(record).title
        with pytest.raises(onrecord.UsageError):
            record.sql(f"SELECT * FROM read_parquet('{folder}/reports.parquet')")


def test_check_finds_a_changed_table(folder: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    events = pq.read_table(tmp_path / "events.parquet")
    pq.write_table(events.slice(1), tmp_path / "events.parquet")
    with onrecord.open(tmp_path) as record:
        assert any(v.table == "events" for v in record.check())


def test_a_folder_that_misses_a_table_is_told(folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        if path.stem != "events":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(onrecord.RecordError, match=r"events\.parquet"):
        onrecord.open(tmp_path)
    (tmp_path / "events.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(onrecord.RecordError, match="damaged"):
        onrecord.open(tmp_path)


def test_a_build_into_a_folder_replaces_only_a_record(tmp_path: Path) -> None:
    reports = tmp_path / "in"
    reports.mkdir()
    (reports / "a.txt").write_text(REPORT, encoding="utf-8")
    out = tmp_path / "out"
    run = CliRunner().invoke(app, ["build", str(reports), "-o", f"{out}/", "--workers", "1", "--json"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["reports"] == 1
    first = onrecord.open(out).table("event_mentions").to_pylist()
    assert first
    (reports / "b.txt").write_text(REPORT.replace("Karvelle", "Osterby"), encoding="utf-8")
    with onrecord.build(reports, f"{out}/", options=onrecord.Options(workers=1)) as record:
        assert record.reports().num_rows == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]
    before = {p: p.read_bytes() for p in reports.iterdir()}
    with pytest.raises(onrecord.RecordError, match="no record"):
        onrecord.build(reports, f"{reports}/")
    assert {p: p.read_bytes() for p in reports.iterdir()} == before
    with pytest.raises(onrecord.UsageError):
        onrecord.build(tmp_path / "none.txt", f"{out}/")
    assert onrecord.open(out).reports().num_rows == 2


def test_an_address_elsewhere_needs_an_engine_that_reaches_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(REPORT, encoding="utf-8")
    with pytest.raises(onrecord.UsageError, match="--engine spark"):
        onrecord.build(tmp_path / "a.txt", "hdfs://head/record")
    with pytest.raises(onrecord.UsageError, match="--engine spark"):
        onrecord.build("hdfs://head/a.txt", tmp_path / "r.duckdb")


def test_a_folder_is_read_and_not_written(folder: Path, example_record: Record, tmp_path: Path) -> None:
    file = tmp_path / "record.duckdb"
    as_file(folder, file)
    with onrecord.open(file) as record:
        assert record.check() == []
        assert record.table("events").equals(example_record.table("events"))
    run = CliRunner().invoke(app, ["add", str(folder), str(file)])
    assert run.exit_code != 0
    assert "only read" in str(run.exception)
