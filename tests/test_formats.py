# ruff: noqa: E501
"""Inputs in the shapes in which other tools and services give them, beyond the plain cases of test_read.py."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import trafilatura

from onrecord.model import RawReport
from onrecord.stages.read import read
from onrecord.stages.segment import segment

LEAD = "The ferry Norhaven sank off Kelmouth at dawn on Tuesday with 214 people aboard, the coast guard said."
NEXT = "Two passengers were missing after the storm, and divers were to go down again in the evening, it added."
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>Ferry sinks off Kelmouth | Tern Courier</title>
<meta property="og:site_name" content="Tern Courier"><meta name="author" content="Ana Kelm">
<meta property="article:published_time" content="2031-03-04T22:30:00-05:00"></head><body><nav><a href="/">Home</a></nav>
<article><h1>Ferry sinks off Kelmouth</h1><p>{LEAD}</p><p>{NEXT}</p><p>{LEAD.replace("ferry", "night ferry")}</p></article></body></html>"""


def taken(path: Path) -> tuple[list[RawReport], list[tuple[str, str, str]]]:
    problems: list[tuple[str, str, str]] = []
    return list(read([str(path)], on_problem=lambda *p: problems.append(p))), problems


def test_trafilatura_s_own_json(tmp_path: Path) -> None:
    page = PAGE.replace("2031", "2021")  # it takes no day that is yet to come
    made = trafilatura.extract(page, url="https://www.tern-courier.org/ferry", output_format="json", with_metadata=True)
    path = tmp_path / "a.json"
    path.write_text(str(made))
    (report,), problems = taken(path)
    assert problems == []
    assert report.text == json.loads(str(made))["text"]
    assert (report.title, report.byline, report.outlet) == ("Ferry sinks off Kelmouth", "Ana Kelm", "Tern Courier")
    assert report.published is not None
    assert report.published.date() == date(2021, 3, 4)


NEWS_PLEASE = {
    "authors": ["Ana Kelm"], "date_download": "2031-03-05 07:00:00", "date_modify": "2031-03-05 06:00:00",
    "date_publish": "2031-03-04 22:30:00", "description": "A ferry sank.", "filename": "https%3A%2F%2Fwww.tern-courier.org%2Fferry.json",
    "image_url": "https://www.tern-courier.org/a.jpg", "language": "en", "localpath": None, "title": "Ferry sinks off Kelmouth",
    "title_page": None, "title_rss": None, "source_domain": "www.tern-courier.org", "maintext": f"{LEAD}\n{NEXT}",
    "url": "https://www.tern-courier.org/ferry", "fb_key": None,
}  # fmt: skip
NEWSPAPER4K = {
    "url": "https://www.tern-courier.org/ferry", "read_more_link": "", "language": "en", "title": "Ferry sinks off Kelmouth",
    "top_image": "https://www.tern-courier.org/a.jpg", "meta_img": "", "images": ["https://www.tern-courier.org/a.jpg"], "movies": [],
    "keywords": ["ferry"], "keyword_scores": {"ferry": 1.5}, "meta_keywords": [""], "tags": None, "authors": ["Ana Kelm", "Joe Ford"],
    "publish_date": "2031-03-04T22:30:00-05:00", "summary": "A ferry sank.", "meta_description": "", "meta_lang": "en",
    "meta_favicon": "", "meta_site_name": "Tern Courier", "canonical_link": "https://www.tern-courier.org/ferry", "text": f"{LEAD}\n\n{NEXT}",
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "outlet", "byline"),
    [(NEWS_PLEASE, "tern-courier.org", "Ana Kelm"), (NEWSPAPER4K, "Tern Courier", "Ana Kelm, Joe Ford")],
    ids=["news-please", "newspaper4k"],
)
@pytest.mark.parametrize("shape", ["one", "list", "lines", "lines.gz"])
def test_outputs_of_extractors_with_all_their_fields(
    tmp_path: Path, fields: dict[str, Any], outlet: str, byline: str, shape: str
) -> None:
    one = json.dumps(fields)
    name, data = {
        "one": ("a.json", one),
        "list": ("a.json", f"[{one}]"),
        "lines": ("a.jsonl", one + "\n"),
        "lines.gz": ("a.jsonl.gz", one + "\n"),
    }[shape]
    path = tmp_path / name
    path.write_bytes(gzip.compress(data.encode()) if name.endswith(".gz") else data.encode())
    (report,), problems = taken(path)
    assert problems == []
    text = fields.get("maintext") or fields["text"]
    assert (report.text, report.title, report.outlet, report.byline) == (
        text,
        "Ferry sinks off Kelmouth",
        outlet,
        byline,
    )
    assert report.published is not None
    assert report.published.date() == date(2031, 3, 4)
    assert "body" in [s.kind for s in segment(report)[0]]


ATOM = f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Tern Courier</title>
<id>urn:feed</id><updated>2031-03-05T00:00:00Z</updated>
<entry><title type="html">Ferry sinks &lt;em&gt;off&lt;/em&gt; Kelmouth</title><id>urn:1</id><link rel="alternate" href="https://www.tern-courier.org/ferry"/>
<author><name>Ana Kelm</name></author><published>2031-03-04T22:30:00-05:00</published><updated>2031-03-05T06:00:00Z</updated>
<content type="html">&lt;p&gt;{LEAD}&lt;/p&gt;&lt;p&gt;{NEXT}&lt;/p&gt;</content><summary>A ferry sank.</summary></entry>
<entry><title>Mayor resigns</title><id>urn:2</id><updated>2031-03-05T08:00:00+01:00</updated><summary>The mayor of Kelmouth resigned on Wednesday, her office said.</summary></entry></feed>"""


@pytest.mark.parametrize("name", ["a.atom", "a.xml", "a"])
def test_atom_with_full_and_with_partial_content(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(ATOM)
    (full, partial), problems = taken(path)
    assert problems == []
    assert full.text == f"Ferry sinks off Kelmouth\n\n{LEAD}\n\n{NEXT}"
    assert (full.external_id, full.outlet, full.byline) == ("urn:1", "Tern Courier", "Ana Kelm")
    assert full.published == datetime.fromisoformat("2031-03-04T22:30:00-05:00")
    assert partial.text.endswith("her office said.")
    assert partial.published == datetime(2031, 3, 5, 7, tzinfo=UTC)


def test_json_feed(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    item = {
        "id": "1", "url": "https://www.tern-courier.org/ferry", "title": "Ferry sinks off Kelmouth",
        "content_html": f"<p>{LEAD}</p><p>{NEXT}</p>", "date_published": "2031-03-04T22:30:00-05:00", "authors": [{"name": "Ana Kelm"}],
    }  # fmt: skip
    path.write_text(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Tern Courier", "items": [item]})
    )
    (report,), problems = taken(path)
    assert problems == []
    assert report.text == f"Ferry sinks off Kelmouth\n\n{LEAD}\n\n{NEXT}"
    assert (report.external_id, report.byline, report.title) == ("1", "Ana Kelm", "Ferry sinks off Kelmouth")


def _record(kind: str, url: str, content_type: str, payload: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{abs(hash((kind, url))):032x}>\r\n"
        f"WARC-Date: 2031-03-05T07:00:00Z\r\nContent-Type: {content_type}\r\nContent-Length: {len(payload)}\r\n"
        + (f"WARC-Target-URI: {url}\r\n" if url else "")
        + "\r\n"
    )
    return gzip.compress(head.encode() + payload + b"\r\n\r\n")


def test_a_crawl_s_warc_each_record_its_own_gzip_member(tmp_path: Path) -> None:
    packed = gzip.compress(PAGE.encode())
    chunked = (
        b"".join(
            f"{len(packed[i : i + 100]):x}\r\n".encode() + packed[i : i + 100] + b"\r\n"
            for i in range(0, len(packed), 100)
        )
        + b"0\r\n\r\n"
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\n"
    url = "https://www.tern-courier.org/2031/03/04/ferry"
    http = "application/http; msgtype=response"
    moved = b"HTTP/1.1 301 Moved Permanently\r\nLocation: /x\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
    data = (
        _record(
            "warcinfo", "", "application/warc-fields", b"software: StormCrawler\r\nformat: WARC File Format 1.0\r\n"
        )
        + _record(
            "request",
            url,
            "application/http; msgtype=request",
            b"GET /ferry HTTP/1.1\r\nHost: www.tern-courier.org\r\n\r\n",
        )
        + _record(
            "response",
            url,
            http,
            head + b"Content-Length: " + str(len(PAGE.encode())).encode() + b"\r\n\r\n" + PAGE.encode(),
        )
        + _record("response", "https://www.tern-courier.org/moved", http, moved)
        + _record(
            "response",
            url + "?2",
            http,
            head + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
        )
        + _record("metadata", url, "application/warc-fields", b"fetchTimeMs: 120\r\n")
    )
    path = tmp_path / "CC-NEWS-20310305070000-00001.warc.gz"
    path.write_bytes(data)
    reports, problems = taken(path)
    assert problems == []
    assert [(r.title, r.external_id, r.outlet) for r in reports] == [
        ("Ferry sinks off Kelmouth", url, "Tern Courier"),
        ("Ferry sinks off Kelmouth", url + "?2", "Tern Courier"),
    ]
    assert reports[0].text == reports[1].text
    assert reports[0].fetched == datetime(2031, 3, 5, 7, tzinfo=UTC)


def test_a_truncated_warc_gives_the_pages_before_the_cut(tmp_path: Path) -> None:
    http = "application/http; msgtype=response"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    data = b""
    for n in range(10):
        signs = " ".join(hashlib.sha256(f"{n} {k}".encode()).hexdigest() for k in range(400))  # what does not pack
        page = PAGE.replace("</body>", f"<!-- {signs} --></body>").encode()
        data += _record("response", f"https://www.tern-courier.org/{n}", http, head + page)
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(data[:-200])
    reports, problems = taken(path)
    assert 5 <= len(reports) < 10
    assert [reason for _, reason, _ in problems] == ["damaged"]


def test_gzipped_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(json.dumps({"id": str(n), "text": f"{LEAD} {n}"}) + "\n" for n in range(3))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(rows.encode()))))
    reports = list(read(["-"], on_problem=lambda *p: pytest.fail(str(p))))
    assert [(r.uri, r.external_id) for r in reports] == [("stdin:1", "0"), ("stdin:2", "1"), ("stdin:3", "2")]


def test_globs_and_folders_mix_formats(tmp_path: Path) -> None:
    for name, data in {
        "in/a.txt": LEAD.encode(),
        "in/deep/b.html": PAGE.encode(),
        "in/deep/c.jsonl.gz": gzip.compress(json.dumps({"text": NEXT}).encode()),
        "in/.hidden/d.txt": b"left out",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder, problems = taken(tmp_path / "in")
    assert [Path(r.uri).name for r in folder] == ["a.txt", "b.html", "c.jsonl.gz:1"]
    deep, more = taken(tmp_path / "in" / "**" / "*.html")
    assert [Path(r.uri).name for r in deep] == ["b.html"]
    assert problems == more == []
