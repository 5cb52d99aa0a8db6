"""The outlet that a web address belongs to: its known name, else its domain."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from onrecord import lexicon

_FRONT = re.compile(r"^(?:www\d?|m|mobile|amp|edition|news|uk|us|in|en|beta|feeds?|rss|rssfeeds)\.(?=[^.]+\.)")


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {
        domain: row["name"] for row in lexicon.rows("agencies.tsv") for domain in row["domains"].split("|") if domain
    }


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
