"""Who a report says its copy is from: credits, and outlets cited for what they reported.

Outlets are known by the names, aliases and domains in lexicon/agencies.tsv. An interview given to an outlet ('told
CNN') cites nobody's reporting and does not count.
"""

from __future__ import annotations

import re
from functools import lru_cache

from onrecord import lexicon
from onrecord.text import fold

_BEFORE = re.compile(
    r"\b(?:according to|reported by|reports|per|via|from|by)\s+(?:the\s+)?(?=[A-Z])(?P<name>[^\n]{2,60})"
)
_AFTER = re.compile(r" (?:first reported|has reported|reports|reported|report|writes|[pP]osted)\b")
_ENDING = re.compile(r"\.(?:com|org|net|co\.uk|co|news|eu|au|in)\b")
_HOST = re.compile(r"[a-z0-9.-]+$")


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """Alias to name, domain to name, and the names of outlets and broadcasters; all lower case."""
    aliases: dict[str, str] = {}
    domains: dict[str, str] = {}
    outlets = set()
    for row in lexicon.rows("agencies.tsv"):
        name = row["name"].lower()
        for alias in (row["name"], *row["aliases"].split("|"), *row["abbreviations"].split("|")):
            if alias.strip():
                aliases.setdefault(alias.strip().lower().removeprefix("the "), name)
        for domain in row["domains"].split("|"):
            if domain.strip():
                domains.setdefault(domain.strip().lower(), name)
        if row["kind"] != "agency":
            outlets.add(name)
    return aliases, domains, frozenset(outlets)


def is_outlet(name: str) -> bool:
    """Whether a name is known as an outlet's or a broadcaster's; any other maker is an agency, made for copying."""
    return name in _names()[2]


@lru_cache(maxsize=100_000)
def canonical(name: str) -> str:
    """The one name, lower case, of an agency or outlet given by name, alias or domain."""
    aliases, domains, _ = _names()
    low = " ".join(name.lower().split()).removeprefix("the ").removeprefix("www.")
    host = low.split("/", 1)[0]
    if low in aliases:
        return aliases[low]
    if "." in host:
        parts = host.split(".")
        for i in range(len(parts) - 1):
            if (found := domains.get(".".join(parts[i:]))) is not None:
                return found
        return max(parts[:-1], key=len)
    return low


@lru_cache(maxsize=100_000)
def same(one: str | None, other: str | None) -> bool:
    """Whether two names are of one outlet: 'Tern Daily News' and 'terndaily.com', by alias, domain or spelling."""
    if not one or not other:
        return False
    a, b = canonical(one), canonical(other)
    return a == b or _bare(a) == _bare(b) != ""


def _bare(name: str) -> str:
    plain = "".join(c for c in name if c.isalnum()).removeprefix("the")
    return plain.removesuffix("online").removesuffix("news") or plain


def cited(text: str) -> frozenset[str]:
    """Outlets and broadcasters (not agencies) whose reporting a text cites or links to."""
    aliases, domains, outlets = _names()
    text = fold(text)
    found = set()
    for m in _BEFORE.finditer(text):
        found.add(_first(m["name"].replace("'s", " ").split()[:4], aliases))
    for m in _AFTER.finditer(text):
        tail = text[max(0, m.start() - 50) : m.start()].replace("'s", "").split()[-4:]
        found.update(aliases.get(" ".join(tail[i:]).lower()) for i in range(len(tail)) if tail[i][0].isupper())
    for m in _ENDING.finditer(text):
        if host := _HOST.search(text, max(0, m.start() - 60), m.end()):
            parts = host.group().split(".")
            found.update(domains.get(".".join(parts[i:])) for i in range(len(parts) - 1))
    return frozenset(name for name in found if name in outlets)


def _first(words: list[str], aliases: dict[str, str]) -> str | None:
    for n in range(len(words), 0, -1):
        if (name := aliases.get(" ".join(words[:n]).lower().rstrip(".,:;)\"'"))) is not None:
            return name
    return None
