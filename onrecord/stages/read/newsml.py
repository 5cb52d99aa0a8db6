"""NewsML-G2 and NITF: how agencies deliver, one newsItem a report, alone or many in a newsMessage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from lxml import etree

from onrecord.model import RawReport
from onrecord.stages.read.blocks import joined
from onrecord.stages.read.dates import when
from onrecord.stages.read.source import Source, Unreadable

_TEXTUAL = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "hl2", "blockquote", "figcaption", "td", "th", "caption")
_KINDS = {"figcaption": "caption", "caption": "caption", "li": "body", "td": "body", "th": "body"}


def news_items(source: Source) -> Iterator[RawReport]:
    """The text items of a NewsML-G2 document, or the one report of a NITF document."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source.whole(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable("damaged", f"{source.name}: not well-formed XML ({error.msg}); fetch it again") from error
    items = [root] if _local(root) in ("newsItem", "nitf") else list(_all(root, "newsItem"))
    if not items:
        raise Unreadable("no-text", f"{source.name}: no newsItem in it; give the text as .txt")
    for number, item in enumerate(items, 1):
        uri = source.name if len(items) == 1 else f"{source.name}:{number}"
        yield from source.item(uri, partial(_report, item, source, uri))


def _report(item: Any, source: Source, uri: str) -> RawReport:
    title = _words(_first(item, "headline")) or _words(_first(item, "hl1")) or _words(_first(item, "title"))
    blocks: list[tuple[str, str | None]] = list(_paragraphs(item))
    if not blocks:
        raise Unreadable("no-text", f"{uri}: no text in the item; pictures and video are not read")
    dateline = _words(_first(item, "dateline"))
    if dateline and dateline[:12].casefold() not in blocks[0][0][:200].casefold():
        blocks.insert(0, (dateline, "dateline"))
    if title and blocks[0][0] != title:
        blocks.insert(0, (title, "headline"))
    credit = _words(_first(item, "creditline"))
    if credit and all(credit != text for text, _ in blocks):
        blocks.append((credit, "credit"))
    text, marks = joined(blocks)
    provider = _first(item, "provider")
    provided = None
    if provider is not None:
        provided = _words(_first(provider, "name")) or provider.get("literal") or provider.get("qcode")
    tags = [e.get("tag") for e in _all(item, "language") if e.get("tag")]
    dates = [e.text or e.get("norm") for n in ("firstCreated", "versionCreated", "date.issue") for e in _all(item, n)]
    return RawReport(
        uri=uri,
        text=text,
        external_id=item.get("guid"),
        outlet=provided.split(":")[-1] if provided else None,
        title=title,
        byline=_words(_first(item, "by")) or _words(_first(item, "byline")),
        language=tags[0][:2].lower() if tags else None,
        published=next((d for d in map(when, dates) if d), None),
        fetched=source.fetched,
        marks=marks,
    )


def _paragraphs(item: Any) -> Iterator[tuple[str, str | None]]:
    bodies = [*_all(item, "inlineXML"), *_all(item, "body.content")]
    for body in bodies[:1]:
        for element in body.iter():
            name = _local(element)
            inside = any(_local(a) in _TEXTUAL for a in element.iterancestors())
            if name in _TEXTUAL and not inside and (words := _words(element)):
                kind = "headline" if name == "h1" else "subheading" if name[0] == "h" else _KINDS.get(name)
                yield words, kind
    if not bodies:
        for data in _all(item, "inlineData"):
            for piece in (data.text or "").split("\n"):
                if piece.strip():
                    yield " ".join(piece.split()), None


def _local(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _all(element: Any, name: str) -> Iterator[Any]:
    return (e for e in element.iter() if _local(e) == name)


def _first(element: Any, name: str) -> Any:
    return next(_all(element, name), None)


def _words(element: Any) -> str | None:
    return " ".join("".join(element.itertext()).split()) or None if element is not None else None
