"""The world in the Equal Earth projection (Šavrič, Patterson and Jenny 2018), and a story's places on it."""

from __future__ import annotations

import math
from typing import Any

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2
WIDTH = 1000.0
_X = math.pi * math.sqrt(3) * 2 / (3 * A1)  # half the width of the projected world, at the equator
SCALE = WIDTH / 2 / _X
HEIGHT = 487.0
SMALLEST = 210.0  # a map shows at least this much of the width, so that a lone town has its region around it
NAMED = 9


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees to the units of static/world.svg: x 0 to 1000 eastwards, y 0 to 487 southwards."""
    theta = math.asin(_M * math.sin(math.radians(latitude)))
    t2 = theta * theta
    t6 = t2 * t2 * t2
    x = math.radians(longitude) * math.cos(theta) / (_M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)))
    y = theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    return WIDTH / 2 + SCALE * x, HEIGHT / 2 - SCALE * y


def world_map(places: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The part of the world that holds the places, with a dot each and the names that have room; None for none."""
    if not places:
        return None
    spots = [(*project(p["longitude"], p["latitude"]), p) for p in places]
    xs, ys = [s[0] for s in spots], [s[1] for s in spots]
    wide = max(SMALLEST, (max(xs) - min(xs)) * 1.5, (max(ys) - min(ys)) * 3.2)
    wide = min(wide, WIDTH)
    tall = wide / 2.1
    left = min(max((min(xs) + max(xs)) / 2 - wide / 2, 0), WIDTH - wide)
    top = min(max((min(ys) + max(ys)) / 2 - tall / 2, min(0.0, HEIGHT - tall)), max(HEIGHT - tall, 0.0))
    unit = wide / 960  # one unit of a picture 960 wide
    dots: list[dict[str, Any]] = []
    taken: list[tuple[float, float, float, float]] = []
    for x, y, p in spots:
        radius = (5 + min(9.0, 1.5 * p["n_reports"])) * unit
        name = p["place"]
        width = (len(name) * 8.4 + 8) * unit
        east = x + radius + 5 * unit + width < left + wide
        a = x + radius if east else x - radius - width
        room = (a, y - 11 * unit, a + width, y + 11 * unit)
        named = len(taken) < NAMED and not any(
            room[0] < t[2] and t[0] < room[2] and room[1] < t[3] and t[1] < room[3] for t in taken
        )
        if named:
            taken.append(room)
        dots.append(
            {
                "x": round(x, 2),
                "y": round(y, 2),
                "r": round(radius, 2),
                "name": name if named else "",
                "tx": round(x + (radius + 5 * unit) * (1 if east else -1), 2),
                "ty": round(y + 5 * unit, 2),
                "anchor": "start" if east else "end",
                "place": p,
            }
        )
    return {
        "view": f"{left:.1f} {top:.1f} {wide:.1f} {tall:.1f}",
        "dots": dots[::-1],
        "size": round(15 * unit, 2),
        "halo": round(4 * unit, 2),
    }
