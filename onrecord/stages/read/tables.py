"""CSV and Parquet: one report a row, columns named as the fields of a JSON report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from onrecord.model import RawReport
from onrecord.stages.read import records
from onrecord.stages.read.source import LARGEST_RECORD, LARGEST_WHOLE, MIB, Source, Unreadable

_ROWS = 256  # rows of a Parquet file held at a time; of long reports a few MiB
_NAMES = {
    name.lower(): name
    for names in (
        records.TEXT, records.HTML, records.FRAGMENT, records.ID, records.URL, records.OUTLET, records.TITLE,
        records.BYLINE, records.PUBLISHED, records.LANGUAGE,
    )
    for name in names
}  # fmt: skip


def csv_rows(source: Source) -> Iterator[RawReport]:
    """CSV with a header line, comma, semicolon, tab or bar between; a cell's text is kept to the character."""
    text, cut = source.rows()
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=header.count)
    csv.field_size_limit(LARGEST_RECORD)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [_name(n) for n in next(rows, [])]
    _check(source, names)
    number, last = 0, text.count("\n")
    open_cell = cut and text.count('"') % 2 == 1
    while True:
        number += 1
        uri = f"{source.name}:{number}"
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            source.problem("damaged", f"{source.name} line {rows.line_num}: not CSV ({error}); left out", uri)
            continue
        if open_cell and rows.line_num == last:
            break  # the cut is within a cell of several lines
        if any(cell.strip() for cell in row):
            yield from _one(source, {n: c for n, c in zip(names, row, strict=False) if c}, uri)
    if number == 1:
        raise Unreadable("empty-file", f"{source.name}: a header and no rows")


def parquet_rows(source: Source) -> Iterator[RawReport]:
    """Parquet, a batch of rows at a time."""
    try:
        stream = source.stream if source.stream.seekable() else io.BytesIO(_held(source))
        table = pq.ParquetFile(pa.PythonFile(stream, mode="r"))
        names = [_name(n) for n in table.schema_arrow.names]
        _check(source, names)
        number = 0
        for batch in table.iter_batches(batch_size=_ROWS):
            for row in batch.to_pylist():
                number += 1
                fields = {_name(k): v for k, v in row.items() if v is not None}
                yield from _one(source, fields, f"{source.name}:{number}")
    except (pa.ArrowException, OSError) as error:
        raise Unreadable("damaged", f"{source.name}: not a whole Parquet file ({error}); write it again") from error
    if not number:
        raise Unreadable("empty-file", f"{source.name}: no rows")


def _held(source: Source) -> bytes:
    data = source.take(LARGEST_WHOLE + 1)
    if len(data) > LARGEST_WHOLE:
        raise Unreadable("too-large", f"{source.name}: more than {LARGEST_WHOLE // MIB} MiB unpacked; unpack it first")
    return data


def _name(column: str) -> str:
    return _NAMES.get(column.strip().lower(), column.strip())


def _check(source: Source, names: list[str]) -> None:
    if not set(names) & {*records.TEXT, *records.HTML, *records.FRAGMENT}:
        raise Unreadable(
            "no-text",
            f'{source.name}: no column "text" or "html"; it has {", ".join(names[:12])}: rename one',
        )


def _one(source: Source, fields: Mapping[str, Any], uri: str) -> Iterator[RawReport]:
    yield from source.item(uri, lambda: records.report(fields, source, uri))
