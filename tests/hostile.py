"""Texts and files that strangers might send: the named ones, and seeded damage to whole ones."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Iterator

NEWS = (
    "The army shelled the port of Larnvik on Monday, killing three dockers, the interior ministry said. "
    '"We will answer," said Mira Aldane, the governor, in a statement on 4 March 2024.'
)


def texts(scale: int = 1) -> dict[str, str]:
    """Texts that a careless loop or pattern would choke on; `scale` multiplies their lengths."""
    n = 400 * scale
    return {
        "nul": "The army\0 shelled the port\0 on Monday.\0" * n,
        "bidi": "\u202eThe army shelled the port\u202c \u2066on Monday\u2069 " * n,
        "combining": ("a" + "\u0301" * 50 * scale + " The army shelled the port. ") * 20,
        "quotation marks": '"' * 10 * n + " he said. " + "\u201c" * 10 * n + "'" * 10 * n,
        "nested quotations": '"He said "she said \u201cthey said \u2018' * n,
        "brackets": "(" * 10 * n + ")" * 10 * n,
        "a sentence of words": "the army and the police and the guards " * n + "shelled the port.",
        "one word": "x" * 100 * n,
        "names": "Paris " * 2 * n,
        "dates": "on Monday 3 May 2024 and last Friday " * n,
        "numbers": "12,345,678 " * 2 * n,
        "said": "he said, " * 2 * n,
        "blank lines": "\n" * 200 * n + NEWS,
        "short lines": "a\n\n" * 5 * n,
        "capitals": "ARMY SHELLS PORT AS TROOPS MASS " * n,
        "markup": "<script>alert(1)</script><img src=x onerror=alert(1)> " * n + NEWS,
        "control": "\x1b[31m\x07\x08 The army shelled the port. " * n,
        "astral": "\U0001f4a5\U0001f3f4\u200d\u2620\ufe0f The army shelled the port. " * n,
    }


def files() -> dict[str, bytes]:
    """Whole files of every family of formats, and bombs among them."""
    story = f"<article><p>{NEWS}</p><p>{NEWS}</p></article>"
    page = f"<html><head><title>Port shelled</title></head><body>{story}</body></html>"
    item = (
        f"<item><title>Port shelled</title><link>https://news.invalid/1</link><description>{NEWS}</description></item>"
    )
    body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}"
    warc = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.invalid/1\r\n"
        "WARC-Date: 2024-03-05T00:00:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}\r\n\r\n"
    )
    return {
        "plain.txt": NEWS.encode(),
        "page.html": page.encode(),
        "one.json": json.dumps({"id": "1", "text": NEWS, "published": "2024-03-05"}).encode(),
        "lines.jsonl": "\n".join(json.dumps({"id": str(n), "text": f"{NEWS} ({n})"}) for n in range(3)).encode(),
        "table.csv": f'id,text,title\n1,"{NEWS.replace(chr(34), chr(34) * 2)}",=cmd\n'.encode(),
        "feed.xml": f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{item}</channel></rss>'.encode(),
        "mail.eml": f"From: desk@news.invalid\nSubject: Port\nDate: Tue, 5 Mar 2024 10:00 +0000\n\n{NEWS}\n".encode(),
        "crawl.warc": warc.encode(),
        "crawl.warc.gz": gzip.compress(warc.encode(), mtime=0),
        "plain.txt.gz": gzip.compress(NEWS.encode(), mtime=0),
        "table.parquet": _parquet(),
    }


def bombs() -> dict[str, bytes]:
    """Small files that unpack, nest or expand beyond any report."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    return {
        "zeros.txt.gz": gzip.compress(b"a" * (300 << 20), compresslevel=9, mtime=0),
        "line.jsonl.gz": gzip.compress(b'{"text":"' + b"x" * (80 << 20) + b'"}\n', compresslevel=9, mtime=0),
        "deep.html": b"<div>" * 100_000 + NEWS.encode() + b"</div>" * 100_000,
        "tags.html": b"<html><body>" + b"<p>x</p>" * 50_000 + b"</body></html>",
        "million.html": b"<html><body>" + b"<p>x</p>" * 1_000_000 + b"</body></html>",
        "bomb.zip": _zipped(b"a" * (50 << 20)),
        "cut.warc.gz": files()["crawl.warc.gz"][:-40],
        "deep.json": b"[" * 10_000 + b"]" * 10_000,
        "deep.jsonl": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "laughs.xml": f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><rss><channel><item><title>&l9;</title></item>'
        "</channel></rss>".encode(),
        "outside.xml": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        b'<rss version="2.0"><channel><item><title>&x;</title><description>&x; '
        + NEWS.encode()
        + b"</description></item></channel></rss>",
        "years.jsonl": b'{"id":"1","text":"The army shelled the port on 3 May 99999.","published":"99999-05-03"}\n'
        b'{"id":"2","text":"The army shelled the port in the year 0.","published":-99999999999999}\n',
        "surrogates.json": b'{"text":"The army \\ud800 shelled the port \\udfff on Monday.","title":"\\udc00"}',
        "same.jsonl": b"\n".join(json.dumps({"id": "same", "text": f"{NEWS} {n}"}).encode() for n in range(20)),
    }


def damaged(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` files, each a whole one with some of its bytes changed, cut, doubled, or put in from another format."""
    rng = random.Random(seed)
    whole = files()
    names = sorted(whole)
    for n in range(count):
        name = rng.choice(names)
        data = bytearray(whole[name])
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data) + 1)
            size = min(rng.choice((1, 2, 8, 64, 512)), len(data) - at)
            match rng.randrange(6):
                case 0:
                    data[at : at + size] = rng.randbytes(size)
                case 1:
                    del data[at : at + size]
                case 2:
                    data[at:at] = data[at : at + size] * rng.randint(1, 20)
                case 3:
                    data[at:at] = rng.choice(
                        (b"\0", b"\xff\xfe", b'"', b"<", b"]]>", b"{", b"\r\n", b"\xed\xa0\x80", b"&#0;")
                    )
                case 4:
                    other = whole[rng.choice(names)]
                    data[at:at] = other[: rng.randrange(len(other))]
                case _:
                    data = data[:at] or bytearray(b"\n")
        first, _, rest = name.partition(".")
        yield f"{first}-{n}.{rest}", bytes(data)


def unclosed() -> dict[str, str]:
    """Pieces of HTML whose elements are opened many times and never closed."""
    many = 190_000
    return {
        tag: NEWS + tag * many
        for tag in ("<script>", "<style x=1>", "<h2>", "<figcaption>", "<!--", "<p ", "<svg", "<h2 ")
    }


def _zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return out.getvalue()


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["1", "2"], "text": [NEWS, NEWS + " "]}), out)
    return out.getvalue()
