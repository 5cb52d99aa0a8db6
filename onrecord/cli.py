"""The command line: build, brief, check, show, sql, export."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from onrecord import __version__, brief, exports, pipeline, schema
from onrecord.errors import LawError, OnrecordError, UsageError
from onrecord.options import Options
from onrecord.query import Record

app = typer.Typer(
    name="onrecord",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "What happened, once: many news reports in, one verified record out.\n\n"
        "Most need three commands:\n\n"
        "  onrecord build reports/            read reports, write record.duckdb\n\n"
        "  onrecord brief record.duckdb       what happened, who said so, on how many origins it rests\n\n"
        "  onrecord show events record.duckdb the events as a table"
    ),
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

RecordPath = Annotated[Path, typer.Argument(help="the record", metavar="RECORD")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"onrecord {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version and stop")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(
    epilog="Example: onrecord build reports/ 'feeds/*.xml' -o record.duckdb",
)
def build(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="files, folders, globs, web addresses of pages or feeds, or - for standard input", metavar="INPUT..."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="the record to write")] = Path("record.duckdb"),
    strict: Annotated[bool, typer.Option(help="exit with 1 if any input could not be read")] = False,
    model: Annotated[str, typer.Option(help="installed spaCy pipeline that parses")] = Options().model,
    actors: Annotated[
        list[Path], typer.Option(help="a file of your own actors, as lexicon/organisations.tsv; may be repeated")
    ] = [],  # noqa: B006
    ontology: Annotated[
        Path | None, typer.Option(help="a folder with an event ontology of your own, as lexicon/plover")
    ] = None,
    workers: Annotated[int, typer.Option(help="processes; 0: one a core", min=0)] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="no progress, no summary")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Read reports and write a record of what happened.

    A record that stands at the output stays as it was until the new one is whole; Ctrl-C leaves it so. Exit status: 0
    when a record was written, 1 when some input could not be read and --strict was given, 2 when nothing could be done.
    """
    options = Options(
        model=model,
        workers=workers,
        actors=tuple(str(path) for path in actors),
        ontology=str(ontology) if ontology else "",
    )
    with _Bars(enabled=not quiet and not as_json) as bars:
        summary = pipeline.build(inputs, output, options=options, progress=bars)
    if as_json:
        typer.echo(json.dumps({**vars(summary), "record": str(output)}))
    elif not quiet:
        out.print(
            f"{output}: {summary.reports} reports, {summary.stories} stories, {summary.events} events, "
            f"{summary.origins} origins, {summary.problems} problems, {summary.seconds:.1f} s",
            highlight=False,
        )
    if summary.problems and not quiet:
        err.print(f"{summary.problems} problems; see: onrecord show problems {output}", highlight=False)
    if strict and summary.input_problems:
        raise typer.Exit(1)


@app.command("brief", epilog="Example: onrecord brief record.duckdb --html brief.html")
def brief_command(
    record: RecordPath,
    story: Annotated[str | None, typer.Option(help="one story, by id; default: all, the most reported first")] = None,
    html: Annotated[Path | None, typer.Option(help="write one self-contained page instead")] = None,
    limit: Annotated[int, typer.Option(help="at most this many stories", min=1)] = 20,
) -> None:
    """Tell what happened: events with their origins, who said what, who copied whom, each line with its evidence."""
    with Record(record) as opened:
        known = brief.story_ids(opened)
        chosen = [story] if story else known[:limit]
        briefs = [brief.story_brief(opened, s) for s in chosen]
    if html:
        html.write_text(brief.page(briefs), encoding="utf-8")
        err.print(f"{html}: {len(briefs)} stories", highlight=False)
    else:
        typer.echo(brief.markdown(briefs))
    if not story and len(known) > limit:
        err.print(f"{len(known) - limit} more stories; see --limit, or --story ID", highlight=False)


@app.command(epilog="Example: onrecord check record.duckdb")
def check(record: RecordPath) -> None:
    """Check the laws of the record: every offset, every reference, every key. Exit status 1 when one is broken."""
    with Record(record) as opened:
        broken = opened.check()
    for violation in broken:
        typer.echo(str(violation))
    if broken:
        raise typer.Exit(1)
    typer.echo(f"{record}: keeps its laws")


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
    _print(rows.slice(0, limit or rows.num_rows), rows.num_rows, as_json, table)


@app.command(epilog="Example: onrecord sql record.duckdb 'SELECT event_type, count(*) FROM events GROUP BY 1'")
def sql(
    record: RecordPath,
    query: Annotated[str, typer.Argument(help="a query; - reads it from standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a row")] = False,
) -> None:
    """Ask the record in SQL (DuckDB's dialect); reading only."""
    with Record(record) as opened:
        rows = opened.sql(sys.stdin.read() if query == "-" else query)
    _print(rows, rows.num_rows, as_json, "")


@app.command(epilog="Example: onrecord export record.duckdb tables/ --format csv")
def export(
    paths: Annotated[list[Path], typer.Argument(help="the folder to write to", metavar="[RECORD] DIR")],
    form: Annotated[str, typer.Option("--format", help="parquet, jsonl or csv")] = "parquet",
) -> None:
    """Write every table as one file; RECORD is record.duckdb unless named."""
    if len(paths) > 2:
        raise UsageError(f"export takes [RECORD] DIR, not {len(paths)} paths; see onrecord export --help")
    record, folder = (paths[0], paths[1]) if len(paths) == 2 else (Path("record.duckdb"), paths[0])
    with Record(record) as opened:
        written = exports.export(opened, folder, form)
    typer.echo(f"{folder}: {len(written)} files")


def _print(rows: Any, total: int, as_json: bool, title: str) -> None:
    if as_json:
        for row in rows.to_pylist():
            typer.echo(json.dumps(row, ensure_ascii=False, default=str))
        return
    shown = Table(title=title or None, show_lines=False, header_style="bold")
    for name in rows.schema.names:
        shown.add_column(name, overflow="fold", max_width=60)
    for row in rows.to_pylist():
        shown.add_row(*(_cell(v) for v in row.values()))
    Console(width=None if out.is_terminal else 200).print(shown)
    if rows.num_rows < total:
        err.print(f"{rows.num_rows} of {total} rows; see --limit", highlight=False)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    text = " ".join(str(value).split())
    return escape("".join(c if c.isprintable() else "�" for c in (text if len(text) <= 160 else text[:159] + "…")))


class _Bars:
    """A progress bar a stage on standard error, when that is a terminal."""

    def __init__(self, enabled: bool) -> None:
        self.bars = Progress(
            TextColumn("{task.description:<15}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=err,
            disable=not enabled or not err.is_terminal,
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> _Bars:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage not in self.tasks:
            self.tasks[stage] = self.bars.add_task(stage, total=total)
        self.bars.update(self.tasks[stage], completed=done, total=total)


class _Interrupted(BaseException):
    """Ctrl-C; not KeyboardInterrupt, which the option parser would take for itself without a word."""


def _interrupt(*_: object) -> None:
    raise _Interrupted


def main() -> None:
    """Run the command line; errors are one message and a status, never a traceback."""
    signal.signal(signal.SIGINT, _interrupt)
    try:
        app()
    except (_Interrupted, KeyboardInterrupt):
        err.print("interrupted; the record is as it was", highlight=False)
        sys.exit(130)
    except LawError as error:
        err.print(f"onrecord: {error}", highlight=False, markup=False)
        sys.exit(3)
    except OnrecordError as error:
        err.print(f"onrecord: {error}", highlight=False, markup=False)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
