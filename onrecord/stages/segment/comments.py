"""What readers wrote below a report, and boxes of facts, in plain text."""

from __future__ import annotations

import re
from collections import Counter

from onrecord.stages.segment.lines import Line

_BOX = re.compile(
    r"(?:you must be (?:logged|signed) in to (?:post|leave|add) |(?:log|sign) ?in to (?:comment|post|leave)|"
    r"(?:leave|post|add) (?:a|your) (?:comment|reply)|(?:\d+ |reader )?comments?:?$)",
    re.IGNORECASE,
)
_BELOW_COMMENT = re.compile(
    r"(?:posted (?:on|by|at)\b|reply\b|report (?:abuse|comment)|flag\b|\d+ \w+ ago\b|likes?\b)", re.IGNORECASE
)
_FACT = re.compile(r"([A-Z][\w'’-]*(?: [\w'’-]+){0,2}): \S")
_FACTS = 3  # lines with one and the same label from which on they are a list of the report's


def comments(lines: list[Line]) -> None:
    """Mark readers' comments: what stands between a comment box and the last line that closes a comment."""
    box = next((n for n, x in enumerate(lines) if x.kind == "boilerplate" and _BOX.match(x.text)), None)
    if box is None:
        return
    last = max((n for n in range(box + 1, len(lines)) if _BELOW_COMMENT.match(lines[n].text)), default=box)
    before = sum(x.kind is None and x.prose for x in lines[:box])
    found = [x for x in lines[box:last] if x.kind in (None, "byline")]
    if found and sum(x.prose for x in found) <= before:
        for line in found:
            line.kind = "boilerplate"


def facts(lines: list[Line]) -> None:
    """Mark the lines of a list that says the same of several things ('Seat: Kelmouth') as the report's own."""
    labels: dict[int, str] = {}
    for n, line in enumerate(lines):
        if line.kind is None and line.words <= 12 and (m := _FACT.match(line.text)):
            labels[n] = m.group(1)
    often = Counter(labels.values())
    for n, label in labels.items():
        beside = [m for m in (n - 1, n + 1) if 0 <= m < len(lines) and not lines[m].prose]
        if often[label] >= _FACTS and not label.isupper() and beside:
            lines[n].kind = "body"
