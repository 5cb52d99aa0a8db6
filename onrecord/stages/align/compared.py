"""Pairs of reports as they were compared before, so that what was found of two reports need not be looked for again.

What two reports share by themselves depends on their two texts alone. What becomes of it beside other reports, such as
an outlet's stock phrases, is decided anew each time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from onrecord import schema
from onrecord.stages.align.candidates import Grams
from onrecord.stages.align.passages import Passage
from onrecord.stages.align.words import Corpus

Pair = tuple[int, int]
_SPOTS = ("a_start", "a_end", "b_start", "b_end")


@dataclass(slots=True)
class Compared:
    """What is known of pairs of reports, by their numbers: `found` before stock phrases were left out, `kept` which of
    them stayed, and `reworded`, sentences in other words, of pairs in which these were looked for."""

    found: dict[Pair, list[Passage]] = field(default_factory=dict)
    kept: dict[Pair, tuple[bool, ...]] = field(default_factory=dict)
    reworded: dict[Pair, list[Passage]] = field(default_factory=dict)

    @classmethod
    def among(cls, words: Corpus, pairs: NDArray[np.int64], table: pa.Table) -> tuple[Compared, NDArray[np.int64]]:
        """What rows of `schema.COMPARED` say of these pairs, and the pairs of which they say nothing."""
        ids = pa.array(words.report_ids, pa.string())
        a, b = (pc.fill_null(pc.index_in(table[n], value_set=ids), -1).to_numpy() for n in ("report_a", "report_b"))
        n = len(words)
        codes = np.where((a >= 0) & (b >= 0), a.astype(np.int64) * n + b, -1)
        order = np.argsort(codes, kind="stable")
        wanted = pairs[:, 0] * n + pairs[:, 1]
        at = np.searchsorted(codes[order], wanted)
        met = np.zeros(len(pairs), np.bool_)
        inside = at < len(codes)
        met[inside] = codes[order[at[inside]]] == wanted[inside]
        rows = table.take(pa.array(order[at[met]]))
        rows = rows.filter(pc.or_(pc.greater(pc.list_value_length(rows["passages"]), 0), pc.is_valid(rows["reworded"])))
        known = cls()
        place = dict(zip(words.report_ids, range(n), strict=True))
        for row in rows.to_pylist():
            pair = place[row["report_a"]], place[row["report_b"]]
            known.found[pair] = [_passage(words, pair, p, reworded=False) for p in row["passages"]]
            known.kept[pair] = tuple(p["kept"] for p in row["passages"])
            if row["reworded"] is not None:
                known.reworded[pair] = [_passage(words, pair, p, reworded=True) for p in row["reworded"]]
        return known, pairs[~met]

    def rows(self, words: Corpus, pairs: NDArray[np.int64]) -> pa.Table:
        """`schema.COMPARED` of these pairs, in their order; those without passages have a row too."""
        listed = list(map(tuple, pairs.tolist()))
        found = [self.found.get(pair, ()) for pair in listed]
        reworded = [self.reworded.get(pair) for pair in listed]
        kept = [k for pair in listed for k in self.kept.get(pair, ())]
        ids = pa.array(words.report_ids, pa.string())
        own = np.asarray([i is None for i in reworded], np.bool_)
        columns = [
            ids.take(pa.array(pairs[:, 0])),
            ids.take(pa.array(pairs[:, 1])),
            _lists(words, found, "passages", kept),
            _lists(words, [r or () for r in reworded], "reworded", None, own),
        ]
        return pa.Table.from_arrays(columns, schema=schema.COMPARED.schema)


def _passage(words: Corpus, pair: Pair, row: Mapping[str, int], *, reworded: bool) -> Passage:
    a, b = (int(words.offsets[i]) for i in pair)
    return Passage(
        pair[0], a + row["a_start"], a + row["a_end"], pair[1], b + row["b_start"], b + row["b_end"], row["words"],
        bool(row.get("quotation", False)), reworded,
    )  # fmt: skip


def _lists(
    words: Corpus,
    found: Sequence[Sequence[Passage]],
    column: str,
    kept: Sequence[bool] | None,
    missing: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """A list of passages for each pair, their places counted from the beginning of each report's words."""
    kind = schema.COMPARED.schema.field(column).type
    passages = [p for some in found for p in some]
    spots = np.asarray([(p.a_start, p.a_end, p.b_start, p.b_end) for p in passages], np.int64).reshape(-1, 4)
    reports = np.asarray([(p.a, p.b) for p in passages], np.int64).reshape(-1, 2)
    spots -= words.offsets[reports].repeat(2, axis=1)
    values = {name: spots[:, i] for i, name in enumerate(_SPOTS)} | {"words": [p.words for p in passages]}
    if kept is not None:
        values |= {"quotation": [p.quotation for p in passages], "kept": list(kept)}
    arrays = [pa.array(values[f.name], f.type) for f in kind.value_type]
    ends = np.concatenate(([0], np.cumsum([len(some) for some in found]))).astype(np.int32)
    mask = None if missing is None else pa.array(missing)
    return pa.ListArray.from_arrays(
        pa.array(ends), pa.StructArray.from_arrays(arrays, fields=list(kind.value_type)), type=kind, mask=mask
    )


def kept_grams(words: Corpus, held: Grams) -> pa.Table:
    """`schema.GRAMS` of these reports."""
    lists = pa.LargeListArray.from_arrays(pa.array(held.bounds), pa.array(held.grams))
    columns = [pa.array(words.report_ids, pa.string()), pa.array(np.diff(words.offsets), pa.int32()), lists]
    return pa.table(columns, names=schema.GRAMS.schema.names).cast(schema.GRAMS.schema)
