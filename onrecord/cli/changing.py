"""Commands that change a record which stands: add, remove, watch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from onrecord import changing
from onrecord.cli.bars import Bars, tell
from onrecord.cli.common import RecordPath, app, err, printable
from onrecord.pipeline import Summary

Workers = Annotated[int, typer.Option(help="processes; 0: one a core", min=0)]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="no progress, no summary")]
AsJson = Annotated[bool, typer.Option("--json", help="print the summary as JSON")]


@app.command(epilog="Example: onrecord add record.duckdb today/ https://example.org/feed.xml")
def add(
    record: RecordPath,
    inputs: Annotated[
        list[str],
        typer.Argument(help="files, folders, globs, web addresses of pages or feeds, or -", metavar="INPUT..."),
    ],
    strict: Annotated[
        bool, typer.Option(help="exit with 1 if any input could not be read, or any row was refused")
    ] = False,
    workers: Workers = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Add reports to a record; it ends as one build of all the reports would have made it.

    Only what the new reports meet is made anew, with the options that the record was built with. The record stays as
    it was until the new one is whole. Exit status as of onrecord build.
    """
    before = changing.options_of(record, workers)
    with Bars(enabled=not quiet and not as_json) as bars:
        summary = changing.add(inputs, record, options=before, progress=bars)
    tell(record, summary, quiet=quiet, as_json=as_json)
    if strict and (summary.input_problems or summary.refused):
        raise typer.Exit(1)


@app.command(epilog="Example: onrecord recode record.duckdb --ontology my-ontology/")
def recode(
    record: RecordPath,
    ontology: Annotated[
        Path | None,
        typer.Option(help="a folder with an event ontology of your own, as lexicon/plover; '' for PLOVER itself"),
    ] = None,
    actors: Annotated[
        list[Path] | None, typer.Option(help="a file of your own actors, as lexicon/organisations.tsv; may be repeated")
    ] = None,
    least_confidence: Annotated[
        float | None,
        typer.Option(help="events less sure than this get no row; their mentions stay", min=0, max=1),
    ] = None,
    workers: Workers = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Code a record anew with another ontology, other actors or another least confidence, from its own reports.

    What is not given stays as the record was built. A changed file under the same name counts as another one. Nothing
    is read or parsed again, and only what the change touches is coded and reconciled; it ends as a build of the same
    inputs with these options would.
    """
    before = changing.options_of(record, workers)
    if ontology is not None:
        before = replace(before, ontology=str(ontology) if str(ontology) != "." else "")
    if actors is not None:
        before = replace(before, actors=tuple(str(path) for path in actors))
    if least_confidence is not None:
        before = replace(before, least_confidence=least_confidence)
    with Bars(enabled=not quiet and not as_json) as bars:
        summary = changing.recode(record, options=before, progress=bars)
    tell(record, summary, quiet=quiet, as_json=as_json)


@app.command(epilog="Example: onrecord remove record.duckdb r_46a49ca437eed1b8 withdrawn.html")
def remove(
    record: RecordPath,
    reports: Annotated[
        list[str], typer.Argument(help="report ids, or the file names or addresses they came from", metavar="REPORT...")
    ],
    workers: Workers = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Take reports out of a record, and all that rested on them alone; it ends as a build without them."""
    before = changing.options_of(record, workers)
    with Bars(enabled=not quiet and not as_json) as bars:
        summary = changing.remove(reports, record, options=before, progress=bars)
    tell(record, summary, quiet=quiet, as_json=as_json)


@app.command(epilog="Example: onrecord watch record.duckdb https://example.org/feed.xml --every 600")
def watch(
    record: RecordPath,
    feeds: Annotated[
        list[str], typer.Argument(help="web addresses of feeds or pages, folders or files", metavar="FEED...")
    ],
    every: Annotated[float, typer.Option(help="seconds between two polls", min=1)] = 900,
    times: Annotated[int, typer.Option(help="how often to poll; 0: until Ctrl-C", min=0)] = 0,
    most: Annotated[int, typer.Option(help="reports that one poll adds at most; the rest waits", min=1)] = 200,
    workers: Workers = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Poll feeds and add what is new, until Ctrl-C; the record is whole at every moment.

    A server is asked only whether something has changed, and no oftener than its robots.txt allows. A record that is
    not there yet is made by the first report.
    """
    options = changing.options_of(record, workers) if record.exists() else None

    def told(summary: Summary | None, new: int, problems: list[str]) -> None:
        for problem in problems if not quiet else ():
            err.print(printable(problem), highlight=False, markup=False)
        if summary:
            tell(record, summary, quiet=quiet, as_json=as_json)
        elif not quiet and not as_json:
            err.print("nothing new", highlight=False)

    with Bars(enabled=not quiet and not as_json) as bars:
        changing.watch(record, feeds, every=every, times=times, most=most, options=options, progress=bars, told=told)
