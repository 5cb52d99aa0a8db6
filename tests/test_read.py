# ruff: noqa: E501
from __future__ import annotations

import gzip
import io
import json
import re
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fromstring

from onrecord.model import RawReport
from onrecord.stages.read import FORMATS, page, read
from onrecord.stages.read.dates import when
from onrecord.stages.read.markup import prepared
from onrecord.stages.read.outlets import outlet_of
from onrecord.stages.read.source import Unreadable, decode
from onrecord.stages.segment import segment

PROSE = "The ferry sank at dawn on Tuesday, officials said. Two passengers were missing after the storm."


@pytest.fixture
def got(tmp_path, monkeypatch):
    """Write files by name, read inputs, give (reports, problems)."""
    monkeypatch.chdir(tmp_path)

    def run(files, *inputs):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        problems = []
        reports = list(read(inputs or sorted(files), on_problem=lambda *p: problems.append(p)))
        return reports, problems

    return run


def test_plain_text_is_kept_to_the_character(got):
    text = "Title\r\n\r\n  It’s “odd”\u00a0here.\u00ad\r\n\tEnd \n"
    reports, problems = got({"a.txt": b"\xef\xbb\xbf" + text.encode()})
    assert reports[0].text == text
    assert reports[0].uri == "a.txt"
    assert problems == []


def test_names_do_not_depend_on_the_machine(got, tmp_path):
    files = {"in/b.txt": PROSE, "in/a.txt": PROSE, "in/deep/c.md": PROSE, "in/.hidden/x.txt": PROSE}
    assert [r.uri for r in got(files, "in/")[0]] == ["in/a.txt", "in/b.txt", "in/deep/c.md"]
    assert [r.uri for r in got({}, "./in")[0]] == ["in/a.txt", "in/b.txt", "in/deep/c.md"]
    assert [r.uri for r in got({}, str(tmp_path / "in"))[0]] == ["in/a.txt", "in/b.txt", "in/deep/c.md"]
    assert [r.uri for r in got({}, "in/*.txt")[0]] == ["in/a.txt", "in/b.txt"]
    assert [r.uri for r in got({}, "in/**/*.md")[0]] == ["in/deep/c.md"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"", "empty-file"),
        ("a.txt", b" \n\t\n", "empty-file"),
        ("a.txt", bytes(range(256)) * 40, "binary-file"),
        ("a.txt", b"%PDF-1.7 \x00\x01", "binary-file"),
        ("a.bin", b"\x00\x01\x02\x03" * 400, "binary-file"),
        ("a.xyz", b"some text here", "unknown-format"),
        ("a.json", b'{"text": "x"', "bad-json"),
        ("a.json", b'{"title": "x"}', "no-text"),
        ("a.json", b"12", "bad-json"),
        ("a.json", b"[" * 100_000, "bad-json"),
        ("a.jsonl", b"\n\n", "empty-file"),
        ("a.html", b"<html><body></body></html>", "no-text"),
        ("a.rss", b"<rss><channel></channel></rss>", "no-text"),
        ("a.txt.gz", gzip.compress(b"long enough " * 900, mtime=0)[:-40], "damaged"),
    ],
)  # fmt: skip
def test_bad_input_is_a_problem_and_the_rest_goes_on(got, name, content, reason):
    reports, problems = got({name: content, "z.txt": PROSE}, name, "z.txt")
    assert [r.uri for r in reports] == ["z.txt"]
    assert [(uri.split(":")[0], why) for uri, why, _ in problems] == [(name, reason)]
    assert name in problems[0][2]


def test_inputs_that_are_not_there(got, tmp_path):
    (tmp_path / "void").mkdir()
    _, problems = got({}, "void", "none.txt", "no*.txt", "ftp://example.org/a")
    assert [p[1] for p in problems] == ["empty-folder", "missing", "missing", "unknown-format"]
    assert ".jsonl" in problems[3][2]


def test_one_line_and_a_large_report(got):
    reports, problems = got({"a.txt": "Ferry sinks", "b.txt": (PROSE + "\n\n") * 55_000})
    assert reports[0].text == "Ferry sinks"
    assert len(reports[1].text) > 5_000_000
    assert problems == []
    segments, _ = segment(reports[1])
    assert segments[-1].span.end == len(reports[1].text.rstrip())


def test_wrong_encoding_is_read_and_said(got):
    text = "“Café” – the minister’s words cost £5."
    reports, problems = got({"a.txt": (text + " It went on and on in plain words for a while. ").encode("cp1252")})
    assert reports[0].text.startswith(text)
    assert problems[0][:2] == ("a.txt", "wrong-encoding")
    assert "Windows-1252" in problems[0][2]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_unicode_encodings(encoding):
    assert decode((PROSE + " “é”").encode(encoding), None, "a")[0] == PROSE + " “é”"


def test_declared_encoding_of_a_page(got):
    page = f"<html><head><meta charset='windows-1251'></head><body><article><p>{PROSE}</p><p>Кириллица {PROSE}</p></article></body></html>"
    reports, problems = got({"a.html": page.encode("cp1251")})
    assert "Кириллица" in reports[0].text
    assert problems == []


def test_gzip_of_each_and_no_extension(got):
    files = {
        "a.txt.gz": gzip.compress(PROSE.encode()),
        "b": PROSE.encode(),
        "c.jsonl.gz": gzip.compress(b'{"text": "x y"}\n'),
    }
    reports, problems = got(files)
    assert [(r.uri, r.text) for r in reports] == [("a.txt.gz", PROSE), ("b", PROSE), ("c.jsonl.gz:1", "x y")]
    assert problems == []


def test_json_lines(got):
    rows = [
        {"id": "7", "url": "https://www.reuters.com/x", "title": "T", "byline": "A", "published": "2031-03-04T10:00:00Z", "language": "en-GB", "text": PROSE + "\r\n"},
        "no object",
        {"title": "nothing"},
        {"text": PROSE, "published": "soon"},
    ]  # fmt: skip
    lines = "\n".join(json.dumps(r) for r in rows) + "\n{broken\n" + json.dumps({"text": "last one"})
    reports, problems = got({"a.jsonl": lines})
    assert [r.uri for r in reports] == ["a.jsonl:1", "a.jsonl:4", "a.jsonl:6"]
    assert [(p[0], p[1]) for p in problems] == [
        ("a.jsonl:2", "bad-json"),
        ("a.jsonl:3", "no-text"),
        ("a.jsonl:4", "bad-date"),
        ("a.jsonl:5", "bad-json"),
    ]
    first = reports[0]
    assert (first.external_id, first.outlet, first.title, first.byline, first.language) == (
        "7",
        "Reuters",
        "T",
        "A",
        "en",
    )
    assert first.published == datetime(2031, 3, 4, 10, tzinfo=UTC)
    assert first.text == PROSE + "\r\n"


@pytest.mark.parametrize(
    ("fields", "outlet", "byline", "published"),
    [
        # trafilatura --json
        ({"title": "T", "author": "Ana Kelm; Joe Ford", "hostname": "herald.example", "date": "2031-03-04", "sitename": "Northern Herald", "source": "https://herald.example/a", "raw_text": "x", "text": PROSE}, "Northern Herald", "Ana Kelm; Joe Ford", "2031-03-04"),
        # news-please
        ({"authors": ["Ana Kelm", "Joe Ford"], "date_publish": "2031-03-04 10:00:00", "maintext": PROSE, "source_domain": "www.herald.example", "title": "T", "url": "https://www.herald.example/a", "language": "en", "filename": "x.json"}, "herald.example", "Ana Kelm, Joe Ford", "2031-03-04"),
        # newspaper4k
        ({"url": "https://herald.example/a", "title": "T", "authors": ["Ana Kelm"], "publish_date": "2031-03-04T10:00:00+00:00", "text": PROSE, "meta_site_name": "Northern Herald", "meta_lang": "en", "keywords": []}, "Northern Herald", "Ana Kelm", "2031-03-04"),
    ],
    ids=["trafilatura", "news-please", "newspaper4k"],
)  # fmt: skip
def test_outputs_of_extractors_as_they_come(got, fields, outlet, byline, published):
    reports, problems = got({"a.json": json.dumps(fields)})
    assert [(r.uri, r.text, r.title, r.outlet, r.byline, str(r.published)[:10]) for r in reports] == [
        ("a.json", PROSE, "T", outlet, byline, published)
    ]
    assert problems == []


def test_json_lists_and_lines_in_a_json_file(got):
    reports, _ = got({
        "a.json": json.dumps([{"text": "one x"}, {"text": "two x"}]),
        "b.json": json.dumps({"articles": [{"content": "three x"}]}),
        "c.json": '{"text": "four x"}\n{"text": "five x"}\n',
    })  # fmt: skip
    assert [(r.uri, r.text) for r in reports] == [
        ("a.json:1", "one x"),
        ("a.json:2", "two x"),
        ("b.json:1", "three x"),
        ("c.json:1", "four x"),
        ("c.json:2", "five x"),
    ]


PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Ferry sinks off Kelmouth - Northern Herald</title>
<meta property="og:site_name" content="Northern Herald">
<link rel="canonical" href="https://herald.example/ferry">
<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [{{"@type": "WebSite", "name": "x"}}, {{"@type": "NewsArticle",
"headline": "Ferry sinks off Kelmouth", "datePublished": "2031-03-04T10:15:00Z", "author": [{{"@type": "Person", "name": "Ana Kelm"}}], "publisher": {{"name": "Herald Media"}}}}]}}</script>
</head><body><nav><a href="/">Home</a><a href="/w">World</a></nav><article><h1>Ferry sinks off Kelmouth</h1>
<p>{PROSE} It was the third such accident on the line in two years, the ministry said.</p>
<figure><img src="x.jpg"><figcaption>Divers board the ferry near Kelmouth. Photograph: Joe Ford/AFP</figcaption></figure>
<p>The coast guard sent two cutters and a helicopter with divers, a spokesman said in the evening.</p>
<h2>The search</h2>
<p>Divers went down at noon and found nobody in the cabins that they could reach, he said.</p></article>
<footer>© Northern Herald</footer></body></html>"""


def test_a_page(got):
    reports, problems = got({"a.html": PAGE})
    assert problems == []
    page = reports[0]
    assert (page.title, page.byline, page.outlet, page.language) == (
        "Ferry sinks off Kelmouth",
        "Ana Kelm",
        "Northern Herald",
        "en",
    )
    assert page.published == datetime(2031, 3, 4, 10, 15, tzinfo=UTC)
    segments, credits = segment(page)
    kinds = [(s.kind, page.text[s.span.start : s.span.end][:12]) for s in segments]
    assert kinds == [
        ("headline", "Ferry sinks "),
        ("body", "The ferry sa"),
        ("caption", "Divers board"),
        ("body", "The coast gu"),
        ("subheading", "The search"),
        ("body", "Divers went "),
    ]
    assert [(c.agency, c.role) for c in credits] == [("Agence France-Presse", "photo")]


FEED = f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Northern Herald</title><language>en-gb</language>
<item><title>Ferry sinks &amp; two missing</title><link>https://herald.example/ferry</link><guid>g1</guid><dc:creator>Ana Kelm</dc:creator>
<pubDate>Tue, 04 Mar 2031 10:15:00 +0100</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>{PROSE}</p><h3>The search</h3><p>Divers went &amp; looked.</p><script>x()</script>]]></content:encoded></item>
<item><title>Only a teaser</title><description>The mayor resigned on Monday, her office said.</description></item>
<item><title>Nothing at all</title></item></channel></rss>"""


def test_a_feed(got):
    reports, problems = got({"a.rss": FEED, "b.xml": FEED}, "a.rss", "b.xml")
    assert [r.uri for r in reports] == ["a.rss:1", "a.rss:2", "b.xml:1", "b.xml:2"]
    first, second = reports[:2]
    assert first.text == f"Ferry sinks & two missing\n\n{PROSE}\n\nThe search\n\nDivers went & looked."
    assert (first.external_id, first.outlet, first.byline, first.language) == (
        "g1",
        "Northern Herald",
        "Ana Kelm",
        "en",
    )
    assert first.published == datetime(2031, 3, 4, 9, 15, tzinfo=UTC)
    assert [s.kind for s in segment(first)[0]] == ["headline", "body", "subheading", "body"]
    assert second.text.endswith("her office said.")
    assert [(p[0], p[1]) for p in problems] == [("a.rss:3", "no-text"), ("b.xml:3", "no-text")]


def test_markdown_is_kept_and_marked(got):
    text = f"---\ntitle: Ferry sinks\ndate: 2031-03-04\n---\n\n# Ferry sinks\n\n{PROSE}\n\n## The search\n\n![x](y.png)\n\nIt goes on until nightfall."
    reports, _ = got({"a.md": text})
    assert reports[0].text == text
    assert (reports[0].title, str(reports[0].published)[:10]) == ("Ferry sinks", "2031-03-04")
    kinds = [s.kind for s in segment(reports[0])[0]]
    assert kinds[-5:] == ["headline", "body", "subheading", "boilerplate", "body"]
    assert set(kinds[:-5]) == {"boilerplate"}


@pytest.mark.parametrize(
    ("given_date", "iso"),
    [
        ("2022-01-21", "2022-01-21T00:00:00+00:00"),
        ("2022-01-21T10:00:00+01:00", "2022-01-21T10:00:00+01:00"),
        ("Fri, 21 Jan 2022 10:00:00 GMT", "2022-01-21T10:00:00+00:00"),
        ("January 21, 2022", "2022-01-21T00:00:00+00:00"),
        ("2022/01/21 10:00", "2022-01-21T10:00:00+00:00"),
        (1642759200, "2022-01-21T10:00:00+00:00"),
        ("1642759200000", "2022-01-21T10:00:00+00:00"),
        ("last week", None),
        (True, None),
        (float("inf"), None),
        (-1, None),
    ],
)
def test_dates(given_date, iso):
    found = when(given_date)
    assert (found and found.isoformat()) == iso


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.reuters.com/world/x", "Reuters"),
        ("http://uk.reuters.com/x", "Reuters"),
        ("https://www.norherald.example/a", "norherald.example"),
        ("https://news.norherald.example/a", "norherald.example"),
        ("file:///x", None),
        ("http://[broken", None),
        ("http://localhost/x", None),
    ],
)
def test_outlet_of_an_address(url, name):
    assert outlet_of(url) == name


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_text_or_unreadable(data):
    try:
        text, said = decode(data, None, "a")
    except Unreadable as error:
        assert error.reason == "binary-file"
    else:
        assert said is None or "a: " in said
        assert isinstance(text, str)


def test_every_format_is_found_by_its_extension():
    assert {"txt", "md", "html", "json", "jsonl", "csv", "parquet", "warc", "feed", "newsml", "eml"} == set(FORMATS)
    extensions = [e for f in FORMATS.values() for e in f.extensions]
    assert len(extensions) == len(set(extensions))


def test_csv(got):
    head = "id,Outlet,title,published,TEXT\n"
    row = '7,Northern Herald,Ferry sinks,2031-03-04,"Line one, with ""quotes"".\r\n\r\nLine two."\n'
    reports, problems = got(
        {"a.csv": head + row + ",,,,\n8,x,y,,\n", "b.csv": "a;text;b\n1;Semicolons here.;2\n", "c.csv": "a,b\n1,2\n"}
    )
    assert [(r.uri, r.text) for r in reports] == [
        ("a.csv:1", 'Line one, with "quotes".\r\n\r\nLine two.'),
        ("b.csv:1", "Semicolons here."),
    ]
    assert (reports[0].external_id, reports[0].outlet, reports[0].title, str(reports[0].published)[:10]) == (
        "7",
        "Northern Herald",
        "Ferry sinks",
        "2031-03-04",
    )
    assert [(p[0], p[1]) for p in problems] == [("a.csv:3", "no-text"), ("c.csv", "no-text")]


def test_parquet(got, tmp_path):
    table = pa.table(
        {
            "text": [PROSE, None, "Two."],
            "published_at": [datetime(2031, 3, 4, tzinfo=UTC), None, None],
            "authors": [["A", "B"], [], None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    reports, problems = got(
        {"b.parquet.gz": gzip.compress(data), "c.parquet": data[:-20]}, "a.parquet", "b.parquet.gz", "c.parquet"
    )
    assert [r.uri for r in reports] == ["a.parquet:1", "a.parquet:3", "b.parquet.gz:1", "b.parquet.gz:3"]
    assert (reports[0].text, reports[0].byline, reports[0].published) == (
        PROSE,
        "A, B",
        datetime(2031, 3, 4, tzinfo=UTC),
    )
    assert [(p[0], p[1]) for p in problems] == [
        ("a.parquet:2", "no-text"),
        ("b.parquet.gz:2", "no-text"),
        ("c.parquet", "damaged"),
    ]


def warc_of(*pages):
    out = b""
    for url, status, kind, body in pages:
        http = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{len(out):032d}>\r\nWARC-Target-URI: {url}\r\n"
            f"WARC-Date: 2031-03-04T12:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        out += head.encode() + http + b"\r\n\r\n"
    return out


def test_warc(got):
    pages = [
        ("https://herald.example/ferry", 200, "text/html; charset=utf-8", PAGE.encode()),
        ("https://herald.example/gone", 404, "text/html", b"<html><body><p>Gone</p></body></html>"),
        ("https://herald.example/x.png", 200, "image/png", b"\x89PNG"),
        ("https://herald.example/void", 200, "text/html", b"<html><body></body></html>"),
    ]
    data = warc_of(*pages)
    reports, problems = got({"a.warc": data, "b.warc.gz": gzip.compress(data)})
    assert [(r.uri, r.title, r.external_id) for r in reports] == [
        ("a.warc:1", "Ferry sinks off Kelmouth", "https://herald.example/ferry"),
        ("b.warc.gz:1", "Ferry sinks off Kelmouth", "https://herald.example/ferry"),
    ]
    assert reports[0].fetched == datetime(2031, 3, 4, 12, tzinfo=UTC)
    assert [(p[0], p[1]) for p in problems] == [("a.warc:2", "no-text"), ("b.warc.gz:2", "no-text")]


def test_mail(got):
    plain = f"From: Northern Herald <news@herald.example>\r\nSubject: Ferry sinks\r\nDate: Tue, 04 Mar 2031 10:00:00 +0000\r\nMessage-ID: <1@x>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n{PROSE} Caf\xe9.\r\n"
    markup = f"From: a@b.example\r\nSubject: =?utf-8?q?Caf=C3=A9?=\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<h2>Ferry lost</h2><p>{PROSE}</p>"
    reports, problems = got({"a.eml": plain.encode("latin-1"), "b": markup, "c.eml": "Subject: x\r\n\r\n"})
    assert [(r.uri, r.title, r.byline) for r in reports] == [
        ("a.eml", "Ferry sinks", "Northern Herald"),
        ("b", "Café", "a@b.example"),
    ]
    assert reports[0].text == PROSE + " Café.\r\n"
    assert (reports[0].external_id, reports[0].published) == ("<1@x>", datetime(2031, 3, 4, 10, tzinfo=UTC))
    assert [s.kind for s in segment(reports[1])[0]] == ["subheading", "body"]
    assert [(p[0], p[1]) for p in problems] == [("c.eml", "no-text")]


def test_ninjs(got):
    first = {
        "uri": "urn:x:1",
        "type": "text",
        "versioncreated": "2031-03-04T10:00:00Z",
        "language": "en",
        "headline": "Ferry sinks",
        "byline": "Ana Kelm",
        "provider": "Norland News Agency",
        "body_html": f"<p>{PROSE}</p><h2>The search</h2><p>It goes on until nightfall.</p>",
    }
    second = {
        "uri": "urn:x:2",
        "firstcreated": "2031-03-04",
        "headlines": [{"value": "Ferry sinks"}],
        "bodies": [{"role": "main", "contenttype": "text/plain", "value": PROSE}],
    }
    reports, problems = got({"a.json": json.dumps(first), "b.json": json.dumps(second)})
    assert problems == []
    assert [(r.external_id, r.title, str(r.published)[:10]) for r in reports] == [
        ("urn:x:1", "Ferry sinks", "2031-03-04"),
        ("urn:x:2", "Ferry sinks", "2031-03-04"),
    ]
    assert (reports[0].outlet, reports[0].byline) == ("Norland News Agency", "Ana Kelm")
    assert [s.kind for s in segment(reports[0])[0]] == ["headline", "body", "subheading", "body"]
    assert reports[1].text == PROSE


NEWSML = f"""<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet><newsItem guid="urn:newsml:1" xml:lang="en">
<itemMeta><itemClass qcode="ninat:text"/><provider literal="NNA"><name>Norland News Agency</name></provider><versionCreated>2031-03-04T10:00:00Z</versionCreated></itemMeta>
<contentMeta><headline>Ferry sinks off Kelmouth</headline><by>Ana Kelm</by><dateline>KELMOUTH, March 4</dateline><creditline>NNA</creditline><language tag="en-GB"/></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>{PROSE}</p><h2>The search</h2><p>It goes on.</p></body></html></inlineXML></contentSet>
</newsItem><newsItem guid="urn:newsml:2"><itemMeta/><contentSet/></newsItem></itemSet></newsMessage>"""


def test_newsml(got):
    nitf = f"<nitf><body><body.head><hedline><hl1>Ferry sinks</hl1></hedline><byline>By Ana Kelm</byline></body.head><body.content><p>{PROSE}</p></body.content></body></nitf>"
    reports, problems = got({"a.xml": NEWSML, "b.nitf": nitf, "c.xml": "<newsItem><a></newsItem>"})
    first, second = reports
    assert (first.uri, first.title, first.byline, first.outlet, first.language) == (
        "a.xml:1",
        "Ferry sinks off Kelmouth",
        "Ana Kelm",
        "Norland News Agency",
        "en",
    )
    assert (first.external_id, first.published) == ("urn:newsml:1", datetime(2031, 3, 4, 10, tzinfo=UTC))
    assert [s.kind for s in segment(first)[0]] == ["headline", "dateline", "body", "subheading", "body", "credit"]
    assert second.text == f"Ferry sinks\n\n{PROSE}"
    assert [(p[0], p[1]) for p in problems] == [("a.xml:2", "no-text"), ("c.xml", "damaged")]


def test_xml_entities_are_not_resolved(got, tmp_path):
    (tmp_path / "secret.txt").write_text("secret words")
    bomb = '<!DOCTYPE newsItem [<!ENTITY x SYSTEM "secret.txt">]><newsItem guid="1"><contentSet><inlineData>a &x; b</inlineData></contentSet></newsItem>'
    reports, _ = got({"a.newsml": bomb})
    assert all("secret" not in r.text for r in reports)


def test_standard_input(got, monkeypatch):
    class Piped:
        buffer = io.BytesIO(b'{"text": "one x"}\n{"text": "two x"}\n')

    monkeypatch.setattr("sys.stdin", Piped())
    assert [(r.uri, r.text) for r in got({}, "-")[0]] == [("stdin:1", "one x"), ("stdin:2", "two x")]


def test_a_page_cut_into_parts_is_whole(got):
    part = (
        '<div class="chunk"><div class="grid"><div class="text">{}</div></div></div><div class="ad">Advertisement</div>'
    )
    paragraphs = [
        f"<p>{PROSE} It was accident number {n} on the line, and the ministry promised an inquiry into it.</p>"
        for n in range(24)
    ]
    parts = "".join(part.format("".join(paragraphs[n : n + 8])) for n in (0, 8, 16))
    promo = '<p><a href="/x">Mayor of Kelmouth resigns over plan for a second harbour</a></p>'
    page = f"<html><head><title>Ferry sinks off Kelmouth</title></head><body><article>{parts}{promo}</article></body></html>"
    reports, _ = got({"a.html": page})
    for n in range(24):
        assert f"number {n} on" in reports[0].text


def test_names_with_dots_above_do_not_leak_into_the_record(got, tmp_path):
    got({"in/a.txt": PROSE})
    reports, _ = got({}, f"../{tmp_path.name}/in/a.txt")
    assert [r.uri for r in reports] == ["a.txt"]


def test_every_format_may_be_gzipped_and_gives_the_same(got, tmp_path):
    sink = tmp_path / "made.parquet"
    pq.write_table(pa.table({"text": [PROSE]}), sink)
    plain = {
        "a.txt": PROSE.encode(),
        "a.md": f"# Ferry sinks\n\n{PROSE}".encode(),
        "a.html": PAGE.encode(),
        "a.json": json.dumps({"text": PROSE}).encode(),
        "a.jsonl": json.dumps({"text": PROSE}).encode() + b"\n",
        "a.csv": f'id,text\n1,"{PROSE}"\n'.encode(),
        "a.parquet": sink.read_bytes(),
        "a.warc": warc_of(("https://herald.example/ferry", 200, "text/html", PAGE.encode())),
        "a.rss": FEED.encode(),
        "a.newsml": NEWSML.encode(),
        "a.eml": f"From: a@b.example\r\nSubject: Ferry\r\n\r\n{PROSE}\r\n".encode(),
    }
    assert {f.name for f in FORMATS.values()} == {n[2:].replace("rss", "feed") for n in plain}
    for name, data in plain.items():
        bare, _ = got({f"plain/{name}": data}, f"plain/{name}")
        packed, _ = got({f"packed/{name}.gz": gzip.compress(data)}, f"packed/{name}.gz")
        assert bare, name
        assert [(r.text, r.title, r.marks) for r in packed] == [(r.text, r.title, r.marks) for r in bare], name


def test_an_unknown_format_names_those_that_are_known(got):
    _, problems = got({"a.docy": b"no report"}, "a.docy")
    assert problems[0][1] == "unknown-format"
    for form in FORMATS.values():
        assert all(extension in problems[0][2] for extension in form.extensions), form.name


BOXED = """<html lang="en"><head><title>Harbour wall gives way</title>
<meta property="og:description" content="Engineers had warned for years that the sea wall would not stand another winter.">
</head><body><header class="page-header"><h1>Harbour wall gives way</h1>
<p class="deck">Engineers had warned for years that the sea wall would not stand another winter.</p></header>
<main><article>
<p>The northern sea wall of Port Lorne gave way on Tuesday night, the harbour office said, and the sea came in.</p>
<p>Nobody was hurt when the wall fell, but some forty boats were torn loose and the fish market was flooded.</p>
<div class="promo-box"><h3>More on the storm</h3>
<p class="promo-box-text">What to do when the water rises in your street and the pumps have failed you.</p></div>
<p>The mayor, Ines Dahl, said the wall would be rebuilt before the herring season begins in the spring.</p>
<p>Repairs were put off three times in the past five years, according to the minutes of the town council.</p>
</article></main></body></html>"""


def test_standfirst_is_put_back_and_promos_are_marked() -> None:
    found = page.extract(BOXED)
    assert found is not None
    kinds = {found.text[m.span.start : m.span.end]: m.kind for m in found.marks}
    deck = "Engineers had warned for years that the sea wall would not stand another winter."
    assert kinds[deck] == "standfirst"
    assert found.text.index(deck) < found.text.index("The northern sea wall")
    promo = "What to do when the water rises in your street and the pumps have failed you."
    assert kinds[promo] == "teaser"
    assert "teaser" not in {kinds.get(line) for line in found.text.split("\n") if "mayor" in line}


def test_a_description_that_the_page_does_not_show_is_not_put_in() -> None:
    hidden = BOXED.replace(
        '<p class="deck">Engineers had warned for years that the sea wall would not stand another winter.</p>', ""
    )
    found = page.extract(hidden)
    assert found is not None and "Engineers had warned" not in found.text


DATED = (
    "<html><head><title>Ferry aground off Kelmouth</title>{head}</head><body><article><h1>Ferry aground off Kelmouth"
    "</h1>{line}<p>A ferry with 40 people on board ran aground off Kelmouth late in the evening, the coastguard said."
    "</p></article><footer>{foot}</footer></body></html>"
)
IN_UTC = '<meta property="article:published_time" content="2031-03-05T02:18:11Z">'


@pytest.mark.parametrize(
    "head, line, foot, url, iso",
    [
        # The same instant with an offset tells the outlet's own day.
        (IN_UTC + '<meta name="x" content="2031-03-04T21:18:11-05:00">', "", "", None, "2031-03-04T21:18:11-05:00"),
        # So does a clock without a zone that shows the same minutes and seconds.
        (IN_UTC + '<meta name="x" content="2031-03-04 21:18:11">', "", "", None, "2031-03-04T21:18:11-05:00"),
        # Another time is no such clock.
        (IN_UTC + '<meta name="x" content="2031-03-04 21:40:02">', "", "", None, "2031-03-05T02:18:11+00:00"),
        # The address names the day before: the least offset that agrees.
        (IN_UTC, "", "", "https://kelmouth.example/2031/03/04/ferry", "2031-03-04T23:18:11-03:00"),
        # At no clock in use was it still the day before.
        (
            IN_UTC.replace("T02", "T18"),
            "",
            "",
            "https://kelmouth.example/2031/03/04/ferry",
            "2031-03-05T18:18:11+00:00",
        ),
        # A page that states an offset of its own is believed.
        (
            IN_UTC.replace("Z", "+01:00"),
            "",
            "",
            "https://kelmouth.example/2031/03/04/ferry",
            "2031-03-05T02:18:11+01:00",
        ),
        # Without metadata a labelled line is better than the first date on the page.
        ("", "<p>Published: 2022-03-05</p>", '<p class="date">2022-01-02</p>', None, "2022-03-05T00:00:00+00:00"),
        # A bare year in a copyright line is no date.
        ("", "", "© 2019 Kelmouth Courier", None, None),
        ("", "<p class='date'>January 1, 2019</p>", "© 2019 Kelmouth Courier", None, "2019-01-01T00:00:00+00:00"),
    ],
)
def test_publication_date_of_a_page(head, line, foot, url, iso) -> None:
    found = page.date_of(DATED.format(head=head, line=line, foot=foot), url)
    assert (found.isoformat() if found else None) == iso


KEPT = (
    "<p>The harbour council of Kelmouth voted on Monday to close the northern pier after the storm of last week.</p>"
    "<p>{name} said that the pier had been unsafe since the spring and that nobody had wanted to hear it.</p>"
    "{post}<p>Fishermen who use the pier are to be given places in the southern basin until it has been rebuilt.</p>"
)


def _page_of(body: str, head: str = "") -> str:
    return f"<html><head><title>Pier closed</title>{head}</head><body><main><article><h1>Pier closed</h1>{body}</article></main></body></html>"


def test_a_box_that_opens_over_a_name_is_not_in_its_sentence() -> None:
    name = (
        '<span class="rollover-people"><a href="/p/1">Ines Dahl</a><span class="rollover-people-block">'
        "<a>Ines Dahl</a><a>Dahl wins the vote of Kelmouth</a></span></span>"
    )
    found = page.extract(_page_of(KEPT.format(name=name, post="")))
    assert found is not None
    assert "Ines Dahl said that the pier" in found.text and "wins the vote" not in found.text
    # A word that is merely set apart stays.
    kept = page.extract(_page_of(KEPT.format(name='Ines <span class="name">Dahl</span>', post="")))
    assert kept is not None and "Ines Dahl said that the pier" in kept.text


def test_an_embedded_post_is_put_back_once() -> None:
    post = (
        '<div class="embed"><blockquote class="twitter-tweet"><p>No boat is to tie up at the old pier from today.</p>'
        "- Kelmouth Harbour (@kelmharbour) <a>March 4, 2031</a></blockquote><script>1</script></div>"
    )
    found = page.extract(_page_of(KEPT.format(name="The mayor", post=post)))
    assert found is not None
    assert found.text.count("No boat is to tie up") == 1
    assert found.text.index("nobody had wanted") < found.text.index("No boat is") < found.text.index("Fishermen who")
    segments, _ = segment(RawReport("a.html", **page.facts(found)))
    assert {s.kind for s in segments if "No boat" in found.text[s.span.start : s.span.end]} == {"body"}


def test_paragraphs_parted_by_line_breaks_get_their_elements() -> None:
    first = "The harbour council of Kelmouth voted to close the pier, according to the <em>Kelmouth Courier</em>."
    rest = [
        "Fishermen who use the pier are to be given places in the southern basin.<br>They may move from Monday.",
        "Ines Dahl, the mayor, said that the pier had been unsafe since the spring of last year.",
    ]
    markup = f"<div>{first}<br> <br><img src='a.jpg'><center>The pier</center><br>{rest[0]}<br><br>{rest[1]}</div>"
    tree = prepared(fromstring(markup))
    found = [p.text_content().strip() for p in tree.iter("p")]
    assert found == [re.sub("<.*?>", "", t) for t in (first, *rest)]
    assert [e.tag for e in tree] == ["p", "img", "center", "p", "p"]
    # Short text with breaks, an address or a verse, is left alone.
    verse = fromstring("<div>Kelmouth Courier<br><br>1 Pier Lane<br>Kelmouth</div>")
    assert not list(prepared(verse).iter("p"))


@given(
    st.lists(st.sampled_from(["<br>", "<br><br>", " ", "<em>x</em>", "<ul><li>y</li></ul>", "<p>z</p>", "words " * 40]))
)
def test_no_text_is_lost_or_moved_when_a_page_is_made_ready(parts) -> None:
    tree = fromstring("<body><div>" + "".join(parts) + "</div></body>")
    before = "".join(tree.text_content().split())
    assert "".join(prepared(tree).text_content().split()) == before


def test_all_entries_of_a_live_blog_are_read() -> None:
    entries = "".join(
        f"<article class='entry'><div class='post'><div class='t{n}'><p>Entry {n}: the water at the pier of Kelmouth rose "
        f"by {n} centimetres within the hour, the harbour master said.</p></div></div></article>"
        for n in range(1, 7)
    )
    live = '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Pier closed"}</script>'
    found = page.extract(_page_of(KEPT.format(name="The mayor", post=""), live).replace("</main>", entries + "</main>"))
    assert found is not None
    assert all(found.text.count(f"Entry {n}:") == 1 for n in range(1, 7))
    assert "paywall" not in page.facts(found)["stated"] and "live-blog" in page.facts(found)["stated"]
