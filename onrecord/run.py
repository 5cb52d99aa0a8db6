"""What a stage works with while a build runs: the tables, the engine, the options, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from onrecord import perreport
from onrecord.engines.base import Engine
from onrecord.options import Options
from onrecord.store import Workspace

Progress = Callable[[str, int, int | None], None]
"""Told how far a stage is: its name, how much is done, and of how much (None: unknown)."""


@dataclass
class Run:
    """One build under way; `small` work stays in this process."""

    work: Workspace
    engine: Engine
    options: Options
    progress: Progress
    small: bool = False
    small_characters: int = 0
    unread: list[str] = field(default_factory=list)
    """What was said of each input that gave no report, of those given this time."""
    input_problems: int = 0
    """How many rows of problems these inputs gave, but for doubled reports and live blogs."""

    def few(self, report_ids: Sequence[str]) -> bool:
        """True when so little text is to be worked on that a pool of processes costs more than it saves."""
        return self.small or self.work.characters(report_ids) < self.small_characters

    def died(self, stage: str, payload: perreport.Tables) -> None:
        """Write down that the worker died on these reports."""
        rows = [
            perreport.problem(r, stage, "worker-died", "the process that worked on this report ended unexpectedly")
            for r in payload["reports"].to_pylist()
        ]
        self.work.put_rows("problems", rows)
