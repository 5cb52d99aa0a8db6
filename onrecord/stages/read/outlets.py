"""Who published a report: by its web address, or, where the input says nothing, by what its own text says.

In the text an outlet names itself where it speaks for itself: behind the page's title, in its copyright line, in the
address for letters or of the page. A credit, a dateline or 'told the Herald' says whose copy or whose interview it is,
and others print both; such names alone decide nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from onrecord import lexicon
from onrecord.model import Span
from onrecord.text import fold, plain

_FRONT = re.compile(r"^(?:www\d?|m|mobile|amp|edition|news|uk|us|in|en|beta|feeds?|rss|rssfeeds)\.(?=[^.]+\.)")
# An address for letters, or of the page itself; other links lead anywhere.
_ADDRESS = re.compile(
    r"(?:(?<![\w.+-])(?!licens|permission|syndicat|sales|advert)[\w.+-]{1,40}@|"
    r"\b(?:this (?:story|article|report|page)|source link|permalink)(?: at| here)?:? https?://)"
    r"(?:www\.)?((?:[a-z0-9-]{1,40}\.){1,3}[a-z]{2,6})\b",
    re.IGNORECASE,
)
# Hosts at which everybody has an address or a page, and shorteners: none is an outlet's.
_EVERYBODY = re.compile(
    r"(?:^|\.)(?:twitter|x|facebook|fb|instagram|youtube|youtu|t|bit|goo|google|gmail|yahoo|hotmail|outlook|aol|protonmail|"
    r"linkedin|pinterest|reddit|whatsapp|tinyurl|ow|dlvr|buff|flickr|vimeo|soundcloud|apple|spotify|amazon|amzn|"
    r"medium|substack|wordpress|blogspot|tumblr|feedburner|archive|disqus|taboola|outbrain|creators)\.[a-z.]{2,6}$|\.(?:ly|st|ws|gd|gl|gy)$"
)
_NAME = r"(?:[Tt]he )?[A-ZÀ-Þ][\w&'.-]*[\w](?: (?:of |and |& |the )?[A-ZÀ-Þ][\w&'.-]*\w){0,4}"
_OWNER = re.compile(
    rf"(?:©|\([cC]\)|[Cc]opyright|COPYRIGHT)[\s,©:]*(?:\([cC]\)\s*)?(?:[Cc]opyright )?(?:\d{{4}}(?:-\d{{2,4}})?)?"
    rf",?\s*(?:by )?({_NAME})"
)
_FIRM = re.compile(
    r",? (?:LLC|Inc|Ltd|Limited|Media Group|Media|Company|Co|Corp|Corporation|Publishing|Newspapers|All|Network)\b.*$"
)
# Those who own copy that others print.
_OWNED_BY = re.compile(
    r"syndicate|creators|\bfeatures\b|productions|content agency|foundation|viewpoint|interactive", re.IGNORECASE
)
_TAIL = re.compile(r"^.{15,200}?\s[|»]\s((?:[A-Z][\w&'.-]*|of|the|and)(?: (?:[A-Z][\w&'.-]*|of|the|and)){0,3})$")
_OF_PICTURE = re.compile(r"(?:image|photo|picture|video|media)s?\b", re.IGNORECASE)
_PICTURES = re.compile(r"(?:AP|AFP|EPA|REUTERS|Reuters|Getty|Photos?|Courtesy|Video|Opinion)\b")
_SHORT, _LONGEST = 160, 600  # characters of a line that is an address for letters, a copyright notice
_READ = 4_000  # characters in which a dateline is looked for
_EDGE = 6  # lines at either end of a report in which an outlet gives its address


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {
        domain: row["name"] for row in lexicon.rows("agencies.tsv") for domain in row["domains"].split("|") if domain
    }


@lru_cache(maxsize=1)
def _names() -> dict[str, tuple[str, str]]:
    """Name or alias, plain, to (name, kind)."""
    out: dict[str, tuple[str, str]] = {}
    for row in lexicon.rows("agencies.tsv"):
        for alias in (row["name"], *row["aliases"].split("|"), *row["abbreviations"].split("|")):
            if alias:
                out.setdefault(plain(alias).removeprefix("the "), (row["name"], row["kind"]))
    return out


def outlet_of(url: str) -> str | None:
    """'https://www.reuters.com/x' is 'Reuters'; an unknown host is its domain without 'www.'; None without a host."""
    try:
        host = (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return None
    if not host or "." not in host:
        return None
    known = _known()
    parts = host.split(".")
    for at in range(len(parts) - 1):
        name = known.get(".".join(parts[at:]))
        if name:
            return name
    return _FRONT.sub("", host)


def outlet_in(text: str) -> tuple[str, Span] | None:
    """(outlet, where the text names it) by what the text says of itself; None where it says nothing, or two things.

    An agency, broadcaster or syndicate that owns the copyright need not be the outlet: many print its copy.
    """
    said: dict[str, tuple[str, Span]] = {}
    for name, span, owned in _signs(text):
        known = _names().get(plain(name).removeprefix("the "))
        if owned and f"({name})" in text[:_READ]:
            continue  # it stands in a dateline: an agency, known to the lexicon or not
        if (known and (known[1] == "agency" or (owned and known[1] != "outlet"))) or _OWNED_BY.search(name):
            continue
        name = known[0] if known else name
        said.setdefault(_bare(name), (name, span))
    found = list(said.values())
    return found[0] if len(found) == 1 else None


def _signs(text: str) -> Iterator[tuple[str, Span, bool]]:
    """(name, where, whether as the owner of the copyright) of each outlet that the text's edges name."""
    lines: list[tuple[int, str]] = []
    at = 0
    for piece in text.splitlines(keepends=True):
        if piece.strip():
            lines.append((at + len(piece) - len(piece.lstrip()), piece.strip()))
        at += len(piece)
    edges = {*range(min(_EDGE, len(lines))), *range(max(0, len(lines) - _EDGE), len(lines))}
    for n in sorted(edges):
        start, line = lines[n]
        folded = fold(line)
        m = _TAIL.match(folded) if n == 0 and len(line) <= _SHORT + 60 and not line.endswith(".") else None
        if m and not _PICTURES.match(m.group(1)):
            yield m.group(1), Span(start + m.start(1), start + m.end(1)), False
        if len(line) <= _LONGEST and not _OF_PICTURE.match(folded) and (m := _OWNER.search(folded)):
            name = _FIRM.sub("", m.group(1)).rstrip(" .,")
            if len(name) > 2:
                yield name, Span(start + m.start(1), start + m.start(1) + len(name)), True
        if len(line) <= _SHORT:
            for m in _ADDRESS.finditer(folded):
                host = m.group(1).lower()
                if not _EVERYBODY.search(host) and (domain := outlet_of(f"http://{host}")):
                    yield domain, Span(start + m.start(1), start + m.end(1)), False


def _bare(name: str) -> str:
    """One key for 'Tern Daily News' and 'terndailynews.com'."""
    name = plain(name).removeprefix("the ")
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name):
        name = max(name.split(".")[:-1], key=len)
    return "".join(c for c in name if c.isalnum())
