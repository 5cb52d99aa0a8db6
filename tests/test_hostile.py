"""Hostile input ends in a row of problems or in a lawful record, soon; it never costs another report."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import onrecord
from onrecord.query import Record
from onrecord.stages.read import read
from onrecord.stages.read.blocks import blocks_of
from tests.hostile import NEWS, bombs, damaged, texts, unclosed

ROOT = Path(__file__).parent.parent
SEED = 20240305
SECONDS = 120  # of a folder of hostile files on a machine that has other work; alone it takes about a tenth of that


def put(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def lawful(record: Record) -> None:
    assert record.check() == []
    assert NEWS in record.reports()["text"].to_pylist(), "the whole report beside the hostile ones is lost"


def test_every_hostile_text_is_read_or_told(tmp_path: Path) -> None:
    files = {f"{name}.txt": text.encode() for name, text in texts().items()}
    put(tmp_path / "in", files | {"whole.txt": NEWS.encode()})
    start = time.process_time()
    record = onrecord.build(tmp_path / "in", tmp_path / "r.duckdb", options=onrecord.Options(workers=1))
    assert time.process_time() - start < SECONDS
    lawful(record)
    seen = {Path(u).name for u in record.reports()["uri"].to_pylist()}
    seen |= {Path(u).name for u in record.problems()["uri"].to_pylist()}
    assert seen >= files.keys()


def test_bombs_are_refused_or_bounded(tmp_path: Path) -> None:
    put(tmp_path / "in", bombs() | {"whole.txt": NEWS.encode()})
    record = onrecord.build(tmp_path / "in", tmp_path / "r.duckdb", options=onrecord.Options(workers=1))
    lawful(record)
    problems = {Path(p["uri"].partition(":")[0]).name: p["reason"] for p in record.problems().to_pylist()}
    told = {"zeros.txt.gz", "line.jsonl.gz", "deep.json", "deep.jsonl", "laughs.xml", "years.jsonl"}
    assert problems.keys() >= told | {"million.html", "bomb.zip", "cut.warc.gz"}
    texts_read = record.reports()["text"].to_pylist()
    assert not any("lollol" in t for t in texts_read)
    host = Path("/etc/hostname")
    if host.exists():
        assert not any(host.read_text(encoding="utf-8").strip() in t for t in texts_read)
    assert sum("(" not in t and "shelled the port of Larnvik" in t for t in texts_read) >= 20, "one id for 20 reports"


def test_elements_that_are_never_closed_take_little_time() -> None:
    for tag, markup in unclosed().items():
        start = time.process_time()
        assert NEWS.split(",")[0] in blocks_of(markup)[0][0], tag
        assert time.process_time() - start < 15, tag


def test_a_text_of_200_mib_is_refused_in_little_time(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_bytes(b"The army shelled the port. " * (200 * 2**20 // 27))
    told: list[str] = []
    start = time.process_time()
    assert list(read([str(tmp_path / "long.txt")], on_problem=lambda uri, reason, detail: told.append(reason))) == []
    assert told == ["too-large"]
    assert time.process_time() - start < 5


def fuzz(folder: Path, seed: int, count: int) -> int:
    """Read damaged files one by one; how many gave a report. Any exception is a failure, and so is silence."""
    folder.mkdir(parents=True, exist_ok=True)
    gave = 0
    for name, data in damaged(seed, count):
        path = folder / name
        path.write_bytes(data)
        told: list[str] = []
        reports = list(read([str(path)], on_problem=lambda uri, reason, detail, told=told: told.append(reason)))
        assert reports or told, f"seed {seed}: {name} vanished"
        assert all(r.text.strip() for r in reports)
        gave += bool(reports)
        path.unlink()
    return gave


def test_damaged_files_are_read_or_told(tmp_path: Path) -> None:
    gave = fuzz(tmp_path, SEED, 400)
    assert 50 < gave < 400


@pytest.mark.slow
def test_many_damaged_files_are_read_or_told(tmp_path: Path) -> None:
    assert sum(fuzz(tmp_path, SEED + n, 1000) for n in range(20)) > 2000


def test_damaged_files_make_a_lawful_record(tmp_path: Path) -> None:
    put(tmp_path / "in", dict(damaged(SEED + 1, 60)) | {"whole.txt": NEWS.encode()})
    lawful(onrecord.build(tmp_path / "in", tmp_path / "r.duckdb", options=onrecord.Options(workers=1)))


@pytest.mark.slow
def test_long_hostile_texts_end_within_their_limits(tmp_path: Path) -> None:
    put(tmp_path / "in", {f"{n}.txt": t.encode() for n, t in texts(20).items()} | {"whole.txt": NEWS.encode()})
    lawful(onrecord.build(tmp_path / "in", tmp_path / "r.duckdb", options=onrecord.Options(workers=2)))


def test_names_of_files_are_data_too(tmp_path: Path) -> None:
    folder = tmp_path / "<script>alert(1)"
    put(folder, {"<img src=x onerror=alert(1)>.txt": NEWS.encode(), "ctl\x1b[31m\n.txt": (NEWS + " Again.").encode()})
    record = onrecord.build(folder, tmp_path / "r.duckdb")
    assert record.reports().num_rows == 2
    command = [sys.executable, "-m", "onrecord", "show", "reports", str(tmp_path / "r.duckdb")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "\x1b" not in shown
    command = [
        sys.executable,
        "-m",
        "onrecord",
        "brief",
        str(tmp_path / "r.duckdb"),
        "--html",
        str(tmp_path / "b.html"),
    ]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    assert "<img src=x" not in (tmp_path / "b.html").read_text(encoding="utf-8")


def test_another_machines_zone_and_locale_give_the_same_rows(example_record: Record, tmp_path: Path) -> None:
    zone, locale = "Pacific/Kiritimati", "tr_TR.UTF-8"  # a day ahead of most, and another upper case of i
    path = tmp_path / "r.duckdb"
    env = os.environ | {"TZ": zone, "LC_ALL": locale, "LANG": locale, "PYTHONHASHSEED": "77", "PYTHONUTF8": "0"}
    reports = str(ROOT / "examples" / "reports")
    command = [sys.executable, "-m", "onrecord", "build", reports, "-o", str(path), "--workers", "1", "--quiet"]
    subprocess.run(command, check=True, env=env, cwd=ROOT, timeout=300)
    with Record(path) as record:
        for name in ("reports", "timexes", "entities", "attributions", "stories", "event_mentions", "events", "ledger"):
            ours, theirs = example_record.table(name), record.table(name)
            if name == "reports":
                ours, theirs = ours.drop(["uri", "ingested_at"]), theirs.drop(["uri", "ingested_at"])
            assert theirs.to_pylist() == ours.to_pylist(), name
