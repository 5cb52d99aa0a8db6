"""The server under many clients at once, some of them slow: everybody is answered, nobody waits for another."""

from __future__ import annotations

import asyncio
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
from onrecord.web.guard import Message, Receive, Send
from onrecord.web.turns import Turns

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


async def _asked(turns: Turns, path: str, came: asyncio.Event, left: asyncio.Event | None = None) -> list[Message]:
    """Send one request through the turns; `left` is set when its sender goes."""
    sent: list[Message] = []
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        if message := next(messages, None):
            return message
        came.set()
        await (left or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await turns({"type": "http", "method": "GET", "path": path}, receive, send)
    return sent


class Slow:
    """An application that answers when it is let, and tells whom it worked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.let, self.sent = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await self.let.wait()
        await send({"type": "http.response.start"})
        await self.sent.wait()


def test_nobody_works_for_whoever_went_away_while_waiting() -> None:
    async def scene() -> None:
        app, waiting, left = Slow(), asyncio.Event(), asyncio.Event()
        turns = Turns(app, at_once=1)
        first = asyncio.ensure_future(_asked(turns, "/first", asyncio.Event()))
        await asyncio.sleep(0)
        gone = asyncio.ensure_future(_asked(turns, "/gone", waiting, left))
        last = asyncio.ensure_future(_asked(turns, "/last", asyncio.Event()))
        query = asyncio.ensure_future(_asked(turns, "/sql", asyncio.Event()))
        await waiting.wait()
        left.set()
        assert await gone == []
        assert app.paths == ["/first", "/sql"]  # a query waits for queries alone
        app.let.set()
        while "/last" not in app.paths:  # though nobody has read the first answer to its end
            await asyncio.sleep(0)
        app.sent.set()
        assert len(await first) == len(await last) == len(await query) == 1
        assert app.paths == ["/first", "/sql", "/last"]
        assert (turns.pages._value, turns.queries._value) == (1, 1)

    asyncio.run(asyncio.wait_for(scene(), 10))
