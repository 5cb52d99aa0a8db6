"""Bombs of 300 MiB, each read in a process of its own: what it ends in, how long and how much memory it takes."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import NEWS

BIG = 300 << 20
MEMORY, SECONDS = 3072, 90  # MiB, and processor seconds
READ = """
import json, resource, sys
from onrecord.limits import Bound
from onrecord.stages.read import read
told = []
found = sum(1 for _ in read(sys.argv[1:], on_problem=lambda u, r, d: told.append(r), clock=Bound(60)))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([found, sorted(set(told)), used.ru_maxrss // 1024, used.ru_utime + used.ru_stime]))
"""


def packed(head: bytes, unit: bytes, tail: bytes = b"", size: int = BIG) -> bytes:
    """A gzip of a head, so many of a unit, and a tail, made without holding what it unpacks to."""
    zip_ = zlib.compressobj(9, wbits=31)
    out = [zip_.compress(head)]
    block = unit * (1 + (1 << 20) // len(unit))
    out += [zip_.compress(block) for _ in range(size // len(block))]
    return b"".join([*out, zip_.compress(tail), zip_.flush()])


def crawl() -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.invalid/1\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {BIG}\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    )
    return packed(head.encode(), b"<p>x</p>")


ROW = json.dumps({"text": NEWS}).encode()
BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "one.txt.gz": (lambda: packed(b"", b"a"), {"too-large"}),
    "page.html.gz": (lambda: packed(b"<html>", b"<p>x</p>"), {"too-large"}),
    "deep.html.gz": (lambda: packed(b"<html>", b"<div>"), {"too-large"}),
    "line.jsonl.gz": (lambda: packed(b'{"text":"', b"a", b'"}\n'), {"too-large"}),
    "tail.jsonl.gz": (lambda: packed(ROW + b"\n", b"["), {"too-large"}),
    "list.json.gz": (lambda: packed(b"[", ROW + b",", b"{}]"), {"too-large"}),
    "deep.json.gz": (lambda: packed(b"", b"["), {"too-large"}),
    "brackets.json.gz": (lambda: packed(b"", b"[", size=200 << 20), {"bad-json"}),
    "cell.csv.gz": (lambda: packed(b'text\n"', b"a"), {"too-large"}),
    "feed.rss.gz": (lambda: packed(b"<rss><channel>", b"<item><title>x</title></item>"), {"too-large"}),
    "mail.eml.gz": (lambda: packed(b"From: a\nSubject: b\n\n", b"a\n"), {"too-large"}),
    "crawl.warc.gz": (crawl, {"no-text", "damaged"}),
    "table.parquet.gz": (lambda: packed(b"PAR1", b"\0"), {"too-large"}),
    "twice.txt.gz": (lambda: gzip.compress(packed(b"", b"a")), {"binary-file", "empty-file", "damaged"}),
    "line.txt": (lambda: b"a" * (200 << 20), {"too-large"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_ends_within_its_bounds(name: str, tmp_path: Path) -> None:
    make, reasons = BOMBS[name]
    (tmp_path / name).write_bytes(make())
    line = [sys.executable, "-c", READ, str(tmp_path / name)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found, told, memory, seconds = json.loads(done.stdout)
    print(f"{name}\t{found}\t{','.join(told)}\t{memory} MiB\t{seconds:.1f} s")
    assert set(told) & reasons or found
    assert memory < MEMORY
    assert seconds < SECONDS
