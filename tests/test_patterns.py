"""No pattern of the package, nor of a lexicon, backtracks without end on text made to make it."""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onrecord
from onrecord import lexicon, limits
from tests.pumping import attacks

SECONDS = 1.0  # of processor time for one search in 1,200 characters; most take less than a thousandth
SIZES = (40, 1200)


def inside(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from inside(item, depth + 1)
    elif depth < 3 and isinstance(value, dict):
        for item in value.values():
            yield from inside(item, depth + 1)


def made() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of the package holds, or makes without being given anything."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(onrecord.__path__, "onrecord."):
        if module.name.endswith("__main__") or ".spark" in module.name:
            continue
        there = importlib.import_module(module.name)
        for value in [v for _, v in sorted(vars(there).items())]:
            for pattern in inside(value):
                found.setdefault(pattern.pattern, pattern)
            if hasattr(value, "cache_info") and value.__wrapped__.__code__.co_argcount == 0:
                for pattern in inside(value()):
                    found.setdefault(pattern.pattern, pattern)
    return found


def listed() -> dict[str, re.Pattern[str]]:
    """Every pattern that stands in a table of the lexicon's own folder."""
    folder = Path(lexicon.__file__).parent
    tables = (lexicon.rows(path.name) for path in sorted(folder.glob("*.tsv")))
    return {
        row["pattern"]: re.compile(row["pattern"], re.IGNORECASE) for rows in tables for row in rows if "pattern" in row
    }


def slow(pattern: re.Pattern[str], text: str) -> float:
    start = time.process_time()
    try:
        with limits.at_most(SECONDS):
            pattern.search(text)
            pattern.match(text)
    except limits.TimeLimitError:
        return float("inf")
    return time.process_time() - start


def test_no_pattern_backtracks_without_end() -> None:
    found = listed() | made()
    assert len(found) > 400
    wrong = {}
    tried = 0
    for name, pattern in found.items():
        dice = random.Random(repr(name))
        for size in SIZES:
            for text in attacks(pattern, size, dice):
                tried += 1
                if name[:200] not in wrong and slow(pattern, text) > SECONDS:
                    wrong[name[:200]] = text[:60]
    assert wrong == {}
    assert tried > 4000


def test_a_pattern_that_does_is_found() -> None:
    for bad in (r"(?:more|\d+| )+$", r"(?:[A-Z][A-Z]+ ?){1,9}:", r"(\w+\s?)+!", r"^(a|ab|b)*$"):
        pattern = re.compile(bad)
        tried = (t for size in SIZES for t in attacks(pattern, size, random.Random(1), each=20))
        assert any(slow(pattern, text) > SECONDS for text in tried), bad
