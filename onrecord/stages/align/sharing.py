"""What two reports have in common, in numbers: passages, credits and times, ready to be judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from onrecord.stages.align.naming import canonical, cited, is_outlet, same
from onrecord.stages.align.passages import Passage
from onrecord.stages.align.words import Corpus, tokens

COPY_ROLES = frozenset({"copy", "byline", "copyright", "contribution"})
HONORIFICS = "mr mrs ms miss dr sir"
LITTLE = 8
"""Shared words, copied or quoted, below which nobody asks whom the reports cite."""
STOCK_REPORTS = 3
"""Otherwise unrelated reports of one outlet that have a passage, from which it is a stock phrase or furniture."""
RELATED = 0.2
"""Share of the shorter report from which two reports of one outlet share more than furniture and background."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """What reports `a` and `b` have in common. Words are counted in body prose unless said otherwise.

    `copied_*` are words inside passages that are not quotations alone, `matched` those of them that are the same in
    both, `own` those of the same that are not inside quotation marks; `quoted` are same words of passages that are
    quotations alone, `captions` same words outside the body, `longest` the same words of the longest passage.
    `third` are outlets that both credit or cite and neither is, `agencies` makers that both credit;
    `a_names_b` says that a credits or cites b's outlet. `titles_*` counts 'Mr' and the like inside
    passages, where the other report has none anywhere.
    """

    a: str
    b: str
    words_a: int
    words_b: int
    copied_a: int
    copied_b: int
    matched: int
    own: int
    quoted: int
    captions: int
    longest: int
    same_outlet: bool
    third: tuple[str, ...]
    agencies: tuple[str, ...]
    a_names_b: bool
    b_names_a: bool
    credited_a: bool
    credited_b: bool
    published_a: datetime | None
    published_b: datetime | None
    titles_a: int
    titles_b: int

    @property
    def of_shorter(self) -> float:
        """Copied share of the body that has more of it."""
        return max(self.copied_a / max(self.words_a, 1), self.copied_b / max(self.words_b, 1))

    @property
    def of_longer(self) -> float:
        """Copied share of the body that has less of it."""
        return min(self.copied_a / max(self.words_a, 1), self.copied_b / max(self.words_b, 1))

    @property
    def closeness(self) -> float:
        """Same words over the longer side of the passages."""
        return self.matched / max(self.copied_a, self.copied_b, 1)


class _Count:
    """How many of the words from one place to another are of a kind; four bytes a word, for there are millions."""

    def __init__(self, which: NDArray[np.bool_]) -> None:
        self.until = np.zeros(len(which) + 1, np.int32)
        np.cumsum(which, out=self.until[1:])

    def __call__(self, start: int, end: int) -> int:
        return int(self.until[end] - self.until[start])


def sharings(
    words: Corpus, found: Sequence[Passage], reports: pa.Table, credits: pa.Table, texts: Mapping[str, str]
) -> list[Sharing]:
    """What each pair with a passage has in common, in the order of the passages; `texts` are those of the reports."""
    named: dict[str, set[str]] = {}
    columns = [credits.column(c).to_pylist() for c in ("report_id", "agency", "role")]
    for report_id, agency, role in zip(*columns, strict=True):
        if role in COPY_ROLES:
            named.setdefault(report_id, set()).add(canonical(agency))
    facts = {r["report_id"]: r for r in reports.select(["report_id", "outlet", "published_at"]).to_pylist()}
    prose, quoted = _Count(words.prose), _Count(words.quoted)
    titles = _Count(np.isin(words.ids, tokens(HONORIFICS)[0]))
    offsets = words.offsets.tolist()
    styled = [titles(start, end) for start, end in pairwise(offsets)]

    @cache
    def told(report_id: str) -> frozenset[str]:
        return cited(texts[report_id]) | frozenset(n for n in named.get(report_id, ()) if is_outlet(n))

    out = []
    for (i, j), group in by_pair(found):
        a, b = words.report_ids[i], words.report_ids[j]
        copied = [p for p in group if not p.quotation]
        body = [p for p in copied if words.prose[p.a_start] and words.prose[p.b_start]]
        mr = [titles(p.a_start, p.a_end) - titles(p.b_start, p.b_end) for p in body]
        outlet_a, outlet_b = facts[a]["outlet"], facts[b]["outlet"]
        own = sum(max(0, p.words - max(quoted(p.a_start, p.a_end), quoted(p.b_start, p.b_end))) for p in body)
        quotations = sum(p.words for p in group if p.quotation)
        asked = own + quotations >= LITTLE
        names_a, names_b = (told(a), told(b)) if asked else (frozenset[str](), frozenset[str]())
        credits_a, credits_b = named.get(a, set()), named.get(b, set())
        out.append(
            Sharing(
                a=a,
                b=b,
                words_a=prose(offsets[i], offsets[i + 1]),
                words_b=prose(offsets[j], offsets[j + 1]),
                copied_a=sum(p.a_end - p.a_start for p in body),
                copied_b=sum(p.b_end - p.b_start for p in body),
                matched=sum(p.words for p in body),
                own=own,
                quoted=quotations,
                captions=sum(p.words for p in copied) - sum(p.words for p in body),
                longest=max((p.words for p in body), default=0),
                same_outlet=same(outlet_a, outlet_b),
                third=tuple(sorted(n for n in names_a & names_b if not same(n, outlet_a) and not same(n, outlet_b))),
                agencies=tuple(
                    sorted(n for n in credits_a & credits_b if not same(n, outlet_a) and not same(n, outlet_b))
                ),
                a_names_b=any(same(n, outlet_b) for n in names_a | credits_a),
                b_names_a=any(same(n, outlet_a) for n in names_b | credits_b),
                credited_a=bool(credits_a),
                credited_b=bool(credits_b),
                published_a=facts[a]["published_at"],
                published_b=facts[b]["published_at"],
                titles_a=0 if styled[j] else sum(mr),
                titles_b=0 if styled[i] else -sum(mr),
            )
        )
    return out


def by_pair(found: Sequence[Passage]) -> Iterable[tuple[tuple[int, int], list[Passage]]]:
    """The passages of each pair of reports."""
    groups: dict[tuple[int, int], list[Passage]] = {}
    for p in found:
        groups.setdefault((p.a, p.b), []).append(p)
    return groups.items()


def stock(words: Corpus, found: list[Passage], outlet: Mapping[str, str | None]) -> set[Passage]:
    """Those of the passages that are an outlet's stock phrases: it has them in several otherwise unrelated reports."""
    size = np.diff(words.offsets).tolist()
    names = [outlet.get(r) for r in words.report_ids]
    own: list[Passage] = []
    for (a, b), group in by_pair(found):
        if names[a] is not None and names[a] == names[b]:
            shorter = max(1, min(size[a], size[b]))
            if sum(p.words for p in group) < RELATED * shorter:
                own.extend(group)
    at: dict[int, list[tuple[int, int, int]]] = {}
    for p in own:
        at.setdefault(p.a, []).append((p.a_start, p.a_end, p.b))
        at.setdefault(p.b, []).append((p.b_start, p.b_end, p.a))

    def often(report: int, start: int, end: int) -> bool:
        others = set()
        for s, e, r in at[report]:
            if s < end and start < e and 2 * (min(e, end) - max(s, start)) >= end - start:
                others.add(r)
                if len(others) >= STOCK_REPORTS - 1:
                    return True
        return False

    return {p for p in own if often(p.a, p.a_start, p.a_end) or often(p.b, p.b_start, p.b_end)}
