"""The command that serves a record to a browser."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from onrecord.cli.common import RecordPath, app
from onrecord.folders import as_file, holds_record


@app.command(epilog="Example: onrecord serve record.duckdb --open")
def serve(
    record: RecordPath = Path("record.duckdb"),
    host: Annotated[
        str, typer.Option(help="the address to listen on; others can reach all but 127.0.0.1")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port; 0: a free one", min=0, max=65535)] = 8000,
    open_browser: Annotated[bool, typer.Option("--open", help="open the browser")] = False,
    read_only: Annotated[
        bool | None,
        typer.Option(
            "--read-only/--allow-writes",
            help="let nobody make corrections; what is meant unless told otherwise where others can reach the address",
            show_default=False,
        ),
    ] = None,
    allow_host: Annotated[
        list[str], typer.Option(help="a further name that the server answers to; may be repeated")
    ] = [],  # noqa: B006
) -> None:
    """Look at a record in the browser: stories, events with their ledger, who copied whom, every report marked.

    Nothing leaves this machine. A record that is built anew meanwhile is shown from then on. Ctrl-C ends it. A folder
    of Parquet is shown as it is now, for reading.
    """
    from onrecord.web import serve as run

    with ExitStack() as scratch:
        if record.is_dir() and holds_record(record):
            copy = Path(scratch.enter_context(TemporaryDirectory(prefix="onrecord-"))) / f"{record.name}.duckdb"
            as_file(record, copy)
            record, read_only = copy, True
        run(
            record,
            host,
            port,
            read_only=read_only,
            allow_hosts=tuple(allow_host),
            open_browser=open_browser,
            tell=lambda line: typer.echo(line),
        )
