"""align: reports to the passages that they share, and to who took text from whom.

Candidates come from an index of winnowed word 5-grams (`candidates`), passages from an aligner of our own that seeds
and extends and so finds moved passages and tolerates edits (`extending`, `passages`), copying from how much is shared,
who is credited and who was first (`sharing`, `naming`, `derive`). No pair is compared that shares no gram.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from onrecord import schema
from onrecord.stages.align import candidates, derive, passages, rewriting, sharing
from onrecord.stages.align.compared import Compared, kept_grams
from onrecord.stages.align.derive import relation
from onrecord.stages.align.sharing import Sharing
from onrecord.stages.align.words import Corpus, Stretches, corpus

__all__ = ["Sharing", "align", "aligned", "relation", "sharings", "table_of", "words_of"]


def align(
    reports: pa.Table, segments: pa.Table, credits: pa.Table, *, reworded: bool = True
) -> tuple[pa.Table, pa.Table]:
    """The tables `alignments` and `derivations` of these reports.

    A passage has 8 words and more in common, begins and ends on words that both reports have, and lies in text that is
    compared (not in teasers, boilerplate, credits, bylines). Stock phrases of an outlet are left out. Where one report
    copied from another, its sentences that put the other's in other words are passages too, unless `reworded` is false;
    they make no derivation.
    """
    return aligned(reports, segments, credits, schema.COMPARED.empty(), reworded=reworded)[:2]


def aligned(
    reports: pa.Table, segments: pa.Table, credits: pa.Table, known: pa.Table, *, reworded: bool = True
) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """The tables `alignments`, `derivations`, `compared` and `grams` of these reports.

    `known` are rows of `compared` about reports whose text and segments are as they were then: what these say is taken.
    """
    texts = _column(reports, "text")
    words = words_of(texts, segments)
    held = candidates.kept(words)
    wanted = candidates.paired(held)
    before, new = Compared.among(words, wanted, known)
    listed = [p for some in before.found.values() for p in some] + passages.find(words, new)
    listed.sort(key=_order)
    stock = sharing.stock(words, listed, _column(reports, "outlet"))
    found = [p for p in listed if p not in stock]
    pairs = sharing.sharings(words, found, reports, credits, texts)
    now = Compared(dict(sharing.by_pair(listed)))
    now.kept = {pair: tuple(p not in stock for p in some) for pair, some in now.found.items()}
    if reworded:
        same = {pair: told for pair, told in before.reworded.items() if now.kept[pair] == before.kept[pair]}
        now.reworded = rewriting.rewritten(words, texts, found, pairs, same)
        found += [p for told in now.reworded.values() for p in told]
    alignments, derivations = table_of(words, found), schema.DERIVATIONS.from_rows(derive.derivations(pairs))
    return alignments, derivations, now.rows(words, wanted), kept_grams(words, held)


def _order(passage: passages.Passage) -> tuple[int, int, int, int]:
    return passage.a, passage.b, passage.a_start, passage.b_start


def table_of(words: Corpus, found: list[passages.Passage]) -> pa.Table:
    """Rows of `alignments` for these passages, by pair and place."""
    found = sorted(found, key=_order)
    spans = np.asarray([(p.a_start, p.a_end, p.b_start, p.b_end) for p in found], np.int64).reshape(-1, 4)
    columns = {
        "report_a": [words.report_ids[p.a] for p in found],
        "a_start": words.starts[spans[:, 0]],
        "a_end": words.ends[spans[:, 1] - 1],
        "report_b": [words.report_ids[p.b] for p in found],
        "b_start": words.starts[spans[:, 2]],
        "b_end": words.ends[spans[:, 3] - 1],
        "words": [p.words for p in found],
        "similarity": [p.similarity for p in found],
        "kind": [p.kind for p in found],
        "quotation": [p.quotation for p in found],
    }
    return pa.table(columns, schema=schema.ALIGNMENTS.schema)


def sharings(reports: pa.Table, segments: pa.Table, credits: pa.Table) -> dict[tuple[str, str], Sharing]:
    """What each pair of reports that shares a passage has in common, by (report_a, report_b)."""
    texts = _column(reports, "text")
    words = words_of(texts, segments)
    found = passages.find(words, candidates.candidates(words))
    stock = sharing.stock(words, found, _column(reports, "outlet"))
    found = [p for p in found if p not in stock]
    return {(s.a, s.b): s for s in sharing.sharings(words, found, reports, credits, texts)}


def words_of(texts: Mapping[str, str], segments: pa.Table) -> Corpus:
    """The words of reports that are compared, in the order of their ids."""
    ids = sorted(texts)
    return corpus(ids, [texts[i] for i in ids], Stretches(segments))


def _column(reports: pa.Table, name: str) -> dict[str, Any]:
    return dict(zip(reports.column("report_id").to_pylist(), reports.column(name).to_pylist(), strict=True))
