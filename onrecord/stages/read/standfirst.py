"""The standfirst of a page: the sentence under the headline, which text extraction takes for furniture.

A page repeats it word for word in its description for search engines and social media. What stands there, is shown on
the page as a block of its own before the first paragraph, and is missing from the extracted text, is put back.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from onrecord.stages.read.metadata import Metadata
from onrecord.stages.read.template import MATCHED
from onrecord.text import plain

LEAST, MOST = 30, 500  # characters; shorter descriptions are sections, longer ones paragraphs
FURNITURE = frozenset(("nav", "footer", "aside", "figure", "figcaption", "button", "form"))


def with_standfirst(
    blocks: list[tuple[str, str | None]], tree: HtmlElement, about: Metadata
) -> list[tuple[str, str | None]]:
    """The blocks with the page's standfirst before the first paragraph, where it was left out."""
    told = {plain(t).rstrip(" .…"): t for t in about.summaries if LEAST <= len(t) <= MOST}
    title = plain(about.title or "")
    have = "\n".join(plain(t) for t, _ in blocks)
    told = {p: t for p, t in told.items() if p not in have and p not in title}
    if not told:
        return blocks
    opening = {plain(t)[:MATCHED] for t, k in blocks[:3] if k in (None, "body") and len(t) > MATCHED}
    below = False
    for element in tree.iter("h1", "p", "h2", "h3", "h4", "div", "span", "strong"):
        below |= element.tag == "h1"
        if not below or element.tag == "h1" or len(element) > 8:
            continue
        text = " ".join(element.text_content().split())
        if not LEAST <= len(text) <= MOST:
            continue
        shown = plain(text)
        if shown[:MATCHED] in opening:
            return blocks
        if shown.rstrip(" .…") in told and not any(a.tag in FURNITURE for a in element.iterancestors()):
            first = next((n for n, (_, kind) in enumerate(blocks) if kind not in ("headline", "caption")), 0)
            return [*blocks[:first], (text, "standfirst"), *blocks[first:]]
    return blocks
