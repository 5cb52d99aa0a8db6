"""A record that is added to, taken from, or coded anew is the record that one build of the same inputs gives."""

from __future__ import annotations

import http.server
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from crashing import rows

import onrecord
from onrecord import Options, carry, changing, corrections, growing, pipeline, schema
from onrecord.engines.local import LocalEngine
from onrecord.errors import LawError, RecordError, UsageError
from onrecord.isolating import restricted
from onrecord.run import Run
from onrecord.store import Workspace

ROOT = Path(__file__).parent.parent
REPORTS = sorted(str(p) for p in (ROOT / "examples" / "reports").iterdir())
PLOVER = ROOT / "onrecord" / "lexicon" / "plover"


ACROSS = ("align", "group", "link", "utterances")
"""Stages that look at all reports together."""


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


def same(left: Path, right: Path, *, recoded: bool = False) -> None:
    """Equal rows in every table; where parts alone were `recoded`, what was asked of entities may be more."""
    mine, theirs = rows(left), rows(right)
    asked = {"asked_by_code": "report_id", "asked_by_reconcile": "story_id"} if recoded else {}
    for name, unit in asked.items():
        more, fewer = (
            {(row[unit], row["entity_id"], c) for row in tables.pop(name) for c in row["columns"]}
            for tables in (mine, theirs)
        )
        assert more >= fewer
    if recoded:
        for row in (*mine["meta"], *theirs["meta"]):
            if row["name"] == "digests":
                row["value"] = {n: d for n, d in json.loads(row["value"]).items() if n not in asked}
    for name, expected in theirs.items():
        assert mine[name] == expected, name


def count(path: Path) -> int:
    with onrecord.open(path) as record:
        return record.reports().num_rows


def unasked(*_: Any, **__: Any) -> None:
    """In the place of a pass over the whole record."""
    raise AssertionError("every unit was looked at")


def test_what_is_added_in_parts_equals_one_build(
    most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "make", unasked)
    path, worked = copy(most), dict.fromkeys(("segment", "resolve"), 0)
    for some in (REPORTS[5:6], REPORTS[6:]):  # a record that has grown grows on
        told = Told()
        changing.add(some, path, progress=told)
        worked = {stage: n + (told.totals[stage] or 0) for stage, n in worked.items()}
    same(path, whole)
    assert set(worked.values()) == {count(whole) - count(most)}


def test_an_addition_of_few_aligns_them_alone_and_gives_what_aligning_all_gives(
    most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copy(most)
    monkeypatch.setattr(growing, "MANY", 0)  # no part of so small a record is few
    for stage in growing.FEW:
        monkeypatch.setitem(growing.WHOLE, stage, unasked)
    changing.add(REPORTS[5:], path)
    same(path, whole)


@pytest.mark.parametrize("stage", sorted(growing.FEW))
def test_where_looking_at_few_fails_all_are_looked_at(
    stage: str, most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, path, tried = growing.FEW[stage], copy(most), []

    def failing(work: Any, changed: Any) -> None:
        few(work, changed)  # what it wrote until then must not stay
        tried.append(changed)
        raise ValueError("not foreseen")

    monkeypatch.setattr(growing, "MANY", 0)
    monkeypatch.setitem(growing.FEW, stage, failing)
    changing.add(REPORTS[5:], path)
    same(path, whole)
    assert tried


def test_an_addition_to_rows_that_were_changed_looks_at_them_all(most: Path, whole: Path, copy: Any) -> None:
    import duckdb

    path = copy(most)
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE timexes SET value = '1999' WHERE report_id = (SELECT min(report_id) FROM timexes)")
    changing.add(REPORTS[5:], path)
    same(path, whole)


def test_a_stage_over_all_reports_that_breaks_a_law_does_not_end_an_addition(
    most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise LawError("alignments: words: required, but 1 row has none")

    path = copy(most)
    monkeypatch.setitem(growing.WHOLE, "align", broken)
    changing.add(REPORTS[5:], path)
    with onrecord.open(path) as record:
        assert [(p["stage"], p["reason"]) for p in record.problems().to_pylist()] == [("align", "law-broken")]
    assert count(path) == count(whole)


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
    worked = ("segment", "annotate", "resolve", "time", "attribute", "code", "reconcile", *ACROSS)
    assert {told.totals[stage] for stage in worked} == {0}
    changing.add(REPORTS[:1], path)
    with onrecord.open(path) as record:
        assert record.problems()["reason"].to_pylist().count("duplicate") == 1
    assert count(path) == count(whole)


def without(word: str, folder: Path, table: str = "verbs.tsv", *, plain: bool = False) -> Path:
    """The ontology, less the patterns that a word is an anchor of, or only that which asks for no other word."""
    shutil.copytree(PLOVER, folder)
    lines = (folder / table).read_text(encoding="utf-8").splitlines(keepends=True)
    patterns = (line.partition("\t")[0].strip().split(" ") for line in lines)
    kept = [
        line
        for line, (anchors, *more) in zip(lines, patterns, strict=True)
        if word not in anchors.split("/") or (plain and more)
    ]
    assert len(kept) < len(lines)
    (folder / table).write_text("".join(kept), encoding="utf-8")
    return folder


def test_another_ontology_reruns_coding_alone(whole: Path, copy: Any, tmp_path: Path) -> None:
    ontology = without("kill", tmp_path / "ontology")
    path, told, options = copy(whole), Told(), Options(ontology=str(ontology))
    pipeline.build(REPORTS, path, options=options, progress=told)
    untouched = ("segment", "annotate", "resolve", "time", "attribute", *ACROSS)
    assert {told.totals[stage] for stage in untouched} == {0}
    assert 0 < (told.totals["code"] or 0) < count(whole), "only reports that have the verb"
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


def test_coding_anew_needs_no_inputs_and_gives_what_a_build_gives(whole: Path, copy: Any, tmp_path: Path) -> None:
    ontology = without("kill", tmp_path / "ontology")
    path, told, options = copy(whole), Told(), Options(ontology=str(ontology))
    changing.recode(path, options=options, progress=told)
    onrecord.build(REPORTS, tmp_path / "fresh.duckdb", options=options).close()
    same(path, tmp_path / "fresh.duckdb", recoded=True)
    assert {told.totals[stage] for stage in ("segment", "annotate", "resolve", "time", "attribute")} == {0}
    assert 0 < (told.totals["code"] or 0) < count(whole)
    done = command("recode", str(path), "--ontology", "", "--quiet")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    same(path, whole, recoded=True)
    with pytest.raises(RecordError, match="no such record"):
        changing.recode(tmp_path / "none.duckdb", options=options)


def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of reports whose texts the laws read from now on."""
    from onrecord import textlaws

    read: list[str] = []
    texts = textlaws._texts

    def counted(*arguments: Any) -> Any:
        for some in texts(*arguments):
            read.extend(some.ids)
            yield some

    monkeypatch.setattr(textlaws, "_texts", counted)
    return read


def test_a_line_that_lacks_a_word_it_asks_for_concerns_no_report(whole: Path, copy: Any, tmp_path: Path) -> None:
    """A line whose anchor stands in reports, but not with the words that its condition asks for, codes none anew."""
    more = tmp_path / "more"
    shutil.copytree(PLOVER, more)
    with (more / "verbs.tsv").open("a", encoding="utf-8") as lines:
        lines.write("accuse obj:sackbut/hurdy-gurdy\tREJECT\t\ts > o\t120\n")
    path, told = copy(whole), Told()
    changing.recode(path, options=Options(ontology=str(more)), progress=told)
    assert told.totals["code"] == 0
    assert rows(path)["event_mentions"] == rows(whole)["event_mentions"]


def test_what_an_addition_makes_is_checked_where_the_rest_is_not(
    most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows taken over count as lawful; a row that a new report breaks a law with is refused as in a build."""
    from onrecord.stages import code

    read = texts_read(monkeypatch)
    path = copy(most)
    with onrecord.open(path) as record:
        old = set(record.reports()["report_id"].to_pylist())
    coded = code.code

    def dangling(doc: Any, ontology: Any) -> Any:
        return [m if doc.report_id in old else replace(m, attribution_id="a_0") for m in coded(doc, ontology)]

    monkeypatch.setattr(code, "code", dangling)
    changing.add(REPORTS[5:], path)
    looked_at = set(read)
    with onrecord.open(path) as record:
        assert record.check() == []
        refused = record.problems().to_pylist()
        new = set(record.reports()["report_id"].to_pylist()) - old
    broken = [r for r in refused if r["reason"] == "law-broken"]
    assert broken
    assert {r["report_id"] for r in broken} <= new
    assert new <= looked_at


def test_a_row_about_a_report_that_was_worked_on_may_point_at_another_of_its_story(whole: Path) -> None:
    from onrecord.laws import violations

    with Workspace(whole) as work:
        work.take_over()
        work.db.execute(
            "CREATE TABLE fresh AS SELECT report_ids[1] AS report_id FROM origins "
            "WHERE len(list_distinct([e.report_id FOR e IN evidence])) > 1 LIMIT 1"
        )
        assert work.count("fresh") == 1
        assert violations(work.db, ("origins",), limited=("origins",)) == []
        work.db.execute("UPDATE origins SET evidence = [{'report_id': 'r_0', 'char_start': 0, 'char_end': 1}]")
        assert violations(work.db, ("origins",), limited=("origins",)) != []


def test_a_passage_of_a_report_that_was_worked_on_may_be_shared_with_one_of_another_story(whole: Path) -> None:
    from onrecord.laws import violations

    with Workspace(whole) as work:
        work.take_over()
        work.db.execute("DELETE FROM story_reports")
        work.db.execute("CREATE TABLE fresh AS SELECT min(report_a) AS report_id FROM alignments")
        assert work.count("alignments", "report_a IN (SELECT report_id FROM fresh)")
        assert violations(work.db, ("alignments",), limited=("alignments",)) == []
        work.db.execute("UPDATE alignments SET b_end = 1000000")
        assert violations(work.db, ("alignments",), limited=("alignments",)) != []


def test_only_texts_of_reports_that_were_worked_on_are_read(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from onrecord import carry
    from onrecord.laws import violations

    read = texts_read(monkeypatch)
    with Workspace(whole) as work:
        work.take_over()
        work.db.execute("CREATE TABLE fresh AS SELECT min(report_id) AS report_id FROM reports")
        assert work.count("reports") > 1
        assert violations(work.db, limited=carry.CARRIED) == []
        assert set(read) == {row[0] for row in work.db.execute("SELECT report_id FROM fresh").fetchall()}


def test_an_addition_looks_no_words_up(most: Path, whole: Path, copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from onrecord import touching

    read = 0
    forms = touching.forms

    def counted(word: str, lemma: str) -> set[str]:
        nonlocal read
        read += 1
        return forms(word, lemma)

    monkeypatch.setattr(touching, "forms", counted)
    path = copy(most)
    changing.add(REPORTS[5:], path)
    same(path, whole)
    assert read == 0


REFERRED = ("parses", "entities")
TAKEN = (
    ("kill", "verbs.tsv", False),
    ("say", "verbs.tsv", False),
    ("agree", "verbs.tsv", True),
    ("meet", "verbs.tsv", False),
    ("strike", "verbs.tsv", True),
    ("attack", "nouns.tsv", False),
    ("meeting", "nouns.tsv", True),
    ("deny", "operators.tsv", False),
)


def test_an_entry_that_no_word_meets_changes_nothing(whole: Path) -> None:
    """Each word taken out by itself: reports where its lines do not bear stay; of others, sentences do."""
    from onrecord import excerpts, perreport, touching
    from onrecord.stages.code import code, load_ontology

    with Workspace(whole) as work:
        work.take_over()
        told = touching.ontology_told(Options())
        names = ("reports", "segments", "paragraphs", "parses", "entity_mentions", "entities", "timexes")
        tables = {t: work.get(t) for t in (*names, "credits", "attributions")}
        tables["event_mentions"] = perreport.code_reports(tables, Options())["event_mentions"]
        documents = perreport.Documents(tables)
        docs = {row["report_id"]: documents.of(row) for row in tables["reports"].to_pylist()}
        before = load_ontology(None)
        coded = {i: code(doc, before) for i, doc in docs.items()}
        sentences_read = 0
        for word, table, plain in TAKEN:
            with tempfile.TemporaryDirectory() as folder:
                other = Options(ontology=str(without(word, Path(folder) / "ontology", table, plain=plain)))
                after = load_ontology(Path(other.ontology))
                bearing = touching.ontology_bears(work, other, told, touching.ontology_told(other))
                assert bearing is not None
                sentences = {i: at for i, at in bearing.items() if at}
                made, left = {}, set(bearing) - set(sentences)
                for some in excerpts.excerpts(work, sentences, carry.raw("event_mentions")):
                    given = excerpts.recode_reports(some, other, sentences, whole=False)
                    left.update(given[excerpts.LEFT]["report_id"].to_pylist())
                    made |= perreport.by_report(given["event_mentions"])
                sentences_read += len(bearing) - len(left)
                for these in (left, set(bearing)):  # what excerpts are not enough for, and all of them
                    some = {t: restricted(r, sorted(these)) if t not in REFERRED else r for t, r in tables.items()}
                    given = excerpts.recode_reports(some, other, bearing, whole=True)
                    again = perreport.by_report(given["event_mentions"])
                    assert all(sorted(again[i], key=repr) == sorted(made[i], key=repr) for i in again if i in made)
                    made |= again
            now = {i: code(doc, after) for i, doc in docs.items()}
            assert {i for i in docs if now[i] != coded[i]} <= set(bearing), word
            for i in bearing:
                expected = schema.EVENT_MENTIONS.from_rows(perreport.event_row(i, m) for m in now[i]).to_pylist()
                assert sorted(made.get(i, []), key=repr) == sorted(expected, key=repr), (word, i)
        assert sentences_read, "coded by excerpts"


def test_rows_that_are_not_those_written_are_not_coded_anew_in_place(whole: Path, copy: Any, tmp_path: Path) -> None:
    from onrecord import recoding

    other = Options(ontology=str(without("kill", tmp_path / "ontology")))
    path = copy(whole)
    assert recoding.recode(path, replace(other, least_confidence=0.5)) is None, "two changes that meet in a story"
    assert recoding.recode(path, other) is not None
    before = path.read_bytes()
    assert recoding.recode(path, other) is not None
    assert path.read_bytes() == before, "nothing to do"
    with duckdb.connect(str(path)) as db:
        db.execute("UPDATE timexes SET value = '1999' WHERE report_id = (SELECT min(report_id) FROM timexes)")
    assert recoding.recode(path, Options()) is None
    changing.recode(path, options=Options())
    same(path, whole)


def test_what_no_stage_asks_of_an_entity_makes_nothing_anew(whole: Path, copy: Any) -> None:
    """Of entities a stage keeps what it read: where that is the same nothing runs; where not, only those units."""
    from onrecord.asked import Seen
    from onrecord.model import Entity

    one = Seen(Entity("e_1", "Mara Lindqvist", "person", "SWE", role="mayor"))
    assert (one.kind, one.id, one._asked) == ("person", "e_1", set())
    assert (one.country, one._asked) == ("SWE", {"country"})
    assert one == one and one != Seen(one._known) and hash(one) == hash(Seen(one._known))
    with Workspace(whole) as work:
        work.take_over()
        work.attach_standing()

        def others(stage: str, unit: str) -> set[str]:
            return {r[0] for r in work.db.execute(carry.asked_otherwise(stage, unit)).fetchall()}

        assert others("code", "report_id") == others("reconcile", "story_id") == set()
        for column, value in (("role", "harbourmaster"), ("country", "ISL"), ("name", "Somebody else")):
            work.db.execute("CREATE OR REPLACE TEMP TABLE were AS FROM entities")
            work.db.execute(f"UPDATE entities SET {column} = '{value}'")
            for stage, unit in (("attribute", "report_id"), ("code", "report_id"), ("reconcile", "story_id")):
                expected = f"SELECT {unit} FROM asked_by_{stage} WHERE list_contains(columns, '{column}')"
                assert others(stage, unit) == {r[0] for r in work.db.execute(expected).fetchall()}, (stage, column)
            work.db.execute("DELETE FROM entities")
            work.db.execute("INSERT INTO entities FROM were")
    path = copy(whole)
    with onrecord.open(path) as record:
        one = record.sql("SELECT entity_id, count(*) AS n FROM asked_by_code GROUP BY ALL ORDER BY n DESC, 1 LIMIT 1")
        entity = one.to_pylist()[0]["entity_id"]
    with duckdb.connect(str(path)) as db:  # as a correction leaves it
        db.execute("INSERT INTO originals VALUES ('entities', $1, 'removed', NULL)", [json.dumps([entity])])
    with Workspace(path) as work:
        work.take_over()
        work.attach_standing()
        met = work.db.execute("SELECT report_id FROM asked_by_code WHERE entity_id = $1", [entity]).fetchall()
        assert sorted(work.db.execute(carry.asked_otherwise("code", "report_id")).fetchall()) == sorted(met) != []
        assert work.db.execute(carry.asked_otherwise("reconcile", "story_id")).fetchall() == []


def test_what_another_onrecord_kept_of_its_ontology_bears_on_all(whole: Path, copy: Any) -> None:
    path, told = copy(whole), Told()
    for kept in ("0123456789abcdef", "12345678"):
        with duckdb.connect(str(path)) as db:
            db.execute("UPDATE carried SET input = $1 WHERE stage = 'code' AND unit = 'all'", [kept])
        changing.recode(path, options=Options(), progress=told)
        assert told.totals["code"] == count(whole)
        same(path, whole)


def test_another_actors_file_reruns_what_it_touches(
    whole: Path, copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onrecord import recoding

    actors = tmp_path / "actors.tsv"
    head = "name\taliases\tcountry\tsector\n"
    actors.write_text(f"{head}Zwinderloo Ropeworks\t\tNOR\tBUS\n", encoding="utf-8")
    path, told, options = copy(whole), Told(), Options(actors=(str(actors),))
    assert recoding.recode(path, options) is not None, "no report has the words"
    assert rows(path)["entities"] == rows(whole)["entities"]
    other = tmp_path / "others.tsv"  # a file is read once a process
    other.write_text(f"{head}Evening Ledger\tZwinderloo Ropeworks\tISL\tJRN\n", encoding="utf-8")
    options = Options(actors=(str(other),))
    monkeypatch.setattr(pipeline, "make", unasked)
    changing.recode(path, options=options, progress=told)
    monkeypatch.undo()
    onrecord.build(REPORTS, tmp_path / "fresh.duckdb", options=options).close()
    same(path, tmp_path / "fresh.duckdb")
    assert 0 < (told.totals["resolve"] or 0) < count(whole)
    assert (told.totals["segment"], told.totals["time"]) == (0, 0)
    assert rows(path)["claims"] != rows(whole)["claims"]


def test_a_bound_on_lengths_bears_on_what_is_longer(
    whole: Path, copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told, again = copy(whole), Told(), tmp_path / "again.duckdb"
    with onrecord.open(whole) as record:
        lengths = sorted(len(text) for text in record.reports()["text"].to_pylist())
        ends = "SELECT max(char_end) AS n, max(char_end - char_start) AS size FROM paragraphs GROUP BY report_id"
        read = sorted(row["n"] for row in record.sql(ends).to_pylist())
        longest = max(row["size"] for row in record.sql(ends).to_pylist())
    monkeypatch.setattr(pipeline, "make", unasked)
    changing.recode(path, options=Options(max_report_chars=lengths[-1], max_paragraph_chars=longest), progress=told)
    mine, theirs = rows(path), rows(whole)
    assert all(mine[name] == theirs[name] for name in theirs if name not in ("carried", "meta"))
    assert told.totals["segment"] == 0
    options = Options(max_report_chars=read[-2], max_paragraph_chars=longest - 1)
    changing.recode(path, options=options, progress=told)
    assert 0 < (told.totals["segment"] or 0) < count(whole), "the longest, and those with the longest paragraph"
    monkeypatch.undo()
    shutil.copy(whole, again)
    with duckdb.connect(str(again)) as db:
        db.execute("DELETE FROM carried WHERE stage = 'segment'")
    changing.recode(again, options=options)
    same(path, again)
    changing.recode(path, options=Options())
    same(path, whole)


def test_another_least_confidence_takes_events_away_and_brings_them_back(
    whole: Path, copy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, again = copy(whole), tmp_path / "again.duckdb"
    with monkeypatch.context() as in_place:
        in_place.setattr(pipeline, "make", unasked)
        for least in (0.9, 0.7):  # higher, then lower
            changing.recode(path, options=Options(least_confidence=least))
    done = command("recode", str(path), "--least-confidence", "0.75", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    shutil.copy(whole, again)
    pipeline.build(REPORTS, again, options=Options(least_confidence=0.75))
    same(path, again, recoded=True)
    assert 0 < len(rows(path)["events"]) < len(rows(whole)["events"])
    changing.recode(path, options=Options())
    same(path, whole, recoded=True)


def test_what_is_coded_again_as_it_was_stays_in_its_event(whole: Path, copy: Any) -> None:
    path = copy(whole)
    with growing.Growing(path) as work, LocalEngine(1) as engine:
        ids = [row[0] for row in work.db.execute("SELECT report_id FROM reports").fetchall()]
        run = Run(work, engine, Options(), lambda *_: None)
        growing.follow(run, pipeline.Summary(), {"code": ids})
    same(path, whole)


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


ITEM = (
    "<item><title>Ferry {n} stopped</title><link>https://herald.example/{n}</link><guid>{n}</guid><description>Crews "
    "of ferry {n} in Larnvik went on strike on Monday, the union of ferry {n} said. The mayor asked them to return and "
    "the harbour board met the crews in the evening at the town hall.</description></item>"
)


@pytest.fixture
def feed() -> Iterator[tuple[str, list[int], list[str]]]:
    """The address of a feed on this machine, the numbers of its items, and what was answered."""
    items, answered = [1, 2, 3], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = "".join(ITEM.format(n=n) for n in items)
            body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Herald</title>{body}</channel></rss>'
            tag = f'"{len(items)}"'
            status = 404 if self.path != "/feed.xml" else 304 if self.headers.get("If-None-Match") == tag else 200
            answered.append(f"{self.path} {status}")
            self.send_response(status)
            self.send_header("Content-Type", "application/rss+xml")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body.encode()) if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(body.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/feed.xml", items, answered
    server.shutdown()
    server.server_close()


def test_watching_adds_what_is_new_and_no_more_than_told(
    feed: tuple[str, list[int], list[str]], tmp_path: Path
) -> None:
    from onrecord.stages.read.fetch import Fetcher

    address, items, answered = feed
    path, slept, heard = tmp_path / "r.duckdb", [], []
    fetcher = Fetcher(tmp_path / "r.duckdb.fetched", pause=0, allow_private=True)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            items.append(4)

    added = changing.watch(
        path, [address, f"{address}.gone"], every=7, times=4, most=2, fetcher=fetcher, sleep=sleep,
        told=lambda summary, new, problems: heard.append((summary and summary.reports, new, len(problems))),
    )  # fmt: skip
    assert added == 4
    assert [(reports, new) for reports, new, _ in heard] == [(2, 2), (3, 1), (None, 0), (4, 1)]
    assert slept == [7, 7, 7]
    assert [a for a in answered if a.startswith("/feed.xml ")].count("/feed.xml 304") == 2
    with onrecord.open(path) as record:
        assert record.check() == []
        assert sorted(record.reports()["external_id"].to_pylist()) == ["1", "2", "3", "4"]
        assert "duplicate" not in record.problems()["reason"].to_pylist()


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "onrecord", *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_the_commands_add_remove_and_watch(most: Path, whole: Path, copy: Any, tmp_path: Path) -> None:
    path = copy(most)
    done = command("add", str(path), *REPORTS[5:], "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reports"] == count(whole)
    assert command("remove", str(path), "nothing.txt").returncode == 2
    done = command("remove", str(path), "07-fjord-post.txt", "--quiet")
    assert (done.returncode, done.stdout) == (0, "")
    assert count(path) == count(whole) - 1
    (tmp_path / "in").mkdir()
    shutil.copy(REPORTS[6], tmp_path / "in")
    line = [sys.executable, "-m", "onrecord", "watch", str(path), str(tmp_path / "in"), "--every", "1"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while count(path) < count(whole) and time.monotonic() < deadline:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the record is as it was" in said
    assert rows(path)["events"] == rows(whole)["events"]
    assert not list(tmp_path.glob("r.duckdb.[bln]*"))


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
