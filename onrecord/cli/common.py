"""What every command shares: the app itself, where it prints, how a table and an error are shown."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import duckdb
import pyarrow as pa
import typer
from rich.console import Console
from rich.table import Table

from onrecord import __version__
from onrecord.errors import LawError, OnrecordError

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
        "  onrecord brief record.duckdb       what happened, and on how many origins\n\n"
        "  onrecord serve record.duckdb       the same to look at, in the browser, on this machine alone"
    ),
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="print nothing but what was asked for, and errors")]
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


PIPED_WIDTH = 260  # characters of a table that goes to a file or another program


def counted(n: int, noun: str) -> str:
    """'1 story', '2 stories', '1,200 reports'."""
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n:,} {noun if n == 1 else many}"


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Mappings with the same names as an Arrow table."""
    return pa.Table.from_pylist(rows)


def print_rows(rows: Any, total: int, as_json: bool, title: str) -> None:
    """An Arrow table in the terminal, or one JSON object a row; `total` is of how many rows these are."""
    if as_json:
        for row in rows.to_pylist():
            typer.echo(json_text(row))
        return
    shown = Table(title=title or None, show_lines=False, header_style="bold")
    for name in rows.schema.names:
        shown.add_column(name, overflow="fold", max_width=60)
    for row in rows.to_pylist():
        shown.add_row(*(_cell(v) for v in row.values()))
    Console(width=None if out.is_terminal else PIPED_WIDTH).print(shown)
    if rows.num_rows < total:
        err.print(f"{rows.num_rows} of {total} rows; see --limit", highlight=False)


def _cell(value: Any) -> str:
    from rich.markup import escape

    if value is None:
        return ""
    text = " ".join(str(value).split())
    return escape("".join(c if c.isprintable() else "�" for c in (text if len(text) <= 160 else text[:159] + "…")))


_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text without characters that would steer a terminal or turn its direction; lines and tabs stay."""
    return _STEERING.sub("�", text)


def json_text(value: Any) -> str:
    """A value as one line of JSON in which what would steer a terminal, or is no character, stands escaped."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


class _Interrupted(BaseException):
    """Ctrl-C, or an end asked for by the system; not KeyboardInterrupt, which the option parser would take for itself
    without a word."""

    def __init__(self, signum: int = signal.SIGINT) -> None:
        self.signum = signum


def _interrupt(signum: int, _: object) -> None:
    raise _Interrupted(signum)


class _NoPandas:
    """Says of pandas that it is not there, as long as it stands among the finders of modules."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ImportError(name)


def _without_pandas() -> None:
    """Have pyarrow not look for pandas, whose series no command uses: importing it takes as long as all of onrecord."""
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)


def main() -> None:
    """Run the command line; errors are one message and a status, never a traceback."""
    _without_pandas()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _interrupt)
    try:
        app(prog_name="onrecord")
    except (_Interrupted, KeyboardInterrupt) as ended:
        err.print("interrupted; the record is as it was", highlight=False)
        sys.exit(128 + (ended.signum if isinstance(ended, _Interrupted) else signal.SIGINT))
    except LawError as error:
        err.print(printable(f"onrecord: {error}"), highlight=False, markup=False)
        sys.exit(3)
    except OnrecordError as error:
        err.print(printable(f"onrecord: {error}"), highlight=False, markup=False)
        sys.exit(2)
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        err.print(
            printable(f"onrecord: the record cannot be read: {said}; see onrecord check"), highlight=False, markup=False
        )
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
