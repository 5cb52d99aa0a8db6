"""What is wrong with one input, or one report within it, costs that alone; what can be read of it is read."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import random
import re
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import onrecord
from onrecord import changing, pipeline
from onrecord.cli import app
from onrecord.cli.common import printable
from onrecord.errors import UsageError
from onrecord.limits import Bound
from onrecord.stages.read import feeds, formats, newsml, page, read, records
from onrecord.stages.read.unpacking import Unpacked, gunzipped
from tests.hostile import NEWS

Told = list[tuple[str, str, str]]


def signs(n: int) -> str:
    """Words that do not pack."""
    return " ".join(hashlib.sha256(f"{n} {k}".encode()).hexdigest() for k in range(30))


def taken(path: Path, clock: Bound | None = None) -> tuple[list[Any], Told]:
    told: Told = []
    return list(read([str(path)], on_problem=lambda *p: told.append(p), clock=clock)), told


def unpacked(data: bytes) -> tuple[bytes, str | None]:
    raw = Unpacked(io.BufferedReader(io.BytesIO(data)))
    return io.BufferedReader(raw).read(), raw.fault


def test_whole_members_and_padding_are_unpacked_as_gzip_does() -> None:
    data = NEWS.encode() * 5000
    packed = gzip.compress(data[:1000]) + gzip.compress(b"") + b"\0" * 40 + gzip.compress(data[1000:]) + b"\0" * 512
    assert unpacked(packed) == (data, None)
    assert unpacked(gzip.compress(b"\0" * (40 << 20))) == (b"\0" * (40 << 20), None)


def test_all_that_stands_before_a_cut_or_a_fault_is_given() -> None:
    data = b"".join(signs(n).encode() for n in range(60))
    packed, dice = gzip.compress(data), random.Random(5)
    for _ in range(60):
        at = dice.randrange(20, len(packed) - 1)
        given, fault = unpacked(packed[:at])
        assert fault
        assert data.startswith(given)
        assert given == zlib.decompressobj(31).decompress(packed[:at])
    wrong_sum = bytearray(packed)
    wrong_sum[-6] ^= 1
    assert unpacked(bytes(wrong_sum)) == (data, "Error -3 while decompressing data: incorrect data check")
    assert unpacked(packed + b"no gzip") == (data, "Error -3 while decompressing data: incorrect header check")


def pages(count: int) -> list[bytes]:
    out = []
    for n in range(count):
        body = f"<html><body><article><p>{NEWS} ({n})</p><p>{NEWS}</p></article><!-- {signs(n)} --></body></html>"
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}"
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.invalid/{n}\r\n"
            f"WARC-Date: 2024-03-05T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{n:012}>\r\n"
            f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer.encode())}\r\n\r\n"
        )
        out.append(f"{head}{answer}\r\n\r\n".encode())
    return out


@pytest.mark.parametrize("members", [True, False], ids=["a member a page", "one member"])
def test_a_cut_warc_keeps_every_whole_page(tmp_path: Path, members: bool) -> None:
    path, whole = tmp_path / "cut.warc.gz", pages(12)
    packed = b"".join(gzip.compress(p) for p in whole) if members else gzip.compress(b"".join(whole))
    dice = random.Random(6)
    for at in [len(packed) - 1, len(packed) - 200, *(dice.randrange(300, len(packed)) for _ in range(12))]:
        path.write_bytes(packed[:at])
        there = zlib.decompressobj(31)
        kept = b""
        rest = packed[:at]
        while rest:
            kept += there.decompress(rest)
            rest, there = there.unused_data, zlib.decompressobj(31)
        complete, end = 0, 0
        for p in whole:
            end += len(p)
            complete += len(kept) >= end - 4  # the blank lines after it are no part of a page
        reports, told = taken(path)
        assert complete - 1 <= len(reports) <= complete
        assert all(NEWS in r.text for r in reports)
        if end_of_a_page := any(kept == b"".join(whole[:n]) for n in range(1, 12)):
            assert complete == len(reports)
        assert end_of_a_page or [reason for _, reason, _ in told] == ["damaged"]


def test_a_page_that_an_unpacked_warc_breaks_off_in_is_not_taken_for_whole(tmp_path: Path) -> None:
    whole = pages(4)
    path = tmp_path / "cut.warc"
    path.write_bytes(b"".join(whole)[: -len(whole[-1]) // 2])
    reports, told = taken(path)
    assert len(reports) == 3
    assert [reason for _, reason, _ in told] == ["damaged"]


def test_a_cut_table_or_lines_keep_every_whole_row(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"{NEWS}\n\n{signs(n)}"} for n in range(40)]
    sheet = io.StringIO()
    table = csv.DictWriter(sheet, ["id", "text"])
    table.writeheader()
    table.writerows(rows)
    lines = "\n".join(map(json.dumps, rows))
    for name, data in (("a.jsonl.gz", lines.encode()), ("a.csv.gz", sheet.getvalue().encode())):
        path = tmp_path / name
        path.write_bytes(gzip.compress(data)[: -len(gzip.compress(data)) // 3])
        reports, told = taken(path)
        assert 20 <= len(reports) < 40, name
        assert [(r.external_id, r.text) for r in reports] == [(r["id"], r["text"]) for r in rows[: len(reports)]]
        assert [reason for _, reason, _ in told] == ["damaged"], name


def test_one_report_that_is_cut_is_refused(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "a.html.gz", "a.json.gz", "a.md.gz", "a.eml.gz", "a.rss.gz"):
        data = gzip.compress((f"<p>{NEWS}</p>" + signs(1) * 20).encode())
        (tmp_path / name).write_bytes(data[:-40])
        reports, told = taken(tmp_path / name)
        assert reports == []
        assert [reason for _, reason, _ in told] == ["damaged"], name


def spinning(whole: Any, mark: str = "SPIN") -> Any:
    """The function, but work without end where an argument has the mark."""

    def work(*given: Any, **named: Any) -> Any:
        while mark in str(given):
            time.process_time()
        return whole(*given, **named)

    return work


def failing(whole: Any, error: BaseException, mark: str = "SPIN") -> Any:
    def work(*given: Any, **named: Any) -> Any:
        if mark in str(given):
            raise error
        return whole(*given, **named)

    return work


def many(folder: Path) -> dict[str, Path]:
    """A file of each format of many reports; the second of three has the mark."""
    folder.mkdir(exist_ok=True)
    told = [NEWS, f"SPIN {NEWS}", f"{NEWS} Again."]
    items = "".join(f"<item><title>Port</title><description>{t}</description></item>" for t in told)
    news = "".join(f"<newsItem><contentSet><inlineXML><p>{t}</p></inlineXML></contentSet></newsItem>" for t in told)
    sheet = io.StringIO()
    csv.writer(sheet).writerows([["text"], *([t] for t in told)])
    crawl = b"".join(p.replace(b"The army", b"SPINarmy") if n == 1 else p for n, p in enumerate(pages(3)))
    files = {
        "a.jsonl": "\n".join(json.dumps({"text": t}) for t in told).encode(),
        "a.json": json.dumps([{"text": t} for t in told]).encode(),
        "a.csv": sheet.getvalue().encode(),
        "a.rss": f"<?xml version='1.0'?><rss version='2.0'><channel>{items}</channel></rss>".encode(),
        "a.newsml": f"<newsMessage><itemSet>{news}</itemSet></newsMessage>".encode(),
        "a.warc": crawl,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {name: folder / name for name in files}


HANDLES = {
    "a.jsonl": (records, "_text"), "a.json": (records, "_text"), "a.csv": (records, "_text"),
    "a.rss": (feeds, "joined"), "a.newsml": (newsml, "joined"), "a.warc": (page, "extract"),
}  # fmt: skip


@pytest.mark.parametrize("name", HANDLES)
def test_a_report_that_takes_too_long_to_read_costs_itself(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, function = HANDLES[name]
    monkeypatch.setattr(module, function, spinning(getattr(module, function)))
    start = time.process_time()
    reports, told = taken(many(tmp_path)[name], Bound(0.4))
    assert time.process_time() - start < 5
    assert [(uri, reason) for uri, reason, _ in told] == [(f"{name}:2", "time-limit")]
    assert len(reports) == 2
    assert "report_seconds" in told[0][2]


@pytest.mark.parametrize("error", [OverflowError("too far"), RuntimeError("no"), AssertionError("no")], ids=str)
@pytest.mark.parametrize("name", HANDLES)
def test_a_report_on_which_a_parser_fails_costs_itself(
    name: str, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, function = HANDLES[name]
    monkeypatch.setattr(module, function, failing(getattr(module, function), error))
    reports, told = taken(many(tmp_path)[name])
    assert [(uri, reason) for uri, reason, _ in told] == [(f"{name}:2", "damaged")]
    assert len(reports) == 2


def test_a_file_that_takes_too_long_to_read_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of one of three is out, of a whole run; the bound is that of the option."""
    monkeypatch.setattr(formats.page, "extract", spinning(page.extract))
    story = f"<html><body><article><p>{NEWS}</p><p>{NEWS}</p></article></body></html>"
    for n, text in enumerate((story, story.replace("The army", "SPIN army"), story.replace("three", "four"))):
        (tmp_path / f"{n}.html").write_text(text, encoding="utf-8")
    inputs = sorted(str(p) for p in tmp_path.glob("*.html"))
    summary = pipeline.build(inputs, tmp_path / "r.duckdb", options=onrecord.Options(workers=1, report_seconds=2))
    assert summary.reports == 2
    with onrecord.open(tmp_path / "r.duckdb") as record:
        assert record.check() == []
        told = {(p["uri"], p["stage"], p["reason"]) for p in record.problems().to_pylist()}
    assert told == {("1.html", "read", "time-limit")}
    assert [line.partition(":")[0] for line in summary.unread] == ["1.html"]


def test_what_swallows_the_interruption_is_interrupted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stubborn(*_: Any, **__: Any) -> Any:
        try:
            spinning(print)("SPIN")
        except BaseException:
            spinning(print)("SPIN")

    monkeypatch.setattr(formats.page, "extract", stubborn)
    (tmp_path / "a.html").write_text(f"<html><p>{NEWS}</p></html>", encoding="utf-8")
    reports, told = taken(tmp_path / "a.html", Bound(0.3))
    assert reports == []
    assert [reason for _, reason, _ in told] == ["time-limit"]


def test_time_in_which_reports_are_put_away_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": f"{NEWS} {n}"}) for n in range(4)))
    told: Told = []
    for _ in read([str(tmp_path / "a.jsonl")], on_problem=lambda *p: told.append(p), clock=Bound(0.2)):
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert told == []


def test_a_pipe_in_a_folder_is_left_out_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(NEWS, encoding="utf-8")
    os.mkfifo(tmp_path / "b.txt")
    (tmp_path / "c.txt").symlink_to("/dev/zero")
    reports, told = taken(tmp_path)
    assert [r.uri for r in reports] == [f"{tmp_path.name}/a.txt"]
    assert [(uri.partition("/")[2], reason) for uri, reason, _ in told] == [("b.txt", "no-file"), ("c.txt", "no-file")]


def test_a_crawl_on_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe cannot tell where it stands, which the reader of crawls asks of a file."""
    ends = os.pipe()
    with os.fdopen(ends[1], "wb") as put:
        put.write(gzip.compress(b"".join(pages(2))))
    with os.fdopen(ends[0], "rb") as pipe:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(pipe))
        assert len(list(read(["-"], on_problem=lambda *p: pytest.fail(str(p))))) == 2


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    (folder / "a.txt").write_text(NEWS, encoding="utf-8")
    onrecord.build([folder / "a.txt", folder / "gone.txt"], folder / "r.duckdb").close()
    return folder


def test_adding_what_cannot_be_read_names_it_and_changes_nothing(small: Path, tmp_path: Path) -> None:
    (tmp_path / "b\x1b[31m.pdf").write_bytes(b"%PDF-1.7 ...")
    before = (small / "r.duckdb").read_bytes()
    for action in (["add", str(small / "r.duckdb")], ["build", "-o", str(tmp_path / "n.duckdb")]):
        done = CliRunner().invoke(app, [*action, str(tmp_path)])
        assert isinstance(done.exception, UsageError), action  # of which the program makes status 2
        assert re.search(r"(?s)nothing was written.*a PDF", printable(str(done.exception)))
        assert "\x1b" not in printable(str(done.exception))
    assert (small / "r.duckdb").read_bytes() == before


def test_adding_in_part_names_what_was_not_read(small: Path, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(f"{NEWS} Again.", encoding="utf-8")
    for n in range(7):
        (tmp_path / f"c{n}\x1b[31m.pdf").write_bytes(b"%PDF-1.7 ...")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "d.txt").write_text(f"{NEWS} And again.", encoding="utf-8")
    path = tmp_path / "r.duckdb"
    path.write_bytes((small / "r.duckdb").read_bytes())
    inputs = [str(tmp_path / "b.txt"), *sorted(map(str, tmp_path.glob("*.pdf"))), "--workers", "1"]
    for action, status in ((["add", str(path), "--strict"], 1), (["build", "-o", str(tmp_path / "n.duckdb")], 0)):
        done = CliRunner().invoke(app, [*action, *inputs])
        assert done.exit_code == status, done.stderr
        said = done.stderr.splitlines()
        assert [s[:12] for s in said if s.startswith("not read: ")] == [f"not read: c{n}" for n in range(5)]
        assert "and 2 inputs more not read" in said
        assert "\x1b" not in done.stderr
    # what could not be read in an earlier build is not held against this addition
    done = CliRunner().invoke(app, ["add", str(path), str(tmp_path / "in"), "--strict", "--workers", "1"])
    assert done.exit_code == 0, done.stderr
    assert "not read" not in done.stderr
    # a report that is here already was read
    assert changing.add([tmp_path / "in"], path).unread == []


def test_gunzipped_leaves_other_streams_alone() -> None:
    stream = io.BufferedReader(io.BytesIO(b"plain"))
    assert gunzipped(stream) is stream
