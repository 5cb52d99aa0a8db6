"""Commands that write a record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onrecord import pipeline, publishing
from onrecord.cli.bars import Bars, tell
from onrecord.cli.common import app
from onrecord.options import Options


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
    output: Annotated[
        str, typer.Option("-o", "--output", help="the record to write; with a slash at its end, a folder of Parquet")
    ] = "record.duckdb",
    strict: Annotated[
        bool, typer.Option(help="exit with 1 if any input could not be read, or any row was refused")
    ] = False,
    model: Annotated[str, typer.Option(help="installed spaCy pipeline that parses")] = Options().model,
    actors: Annotated[
        list[Path], typer.Option(help="a file of your own actors, as lexicon/organisations.tsv; may be repeated")
    ] = [],  # noqa: B006
    ontology: Annotated[
        Path | None, typer.Option(help="a folder with an event ontology of your own, as lexicon/plover")
    ] = None,
    least_confidence: Annotated[
        float, typer.Option(help="events less sure than this get no row; their mentions stay", min=0, max=1)
    ] = Options().least_confidence,
    workers: Annotated[int, typer.Option(help="processes; 0: one a core", min=0)] = 0,
    engine: Annotated[str, typer.Option(help="what runs the per-report stages: local or spark")] = "local",
    master: Annotated[str, typer.Option(help="address of the Spark master, with --engine spark")] = Options().master,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="no progress, no summary")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the summary as JSON")] = False,
) -> None:
    """Read reports and write a record of what happened.

    A record that stands at the output stays as it was until the new one is whole; Ctrl-C leaves it so. Exit status: 0
    when a record was written; 1 when, with --strict, some input could not be read or a row was refused because it
    would break a law of the record; 2 when nothing could be done.
    """
    options = Options(
        model=model,
        workers=workers,
        engine=engine,
        master=master,
        actors=tuple(str(path) for path in actors),
        ontology=str(ontology) if ontology else "",
        least_confidence=least_confidence,
    )
    with Bars(enabled=not quiet and not as_json) as bars:
        build_it = publishing.build if publishing.is_folder(output) else pipeline.build
        summary = build_it(inputs, output, options=options, progress=bars)
    tell(output, summary, quiet=quiet, as_json=as_json)
    if strict and (summary.input_problems or summary.refused):
        raise typer.Exit(1)
