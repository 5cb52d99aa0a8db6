"""Two graphs as GraphML: which report took text from which, and who acts on whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from onrecord.exports.facts import facts
from onrecord.query import Record

_NAMESPACE = "http://graphml.graphdrawing.org/xmlns"
# XML 1.0 has no place for these characters, escaped or not.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {str: "string", int: "long", float: "double"}

Node = tuple[str, Mapping[str, Any]]
Edge = tuple[str, str, Mapping[str, Any]]


def write(record: Record, folder: Path, *, plain: bool = False) -> list[Path]:
    """`copies.graphml` and `actions.graphml`; `plain` leaves out how many origins stand behind an action."""
    copies, actions = folder / "copies.graphml", folder / "actions.graphml"
    _graph(copies, *_copies(record))
    _graph(actions, *_actions(record, plain))
    return [copies, actions]


def _copies(record: Record) -> tuple[list[Node], list[Edge]]:
    """Reports and, as nodes of their own, the unseen sources that two of them share; an edge leads to who took."""
    nodes: dict[str, dict[str, Any]] = {}
    for row in record.sql(
        "SELECT r.report_id, r.uri, r.outlet, r.title, r.published_at, sr.story_id AS story FROM reports r "
        "LEFT JOIN story_reports sr ON sr.report_id = r.report_id AND sr.parts IS NULL ORDER BY r.report_id"
    ).to_pylist():
        published = row["published_at"]
        nodes[row["report_id"]] = {
            "kind": "report",
            "uri": row["uri"],
            "outlet": row["outlet"],
            "title": row["title"],
            "published": published.isoformat() if published else None,
            "story": row["story"],
        }
    for row in record.sql(
        "SELECT report_id, string_agg(DISTINCT agency, ';' ORDER BY agency) AS agencies FROM credits "
        "WHERE role <> 'photo' GROUP BY 1 ORDER BY 1"
    ).to_pylist():
        nodes[row["report_id"]]["credits"] = row["agencies"]
    edges: list[Edge] = []
    for row in record.table("derivations").to_pylist():
        facts_ = {k: row[k] for k in ("share", "direction", "confidence", "evidence")}
        if row["from_report_id"]:
            edges.append((row["from_report_id"], row["report_id"], facts_))
            continue
        ends = sorted(r for r in (row["report_id"], row["with_report_id"]) if r)
        unseen = "unseen:" + "+".join(ends)
        nodes.setdefault(unseen, {"kind": "unseen source"})
        edges += [(unseen, end, facts_) for end in ends if end == row["report_id"]]
    return list(nodes.items()), edges


def _actions(record: Record, plain: bool) -> tuple[list[Node], list[Edge]]:
    """Entities, and an edge for each event from who did it to whom; of a mutual one, from its first party."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: list[Edge] = []
    for fact in facts(record):
        pairs = [(a, b) for a in fact.actors for b in fact.recipients if a.entity_id != b.entity_id]
        if not fact.recipients:
            pairs = [(fact.actors[0], b) for b in fact.actors[1:]]
        for party in (*fact.actors, *fact.recipients):
            nodes[party.entity_id] = {
                "name": party.name,
                "kind": party.kind,
                "country": party.country,
                "sector": party.sector,
            }
        told = {k: fact.event[k] for k in ("event_id", "event_type", "mode", "modality", "date_start", "date_end")}
        if not plain:
            told |= {"reports": fact.event["n_reports"], "origins": fact.event["n_origins"]}
        told["intensity"] = fact.mention["intensity"]
        edges += [(a.entity_id, b.entity_id, told) for a, b in pairs]
    return sorted(nodes.items()), edges


def _graph(path: Path, nodes: list[Node], edges: list[Edge]) -> None:
    keys = {
        **_keys("node", (facts_ for _, facts_ in nodes)),
        **_keys("edge", (facts_ for _, _, facts_ in edges)),
    }
    with etree.xmlfile(str(path), encoding="utf-8") as out:
        out.write_declaration()
        with out.element("graphml", nsmap={None: _NAMESPACE}):
            for (domain, name), (ident, kind) in keys.items():
                out.write(etree.Element("key", {"id": ident, "for": domain, "attr.name": name, "attr.type": kind}))
            with out.element("graph", edgedefault="directed"):
                for ident, facts_ in nodes:
                    out.write(_element("node", {"id": ident}, facts_, keys))
                for n, (source, target, facts_) in enumerate(edges):
                    ends = {"id": f"e{n}", "source": source, "target": target}
                    out.write(_element("edge", ends, facts_, keys))


def _keys(domain: str, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    out: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        for name, value in row.items():
            if value is not None and (domain, name) not in out:
                out[domain, name] = f"{domain[0]}_{name}", _TYPES[type(value)]
    return out


def _element(
    tag: str, ends: dict[str, str], facts_: Mapping[str, Any], keys: Mapping[tuple[str, str], tuple[str, str]]
) -> etree._Element:
    element = etree.Element(tag, ends)
    for name, value in facts_.items():
        if value is not None:
            datum = etree.SubElement(element, "data", key=keys[tag, name][0])
            datum.text = _ILLEGAL.sub("\ufffd", str(value))
    return element
