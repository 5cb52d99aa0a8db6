from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.main import get_command

from onrecord import schema
from onrecord.cli import app
from onrecord.cli.bars import Bars
from onrecord.cli.left import SHARES, Left
from onrecord.query import Record

ROOT = Path(__file__).parent.parent


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "onrecord", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
        check=False,
    )


def test_every_command_is_documented_with_an_example() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert {"build", "brief", "check", "show", "sql", "export"} <= set(commands)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in commands.items():
        assert command.help, name
        assert f"onrecord {name}" in (command.epilog or ""), f"{name} --help has no example"
        assert f"onrecord {name} " in readme, f"the README does not tell of {name}"
        for option in command.params:
            assert getattr(option, "help", None), f"{name} {option.name}"


def test_show_sql_and_check(example_record: Record, tmp_path: Path) -> None:
    path = str(example_record.path)
    shown = run("show", "reports", path)
    assert shown.returncode == 0
    assert "Northern Star" in shown.stdout
    rows = run("sql", path, "SELECT count(*) AS n FROM reports", "--json")
    assert json.loads(rows.stdout) == {"n": example_record.reports().num_rows}
    assert run("check", path).stdout.strip().endswith("keeps its laws")
    wrong = run("show", "event", path)
    assert wrong.returncode == 2
    assert "events" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert run("sql", path, "SELECT nothing FROM nowhere").returncode == 2
    assert "no such record" in run("check", str(tmp_path / "none.duckdb")).stderr


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
def test_export_writes_every_table(example_record: Record, tmp_path: Path, form: str) -> None:
    done = run("export", str(example_record.path), str(tmp_path / "out"), "--format", form)
    assert done.returncode == 0, done.stderr
    names = {t.name for t in schema.TABLES.values() if not t.working}
    assert {p.stem for p in (tmp_path / "out").iterdir()} == names
    path = tmp_path / "out" / f"events.{form}"
    ids = example_record.events()["event_id"].to_pylist()
    if form == "parquet":
        assert pq.read_table(path)["event_id"].to_pylist() == ids
    elif form == "jsonl":
        assert [json.loads(line)["event_id"] for line in path.read_text(encoding="utf-8").splitlines()] == ids
    else:
        with path.open(encoding="utf-8", newline="") as lines:
            assert [row["event_id"] for row in csv.DictReader(lines)] == ids


def test_every_line_of_a_brief_points_at_its_characters(example_record: Record, tmp_path: Path) -> None:
    text = run("brief", str(example_record.path)).stdout
    places = re.findall(r"\(([A-Z]+) (\d+)-(\d+)\)", text)
    assert len(places) > 30
    page = tmp_path / "brief.html"
    assert run("brief", str(example_record.path), "--html", str(page)).returncode == 0
    html = page.read_text(encoding="utf-8")
    assert "<svg" in html
    assert "<script" not in html
    assert not re.search(r"(src|href)=\"(https?:)?//", html)


def test_bad_input_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("Dockers in Larnvik went on strike on Monday, the union said.\n", encoding="utf-8")
    (folder / "one.txt").write_text("Larnvik: port closed", encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "photo.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "latin.txt").write_bytes("Le ministre a été reçu à Genève, où il a signé un accord.".encode("latin-1"))
    (tmp_path / "bare").mkdir()
    record = tmp_path / "r.duckdb"
    done = run("build", str(folder), str(tmp_path / "bare"), str(tmp_path / "missing.txt"), "-o", str(record), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reports"] == 3
    with Record(record) as opened:
        assert opened.check() == []
        told = {(Path(p["uri"]).name, p["stage"]) for p in opened.problems().to_pylist()}
    assert {("empty.txt", "read"), ("photo.txt", "read"), ("bare", "read"), ("missing.txt", "read")} <= told
    strict = run("build", str(folder / "good.txt"), str(folder / "empty.txt"), "-o", str(record), "--strict")
    assert strict.returncode == 1
    nothing = run("build", str(folder / "empty.txt"), "-o", str(tmp_path / "none.duckdb"))
    assert nothing.returncode == 2
    assert "empty.txt" in nothing.stderr
    assert not (tmp_path / "none.duckdb").exists()
    assert run("build").returncode == 2


def _children(pid: int) -> set[int]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]) == pid:
                found.add(int(stat.parent.name))
    return found


@pytest.mark.parametrize(("signum", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_an_interrupt_leaves_the_record_as_it_was(signum: int, status: int, tmp_path: Path) -> None:
    reports = tmp_path / "many.jsonl"
    text = "Dockers in port {n} went on strike on Monday, the union of port {n} said. The mayor asked them to return."
    lines = [json.dumps({"id": str(n), "text": " ".join([text.format(n=n)] * 40)}) for n in range(400)]
    reports.write_text("\n".join(lines), encoding="utf-8")
    record = tmp_path / "r.duckdb"
    command = [sys.executable, "-m", "onrecord", "build", str(reports), "-o", str(record), "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "r.duckdb.building").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        workers = _children(process.pid)
        process.send_signal(signum)
        _, said = process.communicate(timeout=60)
    assert process.returncode == status
    assert not record.exists()
    if signum != signal.SIGKILL:
        assert "the record is as it was" in said
        assert sorted(p.name for p in tmp_path.iterdir()) == ["many.jsonl"]
    deadline = time.monotonic() + 30
    while (left := {pid for pid in workers if Path(f"/proc/{pid}").exists()}) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert workers and not left


def test_help_shows_the_three_commands_most_needed_and_a_slip_is_met_with_what_was_meant() -> None:
    told = run("--help").stdout
    for line in ("onrecord build reports/", "onrecord brief record.duckdb", "onrecord serve record.duckdb"):
        assert line in told.split("Options:")[0]
    assert "Did you mean 'show'?" in run("shwo").stderr
    assert "Did you mean 'merge-events'" in run("correct", "r.duckdb", "merge-event").stderr
    assert "did you mean events?" in run("show", "evnts").stderr


def test_errors_are_one_line_with_the_remedy(example_record: Record, tmp_path: Path) -> None:
    path = str(example_record.path)
    for arguments, remedy in (
        (("check", str(tmp_path / "none.duckdb")), "make one with: onrecord build"),
        (("brief", path, "--story", "s_none"), "onrecord show stories"),
        (("corrections", path, "undo", "c_none"), "onrecord show corrections"),
        (("correct", path, "set-event", "ev_", "date", "soon"), "2024-05-17"),
        (("corrections", path, "import", str(tmp_path / "none.jsonl")), "cannot be read"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, arguments
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
        assert remedy in done.stderr


def test_nothing_but_a_terminal_gets_colour(example_record: Record) -> None:
    for arguments in (("show", "events"), ("--help",), ("correct", "--help")):
        path = (str(example_record.path),) if arguments[0] == "show" else ()
        assert "\x1b" not in run(*arguments, *path).stdout
    assert "\x1b" not in run("show", "nothing").stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    asked = {
        "_ONRECORD_COMPLETE": f"complete_{shell}", "COMP_WORDS": "onrecord cor", "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "onrecord cor", "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "onrecord"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | asked,
    )
    assert "corrections" in done.stdout, done.stderr
    assert "build" not in done.stdout.split()


def test_a_file_that_is_no_record_is_neither_read_nor_written_over(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Dockers in Larnvik went on strike on Monday, the union said.\n", encoding="utf-8")
    before = notes.read_bytes()
    for arguments, told in (
        (("build", str(notes), "-o", str(notes)), "left as it is; choose another -o"),
        (("build", str(notes), "-o", str(tmp_path)), "is a folder; name a file"),
        (("brief", str(notes)), "not a record of onrecord"),
        (("serve", str(notes)), "not a record of onrecord"),
        (("serve", str(tmp_path / "none.duckdb")), "make one with: onrecord build"),
    ):
        done = run(*arguments)
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert notes.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt"]


def test_slips_in_the_order_or_name_of_arguments(example_record: Record, tmp_path: Path) -> None:
    path = str(example_record.path)
    assert json.loads(run("sql", "SELECT 1 AS one", path, "--json").stdout) == {"one": 1}
    assert "name the folder to write to: onrecord export" in run("export", path).stderr
    assert "did you mean gdelt?" in run("export", path, str(tmp_path), "--as", "gdlet").stderr


def test_quiet_and_json(example_record: Record, tmp_path: Path) -> None:
    path = str(example_record.path)
    assert json.loads(run("check", path, "--json").stdout) == []
    files = json.loads(run("export", path, str(tmp_path), "--as", "geojson", "--json").stdout)
    assert [Path(f).name for f in files] == ["events.geojson"]
    for arguments in (
        ("check", path),
        ("export", path, str(tmp_path)),
        ("brief", path, "--html", f"{tmp_path}/b.html"),
    ):
        done = run(*arguments, "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def run_of(reports: int, slower: Mapping[str, float], work: Mapping[str, int]) -> Iterator[tuple[float, float | None]]:
    """Of a build told in tenths of each stage: seconds that are truly left, and what is said to be left."""
    now = [0.0]
    left = Left(lambda: now[0])
    shares = {s: v * slower.get(s, 1.0) * work.get(s, reports) / reports for s, v in SHARES.items()}
    whole = sum(shares.values())
    for stage, seconds in shares.items():
        total = work.get(stage, reports)
        for tenth in range(11):
            left(stage, total * tenth // 10, total)
            yield whole - now[0], left.seconds()
            now[0] += seconds / 10 if tenth < 10 else 0.0


def test_the_time_left_is_that_of_the_whole_run() -> None:
    """Within a fifth from a tenth of the run on, whatever the machine's pace, in a build and in an addition."""
    for pace in (0.5, 1.0, 8.0):
        told = list(run_of(1000, dict.fromkeys(SHARES, pace), {}))
        whole = told[0][0]
        late = [(true, said) for true, said in told if true < 0.9 * whole]
        assert all(said == pytest.approx(true, rel=0.2, abs=0.01 * whole) for true, said in late)
        assert told[-1][1] == pytest.approx(0, abs=0.01)
    few = dict.fromkeys(("segment", "annotate", "resolve", "time", "attribute", "code", "reconcile"), 50)
    told = list(run_of(1000, {}, few))
    assert all(said == pytest.approx(true, rel=0.3, abs=1.0) for true, said in told[60:])
    # reports of another kind: parsing takes three times its share, and what is said comes right while it goes on
    told = list(run_of(1000, {"annotate": 3.0}, {}))
    after = [(true, said) for true, said in told if true < 0.9 * told[0][0]]
    assert all(said == pytest.approx(true, rel=0.8, abs=1.0) for true, said in after)


def test_nothing_is_said_of_the_time_left_before_anything_is_known() -> None:
    now = [0.0]
    left = Left(lambda: now[0])
    assert left.seconds() is None
    left("read", 500, None)
    now[0] = 3.0
    assert left.seconds() is None
    # nothing to do at all
    for stage in SHARES:
        left(stage, 0, 0)
    assert left.seconds() in (None, 0)


def test_the_time_left_stands_beside_the_stage_under_way() -> None:
    now = [0.0]
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=120)
    with Bars(True, console, lambda: now[0]) as bars:
        for done in range(0, 101, 10):
            now[0] = done * 0.6
            bars("annotate", done, 300)
        assert (bars.left.seconds() or 0) > 120  # what is left of the stage, and the stages to come
        bars("fetch", 3, None)
        assert [t.description for t in bars.bars.tasks] == ["annotate", "fetch"]
    assert "whole run: 0:" in drawn.getvalue()
    silent = io.StringIO()
    with Bars(True, Console(file=silent), lambda: now[0]) as bars:
        bars("annotate", 1, 2)
    assert silent.getvalue() == ""


def test_a_log_has_a_line_each_minute() -> None:
    now = [0.0]
    log = io.StringIO()
    with Bars(True, Console(file=log, width=120), lambda: now[0]) as bars:
        for done in range(301):
            now[0] = done * 0.6
            bars("annotate", 40 * done, 12_000)
    lines = log.getvalue().splitlines()
    assert [line.partition(";")[0] for line in lines] == [
        "0:01:00 annotate: 4,000 of 12,000", "0:02:00 annotate: 8,000 of 12,000", "0:03:00 annotate: 12,000 of 12,000",
    ]  # fmt: skip
    assert "; whole run: 0:0" in lines[0] and lines[0].endswith(" left")
    with Bars(False, Console(file=log, width=120), lambda: now[0]) as bars:
        now[0] += 600
        bars("annotate", 1, 2)
    assert len(log.getvalue().splitlines()) == 3
