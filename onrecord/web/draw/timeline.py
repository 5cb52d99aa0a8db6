"""A story's events on a scale of days: a lane an event when they are few, dots stacked by day when they are many."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

WIDTH = 960
LANES = 16
LANE = 34
TOP = 34
FOLD = 10  # days without anything that are folded into a gap


def timeline(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Where each dated event stands; None when none is dated. Lanes show the most reported `LANES` events."""
    dated = [e for e in events if e["date_start"] or e["date_end"]]
    if not dated:
        return None
    few = sorted(dated, key=lambda e: (e["unsure"], -e["n_reports"], -e["n_origins"]))[:LANES]
    few.sort(key=lambda e: (_first(e), _last(e), -e["n_reports"]))
    many = len(dated) > LANES * 1.5
    shown = dated if many else few
    scale = Scale(sorted({d for e in shown for d in (_first(e), _last(e))}))
    return _stacks(shown, scale) if many else _lanes(shown, scale, len(dated) - len(few))


def _first(e: dict[str, Any]) -> str:
    return str(e["date_start"] or e["date_end"])


def _last(e: dict[str, Any]) -> str:
    return str(e["date_end"] or e["date_start"])


class Scale:
    """Days to x, long gaps folded: between two marked days at most `FOLD` days count."""

    def __init__(self, marked: list[str], left: float = 46, right: float = WIDTH - 46) -> None:
        self.days = marked
        at = [0.0]
        self.folds: list[tuple[int, str]] = []
        for n, (a, b) in enumerate(pairwise(marked)):
            gap = (date.fromisoformat(b) - date.fromisoformat(a)).days
            at.append(at[-1] + min(gap, FOLD) ** 0.6)
            if gap > FOLD:
                self.folds.append((n, _span(gap)))
        widest = at[-1] or 1.0
        self.x = {d: left + (right - left) * (a / widest if at[-1] else 0.5) for d, a in zip(marked, at, strict=True)}

    def ticks(self, room: float = 74) -> list[dict[str, Any]]:
        """Days that have room for their label."""
        out: list[dict[str, Any]] = []
        last = -1e9
        for d in self.days:
            x = self.x[d]
            if x - last >= room:
                out.append({"x": round(x, 1), "day": d, "words": _day(d)})
                last = x
        return out

    def gaps(self) -> list[dict[str, Any]]:
        """Where days are folded, and how long."""
        return [
            {"x": round((self.x[self.days[n]] + self.x[self.days[n + 1]]) / 2, 1), "words": words}
            for n, words in self.folds
            if self.x[self.days[n + 1]] - self.x[self.days[n]] > 60
        ]


def _span(gap: int) -> str:
    if gap >= 365:
        return f"{gap / 365:.0f} y"
    return f"{gap // 30} mo" if gap >= 60 else f"{gap} d"


def _day(iso: str) -> str:
    d = date.fromisoformat(iso)
    return f"{d.day} {d:%b %Y}"


def _lanes(events: list[dict[str, Any]], scale: Scale, more: int) -> dict[str, Any]:
    lanes = []
    for n, e in enumerate(events):
        x1, x2 = scale.x[_first(e)], scale.x[_last(e)]
        radius = 8.5 + min(5.0, 1.2 * (e["n_reports"] - 1))
        right = x2 < WIDTH * 0.56
        room = (WIDTH - 20 - x2 if right else x1 - 20) - radius - 10
        lanes.append(
            {
                "event": e,
                "y": TOP + LANE * (n + 0.5),
                "x1": round(x1, 1),
                "x2": round(x2, 1),
                "r": round(radius, 1),
                "tx": round(x2 + radius + 9 if right else x1 - radius - 9, 1),
                "anchor": "start" if right else "end",
                "label": _label(e, int(room / 6.7)),
                "below": f"{e['n_reports']} report{'s' * (e['n_reports'] != 1)}, "
                f"{e['n_origins']} origin{'s' * (e['n_origins'] != 1)}",
            }
        )
    return {
        "kind": "lanes",
        "width": WIDTH,
        "height": TOP + LANE * len(events) + 12,
        "lanes": lanes,
        "ticks": scale.ticks(),
        "gaps": scale.gaps(),
        "more": more,
    }


def _stacks(events: list[dict[str, Any]], scale: Scale) -> dict[str, Any]:
    columns: dict[str, list[dict[str, Any]]] = {}
    for e in sorted(events, key=lambda e: (-e["n_reports"], -e["n_origins"], e["event_id"])):
        columns.setdefault(_first(e), []).append(e)
    step = 16.0
    tallest = min(max(len(c) for c in columns.values()), 22)
    base = TOP + step * tallest + 14
    dots = [
        {
            "event": e,
            "x": round(scale.x[d], 1),
            "y": round(base - 12 - step * n, 1),
            "r": round(4 + min(4.0, 0.9 * (e["n_reports"] - 1)), 1),
            "title": _label(e, 160),
        }
        for d, column in columns.items()
        for n, e in enumerate(column[:22])
    ]
    return {
        "kind": "stacks",
        "width": WIDTH,
        "height": base + 30,
        "base": base,
        "dots": dots,
        "ticks": scale.ticks(),
        "gaps": scale.gaps(),
        "more": sum(max(0, len(c) - 22) for c in columns.values()),
    }


def _label(e: dict[str, Any], room: int) -> str:
    words: str = e["sentence"]["words"].strip() or e["event_type"].lower()
    return words if len(words) <= room else words[: max(room - 1, 8)].rsplit(" ", 1)[0] + " …"


def strip(when: list[tuple[str, int]], width: int = 112, height: int = 26) -> dict[str, Any] | None:
    """Reports a day as small bars, for a story in a list; None when no day is known."""
    if not when:
        return None
    first = date.fromisoformat(when[0][0])
    last = date.fromisoformat(when[-1][0])
    span = max((last - first).days, 1)
    most = max(n for _, n in when)
    bars = [
        {
            "x": round(3 + (width - 9) * (date.fromisoformat(d) - first).days / span, 1) if len(when) > 1 else 3,
            "h": round(4 + (height - 8) * n / most, 1),
        }
        for d, n in when
    ]
    return {"width": width, "height": height, "bars": bars}


def fingerprint(event: dict[str, Any], most: int = 30) -> list[dict[str, Any]]:
    """An event's reports as small squares, grouped by the origin that they rest on; x, group and title of each."""
    out: list[dict[str, Any]] = []
    x = 0.0
    for n, origin in enumerate(event["origins"]):
        for _ in origin["report_ids"]:
            if len(out) == most:
                return out
            out.append({"x": round(x, 1), "n": n, "title": origin["label"]})
            x += 8
        x += 5
    return out
