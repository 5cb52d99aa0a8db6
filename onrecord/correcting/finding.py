"""Where the target of a correction stands now: its report found again, then its characters, or its words.

A report is known by its id (which its name, outlet and text make), else by its external name, its address or its
file's name, else by its text. In a text that was changed, a stretch is the place with the same words and, of several
such places, the one with the same words around.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from onrecord.correcting.evidence import LONGEST, rows
from onrecord.store import Workspace
from onrecord.text import cuts_word, fold, key

Spot = tuple[str, int, int, str]
"""Report id, first character, one past the last, and by what it was found: 'span' or 'words'."""

_ALIKE = 88.0  # of 100: a clause with a word or two changed; another clause of the same report stays below
_FUZZY = 200_000  # characters of a report that are searched for a changed clause
_TELLING = 4  # words, or characters beside them, that hardly recur by chance
_MOST = 200  # places with the same words that are weighed against each other


class Finder:
    """The reports of the record under way, and where evidence stands in them."""

    def __init__(self, work: Workspace) -> None:
        self._work = work
        listed = rows(work.db, "SELECT report_id, external_id, uri, outlet FROM reports ORDER BY report_id")
        self._reports = {r["report_id"]: r for r in listed}
        self._named: dict[tuple[str, str], list[str]] = defaultdict(list)
        for r in listed:
            for how in ("external_id", "uri"):
                if r[how]:
                    self._named[how, r[how]].append(r["report_id"])
            self._named["file", PurePath(r["uri"]).name].append(r["report_id"])
        self._hashes: dict[str, list[str]] | None = None
        self._texts: dict[str, str] = {}
        self._found: dict[tuple[str, str], str | None] = {}

    def text(self, report_id: str) -> str:
        """The text of a report of this record."""
        if report_id not in self._texts:
            found = rows(self._work.db, "SELECT text FROM reports WHERE report_id = ?", [report_id])
            self._texts[report_id] = found[0]["text"]
        return self._texts[report_id]

    def report(self, evidence: Mapping[str, Any], report_id: str) -> str | None:
        """The report of this record that an id in some evidence means, or None."""
        if report_id in self._reports:
            return report_id
        noted = evidence.get("reports")
        noted = noted.get(report_id) if isinstance(noted, dict) else None
        if not isinstance(noted, dict):
            return None
        at = report_id, str(noted.get("text_hash"))
        if at not in self._found:
            self._found[at] = self._again(noted)
        return self._found[at]

    def _again(self, noted: Mapping[str, Any]) -> str | None:
        ways = (("external_id", noted.get("external_id")), ("uri", noted.get("uri")))
        for how, name in (*ways, ("file", PurePath(str(noted.get("uri") or "")).name)):
            found = self._named.get((how, str(name)), []) if name else []
            alike = [r for r in found if self._reports[r]["outlet"] == noted.get("outlet")]
            found = alike or (found if how != "file" else [])
            if len(found) == 1:
                return found[0]
            if found:
                same = [r for r in found if key(self.text(r)) == noted.get("text_hash")]
                return same[0] if len(same) == 1 else None
        if self._hashes is None:
            self._hashes = defaultdict(list)
            for r in rows(self._work.db, "SELECT report_id, text FROM reports ORDER BY report_id"):
                self._hashes[key(r["text"])].append(r["report_id"])
        same = self._hashes.get(str(noted.get("text_hash")), [])
        return same[0] if len(same) == 1 else None

    def span(self, evidence: Mapping[str, Any], span: Any) -> Spot | None:
        """Where a noted stretch stands now, on whole words; None when its report or its words are gone."""
        if not _sound(span):
            return None
        report_id = self.report(evidence, span["report"])
        if report_id is None:
            return None
        text = self.text(report_id)
        start, end = span["char_start"], span["char_end"]
        if text[start : min(end, start + len(span["words"]))] == span["words"] and end <= len(text):
            around = str(span.get("before") or ""), str(span.get("after") or "")
            if report_id == span["report"] or _agrees(text, start, end, *around) > 0:
                return _whole(report_id, text, start, end, "span")
        found = _by_words(text, span)
        return _whole(report_id, text, *found, "words") if found else None


def _sound(span: Any) -> bool:
    """True when it is as `evidence` notes a stretch; a file from elsewhere may hold anything."""
    return (
        isinstance(span, dict)
        and isinstance(span.get("report"), str)
        and isinstance(span.get("words"), str)
        and bool(span["words"].strip())
        and len(span["words"]) <= LONGEST
        and all(isinstance(span.get(n), int) for n in ("char_start", "char_end"))
        and 0 <= span["char_start"] < span["char_end"]
    )


def _whole(report_id: str, text: str, start: int, end: int, how: str) -> Spot | None:
    while cuts_word(text, start):
        start -= 1
    while cuts_word(text, end):
        end += 1
    return (report_id, start, end, how) if text[start:end].strip() else None


def _by_words(text: str, span: Mapping[str, Any]) -> tuple[int, int] | None:
    tokens = fold(span["words"]).lower().split()
    hay = fold(text).lower()
    if len(hay) != len(text):
        hay = fold(text)
        tokens = fold(span["words"]).split()
    places = []
    for n, match in enumerate(re.finditer(r"\s+".join(map(re.escape, tokens)), hay)):
        start, end = match.span()
        if n < _MOST and not cuts_word(text, start) and not cuts_word(text, end):
            places.append((start, end))
    before, after = str(span.get("before") or ""), str(span.get("after") or "")
    if places:
        agreed, _, best = max((_agrees(text, *p, before, after), -abs(p[0] - span["char_start"]), p) for p in places)
        # '15' stands in many places: without its neighbours none of them is the one.
        return best if len(places) == 1 or len(tokens) >= _TELLING or agreed >= _TELLING else None
    if len(tokens) < _TELLING:
        return None
    from rapidfuzz.fuzz import partial_ratio_alignment

    near = partial_ratio_alignment(" ".join(tokens), hay[:_FUZZY], score_cutoff=_ALIKE)
    if near is None or near.dest_end - near.dest_start < len(" ".join(tokens)) // 2:
        return None
    if len(text[near.dest_start : near.dest_end].split()) != len(tokens):
        return None  # a word short, or over: other words than were corrected
    if cuts_word(text, near.dest_start) or cuts_word(text, near.dest_end):
        return None
    return near.dest_start, near.dest_end


def _agrees(text: str, start: int, end: int, before: str, after: str) -> int:
    """How many characters next to a stretch are as they were noted, on both sides together."""
    n = 0
    for a, b in zip(reversed(text[max(0, start - len(before)) : start]), reversed(before), strict=False):
        if a != b:
            break
        n += 1
    for a, b in zip(text[end : end + len(after)], after, strict=False):
        if a != b:
            break
        n += 1
    return n
