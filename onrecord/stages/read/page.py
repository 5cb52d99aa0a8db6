"""A web page to its article: trafilatura finds the text, the page's own markup says what its parts are.

trafilatura's XML tells headings, lists, quotations and tables apart. Captions, which it drops, are put back where they
stood between paragraphs that were kept; they are marked, and stay evidence. The headline stands first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import trafilatura
from lxml.html import HtmlElement
from trafilatura.settings import Document
from trafilatura.utils import load_html

from onrecord.model import Mark
from onrecord.stages.read.blocks import blocks_of, joined
from onrecord.stages.read.embedded import with_posts
from onrecord.stages.read.markup import prepared
from onrecord.stages.read.metadata import Metadata, metadata
from onrecord.stages.read.outlets import outlet_of
from onrecord.stages.read.pagedate import published
from onrecord.stages.read.source import bounded
from onrecord.stages.read.standfirst import with_standfirst
from onrecord.stages.read.template import MATCHED, linked, promoted, recovered
from onrecord.text import plain

_BLOCKS = ("p", "head", "item", "quote", "code", "cell", "row", "table", "list", "div", "fw", "ab")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding=["']([A-Za-z0-9_.:-]{2,40})""")
# What a caption is wrapped in on pages without <figcaption>, the words that news templates use for classes.
_CAPTIONS = (
    "//figcaption | //*[self::p or self::div or self::span][contains(concat(' ', normalize-space(@class), ' '),"
    " ' caption ') or contains(@class, 'wp-caption-text') or contains(@class, 'image-caption') or"
    " contains(@class, 'photo-caption') or contains(@class, 'media-caption') or contains(@class, 'img-caption')]"
)
# What markup says about a block. An item, a cell or a quotation is the report's own, however short: without the mark
# a list of winners would look like a list of other stories' headlines.
_KINDS = {"head": "subheading", "item": "body", "cell": "body", "row": "body", "quote": "body"}


@dataclass
class Page:
    """An extracted article: its text, the marks on it, and what the page says about itself."""

    text: str
    marks: tuple[Mark, ...]
    about: Metadata
    published: datetime | None
    outlet: str | None


def charset(data: bytes) -> str | None:
    """The encoding that a page declares in its first 4 KiB, None when it does not."""
    m = _XML_CHARSET.search(data[:4096]) or _CHARSET.search(data[:4096])
    return m.group(1).decode("ascii") if m else None


def facts(page: Page) -> dict[str, Any]:
    """The page as fields of a `RawReport`."""
    return {
        "text": page.text,
        "marks": page.marks,
        "title": page.about.title,
        "byline": page.about.byline,
        "outlet": page.outlet,
        "outlet_basis": "metadata" if page.about.outlet else "address" if page.outlet else None,
        "language": page.about.language,
        "published": page.published,
        "stated": frozenset(
            name for name, said in (("live-blog", page.about.live), ("paywall", page.about.paywalled)) if said
        ),
    }


def extract(html: str, url: str | None = None) -> Page | None:
    """The article of a page, or None when there is none in it; raises `Unreadable` for one of too many tags."""
    bounded(html)
    tree = load_html(_unprologued(html))
    if tree is None:
        return None
    about = metadata(tree)
    prepared(tree)
    url = url or about.url
    blocks = article(tree, html, url)
    blocks = _longer(blocks, about.body)
    if not blocks:
        return None
    fresh = load_html(_unprologued(html))  # extraction changes the tree that it is given
    if fresh is not None:
        prepared(fresh)
        blocks = with_posts(recovered(blocks, fresh, about.live), fresh)
        blocks = _with_captions(promoted(linked(blocks, fresh), fresh), fresh)
        blocks = with_standfirst(blocks, fresh, about)
    blocks = _with_headline(blocks, about.title)
    text, marks = joined(blocks)
    day = published(html, tree if fresh is None else fresh, about, url)
    return Page(text, marks, about, day, about.outlet or (outlet_of(url) if url else None))


def article(tree: HtmlElement, html: str, url: str | None = None) -> list[tuple[str, str | None]]:
    """The blocks of the article, (text, kind or None), as trafilatura finds it."""
    found = trafilatura.bare_extraction(
        tree, url=url, with_metadata=False, include_comments=False, include_formatting=False
    )
    if not isinstance(found, Document) or found.body is None:
        return []
    return list(_blocks(found.body))


def _longer(blocks: list[tuple[str, str | None]], stated: str | None) -> list[tuple[str, str | None]]:
    """The page's own articleBody where it holds the extracted text and much more, as on pages cut into many parts."""
    mine = sum(len(t) for t, _ in blocks)
    if not stated or len(stated) < 1.5 * mine or len(stated) < 400:
        return blocks
    whole = plain(stated)
    kept = sum(len(t) for t, _ in blocks if plain(t)[:MATCHED] in whole)
    if mine and kept < 0.7 * mine:
        return blocks
    return (
        blocks_of(stated)
        if "</p>" in stated
        else [(" ".join(p.split()), None) for p in stated.split("\n") if p.strip()]
    )


def date_of(html: str, url: str | None = None) -> datetime | None:
    """When a page was published, its article left aside."""
    tree = load_html(_unprologued(html))
    return published(html, tree, metadata(tree), url) if tree is not None else None


def _unprologued(html: str) -> str:
    # lxml refuses characters that come with an encoding declaration of their own.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", html, count=1)


def _blocks(body: Any) -> Iterator[tuple[str, str | None]]:
    for element in body:
        yield from _block(element)


def _block(element: Any) -> Iterator[tuple[str, str | None]]:
    tag = element.tag
    if not isinstance(tag, str):
        return
    kind = _KINDS.get(tag)
    if tag == "head" and element.get("rend") == "h1":
        kind = "headline"
    inner = [c for c in element.iter(*_BLOCKS) if c is not element]
    if not inner:
        for line in _text(element).split("\n"):
            if line.strip():
                yield " ".join(line.split()), kind
        return
    own = " ".join((element.text or "").split())
    if own:
        yield own, kind
    for child in element:
        if isinstance(child.tag, str) and (child.tag in _BLOCKS or any(True for _ in child.iter(*_BLOCKS))):
            yield from _block(child)
        else:
            loose = " ".join(_text(child).split()) if isinstance(child.tag, str) else ""
            if loose:
                yield loose, kind
        tail = " ".join((child.tail or "").split())
        if tail:
            yield tail, kind


def _text(element: Any) -> str:
    out = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            out.append("\n")
        elif isinstance(child.tag, str):
            out.append(_text(child))
        out.append(child.tail or "")
    return "".join(out).replace("\r", " ").replace("\n", "\n" if element.find(".//lb") is not None else " ")


def _with_headline(blocks: list[tuple[str, str | None]], title: str | None) -> list[tuple[str, str | None]]:
    if not title:
        return blocks
    wanted = plain(title)
    out, seen = [], False
    for n, (text, kind) in enumerate(blocks):
        if n < 4 and plain(text) == wanted:
            kind, seen = "headline", True
        elif kind == "headline" and n > 3:
            kind = "subheading"
        out.append((text, kind))
    return out if seen else [(title, "headline"), *out]


def _with_captions(blocks: list[tuple[str, str | None]], tree: HtmlElement) -> list[tuple[str, str | None]]:
    """Captions put back after the kept block that they followed on the page."""
    captions = tree.xpath(_CAPTIONS)
    if not captions or len(captions) > 60:
        return blocks
    known: dict[str, int] = {}
    for n, (text, _) in enumerate(blocks):
        known.setdefault(plain(text)[:MATCHED], n)
    wanted = {id(c) for c in captions}
    last, found = -1, []
    inside: set[int] = set()
    for element in tree.iter("p", "h1", "h2", "h3", "h4", "li", "blockquote", "figcaption", "div", "span"):
        if id(element) in wanted:
            if any(id(a) in wanted for a in element.iterancestors()):
                continue
            text = " ".join(element.text_content().split())
            if 3 <= len(text) <= 600:
                found.append((last, element, text))
                inside.update(id(e) for e in element.iter())
        elif id(element) not in inside and element.tag not in ("div", "span"):
            at = known.get(plain(element.text_content()[:400])[:MATCHED])
            if at is not None:
                last = max(last, at)
    after: dict[int, list[str]] = {}
    out = [(t, "caption" if any(plain(t) == plain(c) for _, _, c in found) else k) for t, k in blocks]
    have = {plain(t) for t, _ in blocks}
    for at, element, text in found:
        # Behind the last kept block stand the captions of other stories; before the first, only the article's own.
        own = any(a.tag in ("article", "main") for a in element.iterancestors())
        if plain(text) in have or at >= len(blocks) - 1 or (at < 0 and not own):
            continue
        have.add(plain(text))
        after.setdefault(at, []).append(text)
    result: list[tuple[str, str | None]] = [(t, "caption") for t in after.get(-1, [])]
    for n, block in enumerate(out):
        result.append(block)
        result.extend((t, "caption") for t in after.get(n, []))
    return result
