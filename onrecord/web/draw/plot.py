"""What an entity did, what was done to it and what it said, over time: three rows of bars on one scale."""

from __future__ import annotations

from datetime import date
from typing import Any

WIDTH, ROW, LEFT = 960, 58, 128


def plot(rows: list[tuple[str, list[str], int]]) -> dict[str, Any] | None:
    """Bars of how often, by day, month or year as the span asks; None without days.

    A row is its name, the ISO days, and how many there are with those that have no day.
    """
    every = sorted(d for _, days, _ in rows for d in days)
    if not every:
        return None
    span = (date.fromisoformat(every[-1]) - date.fromisoformat(every[0])).days
    unit = "day" if span <= 92 else "month" if span <= 366 * 6 else "year"
    first, last = _number(every[0], unit), _number(every[-1], unit)
    steps = last - first + 1
    width = (WIDTH - LEFT - 24) / steps
    counts: list[dict[int, int]] = []
    for _, days, _ in rows:
        tally: dict[int, int] = {}
        for d in days:
            tally[_number(d, unit)] = tally.get(_number(d, unit), 0) + 1
        counts.append(tally)
    most = max(n for tally in counts for n in tally.values())
    lanes = [
        {
            "name": name,
            "total": str(total) if total == len(days) else f"{len(days)} dated of {total}",
            "base": ROW * (i + 1),
            "bars": [
                {
                    "x": round(LEFT + width * (at - first + 0.5) - max(min(width * 0.8, 26), 1.5) / 2, 1),
                    "w": round(max(min(width * 0.8, 26), 1.5), 1),
                    "h": round(4 + (ROW - 20) * n / most, 1),
                    "n": n,
                    "when": _words(at, unit),
                }
                for at, n in sorted(tally.items())
            ],
        }
        for i, ((name, days, total), tally) in enumerate(zip(rows, counts, strict=True))
    ]
    every_nth = max(1, round(steps / 8))
    ticks = [
        {"x": round(LEFT + width * (at - first + 0.5), 1), "words": _words(at, unit)}
        for at in range(first, last + 1, every_nth)
    ]
    return {"width": WIDTH, "height": ROW * len(rows) + 30, "lanes": lanes, "ticks": ticks, "left": LEFT, "unit": unit}


def _number(iso: str, unit: str) -> int:
    d = date.fromisoformat(iso)
    return d.toordinal() if unit == "day" else d.year * 12 + d.month - 1 if unit == "month" else d.year


def _words(at: int, unit: str) -> str:
    if unit == "year":
        return str(at)
    if unit == "month":
        return f"{date(at // 12, at % 12 + 1, 1):%b %Y}"
    d = date.fromordinal(at)
    return f"{d.day} {d:%b %Y}"
