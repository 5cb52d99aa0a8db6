"""A stage that breaks a law costs the rows, or the report, that break it: the run goes on and the record is lawful."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

import onrecord
from onrecord import corrections, laws, pipeline, schema
from onrecord.cli import app
from onrecord.corrections import Change
from onrecord.errors import LawError
from onrecord.model import Quantity, Segment, Span
from onrecord.query import Record
from onrecord.refusing import refuse
from onrecord.stages import align as align_stage
from onrecord.stages import attribute, reconcile, segment, time
from onrecord.stages import code as code_stage
from onrecord.store import Workspace

REPORTS = Path(__file__).parent.parent / "examples" / "reports"
BAD = "Tromsø"  # stands in some of the samples: those meet the fault
TORN = "Somalia"  # stands in others, which cannot be segmented
Fault = Callable[..., Any]
Planted = tuple[ModuleType, str, str, Callable[[Fault], Fault]]
"""Module, name and stage of a function, and what makes a faulty one of it."""


def faulty_segments(whole: Fault) -> Fault:
    def segments(raw: Any, repeated: Any) -> Any:
        given, credits = whole(raw, repeated)
        return (given[1:] if TORN in raw.text else given), credits

    return segments


def failing_segments(whole: Fault) -> Fault:
    def segments(raw: Any, repeated: Any) -> Any:
        if TORN in raw.text:
            raise RuntimeError("no line at all")
        return whole(raw, repeated)

    return segments


def doubled_segments(whole: Fault) -> Fault:
    def segments(raw: Any, repeated: Any) -> Any:
        given, credits = whole(raw, repeated)
        if TORN in raw.text:
            given = [Segment(Span(given[0].span.start, len(raw.text)), "caption"), *given[1:]]
        return given, credits

    return segments


def changed(module: ModuleType, name: str, stage: str, **values: Any) -> Planted:
    """A function of a stage whose answers have these values."""

    def wrap(whole: Fault) -> Fault:
        def work(doc: Any, *rest: Any) -> Any:
            return [replace(row, **values) if BAD in doc.text else row for row in whole(doc, *rest)]

        return work

    return module, name, stage, wrap


def shared_passages(whole: Fault) -> Fault:
    def align(*tables: pa.Table) -> Any:
        alignments, *others = whole(*tables)
        (first, *rest) = alignments.to_pylist()
        wrong = [{**first, "a_end": 10**6}, {**first, "b_start": first["b_start"] + 1}]
        return schema.ALIGNMENTS.from_rows([*wrong, first, first, *rest]), *others

    return align


def undeclared_passages(whole: Fault) -> Fault:
    def align(*tables: pa.Table) -> Any:
        alignments, *others = whole(*tables)
        rows = [{**row, "kind": "borrowed"} for row in alignments.to_pylist()]
        return schema.ALIGNMENTS.from_rows(rows), *others

    return align


times = partial(changed, time, "find_times", "time")
said = partial(changed, attribute, "attribute", "attribute")
FAULTS = {
    "kept with less": [
        (segment, "segment", "segment", faulty_segments),
        times(type=None),
        said(id="a_1"),
        changed(code_stage, "code", "code", actors=("e_none",)),
        (align_stage, "aligned", "align", shared_passages),
    ],
    "of other kinds": [
        (segment, "segment", "segment", doubled_segments),
        times(type="ERA"),
        said(source_entity="e_none"),
        (align_stage, "aligned", "align", undeclared_passages),
    ],
    "of other types": [
        (segment, "segment", "segment", failing_segments),
        times(value=7.5),
        said(kind=None),
        changed(code_stage, "code", "code", quantities=(Quantity(Span(0, 10**6), 1.0, None, "killed"),)),
    ],
}


def rows_of(record: Record, table: str, reports: set[str]) -> list[dict[str, Any]]:
    return [r for r in record.table(table).to_pylist() if r["report_id"] in reports]


@pytest.fixture
def parsed(example_record: Record, tmp_path: Path) -> Path:
    """A record from which a build takes the parses and nothing else."""
    path = tmp_path / "r.duckdb"
    shutil.copy(example_record.path, path)
    with duckdb.connect(str(path)) as db:
        db.execute("DELETE FROM carried")
    return path


@pytest.mark.parametrize("faults", FAULTS)
def test_a_broken_law_costs_what_breaks_it(
    faults: str, example_record: Record, parsed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, _, wrap in FAULTS[faults]:
        monkeypatch.setattr(module, name, wrap(getattr(module, name)))
    summary = pipeline.build([REPORTS], parsed, options=onrecord.Options(workers=1))
    with onrecord.open(parsed) as record:
        assert record.check() == []
        told = [p for p in record.problems().to_pylist() if p["reason"] in ("law-broken", "error")]
        assert {p["stage"] for p in told} - {"store"} == {stage for _, _, stage, _ in FAULTS[faults]}
        assert summary.refused == sum(p["reason"] == "law-broken" for p in told)
        texts = {r["report_id"]: r["text"] for r in record.reports().to_pylist()}
        assert len(texts) == example_record.reports().num_rows, "a report is lost"
        fine = {i for i, text in texts.items() if BAD not in text and TORN not in text}
        for table in ("segments", "timexes", "entity_mentions", "attributions"):
            mine, theirs = rows_of(record, table, fine), rows_of(example_record, table, fine)
            for row in (*mine, *theirs):
                for name in (
                    "utterance_id",
                    "utterance_share",
                    "entity_id",
                    "source_entity",
                ):  # of all reports together
                    row.pop(name, None)
            assert mine == theirs, f"{table} of a report without a fault"
        assert record.events().num_rows > 1


def test_what_no_stage_saw_is_refused_at_the_end_with_what_hangs_on_it(example_record: Record, tmp_path: Path) -> None:
    """Each kind of broken law, planted in a whole record; the rest of it stays."""
    planted = {
        "UPDATE events SET event_id = 'ev_gone' WHERE event_id = (SELECT min(event_id) FROM events)": "ledger",
        "INSERT INTO timexes SELECT * FROM timexes LIMIT 3": "timexes",
        "UPDATE timexes SET type = 'ERA' WHERE report_id = (SELECT min(report_id) FROM timexes)": "timexes",
        "UPDATE credits SET agency = NULL": "credits",
        "UPDATE segments SET char_end = char_end + 60 WHERE char_start = 0": "segments",
        "UPDATE entity_mentions SET char_start = char_start + 1": "entity_mentions",
        "UPDATE alignments SET b_end = 1000000 WHERE words > 20": "alignments",
        "UPDATE origins SET evidence = [{'report_id': 'r_0', 'char_start': 0, 'char_end': 4}]": "origins",
        "DELETE FROM attributions WHERE parent_attribution IS NULL": "attributions",
        "DELETE FROM segments WHERE char_start = 0": "segments",
    }
    for change, table in planted.items():
        with Workspace(tmp_path / "r.duckdb") as work:
            for name in schema.TABLES:
                work.put(name, example_record.table(name))
            before = work.count("reports")
            work.db.execute(change)
            assert laws.violations(work.db), change
            assert refuse(work, "store", texts=True), change
            assert laws.violations(work.db) == [], change
            problems = [p for p in work.get("problems").to_pylist() if p["reason"] == "law-broken"]
            assert any(p["detail"].startswith(f"{table}: ") and p["stage"] == "store" for p in problems), change
            assert work.count("reports") == before, change


def test_what_people_decided_is_never_refused(tmp_path: Path) -> None:
    with pytest.raises(LawError, match="corrections"), Workspace(tmp_path / "r.duckdb") as work:
        work.db.execute(
            "INSERT INTO corrections (correction_id, made_at, made_by, action, target) "
            "VALUES ('c_1', now(), 'Kim', 'praise', 'events ev_1')"
        )
        work.finish({}, mend=lambda: refuse(work, "store", texts=True))


def test_a_correction_refuses_what_breaks_a_law(
    example_record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an event, which reconciles its story anew, and of a report, which runs every stage anew."""
    path = tmp_path / "r.duckdb"
    whole = reconcile.reconcile

    def faulty(tables: Any, least: float) -> Any:
        given = whole(tables, least)
        (first, *rest) = given["origins"].to_pylist()
        nowhere = {"report_id": "r_0", "char_start": 0, "char_end": 4}
        return {**given, "origins": schema.ORIGINS.from_rows([{**first, "evidence": [nowhere]}, *rest])}

    monkeypatch.setattr(reconcile, "reconcile", faulty)
    event = example_record.events().to_pylist()[0]["event_id"]
    report = example_record.reports().to_pylist()[0]["report_id"]
    for change in (
        Change("confirm", "events", (event,)),
        Change("set", "reports", (report,), "outlet", "The Tern"),
    ):
        shutil.copy(example_record.path, path)
        assert corrections.make(path, change, who="Kim").state == "applied"
        with onrecord.open(path) as record:
            assert record.check() == []
            told = [p["detail"] for p in record.problems().to_pylist() if p["reason"] == "law-broken"]
            assert any(d.startswith("origins: evidence ") for d in told), told
            assert record.events().num_rows == example_record.events().num_rows


def test_the_command_says_so(parsed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, _, wrap = times(type="ERA")
    monkeypatch.setattr(module, name, wrap(getattr(module, name)))
    line = ["build", str(REPORTS), "-o", str(parsed), "--workers", "1", "--json", "--strict"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["refused"] > 0
    assert "would break a law of the record were refused" in " ".join(done.stderr.split())
