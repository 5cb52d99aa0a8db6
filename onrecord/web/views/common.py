"""What the views share: the view itself, a clause inside its sentence, dates in words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from onrecord.errors import UsageError
from onrecord.text import elided
from onrecord.web.shelf import Asked, Reading, Row

AROUND = 320
QUOTE = 260
_ENDS = re.compile(r"[.!?…][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])|\n")
_SPACES = re.compile(r"\s+")


class NotFoundError(UsageError):
    """The record holds nothing of that id."""


@dataclass
class View:
    """What a page shows. `data` is what its JSON holds; `tables` are what its CSV can be, the first by default."""

    title: str
    data: dict[str, Any]
    tables: dict[str, list[Row]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


def one(rows: list[Row], what: str, key: str) -> Row:
    """The only row; raises `NotFoundError` when there is none."""
    if not rows:
        raise NotFoundError(f"no {what} {key!r} in this record; search for it, or go back to the stories")
    return rows[0]


def quoted(text: str | None, longest: int = QUOTE) -> str:
    """Words of a report on one line, cut at a word when longer."""
    words = _SPACES.sub(" ", elided(text or "")).strip()
    return words if len(words) <= longest else words[: longest - 1].rsplit(" ", 1)[0] + " …"


def sentence(window: str, start: int, end: int) -> dict[str, str]:
    """The words `window[start:end]` inside the sentence that they stand in: before, words, after."""
    left = max((m.end() for m in _ENDS.finditer(window) if m.end() <= start), default=0)
    found = _ENDS.search(window, max(end - 2, start))
    right = found.end() if found and found.end() >= end else len(window)
    before, words, after = window[left:start], window[start:end], window[end:right]
    while words[:1] and words[0] in " ,;:":
        before, words = before + words[0], words[1:]
    return {
        "before": _SPACES.sub(" ", before).lstrip(),
        "words": _SPACES.sub(" ", elided(words)),
        "after": _SPACES.sub(" ", after).rstrip(),
    }


@dataclass(frozen=True)
class Text:
    """A report's text with its segments as (start, end, kind), in order."""

    text: str
    edges: list[tuple[int, int, str]]

    def segment(self, at: int) -> tuple[int, int, str] | None:
        """The segment in which a character stands."""
        n = bisect_right(self.edges, (at, 1 << 40, "")) - 1
        return self.edges[n] if n >= 0 and self.edges[n][1] > at else None

    def cut(self, start: int, end: int, longest: int = QUOTE) -> str:
        """The words of a span on one line."""
        return quoted(self.text[start : min(end, start + 3 * longest)], longest)

    def sentence(self, start: int, end: int) -> dict[str, str]:
        """`sentence` of a span; it does not run out of the span's segment."""
        left, right = max(start - AROUND, 0), end + AROUND
        around = self.segment(start)
        if around and around[1] >= end:
            left, right = max(left, around[0]), min(right, around[1])
        return sentence(self.text[left:right], start - left, end - left)


def texts(reading: Reading, report_ids: Iterable[str]) -> dict[str, Text]:
    """Texts and segments of reports by id; what a page has read once it does not read again."""
    known: dict[str, Text] = reading.texts
    ids = sorted(set(report_ids) - known.keys())
    if not ids:
        return known
    edges: dict[str, list[tuple[int, int, str]]] = {i: [] for i in ids}
    segments = (
        "SELECT report_id, char_start, char_end, kind FROM segments WHERE report_id IN (SELECT unnest(?)) "
        "ORDER BY report_id, char_start"
    )
    for row in reading.kept.rows("segments", ids) if reading.kept else reading.quietly(segments, ids):
        edges[row["report_id"]].append((row["char_start"], row["char_end"], row["kind"]))
    for row in reading.quietly("SELECT report_id, text FROM reports WHERE report_id IN (SELECT unnest(?))", ids):
        known[row["report_id"]] = Text(row["text"], edges[row["report_id"]])
    return known


def days(start: str | None, end: str | None) -> str:
    """'2024-05-14', '2024-05-14 to 2024-05-16', or '' when neither is known."""
    if start and end and start != end:
        return f"{start} to {end}"
    return start or (f"by {end}" if end else "")


def grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    """Rows by the value of a column, in their order."""
    out: dict[Any, list[Row]] = {}
    for row in rows:
        out.setdefault(row[key], []).append(row)
    return out


def whole_number(text: str | None, default: int, least: int, most: int) -> int:
    """A number from a web address, kept within bounds; the default when it is none."""
    try:
        return min(max(int(text or default), least), most)
    except ValueError:
        return default


def actor_ids(reading: Reading, event_rows: list[Row]) -> dict[str, str]:
    """Entity ids by name, for the names that the events give."""
    names = sorted({n for e in event_rows for n in (*e["actor_names"], *e["recipient_names"])})
    if reading.kept:
        marks = ", ".join("?" * len(names))
        return dict(
            reading.kept.ask(f"SELECT name, min(entity_id) FROM names WHERE name IN ({marks}) GROUP BY name", names)
        )
    found = reading.quietly(
        "SELECT name, min(entity_id) AS entity_id FROM entities WHERE name IN (SELECT unnest(?)) GROUP BY name", names
    )
    return {row["name"]: row["entity_id"] for row in found}
