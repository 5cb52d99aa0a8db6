"""Make onrecord/web/static/world.svg from countries-110m.json of the npm package world-atlas (Natural Earth).

npm pack world-atlas && tar xzf world-atlas-*.tgz
python scripts/world_outline.py package/countries-110m.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from onrecord.web.draw.world import HEIGHT, WIDTH, project

TARGET = Path(__file__).parent.parent / "onrecord" / "web" / "static" / "world.svg"


def main(source: Path) -> None:
    """Write the outline: every country's rings, projected, in steps of a tenth of a unit."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = [_arc(topology, arc) for arc in topology["arcs"]]
    rings = [
        _ring(arcs, ring)
        for country in topology["objects"]["countries"]["geometries"]
        if country["properties"]["name"] != "Antarctica"
        for polygon in ([country["arcs"]] if country["type"] == "Polygon" else country["arcs"])
        for ring in polygon
    ]
    path = "".join(_path(ring) for ring in rings)
    TARGET.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">'
        f'<path id="land" vector-effect="non-scaling-stroke" d="{path}"/></svg>\n',
        encoding="utf-8",
    )
    print(f"{TARGET.name}: {len(rings)} rings, {TARGET.stat().st_size} bytes")


def _arc(topology: dict[str, Any], arc: list[list[int]]) -> list[tuple[float, float]]:
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    x = y = 0
    out = []
    for dx, dy in arc:
        x, y = x + dx, y + dy
        out.append((x * sx + tx, y * sy + ty))
    return out


def _ring(arcs: list[list[tuple[float, float]]], numbers: list[int]) -> list[tuple[float, float]]:
    """Points of a ring, projected; one that crosses the antimeridian runs on beyond it instead of back across."""
    degrees: list[tuple[float, float]] = []
    for n in numbers:
        points = arcs[n] if n >= 0 else arcs[~n][::-1]
        degrees += points[1:] if degrees else points
    out, turn, last = [], 0.0, degrees[0][0]
    for longitude, latitude in degrees:
        turn -= 360.0 * round((longitude - last) / 360.0)
        last = longitude
        out.append(project(longitude + turn, latitude))
    return out


def _path(ring: list[tuple[float, float]]) -> str:
    steps, last = [], (0, 0)
    for x, y in ring:
        here = (round(x * 10), round(y * 10))
        if not steps:
            steps.append(f"M{here[0] / 10:g} {here[1] / 10:g}l")
        elif here != last:
            pair = f"{(here[0] - last[0]) / 10:g} {(here[1] - last[1]) / 10:g} "
            steps.append(pair.replace("0.", ".").replace(" -", "-"))
        last = here
    return "".join(steps).replace(" -", "-").rstrip() + "z" if len(steps) > 3 else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
