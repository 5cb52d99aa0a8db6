"""Items of a set as the tables `reports`, `segments` and `credits` that the cross-report stages read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from onrecord import schema
from onrecord.model import RawReport
from onrecord.stages.segment import segment


def tables(items: Iterable[dict[str, Any]]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Reports from items with `id`, `text` and, where known, `title`, `outlet`, `published` (ISO); segmented."""
    reports: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    credits: list[dict[str, Any]] = []
    for item in items:
        when = moment(item.get("published"))
        raw = RawReport(
            str(item["id"]),
            item["text"],
            title=item.get("title"),
            outlet=item.get("outlet"),
            published=when,
            report_id=str(item["id"]),
        )
        reports.append(
            {
                "report_id": raw.report_id,
                "uri": raw.uri,
                "outlet": raw.outlet,
                "title": raw.title,
                "published_at": when,
                "text": raw.text,
            }
        )
        parts, named = segment(raw)
        segments.extend({"report_id": raw.report_id, **s.span.row(), "kind": s.kind} for s in parts)
        credits.extend({"report_id": raw.report_id, **c.span.row(), "agency": c.agency, "role": c.role} for c in named)
    return (
        schema.REPORTS.from_rows(reports),
        schema.SEGMENTS.from_rows(segments),
        schema.CREDITS.from_rows(credits),
    )


def moment(text: str | None) -> datetime | None:
    """An ISO date or time as UTC; None when there is none or it is not a date."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text.replace(" ", "T", 1))
    except ValueError:
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
