"""Work on many reports at once: a report on which it fails is found and put aside, and the others go on.

The per-report stages lose a report that fails as a matter of course. A stage that looks at all reports together, or at
a whole story, does not know which report it failed on; here it is looked for by halving, as the engines look for one
that ends its worker.

The search has a budget of time, as much again as the work itself may take. When it is spent nothing is halved any more:
what is known to fail is put aside as it is, and what was not tried yet is tried once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import limits
from onrecord.errors import LawError, WorkerDiedError, panicked

R = TypeVar("R")
Tables = dict[str, pa.Table]

MOST = 64
"""Faulty reports that are looked for one by one; from there on, what fails is put aside half by half."""
LAST = 2
"""Times its budget that a search may take with all it tries; then what is left is put aside untried."""
SLOWER = 10
"""Times as long as the slowest reports that bore the work, each, that others may take while one is looked for."""
SHORTEST = 1.0
"""Processor seconds below which a try is not bounded, unless its share of the budget is less."""
TOO_LONG = "more processor time was needed than the option report_seconds allows"
TOO_MUCH = "more memory was needed than there is"
DIED = "the process that worked on this report ended unexpectedly"


@dataclass
class Outcome(Generic[R]):
    """What the work gave (None: it fails on nothing too), and of each report put aside the reason and what was said."""

    given: R | None = None
    aside: dict[str, tuple[str, str]] = field(default_factory=dict)


def isolated(
    work: Callable[[Tables], R],
    tables: Tables,
    report_ids: Sequence[str],
    seconds: Callable[[int], float],
    failed: tuple[str, str] | None = None,
) -> Outcome[R]:
    """The work on all these reports or, where it fails, on all but as few as make it fail.

    `seconds` says how much processor time so many reports may take (0: no bound). Undisturbed, this is one call with
    the tables as they are; disturbed, the whole takes some four times as long at most. With `failed` it is known to
    fail on all of them, and how.
    """
    ids = sorted(report_ids)
    search = _Search(work, tables, seconds, len(ids))
    failed = failed or search.attempt(None, len(ids))
    if failed is not None:
        search.begin(failed)
        search.kept([], ids, failed)
        if search.outcome.given is None:
            search.attempt([], 0)
    return search.outcome


class _Search(Generic[R]):
    def __init__(
        self, work: Callable[[Tables], R], tables: Tables, seconds: Callable[[int], float], reports: int
    ) -> None:
        self.work, self.tables, self.seconds = work, tables, seconds
        self.outcome: Outcome[R] = Outcome()
        self.budget = seconds(reports) or inf
        self.tries = 2 * reports.bit_length() + 2  # that find one report
        self.share = inf
        self.used = 0.0
        self.each = 0.0  # seconds a report, of what bore the work

    def begin(self, failed: tuple[str, str]) -> None:
        """From now on time counts; work that fails in another way than by its time may take as long as it took."""
        self.share = max(self.budget / self.tries, 0.0 if failed[0] == "time-limit" else 2 * self.used)
        self.used = 0.0

    def allowed(self, n: int) -> float:
        """Seconds for a try with that many reports; 0: no bound."""
        if self.budget == inf:
            return 0
        learnt = max(SHORTEST, SLOWER * self.each * n) if self.each else inf
        left = LAST * self.budget - self.used
        return min(self.seconds(n) or inf, self.share, learnt, max(left, SHORTEST))

    def attempt(self, ids: list[str] | None, n: int) -> tuple[str, str] | None:
        """Work on these reports (None: all); what went wrong, else what it gives is the outcome."""
        given = self.tables if ids is None else {name: restricted(t, ids) for name, t in self.tables.items()}
        before = time.process_time(), time.perf_counter()
        try:
            with limits.at_most(self.allowed(n)):
                self.outcome.given = self.work(given)
        except limits.TimeLimitError:
            return "time-limit", TOO_LONG
        except WorkerDiedError:
            return "worker-died", DIED
        except MemoryError:
            return "memory-limit", TOO_MUCH
        except LawError as error:
            return "law-broken", str(error)
        except BaseException as error:
            if not isinstance(error, Exception) and not panicked(error):
                raise
            return "error", f"{type(error).__name__}: {error}"
        else:
            self.each = max(self.each, self._took(before) / max(1, n))
        finally:
            self.used += self._took(before)
        return None

    def _took(self, since: tuple[float, float]) -> float:
        """Processor seconds, or what a wait on the clock counts for."""
        return max(time.process_time() - since[0], (time.perf_counter() - since[1]) / limits.WALL)

    def kept(self, base: list[str], more: list[str], failed: tuple[str, str] | None = None) -> list[str]:
        """As many of `more` as the work bears beside `base`; `failed` when it is known not to bear all of them."""
        if failed is None and self.used >= LAST * self.budget:
            failed = "time-limit", TOO_LONG
        failed = failed or self.attempt([*base, *more], len(base) + len(more))
        if failed is None:
            return more
        if len(more) == 1 or len(self.outcome.aside) >= MOST or self.used >= self.budget:
            self.outcome.aside.update(dict.fromkeys(more, failed))
            return []
        half = len(more) // 2
        first = self.kept(base, more[:half])
        whole = len(first) == half  # then what fails is in the other half, or beside it
        return first + self.kept([*base, *first], more[half:], failed if whole else None)


def restricted(table: pa.Table, report_ids: Sequence[str]) -> pa.Table:
    """The rows about these reports, both of a pair; a table that is not about reports stays as it is."""
    wanted = pa.array(report_ids, pa.string())
    for name in ("report_id", "report_a", "report_b"):
        if name in table.schema.names:
            table = table.filter(pc.is_in(table[name], value_set=wanted))
    return table
