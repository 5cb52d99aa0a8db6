"""Agencies and outlets by name, and the lines in which a report names them as the makers of its copy or pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from onrecord import lexicon

# How a name may be decorated in a credit line: 'AP Photo', 'via Reuters', 'Reuters/Ana Kelm'.


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
def _any() -> re.Pattern[str]:
    return re.compile(pattern())


def find(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, agency) of each name in a text."""
    for m in _any().finditer(text):
        yield m.start(), m.end(), names()[m.group()]


def named(text: str) -> bool:
    """True when the text names an agency or outlet."""
    return _any().search(text) is not None


def only(text: str) -> bool:
    """True when the text is nothing but names of agencies: 'AP', '(Reuters)', 'AFP/Getty Images', '- PTI'."""
    rest, n = _any().subn(" ", text)
    return n > 0 and not re.sub(
        r"\b(?:via|and|with|agencies|agency|by|from|staff|news|report|reports|the|photo)\b|[\W_]", "", rest, flags=re.I
    )
