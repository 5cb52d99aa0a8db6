"""Arrow tables shown as tables in a notebook, bounded in rows and width, every value escaped."""

from __future__ import annotations

import html
from typing import Any

import pyarrow as pa

ROWS, WIDTH = 20, 160


def html_table(table: pa.Table) -> str:
    """The first rows of a table as HTML."""
    names = table.schema.names
    head = "".join(f"<th>{html.escape(n)}</th>" for n in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_short(row[n]))}</td>" for n in names) + "</tr>"
        for row in table.slice(0, ROWS).to_pylist()
    )
    more = f"<p>{table.num_rows} rows; the first {ROWS} are shown.</p>" if table.num_rows > ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def register() -> None:
    """Inside IPython, let Arrow tables display as HTML unless somebody has already said how."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        if pa.Table not in formatter:
            formatter.for_type(pa.Table, html_table)
