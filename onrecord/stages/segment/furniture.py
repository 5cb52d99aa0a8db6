"""Lines that many reports of one outlet have: promos and the outlet's own words, not the report's."""

from __future__ import annotations

import re

from onrecord.stages.segment import agencies, dateline, patterns
from onrecord.stages.segment.lines import Line
from onrecord.text import plain

# Running text that is repeated may be background, which reporters reuse word for word. It is the outlet's own only
# where it speaks to the reader or of the outlet's business.
_TO_READER = re.compile(
    r"\b(?:you|your|we|our|us|subscri\w+|newsletters?|sign up|cookies?|copyright|all rights reserved|download|podcast|"
    r"click|tap here|follow @?\w+ on|transcripts?|advertis\w+|terms of (?:use|service))\b|©|@\w|https?://|www\.",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?:(?:[A-ZÀ-Þ][\w.'’-]*|de|van|von|al|el|and|&)(?:, ?| \| | |$)){1,12}$")
_QUOTED = re.compile(r'"[^"]{0,600}"')


def furniture(lines: list[Line], title: str | None, repeated: frozenset[str]) -> None:
    """Mark repeated lines as teaser or boilerplate; those that may be the report's own are left to be judged."""
    wanted = plain(title) if title else None
    running = [n for n, x in enumerate(lines) if x.kind is None and x.prose and x.plain not in repeated]
    first, last = (running[0], running[-1]) if running else (len(lines), -1)
    for n, line in enumerate(lines):
        if line.kind is not None or line.marked or line.plain not in repeated or line.plain == wanted:
            continue
        if line.prose:
            said = _QUOTED.sub(" ", line.text)
            if _TO_READER.search(said) and not said.strip().startswith(","):
                line.kind = "boilerplate"
        elif _own(line):
            continue
        elif line.words >= 5:
            line.kind = "teaser"
        elif not first < n < last:
            line.kind = "boilerplate"


def _own(line: Line) -> bool:
    """True for names, datelines, captions and credits, which repeat because the same people and places do."""
    return bool(
        dateline.alone(line.text)
        or (_NAMES.match(line.text) and (line.words <= 4 or re.search(r",| and | & ", line.text)))
        or patterns.is_caption(line)
        or patterns.shows(line)
        or next(agencies.find(line.text), None)
        or line.bullet
    )
