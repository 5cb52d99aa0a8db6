from __future__ import annotations

import gzip
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from onrecord.stages.read import addresses, read
from onrecord.stages.read.fetch import Fetcher
from onrecord.stages.read.source import Unreadable

PROSE = "The ferry sank at dawn on Tuesday, officials said. Two passengers were missing after the storm. " * 4
PAGE = f"""<html lang="en"><head><title>Ferry sinks off Kelmouth</title></head><body><article>
<h1>Ferry sinks off Kelmouth</h1><p>{PROSE}</p><p>The coast guard sent two cutters and a helicopter with divers, a
spokesman said in the evening.</p></article></body></html>"""
FEED = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Northern Herald</title><item>
<title>Ferry sinks</title><link>https://herald.example/ferry</link><description>{PROSE}</description></item></channel></rss>"""


class Server:
    """A web server on this machine: `pages` maps a path to (status, headers, body); `asked` lists what came in."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.slow: set[str] = set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                status, headers, body = outer.pages.get(self.path, (404, {}, b"no"))
                if headers.get("ETag") and headers["ETag"] == self.headers.get("If-None-Match"):
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    if self.path in outer.slow:
                        for byte in body:
                            self.wfile.write(bytes([byte]))
                            time.sleep(0.1)
                    else:
                        self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *args: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.root = f"http://127.0.0.1:{self.http.server_port}"

    def page(self, path: str, body: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> str:
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = (200, {"Content-Type": kind, **headers}, data)
        return self.root + path


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def fetcher(**options: Any) -> Fetcher:
    return Fetcher(**{"allow_private": True, "pause": 0.0, "timeout": 5.0, **options})


def reason(web: Fetcher, url: str) -> str:
    with pytest.raises(Unreadable) as caught:
        web.get(url)
    assert caught.value.detail
    return caught.value.reason


def got(*urls: str, **options: Any) -> tuple[list[Any], list[tuple[str, str, str]]]:
    problems: list[tuple[str, str, str]] = []
    reports = list(read(urls, on_problem=lambda *p: problems.append(p), fetcher=fetcher(**options)))
    return reports, problems


def test_a_page_and_a_feed(server: Server) -> None:
    page = server.page("/ferry", PAGE)
    feeds = [server.page("/rss", FEED, "application/rss+xml"), server.page("/feed", FEED, "text/html")]
    reports, problems = got(page, *feeds)
    assert problems == []
    assert [(r.uri, r.title) for r in reports] == [
        (page, "Ferry sinks off Kelmouth"),
        (feeds[0] + ":1", "Ferry sinks"),
        (feeds[1] + ":1", "Ferry sinks"),
    ]
    assert reports[0].external_id == page
    assert reports[0].fetched is not None
    assert "cutters" in reports[0].text
    asked = dict(server.asked)
    assert asked["/ferry"]["user-agent"].startswith("onrecord/")
    assert [path for path, _ in server.asked].count("/robots.txt") == 1


def test_what_is_not_there_is_a_problem_and_the_rest_goes_on(server: Server) -> None:
    server.pages["/gone"] = (410, {}, b"")
    page, void = server.page("/ferry", PAGE), server.page("/void", b"")
    reports, problems = got(server.root + "/gone", void, "http://127.0.0.1:1/x", "https://", page)
    assert [r.uri for r in reports] == [page]
    assert [p[1] for p in problems] == ["http-status", "empty-file", "unreachable", "bad-url"]


def test_robots_txt_is_obeyed(server: Server) -> None:
    server.page("/robots.txt", "User-agent: onrecord\nDisallow: /closed\nUser-agent: *\nDisallow: /\n", "text/plain")
    closed, opened = server.page("/closed/a", PAGE), server.page("/open", PAGE)
    web = fetcher()
    assert reason(web, closed) == "robots"
    assert web.get(opened).data == PAGE.encode()
    assert "/closed/a" not in [path for path, _ in server.asked]


def test_a_robots_txt_that_fails_forbids_and_one_that_is_missing_allows(server: Server) -> None:
    page = server.page("/ferry", PAGE)
    assert fetcher().get(page).kind == "text/html"
    server.pages["/robots.txt"] = (503, {}, b"")
    assert reason(fetcher(), page) == "robots"


def test_a_crawl_delay_is_kept_and_a_long_one_refused(server: Server) -> None:
    page = server.page("/ferry", PAGE)
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 1\n", "text/plain")
    web, start = fetcher(), time.monotonic()
    web.get(page)
    web.get(page)
    assert time.monotonic() - start >= 1
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 600\n", "text/plain")
    assert reason(fetcher(), page) == "robots"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/ferry", "http://localhost:{port}/ferry", "http://10.0.0.1/", "http://169.254.169.254/",
        "http://[::1]:{port}/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/",
        "http://0.0.0.0/", "http://2130706433/", "http://192.168.1.1/", "http://224.0.0.1/", "http://[fe80::1]/",
        "http://0177.0.0.1:{port}/", "http://0x7f.1:{port}/", "http://127.1:{port}/", "http://0x7f000001:{port}/",
        "http://127.0.0.1.:{port}/", "http://localhost.:{port}/", "http://１２７.0.0.1:{port}/", "http://①②⑦.1:{port}/",
        "http://[::]:{port}/", "http://[::127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[fc00::1]/",
        "http://[fec0::1]/", "http://[2001:0:7f00:1::]/", "http://[64:ff9b:1::a00:1]/", "http://[fe80::1%25lo]/",
        "http://100.64.0.1/", "http://198.18.0.1/", "http://255.255.255.255/", "http://172.31.255.254/",
        "http://a@127.0.0.1:{port}/", "http://herald.example@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@herald.example/",
        "http://127.0.0.1:{port}\\@herald.example/", "http://127.0.0.1:{port}\t/", "\nhttp://127.0.0.1:{port}/",
    ],
)  # fmt: skip
def test_no_private_address_is_asked(server: Server, url: str) -> None:
    server.page("/ferry", PAGE)
    assert reason(Fetcher(timeout=2), url.format(port=server.http.server_port)) in (
        "private-address", "unreachable", "bad-url",
    )  # fmt: skip
    assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "::1", "::", "::7f00:1", "::ffff:a00:1",
        "64:ff9b::a00:1", "64:ff9b:1::808:808", "2002:a00:1::", "2001:0:7f00:1::", "fc00::1", "fe80::1%lo", "fec0::1",
        "ff02::1", "4000::1", "x",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not addresses.public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2a00:1450::1", "::ffff:808:808", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_an_address_that_is_public_is_known(address: str) -> None:
    assert addresses.public(address)


def test_a_name_that_also_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)
    assert reason(Fetcher(), "http://herald.example/") == "private-address"


def test_the_address_that_was_checked_is_the_one_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *a: Any, **k: Any) -> Any:
        if host == "herald.example":
            looked.append(host)
            return real("127.0.0.1", port, *a, **k)
        return real(host, port, *a, **k)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server.page("/ferry", PAGE)
    got = fetcher().get(f"http://herald.example:{server.http.server_port}/ferry")
    assert got.data == PAGE.encode()
    assert len(looked) == 1
    assert server.asked[-1][1]["host"] == f"herald.example:{server.http.server_port}"


def test_redirects_are_followed_checked_and_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    page = server.page("/ferry", PAGE)
    for path, to in (("/old", "/ferry"), ("/loop", "/loop"), ("/in", "http://127.0.0.2/x"), ("/file", "file:///etc/x")):
        server.pages[path] = (302, {"Location": to}, b"")
    web = fetcher(allow_private=False)
    monkeypatch.setattr(addresses, "public", lambda address: address == "127.0.0.1")
    assert web.get(server.root + "/old").url == page
    assert reason(web, server.root + "/loop") == "redirects"
    assert reason(web, server.root + "/in") == "private-address"
    assert reason(web, server.root + "/file") == "bad-url"


def test_what_is_too_large_is_refused_also_when_it_grows_on_unpacking(server: Server) -> None:
    small, bomb = b"x" * 3000, gzip.compress(b"x" * 5_000_000)
    plain = server.page("/big", small)
    packed = server.page("/bomb", bomb, **{"Content-Encoding": "gzip"})
    web = fetcher(largest=2000)
    assert reason(web, plain) == "too-large"
    assert reason(fetcher(largest=len(bomb) * 2), packed) == "too-large"
    assert fetcher(largest=3000).get(plain).data == small


def test_a_slow_answer_ends_in_time(server: Server) -> None:
    page = server.page("/slow", "x" * 400)
    server.slow.add("/slow")
    start = time.monotonic()
    assert reason(fetcher(timeout=0.6), page) == "timeout"
    assert time.monotonic() - start < 3


def test_an_unchanged_page_is_not_sent_twice(server: Server, tmp_path: Any) -> None:
    page = server.page("/ferry", PAGE, ETag='"7"')
    cache = tmp_path / "r.fetched"
    first = fetcher(cache=cache).get(page)
    again = fetcher(cache=cache).get(page)
    assert again == first
    assert server.asked[-1][1]["if-none-match"] == '"7"'
    server.page("/ferry", PAGE.replace("sinks", "lost"), ETag='"8"')
    assert b"lost" in fetcher(cache=cache).get(page).data
    cache.write_bytes(b"no cache at all")
    assert b"lost" in fetcher(cache=cache).get(page).data


def test_credentials_and_other_schemes_are_refused() -> None:
    assert reason(fetcher(), "http://ana:secret@herald.example/") == "bad-url"
    assert reason(fetcher(), "gopher://herald.example/") == "bad-url"
