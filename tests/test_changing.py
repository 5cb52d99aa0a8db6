"""A record that is added to, taken from, or coded anew is the record that one build of the same inputs gives."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from crashing import rows

import onrecord
from onrecord import Options, changing, corrections, pipeline
from onrecord.errors import RecordError, UsageError

ROOT = Path(__file__).parent.parent
REPORTS = sorted(str(p) for p in (ROOT / "examples" / "reports").iterdir())
PLOVER = ROOT / "onrecord" / "lexicon" / "plover"


class Told:
    """Hears how many units each stage worked on."""

    def __init__(self) -> None:
        self.totals: dict[str, int | None] = {}

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        self.totals[stage] = total


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "r.duckdb"
    onrecord.build(REPORTS, path).close()
    return path


@pytest.fixture(scope="module")
def most(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("most") / "r.duckdb"
    onrecord.build(REPORTS[:5], path).close()
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Any:
    def made(path: Path) -> Path:
        shutil.copy(path, tmp_path / "r.duckdb")
        return tmp_path / "r.duckdb"

    return made


def same(left: Path, right: Path) -> None:
    mine, theirs = rows(left), rows(right)
    for name, expected in theirs.items():
        assert mine[name] == expected, name


def count(path: Path) -> int:
    with onrecord.open(path) as record:
        return record.reports().num_rows


def test_what_is_added_in_parts_equals_one_build(most: Path, whole: Path, copy: Any) -> None:
    path, told = copy(most), Told()
    changing.add(REPORTS[5:], path, progress=told)
    same(path, whole)
    assert told.totals["resolve"] == told.totals["segment"] == count(whole) - count(most)


def test_what_is_removed_leaves_what_a_build_without_it_gives(most: Path, whole: Path, copy: Any) -> None:
    path, told = copy(whole), Told()
    with onrecord.open(path) as record:
        uris = record.reports()["uri"].to_pylist()
    gone = [u for u in uris if any(Path(r).name == Path(u).name.partition(":")[0] for r in REPORTS[5:])]
    changing.remove(gone, path, progress=told)
    same(path, most)
    assert told.totals["resolve"] == 0
    with pytest.raises(UsageError, match="no report 'elsewhere'"):
        changing.remove(["elsewhere"], path)
    with pytest.raises(UsageError, match="no report would be left"):
        changing.remove([u for u in uris if u not in gone], path)
    same(path, most)


def test_nothing_new_makes_nothing_anew(whole: Path, copy: Any) -> None:
    path, told = copy(whole), Told()
    pipeline.build(REPORTS, path, progress=told)
    same(path, whole)
    worked = ("segment", "annotate", "resolve", "time", "attribute", "code", "reconcile")
    assert {told.totals[stage] for stage in worked} == {0}
    changing.add(REPORTS[:1], path)
    with onrecord.open(path) as record:
        assert record.problems()["reason"].to_pylist().count("duplicate") == 1
    assert count(path) == count(whole)


def without(verb: str, folder: Path) -> Path:
    """The ontology, less the patterns of one verb."""
    shutil.copytree(PLOVER, folder)
    lines = (folder / "verbs.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.partition("\t")[0].split(" ")[0] != verb]
    assert len(kept) < len(lines)
    (folder / "verbs.tsv").write_text("".join(kept), encoding="utf-8")
    return folder


def test_another_ontology_reruns_coding_alone(whole: Path, copy: Any, tmp_path: Path) -> None:
    ontology = without("kill", tmp_path / "ontology")
    path, told, options = copy(whole), Told(), Options(ontology=str(ontology))
    pipeline.build(REPORTS, path, options=options, progress=told)
    assert {told.totals[stage] for stage in ("segment", "annotate", "resolve", "time", "attribute")} == {0}
    assert told.totals["code"]
    onrecord.build(REPORTS, tmp_path / "fresh.duckdb", options=options).close()
    same(path, tmp_path / "fresh.duckdb")
    twin = tmp_path / "twin"
    shutil.copytree(ontology, twin)
    pipeline.build(REPORTS, path, options=Options(ontology=str(twin)), progress=told)
    assert told.totals["code"] == 0, "the same ontology in another folder"
    # a record that is added to keeps the options that it was made with
    pipeline.build(REPORTS[:5], path, options=options)
    changing.add(REPORTS[5:], path)
    same(path, tmp_path / "fresh.duckdb")


def test_another_actors_file_reruns_what_it_touches(whole: Path, copy: Any, tmp_path: Path) -> None:
    actors = tmp_path / "actors.tsv"
    actors.write_text("name\taliases\tcountry\tsector\nTromsø Harbour Board\t\tNOR\tGOV\n", encoding="utf-8")
    path, told, options = copy(whole), Told(), Options(actors=(str(actors),))
    pipeline.build(REPORTS, path, options=options, progress=told)
    onrecord.build(REPORTS, tmp_path / "fresh.duckdb", options=options).close()
    same(path, tmp_path / "fresh.duckdb")
    assert told.totals["resolve"] == count(whole)
    assert (told.totals["code"], told.totals["time"]) == (0, 0)


def test_a_row_that_was_changed_is_made_again(whole: Path, copy: Any) -> None:
    import duckdb

    path, told = copy(whole), Told()
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE timexes SET value = '1999' WHERE report_id = (SELECT min(report_id) FROM timexes)")
        db.execute("DELETE FROM events WHERE story_id = (SELECT min(story_id) FROM events)")
        db.execute("UPDATE carried SET input = 'other' WHERE stage = 'segment'")
    pipeline.build(REPORTS, path, progress=told)
    same(path, whole)
    assert (told.totals["time"], told.totals["segment"]) == (1, count(whole))


def test_corrections_survive(most: Path, copy: Any, tmp_path: Path) -> None:
    path, fresh = copy(most), tmp_path / "fresh.duckdb"
    with onrecord.open(path) as record:
        event = record.sql("SELECT event_id FROM events WHERE n_reports > 1 ORDER BY 1")["event_id"][0].as_py()
        report = record.reports()["report_id"][0].as_py()
    changes = [
        corrections.Change("reject", "events", (event,)),
        corrections.Change("set", "reports", (report,), "outlet", "The Larnvik Gazette"),
    ]
    corrections.make_all(path, changes, why="seen in print", who="Kim", when=datetime(2024, 5, 1, tzinfo=UTC))
    shutil.copy(path, fresh)
    changing.add(REPORTS[5:], path)
    pipeline.build(REPORTS, fresh)
    with onrecord.open(path) as record:
        assert record.table("corrections").num_rows == 2
        outlets = dict(record.sql("SELECT report_id, outlet FROM reports").to_pandas().itertuples(index=False))
        assert outlets[report] == "The Larnvik Gazette"
    same(path, fresh)


def test_a_record_of_another_version_is_not_added_to(tmp_path: Path) -> None:
    import duckdb

    with pytest.raises(RecordError, match="no such record"):
        changing.add(REPORTS[:1], tmp_path / "none.duckdb")
    onrecord.build(REPORTS[:1], tmp_path / "r.duckdb").close()
    with duckdb.connect(str(tmp_path / "r.duckdb")) as db:
        db.execute("DROP TABLE as_read")
    with pytest.raises(RecordError, match="build it again from its inputs"):
        changing.add(REPORTS[1:2], tmp_path / "r.duckdb")
    # a build does not need what is not there
    onrecord.build(REPORTS[:1], tmp_path / "r.duckdb").close()
    changing.add(REPORTS[1:2], tmp_path / "r.duckdb")
