"""WARC: the pages of a web crawl, one at a time, so that an archive of any size streams in constant memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from onrecord.model import RawReport
from onrecord.stages.read import page
from onrecord.stages.read.source import MIB, Source, Unreadable

# The largest news page of the measuring sets has 3 MiB; above this a response is a film or a database dump.
_LARGEST_PAGE = 16 * MIB
_PAGES = ("text/html", "application/xhtml+xml", "text/plain")


def warc(source: Source) -> Iterator[RawReport]:
    """The pages of a WARC file (CC-NEWS and the like); a page without an article is a problem row.

    `external_id` is the page's address, `fetched` when it was crawled. Redirects, errors and other media are passed
    over: they are no reports.
    """
    cut = None
    number = 0
    stream: Any = _Counted(source.stream)
    try:
        archive = ArchiveIterator(
            stream,
            record_types=WarcRecordType.response | WarcRecordType.resource,
            max_content_length=_LARGEST_PAGE,
            auto_decode="all",
        )
        for record in archive:
            http = record.http_headers
            kind = (record.http_content_type or record.headers.get("Content-Type") or "").split(";")[0].strip().lower()
            if kind not in _PAGES or (http is not None and record.is_http and http.status_code != 200):
                continue
            number += 1
            uri = f"{source.name}:{number}"
            url = (record.headers.get("WARC-Target-URI") or "").strip("<>") or None
            data = record.reader.read(_LARGEST_PAGE)
            if stream.ended and stream.given < record.stream_pos + _least(record):
                number -= 1
                cut = "it ends within the next page"
                break
            page_of = partial(_page, source, uri, url, data, record.http_charset, kind, record.record_date)
            yield from source.item(uri, page_of)
    except (OSError, EOFError, ValueError) as error:
        cut = str(error)
    if fault := source.fault() or cut:
        raise Unreadable("damaged", f"{source.name}: damaged after page {number} ({fault}); the pages before were read")
    if not number:
        raise Unreadable("no-text", f"{source.name}: no pages in the archive")


class _Counted:
    """A stream, also one that cannot tell, that knows how many bytes it gave and whether there are no more."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self.stream = stream
        self.given, self.ended = 0, False

    def tell(self) -> int:
        """How many bytes were given."""
        return self.given

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes."""
        data = self.stream.read(size)
        self.given += len(data)
        self.ended = len(data) < size
        return data


def _least(record: Any) -> int:
    """Bytes that a whole record takes at the least: its headers, however they are spaced, and its content."""
    lines = sum(len(name) + len(value) + 2 for name, value in record.headers.items())
    return lines + int(record.headers.get("Content-Length") or 0)


def _page(
    source: Source, uri: str, url: str | None, data: bytes, charset: str | None, kind: str, crawled: datetime | None
) -> RawReport:
    where = f" ({url})" if url else ""
    if not data.strip():
        raise Unreadable("empty-file", f"{uri}: an empty page{where}")
    fetched = crawled.replace(tzinfo=crawled.tzinfo or UTC) if crawled else source.fetched
    if kind == "text/plain":
        return RawReport(uri=uri, text=source.decode(data, charset, uri), external_id=url, fetched=fetched)
    found = page.extract(source.decode(data, charset or page.charset(data), uri), url=url)
    if found is None:
        raise Unreadable("no-text", f"{uri}: no article found in the page{where}")
    return RawReport(uri=uri, external_id=url, fetched=fetched, **page.facts(found))
