"""Posts of social media that a report shows between its paragraphs, which extraction leaves out: they are evidence.

Each is put back behind the kept block that it follows on the page, as the report's own text; one that stands behind
the last kept block only where it is in the element that holds the report's paragraphs.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from onrecord.stages.read.template import MATCHED, letters
from onrecord.text import plain

_POSTS = re.compile(r"(?:^|\s)(?:twitter-tweet|twitter-video|bluesky-embed|mastodon-embed)(?:$|\s)")
_MOST = 1_500  # characters of a post
Blocks = list[tuple[str, str | None]]


def with_posts(blocks: Blocks, tree: HtmlElement) -> Blocks:
    """The blocks with the page's embedded posts between them, two lines each: its words, who posted it when."""
    posts = [e for e in tree.iter("blockquote") if _POSTS.search(e.get("class") or "")]
    if not posts or len(posts) > 60:
        return blocks
    known: dict[str, int] = {}
    for n, (text, _) in enumerate(blocks):
        known.setdefault(plain(text)[:MATCHED], n)
    kept = letters(" ".join(text for text, _ in blocks))
    wanted = {id(p) for p in posts}
    last, holder = -1, None
    after: dict[int, list[str]] = {}
    for element in tree.iter("p", "h1", "h2", "h3", "h4", "li", "blockquote"):
        if id(element) in wanted:
            lines = _lines(element)
            near = holder is not None and any(a is holder for a in element.iterancestors())
            if last >= 0 and lines and letters(lines[0]) not in kept and (near or last < len(blocks) - 1):
                after.setdefault(last, []).extend(lines)
        elif not any(id(a) in wanted for a in element.iterancestors()):
            at = known.get(plain(element.text_content()[:400])[:MATCHED])
            if at is not None:
                last, holder = max(last, at), element.getparent()
    out: Blocks = []
    for n, block in enumerate(blocks):
        out.append(block)
        out.extend((text, "body") for text in after.get(n, ()))
    return out


def _lines(post: HtmlElement) -> list[str]:
    """A post's words and its signature; nothing of one that is empty or too long."""
    words = " ".join(" ".join(p.text_content() for p in post.iter("p")).split())
    whole = " ".join(post.text_content().split())
    if not words or len(whole) > _MOST:
        return []
    signed = whole[len(words) :].strip() if whole.startswith(words) else ""
    return [t for t in (words, signed) if t]
