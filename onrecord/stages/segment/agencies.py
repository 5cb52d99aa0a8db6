"""Agencies and outlets by name, and the lines in which a report names them as the makers of its copy or pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from onrecord import lexicon


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Every alias and abbreviation, as written, to the agency's name."""
    out: dict[str, str] = {}
    for row in lexicon.rows("agencies.tsv"):
        for alias in (row["name"], *row["aliases"].split("|"), *row["abbreviations"].split("|")):
            if alias.strip():
                out.setdefault(alias.strip(), row["name"])
                if len(alias.strip()) > 4:
                    out.setdefault(alias.strip().upper(), row["name"])
    return out


@lru_cache(maxsize=1)
def pattern() -> str:
    """A regular expression, case as written, for any name; group-free, to be put into larger ones."""
    longest_first = sorted(names(), key=lambda n: (-len(n), n))
    return r"(?<![\w.])(?:" + "|".join(re.escape(n) for n in longest_first) + r")(?![\w])"


@lru_cache(maxsize=1)
def _any() -> tuple[AhoCorasick, list[str]]:
    known = list(names())
    return AhoCorasick(known, matchkind=MatchKind.LeftmostLongest), known


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, agency) of each name in a text, whole words only."""
    matcher, known = _any()
    for n, start, end in matcher.find_matches_as_indexes(text):
        inside = (start and (text[start - 1].isalnum() or text[start - 1] == ".")) or text[end : end + 1].isalnum()
        if not inside:
            yield start, end, names()[known[n]]


def named(text: str) -> bool:
    """True when the text names an agency or outlet."""
    return next(find(text), None) is not None


_AROUND = re.compile(
    r"\b(?:via|and|with|agencies|agency|by|from|staff|news|report|reports|the|photo)\b|[\W_]", re.IGNORECASE
)


def only(text: str) -> bool:
    """True when the text is nothing but names of agencies: 'AP', '(Reuters)', 'AFP/Getty Images', '- PTI'."""
    found = list(find(text)) if len(text) <= 200 else []
    at, rest = 0, []
    for start, end, _ in found:
        rest.append(text[at:start])
        at = end
    return bool(found) and not _AROUND.sub("", " ".join((*rest, text[at:])))
