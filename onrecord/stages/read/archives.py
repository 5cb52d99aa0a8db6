"""WARC: the pages of a web crawl, one at a time, so that an archive of any size streams in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

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
    number = 0
    try:
        archive = ArchiveIterator(
            source.stream,
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
            try:
                yield _page(source, uri, url, data, record.http_charset, kind, record.record_date)
            except Unreadable as error:
                source.problem(error.reason, f"{error.detail} ({url})" if url else error.detail, uri)
    except (OSError, EOFError, ValueError) as error:
        raise Unreadable(
            "damaged", f"{source.name}: damaged after page {number} ({error}); the pages before were read"
        ) from error
    if not number:
        raise Unreadable("no-text", f"{source.name}: no pages in the archive")


def _page(
    source: Source, uri: str, url: str | None, data: bytes, charset: str | None, kind: str, crawled: datetime | None
) -> RawReport:
    if not data.strip():
        raise Unreadable("empty-file", f"{uri}: an empty page")
    fetched = crawled.replace(tzinfo=crawled.tzinfo or UTC) if crawled else source.fetched
    if kind == "text/plain":
        return RawReport(uri=uri, text=source.decode(data, charset, uri), external_id=url, fetched=fetched)
    found = page.extract(source.decode(data, charset or page.charset(data), uri), url=url)
    if found is None:
        raise Unreadable("no-text", f"{uri}: no article found in the page")
    return RawReport(uri=uri, external_id=url, fetched=fetched, **page.facts(found))
