"""align: reports to the passages that they share, and to who took text from whom.

Candidates come from an index of winnowed word 5-grams (`candidates`), passages from an aligner of our own that seeds
and extends and so finds moved passages and tolerates edits (`extending`, `passages`), copying from how much is shared,
who is credited and who was first (`sharing`, `naming`, `derive`). No pair is compared that shares no gram.
"""

from __future__ import annotations

import pyarrow as pa

from onrecord import schema
from onrecord.stages.align import candidates, derive, passages, sharing
from onrecord.stages.align.derive import relation
from onrecord.stages.align.sharing import Sharing
from onrecord.stages.align.words import Corpus, corpus

__all__ = ["Sharing", "align", "relation", "sharings"]


def align(reports: pa.Table, segments: pa.Table, credits: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The tables `alignments` and `derivations` of these reports.

    A passage has 8 words and more in common, begins and ends on words that both reports have, and lies in text that is
    compared (not in teasers, boilerplate, credits, bylines). Stock phrases of an outlet are left out.
    """
    words = _read(reports, segments)
    found = sharing.without_stock(words, passages.find(words, candidates.candidates(words)), _column(reports, "outlet"))
    rows = [
        {
            "report_a": words.report_ids[p.a],
            "a_start": int(words.starts[p.a_start]),
            "a_end": int(words.ends[p.a_end - 1]),
            "report_b": words.report_ids[p.b],
            "b_start": int(words.starts[p.b_start]),
            "b_end": int(words.ends[p.b_end - 1]),
            "words": p.words,
            "similarity": p.similarity,
            "kind": p.kind,
            "quotation": p.quotation,
        }
        for p in found
    ]
    pairs = sharing.sharings(words, found, reports, credits)
    return schema.ALIGNMENTS.from_rows(rows), schema.DERIVATIONS.from_rows(derive.derivations(pairs))


def sharings(reports: pa.Table, segments: pa.Table, credits: pa.Table) -> dict[tuple[str, str], Sharing]:
    """What each pair of reports that shares a passage has in common, by (report_a, report_b)."""
    words = _read(reports, segments)
    found = sharing.without_stock(words, passages.find(words, candidates.candidates(words)), _column(reports, "outlet"))
    return {(s.a, s.b): s for s in sharing.sharings(words, found, reports, credits)}


def _read(reports: pa.Table, segments: pa.Table) -> Corpus:
    kinds: dict[str, list[tuple[int, int, str]]] = {}
    columns = [segments.column(c).to_pylist() for c in ("report_id", "char_start", "char_end", "kind")]
    for report_id, start, end, kind in sorted(zip(*columns, strict=True)):
        kinds.setdefault(report_id, []).append((start, end, kind))
    texts = sorted(zip(reports.column("report_id").to_pylist(), reports.column("text").to_pylist(), strict=True))
    return corpus([r for r, _ in texts], [t for _, t in texts], kinds)


def _column(reports: pa.Table, name: str) -> dict[str, str | None]:
    return dict(zip(reports.column("report_id").to_pylist(), reports.column(name).to_pylist(), strict=True))
