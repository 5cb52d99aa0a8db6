"""Work on many reports at once: a report on which it fails is found and put aside, and the others go on.

The per-report stages lose a report that fails as a matter of course. A stage that looks at all reports together, or at
a whole story, does not know which report it failed on; here it is looked for by halving, as the engines look for one
that ends its worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from onrecord import limits
from onrecord.errors import LawError, panicked

R = TypeVar("R")
Tables = dict[str, pa.Table]

MOST = 64
"""Faulty reports that are looked for one by one; from there on, what fails is put aside half by half."""
TOO_LONG = "more processor time was needed than the option report_seconds allows"
TOO_MUCH = "more memory was needed than there is"


@dataclass
class Outcome(Generic[R]):
    """What the work gave (None: it fails on nothing too), and of each report put aside the reason and what was said."""

    given: R | None = None
    aside: dict[str, tuple[str, str]] = field(default_factory=dict)


def isolated(
    work: Callable[[Tables], R], tables: Tables, report_ids: Sequence[str], seconds: Callable[[int], float]
) -> Outcome[R]:
    """The work on all these reports or, where it fails, on all but as few as make it fail.

    `seconds` says how much processor time so many reports may take (0: no bound). Undisturbed, this is one call with
    the tables as they are.
    """
    search = _Search(work, tables, seconds)
    ids = sorted(report_ids)
    failed = search.attempt(None, len(ids))
    if failed is not None:
        search.kept([], ids, failed)
        if search.outcome.given is None:
            search.attempt([], 0)
    return search.outcome


class _Search(Generic[R]):
    def __init__(self, work: Callable[[Tables], R], tables: Tables, seconds: Callable[[int], float]) -> None:
        self.work, self.tables, self.seconds = work, tables, seconds
        self.outcome: Outcome[R] = Outcome()

    def attempt(self, ids: list[str] | None, n: int) -> tuple[str, str] | None:
        """Work on these reports (None: all); what went wrong, else what it gives is the outcome."""
        given = self.tables if ids is None else {name: restricted(t, ids) for name, t in self.tables.items()}
        try:
            with limits.at_most(self.seconds(n)):
                self.outcome.given = self.work(given)
        except limits.TimeLimitError:
            return "time-limit", TOO_LONG
        except MemoryError:
            return "memory-limit", TOO_MUCH
        except LawError as error:
            return "law-broken", str(error)
        except BaseException as error:
            if not isinstance(error, Exception) and not panicked(error):
                raise
            return "error", f"{type(error).__name__}: {error}"
        return None

    def kept(self, base: list[str], more: list[str], failed: tuple[str, str] | None = None) -> list[str]:
        """As many of `more` as the work bears beside `base`; `failed` when it is known not to bear all of them."""
        failed = failed or self.attempt([*base, *more], len(base) + len(more))
        if failed is None:
            return more
        if len(more) == 1 or len(self.outcome.aside) >= MOST:
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
