"""Who took text from whom, as a layered graph: givers left, takers right, agencies and unseen sources as nodes of
their own. Each report is drawn with the strongest of its sources; the page lists them all.
"""

from __future__ import annotations

from typing import Any

BOX_W, BOX_H, COLUMN, ROW = 196, 46, 300, 66
MOST = 28


def copy_graph(reports: list[dict[str, Any]], copies: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Boxes and curves; None when no report took text. `reports` have letter, outlet and credits."""
    if not copies:
        return None
    by_id = {r["report_id"]: r for r in reports}
    edges, common = _strongest(copies)
    used = {e["from"] for e in edges} | {e["to"] for e in edges} | {r for group in common for r in group["members"]}
    order = [r["report_id"] for r in reports if r["report_id"] in used]
    dropped = len(order) - MOST
    if dropped > 0:
        weight = {r: sum(e["share"] for e in edges if r in (e["from"], e["to"])) for r in order}
        kept = set(sorted(order, key=lambda r: -weight[r])[:MOST])
        order = [r for r in order if r in kept]
        edges = [e for e in edges if e["from"] in kept and e["to"] in kept]
        common = [{**g, "members": [m for m in g["members"] if m in kept]} for g in common]
        common = [g for g in common if len(g["members"]) > 1]
    agencies: dict[str, list[str]] = {}
    for r in order:
        for agency in by_id[r]["credits"]:
            agencies.setdefault(agency, []).append(r)
    extra: list[dict[str, Any]] = [
        {"id": f"unseen {n}", "kind": "hidden", "label": "Unseen source", "sub": "not in the record", "to": g}
        for n, g in enumerate(common)
    ]
    links = [{**e, "kind": e["direction"]} for e in edges]
    for node in extra:
        links += [
            {"from": node["id"], "to": m, "share": node["to"]["share"], "kind": "common", "why": node["to"]["why"]}
            for m in node["to"]["members"]
        ]
    for agency, takers in agencies.items():
        node_id = f"agency {agency}"
        extra.append({"id": node_id, "kind": "agency", "label": agency, "sub": "agency, as credited"})
        links += [
            {"from": node_id, "to": r, "share": None, "kind": "credit", "why": f"credits {agency}"} for r in takers
        ]
    level = _levels([n["id"] for n in extra] + order, links)
    columns: dict[int, list[str]] = {}
    for node_id in [n["id"] for n in extra] + order:
        columns.setdefault(level[node_id], []).append(node_id)
    tallest = max(len(c) for c in columns.values())
    height = tallest * ROW + 20
    spots: dict[str, tuple[float, float]] = {}
    for column, ids in sorted(columns.items()):
        if column:
            ids.sort(key=lambda i: _mean([spots[k["from"]][1] for k in links if k["to"] == i and k["from"] in spots]))
        step = height / len(ids)
        for n, node_id in enumerate(ids):
            spots[node_id] = (16 + column * COLUMN, step * (n + 0.5))
    boxes = [_box(n, spots[n["id"]]) for n in extra] + [
        _box({"id": r, "kind": "report", "label": by_id[r]["outlet"], "sub": by_id[r]["published"],
              "letter": by_id[r]["letter"]}, spots[r]) for r in order
    ]  # fmt: skip
    return {
        "width": 32 + (max(columns) * COLUMN) + BOX_W,
        "height": height,
        "boxes": boxes,
        "curves": [_curve(k, spots) for k in links],
        "dropped": max(dropped, 0),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 1e9


def _strongest(copies: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """One edge a taker, and the reports that share an unseen source as groups."""
    best: dict[str, dict[str, Any]] = {}
    leader: dict[str, str] = {}
    shares: dict[str, tuple[float, str]] = {}

    def lead(r: str) -> str:
        while leader.setdefault(r, r) != r:
            leader[r] = leader[leader[r]]
            r = leader[r]
        return r

    for c in copies:
        if c["from_report_id"] is None:
            leader[lead(c["report_id"])] = lead(c["other_id"])
            shares[c["report_id"]] = max(shares.get(c["report_id"], (0.0, "")), (c["share"], c["evidence"]))
            continue
        edge = {"from": c["from_report_id"], "to": c["report_id"], "share": c["share"], "direction": c["direction"],
                "confidence": c["confidence"], "why": c["evidence"]}  # fmt: skip
        old = best.get(c["report_id"])
        if old is None or (edge["share"] * edge["confidence"] > old["share"] * old["confidence"]):
            best[c["report_id"]] = edge
    groups: dict[str, list[str]] = {}
    for r in leader:
        groups.setdefault(lead(r), []).append(r)
    common = [
        {
            "members": m,
            "share": max(shares.get(r, (0.0, ""))[0] for r in m),
            "why": max(shares.get(r, (0.0, "")) for r in m)[1],
        }
        for m in groups.values()
        if len(m) > 1
    ]
    return list(best.values()), common


def _levels(nodes: list[str], links: list[dict[str, Any]]) -> dict[str, int]:
    """Columns: a taker stands right of its givers; a circle of takers is broken where it is met."""
    givers: dict[str, list[str]] = {n: [] for n in nodes}
    for k in links:
        givers[k["to"]].append(k["from"])
    level: dict[str, int] = {}
    for root in nodes:
        stack = [(root, False)]
        on_way: set[str] = set()
        while stack:
            node, done = stack.pop()
            if done:
                level[node] = max((level[g] + 1 for g in givers[node] if g in level), default=0)
                on_way.discard(node)
            elif node not in level and node not in on_way:
                on_way.add(node)
                stack.append((node, True))
                stack += [(g, False) for g in givers[node] if g not in level and g not in on_way]
    return level


def _box(node: dict[str, Any], spot: tuple[float, float]) -> dict[str, Any]:
    x, y = spot
    room = 20 if node["kind"] == "report" else 25
    label = node["label"] if len(node["label"]) <= room else node["label"][: room - 1].rstrip() + "…"
    return {
        **{k: v for k, v in node.items() if k != "to"},
        "label": label,
        "full": node["label"],
        "x": round(x, 1),
        "y": round(y - BOX_H / 2, 1),
        "w": BOX_W,
        "h": BOX_H,
    }


def _curve(link: dict[str, Any], spots: dict[str, tuple[float, float]]) -> dict[str, Any]:
    (x1, y1), (x2, y2) = spots[link["from"]], spots[link["to"]]
    if x2 > x1:
        x1, bend = x1 + BOX_W, (x2 - x1 - BOX_W) / 2
        path = f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2 - 3:.0f} {y2:.0f}"
    else:
        x1, x2 = x1 + BOX_W, x2 + BOX_W
        out = max(x1, x2) + 46
        path = f"M{x1:.0f} {y1:.0f}C{out:.0f} {y1:.0f} {out:.0f} {y2:.0f} {x2 + 3:.0f} {y2:.0f}"
    share = link["share"]
    return {
        "kind": link["kind"],
        "path": path,
        "width": 1.6 if link["kind"] in ("common", "credit") else round(1.2 + 3.2 * share, 1),
        "x": round((x1 + x2) / 2),
        "y": round((y1 + y2) / 2 - 5),
        "words": f"{share:.0%}" if share is not None and link["kind"] != "common" else "",
        "title": link["why"],
        "head": link["kind"] in ("known", "likely"),
    }
