"""Who took text from whom: shared passages to the relation of two reports, and to rows of `derivations`.

The relation follows from how much of either body is copied prose, counted in words:

- reprint: the shorter is nearly all copied and it is a fair part of the longer; the same article on two pages;
- derived: one uses passages of the other and adds to them, rewords them or cuts them down;
- common_source: both draw on a third that is not here: both name the same other outlet, or all they share are captions
  or a statement that fills half of the shorter;
- independent (same story) and unrelated: own words, whatever speakers are quoted in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from onrecord.stages.align.order import Order
from onrecord.stages.align.passages import Passage
from onrecord.stages.align.words import Corpus, tokens

COPIED_WORDS = 16
"""Copied words, quotations apart, from which one report is said to use another's text: a sentence, not a phrase."""
NEARLY_ALL = 0.8
"""Share of the shorter body that a reprint has in common: one inserted sentence in a short report still passes."""
FAIR_PART = 0.4
"""Share of the longer body that a reprint keeps; less is an excerpt. The convention of the field's annotators."""
STATEMENT = 0.5
"""Share of the shorter body that quoted words fill when a statement, not reporting, is what both rest on."""
APART = timedelta(minutes=30)
"""Publication times nearer than this say nothing about who was first."""
STOCK_REPORTS = 3
"""Otherwise unrelated reports of one outlet that have a passage, from which it is a stock phrase or furniture."""
RELATED = 0.2
"""Share of the shorter report from which two reports of one outlet share more than furniture."""
WIRE_ROLES = frozenset({"copy", "byline", "copyright", "contribution"})
HONORIFICS = ("mr", "mrs", "ms", "miss", "dr", "sir")


@dataclass(frozen=True, slots=True)
class Sharing:
    """What reports `a` and `b` have in common. Words are counted in body prose; `quoted` are of quotations alone.

    `credits_*` are the makers that each names (lower case), `captions` the copied words outside the body.
    `honorifics_*` counts titles such as 'Mr' that only that report has inside the passages.
    """

    a: str
    b: str
    words_a: int
    words_b: int
    copied_a: int
    copied_b: int
    quoted: int
    captions: int
    longest: int
    outlet_a: str | None
    outlet_b: str | None
    credits_a: frozenset[str]
    credits_b: frozenset[str]
    published_a: datetime | None
    published_b: datetime | None
    honorifics_a: int
    honorifics_b: int

    @property
    def of_shorter(self) -> float:
        """Copied share of the shorter body."""
        return max(self.copied_a / max(self.words_a, 1), self.copied_b / max(self.words_b, 1))

    @property
    def of_longer(self) -> float:
        """Copied share of the longer body."""
        return min(self.copied_a / max(self.words_a, 1), self.copied_b / max(self.words_b, 1))


def relation(sharing: Sharing | None, same_story: bool = True) -> str:
    """The relation of two reports: reprint, derived, common_source, independent or unrelated.

    `sharing` is None for a pair without a passage; `same_story` tells the last two apart.
    """
    apart = "independent" if same_story else "unrelated"
    if sharing is None:
        return apart
    copied = max(sharing.copied_a, sharing.copied_b)
    if copied < COPIED_WORDS:
        shorter = min(sharing.words_a, sharing.words_b)
        if sharing.captions >= COPIED_WORDS or sharing.quoted >= STATEMENT * shorter:
            return "common_source"
        return apart
    if sharing.of_shorter >= NEARLY_ALL and sharing.of_longer >= FAIR_PART:
        return "reprint"
    if _third_outlets(sharing):
        return "common_source"
    return "derived"


def _third_outlets(s: Sharing) -> list[str]:
    both = s.credits_a & s.credits_b
    return sorted(c for c in both if c not in AGENCIES and not _same(c, s.outlet_a) and not _same(c, s.outlet_b))


AGENCIES = frozenset(
    ("associated press", "ap", "reuters", "thomson reuters", "agence france-presse", "afp", "upi", "efe", "dpa", "ans")
)


def _same(credit: str, outlet: str | None) -> bool:
    """Whether a credit names this outlet: 'BBC News' and 'bbc.co.uk', 'The Hill' and 'thehill.com'."""
    if not outlet:
        return False
    a, b = _bare(credit), _bare(outlet.split("/")[0].rsplit(".", 1)[0] if "." in outlet else outlet)
    return len(a) > 2 and len(b) > 2 and (a == b or (min(len(a), len(b)) >= 5 and (a in b or b in a)))


def _bare(name: str) -> str:
    name = name.lower().removeprefix("the ").removeprefix("www.")
    for end in (".com", ".co", ".org", ".net", " news", " online"):
        name = name.removesuffix(end)
    return "".join(c for c in name if c.isalnum())


def sharings(words: Corpus, found: Sequence[Passage], reports: pa.Table, credits: pa.Table) -> list[Sharing]:
    """What each pair with a passage has in common, in the order of the passages."""
    named: dict[str, set[str]] = {}
    for report_id, agency, role in zip(
        *(credits.column(c).to_pylist() for c in ("report_id", "agency", "role")), strict=True
    ):
        if role in WIRE_ROLES:
            named.setdefault(report_id, set()).add(agency.lower())
    ids = reports.column("report_id").to_pylist()
    outlet = dict(zip(ids, reports.column("outlet").to_pylist(), strict=True))
    published = dict(zip(ids, reports.column("published_at").to_pylist(), strict=True))
    prose = np.concatenate(([0], np.cumsum(words.prose)))
    titles = np.concatenate(([0], np.cumsum(np.isin(words.ids, tokens(" ".join(HONORIFICS))[0]))))

    out = []
    for (i, j), group in _by_pair(found):
        a, b = words.report_ids[i], words.report_ids[j]
        copied = [p for p in group if not p.quotation]
        body = [p for p in copied if words.prose[p.a_start] and words.prose[p.b_start]]
        mr_a = sum(int(titles[p.a_end] - titles[p.a_start]) for p in body)
        mr_b = sum(int(titles[p.b_end] - titles[p.b_start]) for p in body)
        out.append(
            Sharing(
                a, b,
                int(prose[words.offsets[i + 1]] - prose[words.offsets[i]]),
                int(prose[words.offsets[j + 1]] - prose[words.offsets[j]]),
                sum(p.a_end - p.a_start for p in body),
                sum(p.b_end - p.b_start for p in body),
                sum(p.words for p in group if p.quotation),
                sum(p.words for p in copied) - sum(p.words for p in body),
                max((p.words for p in body), default=0),
                outlet.get(a), outlet.get(b),
                frozenset(named.get(a, ())), frozenset(named.get(b, ())),
                published.get(a), published.get(b),
                max(0, mr_a - mr_b), max(0, mr_b - mr_a),
            )
        )  # fmt: skip
    return out


def _by_pair(found: Sequence[Passage]) -> Iterable[tuple[tuple[int, int], list[Passage]]]:
    groups: dict[tuple[int, int], list[Passage]] = {}
    for p in found:
        groups.setdefault((p.a, p.b), []).append(p)
    return groups.items()


def without_stock(words: Corpus, found: list[Passage], outlet: Mapping[str, str | None]) -> list[Passage]:
    """The passages, less an outlet's stock phrases: what it has in several of its otherwise unrelated reports."""
    size = np.diff(words.offsets)
    kin: dict[tuple[int, int], bool] = {}
    for pair, group in _by_pair(found):
        shorter = max(1, min(int(size[pair[0]]), int(size[pair[1]])))
        kin[pair] = sum(p.words for p in group) >= RELATED * shorter
    at: dict[int, list[tuple[int, int, int]]] = {}
    own = [
        p
        for p in found
        if not kin[p.a, p.b]
        and (name := outlet.get(words.report_ids[p.a])) is not None
        and name == outlet.get(words.report_ids[p.b])
    ]
    for p in own:
        at.setdefault(p.a, []).append((p.a_start, p.a_end, p.b))
        at.setdefault(p.b, []).append((p.b_start, p.b_end, p.a))

    def stock(report: int, start: int, end: int) -> bool:
        others = {r for s, e, r in at.get(report, ()) if min(e, end) - max(s, start) >= (end - start) / 2}
        return len(others) >= STOCK_REPORTS - 1

    drop = {p for p in own if stock(p.a, p.a_start, p.a_end) or stock(p.b, p.b_start, p.b_end)}
    return [p for p in found if p not in drop]


def derivations(pairs: Iterable[Sharing]) -> list[dict[str, Any]]:
    """Rows of `derivations`: surest first taken into the copy graph, none that would close a circle."""
    taken = [(s, relation(s)) for s in pairs]
    taken = [(s, r) for s, r in taken if r in {"reprint", "derived", "common_source"}]
    dates = {r: d for s, _ in taken for r, d in ((s.a, s.published_a), (s.b, s.published_b))}
    order = Order(sorted(dates, key=lambda r: (dates[r] is None, dates[r] or datetime.min, r)))
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
    if s.copied_a:
        return (
            f"{kind.replace('_', ' ')}: {s.copied_a} of {s.words_a} and {s.copied_b} of {s.words_b} words of the "
            f"bodies are shared, {s.longest} in the longest passage"
        )
    if s.captions:
        return f"common source: {s.captions} words of headlines or captions are shared"
    return f"common source: {s.quoted} quoted words are shared"


def _unseen(s: Sharing, kind: str) -> list[str]:
    """Reasons to hold that neither came from the other; empty when there are none."""
    if not _names(s.credits_a, s.outlet_b) and not _names(s.credits_b, s.outlet_a):
        both = sorted(s.credits_a & s.credits_b)
        if both:
            return [f"both credit {', '.join(c.upper() if len(c) < 4 else c.title() for c in both)}"]
    if kind == "common_source":
        return ["neither contains the other's reporting"]
    return []


def _names(credits: frozenset[str], outlet: str | None) -> bool:
    return any(_same(c, outlet) for c in credits)


def _direction(s: Sharing) -> tuple[bool, float, list[str]]:
    """(True when b took from a, confidence in the direction, reasons)."""
    if _names(s.credits_b, s.outlet_a) != _names(s.credits_a, s.outlet_b):
        forward = _names(s.credits_b, s.outlet_a)
        return forward, 0.95, [f"the taker credits {s.outlet_a if forward else s.outlet_b}"]
    clues: list[tuple[float, str]] = []
    only_a, only_b = bool(s.credits_a - s.credits_b), bool(s.credits_b - s.credits_a)
    if s.published_a and s.published_b and abs(s.published_a - s.published_b) >= APART:
        forward = s.published_a < s.published_b
        clues.append((0.3 if forward else -0.3, "the other was published earlier"))
    if s.honorifics_a != s.honorifics_b and not (s.honorifics_a and s.honorifics_b):
        clues.append((0.12 if s.honorifics_b else -0.12, "titles such as 'Mr' are put into the shared words"))
    if only_a != only_b:
        clues.append((0.1 if only_a else -0.1, "the other names the agency whose copy it is"))
    total = sum(weight for weight, _ in clues)
    reasons = [text for weight, text in clues if weight * total > 0]
    if not reasons:
        return s.a < s.b, 0.5, ["nothing tells which was first"]
    return total > 0, min(0.85, 0.5 + abs(total)), reasons
