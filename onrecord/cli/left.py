"""How long a build will take from now on: what its stages cost one beside another, set right by what they have taken.

A stage tells how much it has to do when it begins, so until then the stages to come are expected to have as much of
their usual share as the last stage of reports had of all reports: all in a first build, little in an addition.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import geometric_mean

# Processor seconds of each stage in a build of 1,000 reports of 850 words in one process.
SHARES: Mapping[str, float] = {
    "read": 1.3, "repeat": 0.2, "segment": 8.7, "annotate": 76.7, "resolve": 13.9, "align": 1.7, "group": 2.2,
    "date": 0.1, "link": 0.6, "time": 10.3, "attribute": 7.3, "utterances": 2.3, "code": 10.2, "reconcile": 15.0,
    "store": 2.1,
}  # fmt: skip
_REPORTS = ("segment", "resolve", "time", "attribute", "code")  # stages that count what they do in reports
_FIRM = 0.02  # share of the whole that a stage must have for its pace to count


class Left:
    """Told how far each stage is, as a build tells it; `seconds` is what is left of the whole run."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.begun: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.work: dict[str, float] = {}  # how much of its share each stage has, 1 for all reports
        self.done = 0.0  # of the stage under way, 0 to 1
        self.stage = ""
        self.reports = 0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """As a stage tells it: `done` of `total`, None where it is not known of how much."""
        now = self.clock()
        if stage != self.stage:
            if self.stage:
                self.ended[self.stage] = now
            self.begun.setdefault(stage, now)
            self.stage = stage
        if stage == "read":
            self.reports = max(self.reports, done)
        elif stage in _REPORTS:
            self.work[stage] = (total or 0) / max(1, self.reports)
        else:
            self.work[stage] = self._expected(stage) if total else 0.0
        self.done = done / total if total else 0.0 if total is None else 1.0

    def _expected(self, stage: str) -> float:
        """How much of its share a stage has, as far as is known."""
        if stage in ("read", "store", "repeat", "date"):
            return 1.0
        known = [self.work[s] for s in _REPORTS if s in self.work]
        if stage in ("align", "group", "link", "utterances"):  # all reports, or nothing
            return float(bool(known and known[-1])) if known else 1.0
        return known[-1] if known else 1.0

    def seconds(self) -> float | None:
        """Seconds that are left; None while nothing is known of it yet."""
        if not self.stage or (self.stage == "read" and self.done < 1.0):
            return None
        now = self.clock()
        pace = self._pace(now)
        if pace is None:
            return None
        left = pace * sum(SHARES[s] * self._expected(s) for s in SHARES if s not in self.begun)
        if self.done:
            return left + (now - self.begun[self.stage]) / self.done * (1.0 - self.done)
        return left + pace * SHARES.get(self.stage, 0.0) * self.work.get(self.stage, 1.0)

    def _pace(self, now: float) -> float | None:
        """Seconds that a second of `SHARES` takes here: the geometric mean over stages, so that one that is slow for
        reasons of its own does not stand for all; reading, which may wait for others' machines, left out."""
        paces = []
        for stage, begun in self.begun.items():
            share = SHARES.get(stage, 0.0) * self.work.get(stage, 1.0) * (self.done if stage == self.stage else 1.0)
            taken = self.ended.get(stage, now) - begun
            if stage != "read" and taken > 0 and share >= _FIRM * sum(SHARES.values()) * self._expected("code"):
                paces.append(taken / share)
        return geometric_mean(paces) if paces else None
