"""The server under many clients at once, some of them slow: everybody is answered, nobody waits for another."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from onrecord.query import Record

ROOT = Path(__file__).parent.parent
CLIENTS, REQUESTS, SLOW = 24, 240, 100


@pytest.fixture(scope="module")
def server(example_record: Record) -> Iterator[httpx.URL]:
    command = [sys.executable, "-m", "onrecord", "serve", str(example_record.path), "--port", "0", "--read-only"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout
        found = re.search(r"http://127\.0\.0\.1:\d+/", run.stdout.readline())
        assert found
        yield httpx.URL(found[0])
        run.terminate()


def test_many_clients_are_all_answered_beside_slow_ones(server: httpx.URL, example_record: Record) -> None:
    stories = [f"/stories/{r}" for r in example_record.stories()["story_id"].to_pylist()]
    paths = ["/", "/search?q=market", "/openapi.json", *stories]
    slow = []
    for _ in range(SLOW):
        connection = socket.create_connection((str(server.host), server.port or 80), timeout=10)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        slow.append(connection)
    try:
        with httpx.Client(base_url=server, timeout=60, limits=httpx.Limits(max_connections=CLIENTS)) as client:
            start = time.monotonic()
            with ThreadPoolExecutor(CLIENTS) as pool:
                answers = list(pool.map(lambda n: client.get(paths[n % len(paths)]).status_code, range(REQUESTS)))
            seconds = time.monotonic() - start
    finally:
        for connection in slow:
            connection.close()
    assert answers == [200] * REQUESTS
    assert seconds < 60


def test_a_body_without_end_is_cut_off(server: httpx.URL) -> None:
    with socket.create_connection((str(server.host), server.port or 80), timeout=20) as connection:
        connection.sendall(
            f"POST /api/corrections HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
            "Content-Type: application/json\r\nContent-Length: 9999999999\r\n\r\n".encode()
        )
        answer = connection.recv(200)
    assert re.match(rb"HTTP/1\.1 (403|413)", answer)


def test_a_path_that_climbs_reaches_no_file(server: httpx.URL) -> None:
    with httpx.Client(base_url=server, timeout=20) as client:
        for path in ("/static/..%2f..%2fapp.py", "/static/%2e%2e/%2e%2e/pyproject.toml", "/static//etc/hostname"):
            assert client.get(path).status_code in (400, 404)
        assert client.get("/", headers={"Host": "evil.invalid"}).status_code in (400, 403, 421)
