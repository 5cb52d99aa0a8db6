"""The laws for which texts must be read: no span cuts a word or holds only blanks, segments leave no character out.

Texts are arrays of code points here, some hundreds of reports one after another, and all their spans are looked at
together: a loop over spans took a third of what it takes to write a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

CHARACTERS = 4_000_000  # of text at a time
_POINTS = 0x110000


class _Kinds:
    """Of each code point met, whether it is a letter of a cased script and whether it is blank, asked once."""

    def __init__(self) -> None:
        self.known = np.zeros(_POINTS, np.bool_)
        self.cased = np.zeros(_POINTS, np.bool_)
        self.blank = np.zeros(_POINTS, np.bool_)

    def learn(self, points: NDArray[np.uint32]) -> None:
        met = np.zeros(_POINTS, np.bool_)
        met[points] = True
        for point in np.flatnonzero(met & ~self.known).tolist():
            c = chr(point)
            self.cased[point] = c.lower() != c.upper()
            self.blank[point] = c.isspace()
        self.known |= met


@dataclass(frozen=True, slots=True)
class _Texts:
    """Some reports' texts joined: `begins` has one offset a report, and the end; `told` counts characters not blank."""

    ids: list[str]
    begins: NDArray[np.int64]
    points: NDArray[np.uint32]
    cased: NDArray[np.bool_]
    told: NDArray[np.int64]

    def text(self, report: int, start: int, end: int) -> str:
        at = int(self.begins[report])
        return self.points[at + start : at + end].tobytes().decode("utf-32-le")

    def cuts(self, at: NDArray[np.int64], report: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether offsets into the joined text stand between two letters of a report, as `text.cuts_word` has it."""
        inside = (at > self.begins[report]) & (at < self.begins[report + 1])
        here = np.where(inside, at, 0)
        cut: NDArray[np.bool_] = inside & self.cased[here - 1] & self.cased[here]
        return cut


def _texts(db: duckdb.DuckDBPyConnection, where: str) -> Iterator[_Texts]:
    kinds = _Kinds()
    cursor = db.cursor()
    cursor.execute(f"SELECT report_id, text FROM reports {where} ORDER BY report_id")
    ids: list[str] = []
    raw: list[bytes] = []
    size = 0
    while True:
        rows = cursor.fetchmany(50)
        for report_id, text in rows:
            ids.append(report_id)
            raw.append(text.encode("utf-32-le"))
            size += len(text)
        if ids and (not rows or size >= CHARACTERS):
            points = np.frombuffer(b"".join(raw) or b" \0\0\0", np.dtype("<u4"))
            kinds.learn(points)
            begins = np.cumsum([0, *(len(r) // 4 for r in raw)], dtype=np.int64)
            told = np.concatenate(([0], np.cumsum(~kinds.blank[points], dtype=np.int64)))
            yield _Texts(ids, begins, points, kinds.cased[points], told)
            ids, raw, size = [], [], 0
        if not rows:
            return


def cut_spans(
    db: duckdb.DuckDBPyConnection, sources: Sequence[tuple[str, str, str]], where: str = ""
) -> dict[tuple[str, str], tuple[int, str]]:
    """Of each table and column with spans that cut a word or hold only blanks, how many, and the first of them.

    `sources` are (table, column, query that gives report_id, s and e); `where` says which rows of `reports` to read.
    Spans that lie outside their text are passed over.
    """
    out: dict[tuple[str, str], tuple[int, str]] = {}
    if not sources:
        return out
    parts = [f"SELECT report_id, {n} AS source, s, e FROM ({query})" for n, (_, _, query) in enumerate(sources)]
    spans = db.cursor()
    for texts in _texts(db, where):
        table = spans.sql(
            f"SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE report_id BETWEEN $1 AND $2",
            params=[texts.ids[0], texts.ids[-1]],
        ).to_arrow_table()
        report, start, end = _placed(table, texts)
        source = table["source"].to_numpy()[report >= 0]
        start, end, report = start[report >= 0], end[report >= 0], report[report >= 0]
        first, last = texts.begins[report], texts.begins[report + 1]
        a, b = first + start, first + end
        sound = (start >= 0) & (start < end) & (b <= last)
        a, b = np.where(sound, a, 0), np.where(sound, b, 0)
        bad = sound & (texts.cuts(a, report) | texts.cuts(b, report) | (texts.told[b] == texts.told[a]))
        found = sorted(
            (int(source[i]), texts.ids[report[i]], int(start[i]), int(end[i]), int(report[i]))
            for i in np.flatnonzero(bad).tolist()
        )
        for n, report_id, s, e, r in found:
            where_ = sources[n][:2]
            so_far = out.get(where_, (0, f"{report_id} [{s}, {e}): {texts.text(r, s, e)!r}"))
            out[where_] = (so_far[0] + 1, so_far[1])
    return out


def _placed(table: pa.Table, texts: _Texts) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each span, the number of its report among these texts (-1: not there), its start and its end."""
    at: Any = pc.fill_null(pc.index_in(table["report_id"], value_set=pa.array(texts.ids, pa.string())), -1)
    return tuple(c.to_numpy().astype(np.int64) for c in (at, table["s"], table["e"]))


def bare(db: duckdb.DuckDBPyConnection, segments: str, where: str = "") -> list[str]:
    """The reports of which a character that is not blank stands in no segment, in order.

    `segments` is a query that gives report_id, s and e; `where` says which rows of `reports` to read.
    """
    out: list[str] = []
    cursor = db.cursor()
    for texts in _texts(db, where):
        table = cursor.sql(
            f"SELECT * FROM ({segments}) WHERE report_id BETWEEN $1 AND $2", params=[texts.ids[0], texts.ids[-1]]
        ).to_arrow_table()
        report, start, end = _placed(table, texts)
        start, end, report = start[report >= 0], end[report >= 0], report[report >= 0]
        first, last = texts.begins[report], texts.begins[report + 1]
        a, b = np.clip(first + start, first, last), np.clip(first + end, first, last)
        open_ = np.zeros(len(texts.told), np.int64)
        np.add.at(open_, a[a < b], 1)
        np.add.at(open_, b[a < b], -1)
        outside = (np.cumsum(open_)[:-1] <= 0) & (np.diff(texts.told) > 0)
        missed = np.unique(np.searchsorted(texts.begins, np.flatnonzero(outside), side="right") - 1)
        out += [texts.ids[r] for r in missed.tolist() if r < len(texts.ids)]
    return out
