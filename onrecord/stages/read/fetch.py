"""Pages and feeds from the web, politely: robots.txt, one request at a time, conditional requests, bounded in all.

No more is asked of a site than was named by the user: links are not followed, pictures and scripts not loaded.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from onrecord.stages.read.addresses import Place, place_of
from onrecord.stages.read.source import MIB, Unreadable

AGENT = "onrecord"
USER_AGENT = f"{AGENT}/0.1 (reads single news pages that its user names; obeys robots.txt)"
LARGEST_PAGE = 16 * MIB  # as for pages in a WARC: five times the largest news page of the measuring sets
_LARGEST_ROBOTS = 512 * 1024  # RFC 9309 asks for 500 KiB at least
_REDIRECTS = 5
_LONGEST_PAUSE = 30.0  # seconds; a longer Crawl-delay means that the site wants no visit within a build
_ACCEPT = "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5"


@dataclass(frozen=True)
class Fetched:
    """What a web address gave: the address after redirects, the bytes unpacked, and what the server called them."""

    url: str
    data: bytes
    kind: str  # media type, lower case, without parameters; '' where not said
    charset: str | None
    when: datetime


class Fetcher:
    """Fetches one address after another; remembers each site's robots.txt while it lives.

    `cache` is a file in which answers that carry an ETag or Last-Modified are kept, so that the next fetch asks only
    whether they changed. `timeout` is for a whole answer, in seconds; `pause` the least time between two requests to
    one site. `allow_private` lets tests fetch from this machine.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        timeout: float = 30.0,
        largest: int = LARGEST_PAGE,
        pause: float = 1.0,
        allow_private: bool = False,
    ) -> None:
        self.cache, self.timeout, self.largest = cache, timeout, largest
        self.pause, self.allow_private = pause, allow_private
        self._robots: dict[str, RobotFileParser] = {}
        self._last: dict[str, float] = {}

    def get(self, url: str) -> Fetched:
        """What the address gives.

        Raises `Unreadable`: 'bad-url', 'private-address', 'robots', 'redirects', 'http-status', 'too-large',
        'timeout', 'unreachable'.
        """
        kept = self._kept(url)
        at = url.partition("#")[0]
        for _ in range(_REDIRECTS + 1):
            place = place_of(at, allow_private=self.allow_private)
            robots = self._robots_of(place)
            if not robots.can_fetch(AGENT, at):
                raise Unreadable("robots", f"{at}: the site's robots.txt forbids it; save the page and give the file")
            self._wait(place.origin, robots)
            status, headers, data = self._ask(place, self.largest, kept[1] if kept and kept[0].url == at else {})
            if status == 304 and kept:
                return kept[0]
            if status in (301, 302, 303, 307, 308) and headers.get("location"):
                at = urljoin(at, headers["location"]).partition("#")[0]
                continue
            if status != 200:
                raise Unreadable("http-status", f"{at}: the server answers {status}; look at it in a browser")
            kind, _, parameters = headers.get("content-type", "").partition(";")
            charset = next((p.split("=", 1)[1].strip(" \"'") for p in parameters.split(";") if "charset=" in p), None)
            got = Fetched(at, data, kind.strip().lower(), charset, datetime.now(UTC).replace(microsecond=0))
            self._keep(url, got, headers)
            return got
        raise Unreadable("redirects", f"{url}: more than {_REDIRECTS} redirects")

    def _robots_of(self, place: Place) -> RobotFileParser:
        """The site's robots.txt as RFC 9309 reads it: none there allows all, a server that fails forbids all."""
        known = self._robots.get(place.origin)
        if known is not None:
            return known
        rules = RobotFileParser()
        target, at = replace(place, path="/robots.txt"), place.origin + "/robots.txt"
        for _ in range(_REDIRECTS + 1):
            status, headers, data = self._ask(target, _LARGEST_ROBOTS, {}, cut=True)
            if status in (301, 302, 303, 307, 308) and headers.get("location"):
                at = urljoin(at, headers["location"])
                target = place_of(at, allow_private=self.allow_private)
                continue
            if status == 200:
                rules.parse(data.decode("utf-8", "replace").splitlines())
            elif status >= 500 or status == 429:
                rules.disallow_all = True  # type: ignore[attr-defined]
            else:
                rules.allow_all = True  # type: ignore[attr-defined]
            break
        else:
            rules.allow_all = True  # type: ignore[attr-defined]
        rules.modified()
        self._robots[place.origin] = rules
        return rules

    def _wait(self, origin: str, robots: RobotFileParser) -> None:
        asked = float(robots.crawl_delay(AGENT) or 0)
        if asked > _LONGEST_PAUSE:
            raise Unreadable("robots", f"{origin}: robots.txt asks for {asked:.0f} s between visits; give saved pages")
        left = self._last.get(origin, -1e9) + max(self.pause, asked) - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._last[origin] = time.monotonic()

    def _ask(
        self, place: Place, largest: int, conditions: dict[str, str], *, cut: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        """(status, headers in lower case, body) of one GET; with `cut`, a body that is too long is cut, not refused."""
        url = place.origin + place.path
        connection = self._connection(place)
        late = threading.Event()
        opened: list[Any] = []

        def end() -> None:
            # Time limits of sockets hold for one read; a server that drips bytes is cut off here.
            late.set()
            for sock in opened:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        watch = threading.Timer(self.timeout, end)
        watch.daemon = True
        watch.start()
        try:
            headers = {"Host": place.authority, "User-Agent": USER_AGENT, "Accept": _ACCEPT, **conditions}
            headers["Accept-Encoding"] = "gzip, deflate"
            connection.connect()
            opened.append(connection.sock)
            connection.request("GET", place.path, headers=headers, preload_content=False)
            answer = connection.getresponse()
            found = {k.lower(): v for k, v in answer.headers.items()}
            parts: list[bytes] = []
            size = 0
            while answer.status == 200 and (part := answer.read1(65536, decode_content=True)):
                parts.append(part)
                size += len(part)
                if size > largest:
                    if cut:
                        break
                    raise Unreadable("too-large", f"{url}: more than {largest / MIB:g} MiB; save it and give the file")
            if late.is_set():
                raise TimeoutError
            return answer.status, found, b"".join(parts)[:largest]
        except (HTTPError, OSError, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise Unreadable("timeout", f"{url}: no whole answer in {self.timeout:g} s; try again later") from error
            raise Unreadable("unreachable", f"{url}: cannot be fetched ({error})") from error
        finally:
            watch.cancel()
            connection.close()

    def _connection(self, place: Place) -> HTTPConnection:
        if place.scheme == "http":
            return HTTPConnection(place.address, place.port, timeout=self.timeout)
        return HTTPSConnection(
            place.address,
            place.port,
            timeout=self.timeout,
            server_hostname=place.host,
            assert_hostname=place.host,
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where(),
        )

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(str(self.cache))
        db.execute(
            "CREATE TABLE IF NOT EXISTS fetched (url TEXT PRIMARY KEY, final TEXT, kind TEXT, charset TEXT, "
            "etag TEXT, modified TEXT, fetched_at TEXT, body BLOB)"
        )
        return db

    def _kept(self, url: str) -> tuple[Fetched, dict[str, str]] | None:
        """The answer of an earlier fetch and the headers that ask whether it still holds."""
        if self.cache is None or not self.cache.exists():
            return None
        try:
            with closing(self._open()) as db:
                row = db.execute(
                    "SELECT final, body, kind, charset, fetched_at, etag, modified FROM fetched WHERE url = ?", [url]
                ).fetchone()
            if row is None:
                return None
            final, body, kind, charset, at, etag, modified = row
            names = {"If-None-Match": etag, "If-Modified-Since": modified}
            kept = Fetched(final, zlib.decompress(body), kind, charset, datetime.fromisoformat(at))
            return kept, {name: value for name, value in names.items() if value}
        except (sqlite3.Error, zlib.error, ValueError):
            return None  # a damaged cache costs a fetch, not a build

    def _keep(self, url: str, got: Fetched, headers: dict[str, str]) -> None:
        etag, modified = headers.get("etag"), headers.get("last-modified")
        if self.cache is None or not (etag or modified) or "no-store" in headers.get("cache-control", ""):
            return
        row = [url, got.url, got.kind, got.charset, etag, modified, got.when.isoformat(), zlib.compress(got.data)]
        with suppress(sqlite3.Error), closing(self._open()) as db, db:
            db.execute("INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
