"""Commands that write a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from onrecord import pipeline
from onrecord.cli.common import app, err, out
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
