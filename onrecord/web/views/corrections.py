"""People's corrections: the log with what each does, and what bears on the rows of a page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from onrecord.correcting.log import Correction, undone_by
from onrecord.web.shelf import Reading, Row
from onrecord.web.views.common import View, grouped


def log(reading: Reading) -> View:
    """Every correction, the latest first, with its state and its effects."""
    rows = reading.rows("the log of corrections", "SELECT * FROM corrections ORDER BY made_at, correction_id")
    effects = grouped(reading.rows("what each does", "SELECT * FROM effects ORDER BY ALL"), "correction_id")
    undone = undone_by(sorted((Correction.from_row(r) for r in rows), key=lambda c: c.order))
    out = []
    for row in reversed(rows):
        mine = effects.get(row["correction_id"], [])
        states = {e["state"] for e in mine}
        is_undone = row["correction_id"] in undone
        table, *ids = row["target"].split(" ")
        out.append(
            {
                **{k: v for k, v in row.items() if k != "evidence"},
                "table": table,
                "ids": ids,
                "words": words(row["action"], table, row["field"], row["value"]),
                "summary": _summary(row["evidence"], mine),
                "state": "undone" if is_undone else next((s for s in _STATES if s in states), "applied"),
                "undone_by": undone.get(row["correction_id"]),
                "effects": mine,
            }
        )
    data = {"corrections": out}
    return View("Corrections", data, {"corrections": rows, "effects": [e for m in effects.values() for e in m]},
                reading.asked)  # fmt: skip


_STATES = ("applied", "overruled", "unmatched")
_PAGES = {"events": "/events/", "entities": "/entities/", "stories": "/stories/", "reports": "/reports/"}


def words(action: str, table: str, field: str | None, value: str | None) -> str:
    """What a correction says: 'killed set to 15', 'rejected killed 13', 'merged'."""
    given = _value(value)
    name = (field or "").replace("_", " ")
    if action == "set":
        return f"{name} set to {given or 'not given'}"
    if action in ("reject", "confirm"):
        done = "rejected" if action == "reject" else "confirmed"
        return " ".join(w for w in (done, name, given if table == "ledger" else "") if w)
    return {"merge": "merged", "split": "split", "undo": "undid a correction"}.get(action, action)


def _value(value: str | None) -> str:
    try:
        found = json.loads(value or "null")
    except ValueError:
        return str(value)
    if isinstance(found, dict):
        found = found.get("value")
    if isinstance(found, list):
        return ", ".join(str(v) for v in found)
    return "" if found is None else str(found)


def _summary(evidence: str | None, effects: list[Row]) -> str:
    """Words by which a person knows what was corrected, where there are any."""
    for text in (*(e["before"] for e in effects), evidence):
        try:
            found = json.loads(text or "null")
        except ValueError:
            continue
        if said := _first_words(found):
            return said[:200]
    return ""


def _first_words(found: Any) -> str:
    if isinstance(found, dict):
        for name in ("summary", "words", "name", "title"):
            if isinstance(found.get(name), str) and found[name].strip():
                return str(found[name])
        found = list(found.values())
    if isinstance(found, list):
        return next((w for v in found if isinstance(v, dict | list) and (w := _first_words(v))), "")
    return ""


def bearing(reading: Reading, ids: Sequence[str]) -> dict[str, list[Row]]:
    """Corrections that hold for rows, by the row's id."""
    if reading.corrected is None:
        reading.corrected = bool(reading.quietly("SELECT 1 AS one FROM corrections LIMIT 1"))
    if not reading.corrected:
        return {}
    rows = reading.quietly(
        "SELECT e.row_id, e.table_name, e.field AS on_field, e.after, c.* EXCLUDE (evidence) FROM effects e "
        "JOIN corrections c USING (correction_id) WHERE e.state = 'applied' AND e.row_id IN (SELECT unnest(?)) "
        "ORDER BY made_at, correction_id",
        list(ids),
    )
    for row in rows:
        row["words"] = words(row["action"], row["target"].partition(" ")[0], row["field"], row["value"])
    return grouped(rows, "row_id")
