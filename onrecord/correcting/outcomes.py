"""What came of each correction, as rows of `effects` and, where a target is not in this record, of `problems`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from onrecord import schema
from onrecord.correcting.log import Correction
from onrecord.store import Workspace


class Outcomes:
    """Gathers what corrections do, in the order in which they are made: the later overrules the earlier."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def applied(
        self,
        c: Correction,
        table: str,
        row_id: str,
        found: str,
        *,
        before: Any = None,
        after: Any = None,
        field: str | None = None,
        detail: str | None = None,
    ) -> None:
        """A correction holds for a row; an earlier one that set the same field of it to something else does not."""
        row = effect(c.correction_id, "applied", table, row_id, field or c.change.field, found, before, after, detail)
        for earlier in self.rows:
            same = all(earlier[n] == row[n] for n in ("table_name", "row_id", "field"))
            if same and row["field"] and earlier["state"] == "applied" and earlier["after"] != row["after"]:
                earlier |= {"state": "overruled", "detail": f"overruled by {c.correction_id} of {c.made_by}"}
                row["before"] = earlier["before"]
        self.rows.append(row)

    def unmatched(self, c: Correction, why: str) -> None:
        """A correction's target is not in this record."""
        self.rows.append(effect(c.correction_id, "unmatched", None, None, c.change.field, None, None, None, why))


def effect(
    correction_id: str,
    state: str,
    table: str | None,
    row_id: str | None,
    field: str | None,
    found: str | None,
    before: Any,
    after: Any,
    detail: str | None,
) -> dict[str, Any]:
    """A row of `effects`; `before` and `after` are plain JSON values."""
    return {
        "correction_id": correction_id,
        "state": state,
        "table_name": table,
        "row_id": row_id,
        "field": field,
        "before": _dump(before),
        "after": _dump(after),
        "found": found,
        "detail": detail,
    }


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def settle(work: Workspace, corrections: Iterable[Correction], undone: Mapping[str, str]) -> None:
    """Give every correction that has no effect yet its row, and write down what was not matched.

    Called once all stages have had their say; what no stage applied is not in this record.
    """
    listed = list(corrections)
    told = {r[0] for r in work.db.execute("SELECT DISTINCT correction_id FROM effects").fetchall()}
    missing = []
    for c in listed:
        i = c.correction_id
        if i in undone:
            missing.append(effect(i, "undone", None, None, None, None, None, None, f"undone by {undone[i]}"))
        elif c.change.action == "undo":
            missing.append(effect(i, "applied", "corrections", c.change.ids[0], None, "id", None, None, None))
        elif i not in told:
            why = "what it is about is not in this record"
            missing.append(effect(i, "unmatched", None, None, c.change.field, None, None, None, why))
    work.put_rows("effects", missing)
    work.db.execute("DELETE FROM problems WHERE stage = 'correct'")
    lost = dict(work.db.execute("SELECT correction_id, detail FROM effects WHERE state = 'unmatched'").fetchall())
    known = {r[0] for r in work.db.execute("SELECT report_id FROM reports").fetchall()}
    work.put(
        "problems",
        schema.PROBLEMS.from_rows(_problem(c, lost[c.correction_id], known) for c in listed if c.correction_id in lost),
    )


def _problem(c: Correction, why: str, known: set[str]) -> dict[str, Any]:
    reports = c.evidence.get("reports")
    reports = reports if isinstance(reports, dict) else {}
    first = next(iter(sorted(reports)), None)
    noted = reports.get(first)
    what = f"{c.change.action} {c.change.target}" + (f" {c.change.field}" if c.change.field else "")
    return {
        "uri": str(noted["uri"]) if isinstance(noted, dict) and noted.get("uri") else c.change.target,
        "report_id": first if first in known else None,
        "stage": "correct",
        "reason": "unmatched",
        "detail": f"{c.correction_id} by {c.made_by}: {what}: {why}; it is kept, and applied where its target is found",
    }
