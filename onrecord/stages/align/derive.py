"""Who took text from whom: the relation of two reports, and rows of `derivations`.

The relation follows from how much of either body is copied prose, counted in words:

- reprint: the shorter is nearly all copied, almost word for word, and is a fair part of the longer: one article;
- derived: one uses passages of the other and adds to them, rewords them or cuts them down; so does an outlet's teaser
  of its own report that quotes what the report quotes;
- common_source: both draw on a third that is not here: both cite the same other outlet for words that they share, or
  all they share are captions or a statement that fills half of the shorter. An agency's story is no third: who prints
  it stands for it;
- independent (same story) and unrelated: own words, whatever speakers are quoted in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from onrecord.stages.align.order import Order
from onrecord.stages.align.sharing import RELATED, Sharing

COPIED_WORDS = 16
"""Copied words outside quotation marks from which one report uses another's text: a sentence, not a phrase."""
NEARLY_ALL = 0.8
"""Share of the shorter body that a reprint has in common: one inserted sentence in a short report still passes."""
FAIR_PART = 0.4
"""Share of the longer body that a reprint keeps; less is an excerpt. The convention of the field's annotators."""
CLOSE = 0.95
"""Share of the words inside a reprint's passages that are the same: one word in a sentence changed, no rewriting."""
STATEMENT = 0.5
"""Share of the shorter body that quoted words fill when a statement, not reporting, is what both rest on."""
OTHER_STORY = 0.3
"""Share of the shorter body below which reports of two stories share background; with a third of it one was copied."""
TAKEN = frozenset({"reprint", "derived", "common_source"})
"""Relations of two reports that make a row of `derivations`."""
APART = timedelta(minutes=30)
"""Publication times nearer than this say nothing about who was first."""


def relation(sharing: Sharing | None, same_story: bool = True) -> str:
    """The relation of two reports: reprint, derived, common_source, independent or unrelated.

    `sharing` is None for a pair without a passage; `same_story` tells the last two apart, and asks for more copied
    text when it is false.
    """
    apart = "independent" if same_story else "unrelated"
    if sharing is None:
        return apart
    if sharing.own < COPIED_WORDS:
        shorter = min(sharing.words_a, sharing.words_b)
        if sharing.matched >= STATEMENT * shorter > 0 and sharing.same_outlet:
            return "derived"
        if sharing.captions >= COPIED_WORDS or sharing.quoted + sharing.matched >= STATEMENT * shorter > 0:
            return "common_source"
        return "common_source" if sharing.third and sharing.quoted + sharing.matched >= COPIED_WORDS else apart
    if sharing.of_shorter < (RELATED if same_story else OTHER_STORY) and (sharing.same_outlet or not same_story):
        return apart
    if sharing.of_shorter >= NEARLY_ALL and sharing.of_longer >= FAIR_PART and sharing.closeness >= CLOSE:
        return "reprint"
    return "common_source" if sharing.third else "derived"


def derivations(pairs: Iterable[Sharing]) -> list[dict[str, Any]]:
    """Rows of `derivations`: surest first taken into the copy graph, none that would close a circle."""
    taken = [(s, r) for s in pairs if (r := relation(s)) in TAKEN]
    dates = {r: d for s, _ in taken for r, d in ((s.a, s.published_a), (s.b, s.published_b))}
    last = datetime.max.replace(tzinfo=UTC)
    order = Order(sorted(dates, key=lambda r: (dates[r] or last, r)))
    judged = sorted(((_direction(s), s, r) for s, r in taken), key=lambda j: (-j[0][1], j[1].a, j[1].b))
    rows = []
    for (forward, confidence, evidence), s, kind in judged:
        third = _unseen(s, kind)
        direction = "known" if confidence >= 0.9 else "likely" if confidence >= 0.6 else "unknown"
        source, taker = (s.a, s.b) if forward else (s.b, s.a)
        if direction == "unknown" or third:
            source, taker = order.sorted(s.a, s.b)
        elif not order.add(source, taker):
            source, taker = taker, source
            direction, confidence = "unknown", 0.5
            evidence = [*evidence, "other copies among these reports run the other way"]
        if direction == "unknown" and not third:
            order.add(source, taker)
        share = s.copied_b / max(s.words_b, 1) if taker == s.b else s.copied_a / max(s.words_a, 1)
        rows.append(
            {
                "report_id": taker,
                "from_report_id": None if third else source,
                "with_report_id": source if third else None,
                "share": min(1.0, share),
                "direction": "unknown" if third else direction,
                "confidence": round(0.6 + 0.4 * min(1.0, s.of_shorter), 3) if third else round(confidence, 3),
                "evidence": "; ".join([_amount(s, kind), *(third or evidence)]),
            }
        )
    return sorted(rows, key=lambda r: (r["report_id"], r["from_report_id"] or "", r["with_report_id"] or ""))


def _amount(s: Sharing, kind: str) -> str:
    name = kind.replace("_", " ")
    if s.copied_a:
        return (
            f"{name}: {s.copied_a} of {s.words_a} and {s.copied_b} of {s.words_b} words of the bodies are shared, "
            f"{s.longest} in the longest passage"
        )
    if s.captions:
        return f"{name}: {s.captions} words of headlines or captions are shared"
    return f"{name}: {s.quoted} quoted words are shared"


def _unseen(s: Sharing, kind: str) -> list[str]:
    """Reasons to hold that neither came from the other; empty when there are none."""
    if kind == "common_source":
        return [f"both cite {', '.join(map(_spoken, s.third))}"] if s.third else ["neither has the other's reporting"]
    if kind == "reprint" and s.agencies and not s.a_names_b and not s.b_names_a:
        return [f"both credit {', '.join(map(_spoken, s.agencies))}"]
    return []


def _spoken(name: str) -> str:
    return name.upper() if len(name) < 5 else name.title()


def _direction(s: Sharing) -> tuple[bool, float, list[str]]:
    """(True when b took from a, confidence in the direction, reasons)."""
    if s.a_names_b != s.b_names_a and not s.same_outlet:
        return s.b_names_a, 0.95, ["the taker credits the other's outlet"]
    clues: list[tuple[float, str]] = []
    if s.published_a and s.published_b and abs(s.published_a - s.published_b) >= APART:
        clues.append((0.3 if s.published_a < s.published_b else -0.3, "the other was published earlier"))
    if bool(s.titles_a) != bool(s.titles_b):
        clues.append(
            (
                0.12 if s.titles_b else -0.12,
                "titles such as 'Mr', which the other nowhere uses, are put into the shared words",
            )
        )
    if s.credited_a != s.credited_b:
        clues.append((0.1 if s.credited_a else -0.1, "the other names the agency whose copy it is"))
    total = sum(weight for weight, _ in clues)
    reasons = [text for weight, text in clues if weight * total > 0]
    if s.agencies:
        reasons.append(f"both credit {', '.join(map(_spoken, s.agencies))}")
    if not total:
        return s.a < s.b, 0.5, ["nothing tells which was first"]
    return total > 0, min(0.85, 0.5 + abs(total)), reasons
