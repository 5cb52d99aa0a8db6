"""What a page says about itself: JSON-LD (schema.org), OpenGraph and friends, in that order of trust."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from lxml.html import HtmlElement

# schema.org types whose properties are those of the report itself; a page's WebSite or Organization block is not.
_ARTICLE = re.compile(r"Article|BlogPosting|LiveBlogPosting|Report$|Review$|^Posting")
_TITLE_TAIL = re.compile(r"\s+(?:[|–—»·:]|-)\s+[^|–—»·]{2,40}$")


@dataclass
class Metadata:
    """Facts of a page as it states them; None where it does not."""

    title: str | None = None
    byline: str | None = None
    outlet: str | None = None
    language: str | None = None
    published: str | None = None
    modified: str | None = None
    url: str | None = None
    body: str | None = None  # schema.org articleBody
    summaries: tuple[str, ...] = ()  # descriptions, as social media and search are given them; often cut short
    live: bool = False
    paywalled: bool = False


def metadata(tree: HtmlElement) -> Metadata:
    """Read a page's metadata."""
    out = Metadata()
    for block in _articles(tree):
        _from_json_ld(out, block)
    meta = _meta(tree)

    def first(*names: str) -> str | None:
        return next((meta[n] for n in names if meta.get(n)), None)

    out.title = out.title or first(
        "og:title", "twitter:title", "dc.title", "headline", "parsely-title", "sailthru.title"
    )
    out.byline = out.byline or first(
        "author", "article:author_name", "dc.creator", "byl", "parsely-author", "cxenseparse:author"
    )
    if out.byline and out.byline.startswith(("http://", "https://", "@")):
        out.byline = None
    out.outlet = first("og:site_name", "dc.publisher", "application-name") or out.outlet
    out.published = out.published or first(
        "article:published_time", "og:published_time", "article:published", "datepublished", "dc.date.issued",
        "dcterms.created", "parsely-pub-date", "sailthru.date", "publishdate", "publish-date", "pubdate", "ptime",
        "displaydate", "article.published", "publication_date",
    )  # fmt: skip
    out.modified = out.modified or first("article:modified_time", "og:updated_time", "datemodified", "lastmod")
    out.language = tree.get("lang") or first("og:locale", "content-language", "dc.language") or out.language
    out.language = (
        out.language[:2].lower() if out.language and re.match(r"[A-Za-z]{2}(?:[-_]|$)", out.language) else None
    )
    canonical = tree.xpath("//link[translate(@rel,'CANONICAL','canonical')='canonical']/@href")
    out.url = out.url or next((str(c) for c in canonical if str(c).startswith("http")), None) or first("og:url")
    said = [meta.get(n) for n in ("description", "og:description", "twitter:description", "dc.description")]
    out.summaries = tuple(dict.fromkeys(unescape(t) for t in (*out.summaries, *said) if t))
    if not out.title:
        titles = [" ".join(str(t).split()) for t in tree.xpath("//head/title/text()|//title/text()")]
        out.title = next((_TITLE_TAIL.sub("", t) for t in titles if t), None)
    return out


def _meta(tree: HtmlElement) -> dict[str, str]:
    out: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        value = " ".join(str(element.get("content")).split())
        if name and value:
            out.setdefault(str(name).lower(), value)
    return out


def _articles(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.xpath("//script[contains(@type, 'ld+json')]"):
        raw = (script.text_content() or "").strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()
        raw = re.sub(r"^/\*.*?\*/|^<!--|-->$|;$", "", raw).strip()
        if not raw or len(raw) > 4_000_000:
            continue
        try:
            found = json.loads(raw, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _walk(found, 0)


def _walk(node: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(node, list):
        for item in node[:200]:
            yield from _walk(item, depth + 1)
    elif isinstance(node, dict):
        kinds = node.get("@type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if any(isinstance(k, str) and _ARTICLE.search(k) for k in kinds):
            yield node
        else:
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement" if depth else "@graph"):
                if key in node and isinstance(node[key], list | dict):
                    yield from _walk(node[key], depth + 1)


def _from_json_ld(out: Metadata, block: dict[str, Any]) -> None:
    def text(value: Any) -> str | None:
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, dict):
            value = value.get("name") or value.get("@id") or value.get("url")
        if isinstance(value, str) and value.strip():
            return " ".join(unescape(value).split())
        return None

    def names(value: Any) -> str | None:
        value = value if isinstance(value, list) else [value]
        found = [n for n in (text(v) for v in value) if n and not n.startswith("http")]
        return ", ".join(dict.fromkeys(found)) or None

    out.title = out.title or text(block.get("headline")) or text(block.get("name"))
    out.byline = out.byline or names(block.get("author")) or names(block.get("creator"))
    publisher = names(block.get("publisher"))
    out.outlet = out.outlet or publisher
    out.published = out.published or text(block.get("datePublished")) or text(block.get("dateCreated"))
    out.modified = out.modified or text(block.get("dateModified"))
    out.language = out.language or text(block.get("inLanguage"))
    url = text(block.get("url")) or text(block.get("mainEntityOfPage"))
    if url and url.startswith("http"):
        out.url = out.url or url
    told = text(block.get("description"))
    out.summaries = (*out.summaries, told) if told else out.summaries
    body = block.get("articleBody")
    if isinstance(body, str) and body.strip():
        out.body = out.body or unescape(body)
    kinds = block.get("@type")
    out.live = out.live or "LiveBlogPosting" in (kinds if isinstance(kinds, list) else [kinds])
    free = block.get("isAccessibleForFree")
    out.paywalled = out.paywalled or str(free).lower() == "false"
