"""The evidence as W3C Web Annotations (JSON-LD, Recommendation of 2017): each datum on its exact characters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from onrecord import __version__
from onrecord.query import Record

CONTEXT = 32  # characters of prefix and suffix: what TextQuoteSelector clients commonly ask for
REPORTS_A_BATCH = 500

# Each datum: what it is called, the columns that hold its spans, the columns worth telling.
_SINGLE = {
    "segments": ("segment", ("kind",)),
    "timexes": ("timex", ("type", "value", "date_start", "date_end")),
    "entity_mentions": ("entity", ("entity_id", "form")),
    "event_mentions": ("event", ("event_id", "event_type", "mode", "modality", "date_start", "date_end", "confidence")),
}


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`annotations.jsonld`: one AnnotationCollection; `plain` makes no difference.

    Positions are code points, as the Recommendation counts them. A report without an address of the web is named by
    `urn:onrecord:` and its id.
    """
    path = folder / "annotations.jsonld"
    total = _count(record)
    head = {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "urn:onrecord:annotations",
        "type": "AnnotationCollection",
        "label": "What the record points at",
        "total": total,
    }
    with path.open("w", encoding="utf-8") as out:
        out.write(json.dumps(head)[:-1])
        out.write(
            ', "first": {"id": "urn:onrecord:annotations:1", "type": "AnnotationPage", "startIndex": 0, "items": ['
        )
        for n, item in enumerate(_items(record)):
            out.write(("\n" if n == 0 else ",\n") + json.dumps(item, ensure_ascii=False))
        out.write("\n]}}\n")
    return [path]


def _count(record: Record) -> int:
    query = " + ".join(f"(SELECT count(*) FROM {t})" for t in (*_SINGLE, "attributions"))
    return int(record.sql(f"SELECT {query} AS n").to_pylist()[0]["n"])


def _items(record: Record) -> Iterator[dict[str, Any]]:
    ids = [r["report_id"] for r in record.sql("SELECT report_id FROM reports ORDER BY report_id").to_pylist()]
    for at in range(0, len(ids), REPORTS_A_BATCH):
        some = ids[at : at + REPORTS_A_BATCH]
        where = "report_id IN (SELECT unnest($1))"
        rows = record.sql(f"SELECT report_id, uri, text FROM reports WHERE {where} ORDER BY report_id", [some])
        reports = {r["report_id"]: r for r in rows.to_pylist()}
        for table, (name, told) in _SINGLE.items():
            query = f"SELECT * FROM {table} WHERE {where} ORDER BY report_id, char_start, char_end"
            for row in record.sql(query, [some]).to_pylist():
                report = reports[row["report_id"]]
                span = {"char_start": row["char_start"], "char_end": row["char_end"]}
                key = row.get("mention_id") or row.get("entity_id") or ""
                ident = f"{name}:{row['report_id']}:{row['char_start']}-{row['char_end']}:{key}".rstrip(":")
                yield _annotation(ident, name, {k: row[k] for k in told if row[k] is not None}, [span], report)
        query = f"SELECT * FROM attributions WHERE {where} ORDER BY attribution_id"
        for row in record.sql(query, [some]).to_pylist():
            told = ("source_label", "source_type", "source_entity", "kind", "certainty", "polarity")
            facts = {k: row[k] for k in told if row[k] is not None}
            yield _annotation(
                row["attribution_id"], "attribution", facts, row["content_spans"], reports[row["report_id"]]
            )


def _annotation(
    ident: str, name: str, facts: dict[str, Any], spans: list[dict[str, int]], report: dict[str, Any]
) -> dict[str, Any]:
    body = {
        "type": "TextualBody",
        "purpose": "classifying",
        "format": "application/json",
        "value": json.dumps({"datum": name, **facts}, ensure_ascii=False, sort_keys=True),
    }
    targets = [_target(report, s["char_start"], s["char_end"]) for s in spans]
    return {
        "id": f"urn:onrecord:{ident}",
        "type": "Annotation",
        "motivation": "classifying",
        "generator": {"type": "Software", "name": f"onrecord {__version__}"},
        "body": body,
        "target": targets[0] if len(targets) == 1 else targets,
    }


def _target(report: dict[str, Any], start: int, end: int) -> dict[str, Any]:
    text: str = report["text"]
    return {
        "source": report["uri"] if "://" in report["uri"] else f"urn:onrecord:{report['report_id']}",
        "selector": [
            {"type": "TextPositionSelector", "start": start, "end": end},
            {
                "type": "TextQuoteSelector",
                "exact": text[start:end],
                "prefix": text[max(0, start - CONTEXT) : start],
                "suffix": text[end : end + CONTEXT],
            },
        ],
    }
