"""How far a build is, and what it came to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from onrecord.cli.common import counted, err, out, printable
from onrecord.cli.left import Left
from onrecord.intake import SHOWN
from onrecord.pipeline import Summary

EVERY = 60.0
"""Seconds from one line about a run to the next, where nobody watches a bar."""


class Bars:
    """A progress bar a stage on standard error, when that is a terminal, and the time that is left of the whole run.

    Elsewhere, as in a log, a run of more than a minute says in a line each minute how far it is.
    """

    def __init__(self, enabled: bool, console: Console = err, clock: Callable[[], float] = time.monotonic) -> None:
        self.left = Left(clock)
        self.clock, self.console = clock, console
        self.lines = enabled and not console.is_terminal
        self.began = self.said = clock()
        self.bars = Progress(
            TextColumn("{task.description:<15}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            _LeftColumn(self),
            console=console,
            disable=not enabled or not console.is_terminal,
            get_time=clock,
        )
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """A stage tells how far it is; `total` None: of how much is not known."""
        self.left(stage, done, total)
        if self.lines and self.clock() - self.said >= EVERY:
            self._say(stage, done, total)
        if stage not in self.tasks:
            self.tasks[stage] = self.bars.add_task(stage, total=total)
        self.bars.update(self.tasks[stage], completed=done, total=total)

    def _say(self, stage: str, done: int, total: int | None) -> None:
        self.said = self.clock()
        left = self.left.seconds()
        of = "" if total is None else f" of {total:,}"
        until = "" if left is None else f"; whole run: {timedelta(seconds=round(left))} left"
        gone = timedelta(seconds=round(self.said - self.began))
        self.console.print(f"{gone} {stage}: {done:,}{of}{until}", highlight=False, markup=False)


class _LeftColumn(ProgressColumn):
    """Beside the stage under way: how long the run will take from now on."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        super().__init__()

    def render(self, task: Task) -> Text:
        """The time left, as hours, minutes and seconds; nothing beside a stage that is done."""
        if task.description != self.bars.left.stage:
            return Text("")
        left = self.bars.left.seconds()
        return Text("" if left is None else f"whole run: {timedelta(seconds=round(left))} left")


def tell(record: Path | str, summary: Summary, *, quiet: bool, as_json: bool) -> None:
    """Print what a build came to, one line or one JSON object; and, on standard error, what could not be read."""
    if as_json:
        typer.echo(json.dumps({**vars(summary), "record": str(record)}))
    elif not quiet:
        out.print(
            f"{record}: {counted(summary.reports, 'report')}, {counted(summary.stories, 'story')}, "
            f"{counted(summary.events, 'event')}, {counted(summary.origins, 'origin')}, "
            f"{counted(summary.problems, 'problem')}, {summary.seconds:.1f} s",
            highlight=False,
        )
    if summary.refused and not quiet:
        err.print(
            f"rows that would break a law of the record were refused ({summary.refused} problems 'law-broken'): please "
            "report them, they are faults of onrecord",
            highlight=False,
        )
    if summary.unread and not quiet:
        for line in summary.unread[:SHOWN]:
            err.print(printable(f"not read: {line}"), highlight=False, markup=False)
        if len(summary.unread) > SHOWN:
            err.print(f"and {counted(len(summary.unread) - SHOWN, 'input')} more not read", highlight=False)
    if summary.problems and not quiet:
        err.print(f"{counted(summary.problems, 'problem')}; see: onrecord show problems {record}", highlight=False)
