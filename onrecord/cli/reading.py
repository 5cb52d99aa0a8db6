"""Commands that read a record: brief, check, show, sql, export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from onrecord import brief, exports, schema
from onrecord.cli.common import Quiet, RecordPath, app, counted, err, json_text, print_rows, printable
from onrecord.errors import UsageError
from onrecord.query import Record


@app.command("brief", epilog="Example: onrecord brief record.duckdb --html brief.html")
def brief_command(
    record: RecordPath = Path("record.duckdb"),
    story: Annotated[str | None, typer.Option(help="one story, by id; default: all, the most reported first")] = None,
    html: Annotated[Path | None, typer.Option(help="write one self-contained page instead")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON instead, evidence spans included")] = False,
    limit: Annotated[int, typer.Option(help="at most this many stories", min=1)] = 20,
    quiet: Quiet = False,
) -> None:
    """Tell what happened: events with their origins, who said what, who copied whom, each line with its evidence."""
    with Record(record) as opened:
        known = brief.story_ids(opened)
        chosen = [story] if story else known[:limit]
        briefs = [brief.story_brief(opened, s) for s in chosen]
    if as_json:
        typer.echo(json_text(brief.as_json(briefs)))
    elif html:
        html.write_text(brief.page(briefs), encoding="utf-8")
        if not quiet:
            err.print(f"{html}: {counted(len(briefs), 'story')}", highlight=False)
    else:
        typer.echo(printable(brief.markdown(briefs)))
    if not story and len(known) > limit and not quiet:
        err.print(f"{counted(len(known) - limit, 'more story')}; see --limit, or --story ID", highlight=False)


@app.command(epilog="Example: onrecord check record.duckdb")
def check(
    record: RecordPath = Path("record.duckdb"),
    quiet: Quiet = False,
    as_json: Annotated[bool, typer.Option("--json", help="print what is broken as a JSON list")] = False,
) -> None:
    """Check the laws of the record: every offset, every reference, every key. Exit status 1 when one is broken."""
    with Record(record) as opened:
        broken = [str(violation) for violation in opened.check()]
    if as_json:
        typer.echo(json_text(broken))
    elif not quiet:
        typer.echo(printable("\n".join(broken)) or f"{record}: keeps its laws")
    if broken:
        raise typer.Exit(1)


@app.command(epilog="Example: onrecord show events record.duckdb --limit 50")
def show(
    table: Annotated[str, typer.Argument(help=f"one of {', '.join(schema.TABLES)}", metavar="TABLE")],
    record: Annotated[Path, typer.Argument(help="the record", metavar="RECORD")] = Path("record.duckdb"),
    limit: Annotated[int, typer.Option(help="rows to show; 0: all", min=0)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a row")] = False,
) -> None:
    """Show a table of the record in the terminal."""
    if table not in schema.TABLES and str(record) in schema.TABLES:
        table, record = str(record), Path(table)
    schema.table(table)
    with Record(record) as opened:
        rows = opened.table(table)
    print_rows(rows.slice(0, limit or rows.num_rows), rows.num_rows, as_json, table)


@app.command(epilog="Example: onrecord sql record.duckdb 'SELECT event_type, count(*) FROM events GROUP BY 1'")
def sql(
    record: RecordPath,
    query: Annotated[str, typer.Argument(help="a query; - reads it from standard input", metavar="QUERY")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a row")] = False,
) -> None:
    """Ask the record in SQL (DuckDB's dialect); reading only."""
    if not record.exists() and Path(query).is_file():
        record, query = Path(query), str(record)
    with Record(record) as opened:
        rows = opened.sql(sys.stdin.read() if query == "-" else query)
    print_rows(rows, rows.num_rows, as_json, "")


@app.command(epilog="Example: onrecord export record.duckdb out/ --as polecat --as gdelt")
def export(
    paths: Annotated[list[Path], typer.Argument(help="the folder to write to", metavar="[RECORD] DIR")],
    form: Annotated[str, typer.Option("--format", help=f"every table, as {', '.join(exports.FORMATS)}")] = "",
    names: Annotated[
        list[str], typer.Option("--as", help=f"as others load them: {', '.join(exports.AS)}; may be repeated")
    ] = [],  # noqa: B006
    plain: Annotated[
        bool, typer.Option(help="with --as: leave out the columns that say how many origins stand behind an event")
    ] = False,
    quiet: Quiet = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the files written as a JSON list")] = False,
) -> None:
    """Write every table as one file, or the events as other data sets' users load them.

    RECORD is record.duckdb unless named. Without --as every table is written, as Parquet unless --format says else.
    """
    if len(paths) > 2:
        raise UsageError(f"export takes [RECORD] DIR, not {len(paths)} paths; see onrecord export --help")
    if len(paths) == 1 and paths[0].is_file():
        raise UsageError(f"name the folder to write to: onrecord export {paths[0]} DIR")
    record, folder = (paths[0], paths[1]) if len(paths) == 2 else (Path("record.duckdb"), paths[0])
    written: list[Path] = []
    with Record(record) as opened:
        if form or not names:
            written += exports.export(opened, folder, form or "parquet")
        for name in names:
            written += exports.export_as(opened, folder, name, plain=plain)
    if as_json:
        typer.echo(json.dumps([str(path) for path in written]))
    elif not quiet:
        typer.echo(f"{folder}: {counted(len(written), 'file')}")
        if plain and exports.BY_DAY & set(names):
            told = "where no report states the day of an event, its first report's day of publication stands there"
            typer.echo(f"{told}; without --plain a column says where", err=True)
