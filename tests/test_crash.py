"""A record is whole at every moment: killed writers, full disks, folders that cannot be written, second writers."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from crashing import WRITERS, context, killed_after, rows, started, whole_seconds

import onrecord
from onrecord import pipeline
from onrecord.errors import RecordError
from onrecord.store import Workspace

ROOT = Path(__file__).parent.parent
REPORTS = sorted(str(p) for p in (ROOT / "examples" / "reports").iterdir())
FEW, MORE = REPORTS[:2], REPORTS[2:4]
ACTIONS = {"build": FEW + MORE, "add": MORE}


def killed(folder: Path, action: str, kills: int, reruns: int, seed: int) -> int:
    """Kill so many runs at work, at random moments; how many were. Fails where a record is not whole."""
    ctx = context()
    standing, undisturbed, path = folder / "standing.duckdb", folder / "undisturbed.duckdb", folder / "r.duckdb"
    onrecord.build(FEW, standing).close()
    old = rows(standing)
    shutil.copy(standing, undisturbed)
    WRITERS[action](ACTIONS[action], undisturbed)
    new = rows(undisturbed)
    shutil.copy(standing, undisturbed)
    seconds = whole_seconds(ctx, action, ACTIONS[action], undisturbed)
    dice, hit = random.Random(seed), 0
    for n in range(3 * kills):
        if hit == kills:
            break
        shutil.copy(standing, path)
        # every third in the last fifth, where the new record is written and takes its place
        at = dice.uniform(0.8, 1.02) if n % 3 == 0 else dice.uniform(0, 1)
        if killed_after(started(ctx, action, ACTIONS[action], path), at * seconds):
            hit += 1
        else:
            seconds *= 0.8  # the machine has become faster than it was
        found = rows(path)
        assert found in (old, new), f"killed at {at:.3f} of {seconds:.2f} s"
        if n % (kills // reruns) == 0:
            if found == new and action == "add":
                continue
            seconds = whole_seconds(ctx, action, ACTIONS[action], path)  # as fast as the machine is just now
            assert rows(path) == new
            assert sorted(p.name for p in folder.iterdir()) == ["r.duckdb", "standing.duckdb", "undisturbed.duckdb"]
    return hit


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_killed_at_any_moment_the_record_is_the_old_or_the_new_one(tmp_path: Path, action: str) -> None:
    assert killed(tmp_path, action, kills=3, reruns=1, seed=7) == 3


@pytest.mark.slow
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_killed_at_50_moments_a_rerun_ends_in_the_same_rows(tmp_path: Path, action: str) -> None:
    assert killed(tmp_path, action, kills=50, reruns=50, seed=11) == 50


def _limited(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("kib", [0, 300])
def test_a_full_disk_is_told_and_leaves_the_record(tmp_path: Path, kib: int) -> None:
    record = tmp_path / "r.duckdb"
    with Workspace(record) as work:
        work.finish({})
    before = record.read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "onrecord", "build", *FEW, "-o", str(record)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: _limited(kib * 1024),
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert record.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["r.duckdb"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    places = [Path("/proc/r.duckdb"), Path("/proc/none/r.duckdb"), tmp_path / "file" / "r.duckdb"]
    (tmp_path / "file").write_text("")
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        places.append(tmp_path / "locked" / "r.duckdb")
    for place in places:
        with pytest.raises(RecordError, match="cannot be written there"):
            pipeline.build(FEW, place)


def test_a_writer_that_took_its_lock_away_lets_only_one_follow(tmp_path: Path) -> None:
    with Workspace(tmp_path / "r.duckdb") as first:
        held = first.lock.stat().st_ino
        with pytest.raises(RecordError, match=rf"being written by process {os.getpid()} on \S+ since"):
            Workspace(tmp_path / "r.duckdb").__enter__()
        assert first.lock.stat().st_ino == held


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stages that die, hang or take all memory on a report that says so, in the workers too."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, time, importlib.abc, sys\n"
        "import importlib.machinery\n"
        "class Found(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name not in ('onrecord.stages.attribute', 'onrecord.stages.reconcile'): return None\n"
        "        spec = importlib.machinery.PathFinder.find_spec(name, path)\n"
        "        run = spec.loader.exec_module\n"
        "        def exec_module(module):\n"
        "            run(module)\n"
        "            if name.endswith('reconcile'):\n"
        "                all_of = module.reconcile\n"
        "                def reconcile(tables, least):\n"
        "                    if 'Reaper' in ' '.join(tables['reports']['text'].to_pylist()): os.kill(os.getpid(), 9)\n"
        "                    return all_of(tables, least)\n"
        "                module.reconcile = reconcile\n"
        "                return\n"
        "            whole = module.attribute\n"
        "            def attribute(doc):\n"
        "                if 'Killjoy' in doc.text: os.kill(os.getpid(), 9)\n"
        "                if 'Endless' in doc.text:\n"
        "                    while True: pass\n"
        "                if 'Glutton' in doc.text: bytearray(8 << 30)\n"
        "                return whole(doc)\n"
        "            module.attribute = attribute\n"
        "        spec.loader.exec_module = exec_module\n"
        "        return spec\n"
        "sys.meta_path.insert(0, Found())\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    return tmp_path


def test_a_report_that_kills_hangs_or_eats_memory_costs_itself(hostile: Path) -> None:
    names = ["Killjoy", "Endless", "Glutton", "Reaper", *(f"Larnvik {n}" for n in range(12))]
    lines = [
        json.dumps({"id": n, "text": f"Dockers in port {n} went on strike on Monday, the union of {n} said."})
        for n in names
    ]
    (hostile / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    script = (
        "import sys\nfrom onrecord import pipeline, Options\n"
        "pipeline.SMALL_CHARACTERS = 0\n"
        "pipeline.build([sys.argv[1]], sys.argv[2], options=Options(workers=2, report_seconds=2, worker_mib=1500))\n"
    )
    record = hostile / "r.duckdb"
    done = subprocess.run(
        [sys.executable, "-c", script, str(hostile / "in.jsonl"), str(record)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with onrecord.open(record) as opened:
        assert opened.check() == []
        ids = dict(opened.sql("SELECT report_id, external_id FROM reports").to_pandas().itertuples(index=False))
        told = {ids[p["report_id"]]: (p["stage"], p["reason"]) for p in opened.problems().to_pylist()}
        said = {ids[r] for r in opened.attributions()["report_id"].to_pylist()}
        belongs = {ids[r["report_id"]]: r["story_id"] for r in opened.table("story_reports").to_pylist()}
        told_of = opened.sql("SELECT DISTINCT report_id FROM event_mentions WHERE event_id IS NOT NULL").to_pylist()
        in_events = {ids[row["report_id"]] for row in told_of}
    assert {name: reason for name, (_, reason) in told.items()} == {
        "Killjoy": "worker-died",
        "Endless": "time-limit",
        "Glutton": "memory-limit",
        "Reaper": "worker-died",
    }
    assert told["Reaper"][0] == "reconcile"
    assert {stage for name, (stage, _) in told.items() if name != "Reaper"} <= {"attribute", "code"}
    assert said == {"Reaper", *(f"Larnvik {n}" for n in range(12))}
    assert len({s for n, s in belongs.items() if n in ("Reaper", "Larnvik 3")}) == 1
    assert in_events >= {f"Larnvik {n}" for n in range(12)}, "the rest of its story is reconciled"
    assert "Reaper" not in in_events
