"""Two pictures as SVG text, for pages that must stand alone: a timeline of events, and who took text from whom.

Everything that came from a report is escaped. Colours are the page's own (CSS classes): dark mode and print work.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from datetime import date

WIDTH = 920
# XML has no place for these characters, escaped or not: a file of the picture would not open.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a page's own style sheet says of these classes, for a picture that stands by itself; Okabe and Ito's colours,
# which colour-blind readers can tell apart.
_ALONE = (
    "<style>.onrecord svg{width:100%;max-width:920px;height:auto}"
    ".onrecord text{font:12px system-ui,sans-serif;fill:currentColor;text-anchor:middle}"
    ".onrecord .axis,.onrecord .tick{stroke:#888}.onrecord .event circle{fill:#e69f00}"
    ".onrecord .event.many circle{fill:#009e73}.onrecord .event text{fill:#fff;font-size:10px}"
    ".onrecord .edge line{stroke:#888;stroke-width:1.6}.onrecord .edge.unknown line{stroke-dasharray:5 4}"
    ".onrecord .report circle{fill:none;stroke:currentColor}</style>"
)


class Picture(str):
    """SVG text that a notebook shows as the picture that it is; as text it is the bare `<svg>` element, or nothing."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f'<div class="onrecord">{_ALONE}{self}</div>' if self else "<p>Nothing to draw.</p>"


def escape(text: str) -> str:
    """Text for an element or attribute of XML."""
    return html.escape(_ILLEGAL.sub("\ufffd", text))


def timeline(events: Sequence[tuple[str | None, str, str, int, int]]) -> Picture:
    """Events on a scale of days: (ISO date or None, type, summary, reports, origins). Undated ones are left out.

    Days without events are folded: the scale gives each day that has events its own column, and says when years or
    months lie between two columns.
    """
    dated = sorted((d, kind, text, n, m) for d, kind, text, n, m in events if d)
    if not dated:
        return Picture()
    days = sorted({d for d, *_ in dated})
    step = min(230.0, (WIDTH - 60) / max(len(days), 1))
    tallest = max(sum(1 for e in dated if e[0] == day) for day in days)
    height = 70 + 26 * min(tallest, 12)
    base = height - 44
    parts = [
        f'<svg class="timeline" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Events by day">',
        f'<line class="axis" x1="20" x2="{WIDTH - 20}" y1="{base}" y2="{base}"/>',
    ]
    previous: date | None = None
    for n, day in enumerate(days):
        x = 40 + step * (n + 0.5)
        here = date.fromisoformat(day)
        if previous and (gap := (here - previous).days) > 31:
            said = f"{gap // 365} y" if gap >= 365 else f"{gap // 30} mo"
            parts.append(f'<text class="gap" x="{x - step / 2:.0f}" y="{base + 20}">⋯ {said} ⋯</text>')
        previous = here
        parts.append(f'<line class="tick" x1="{x:.0f}" x2="{x:.0f}" y1="{base}" y2="{base + 5}"/>')
        turn = f' transform="rotate(-35 {x:.0f} {base + 18})"' if step < 74 else ""
        parts.append(f'<text class="day" x="{x:.0f}" y="{base + 20}"{turn}>{escape(day)}</text>')
        todays = [e for e in dated if e[0] == day]
        for row, (_, kind, text, reports, origins) in enumerate(todays[:12]):
            y = base - 16 - 26 * row
            radius = 6 + min(6, 2 * (reports - 1))
            shade = "many" if origins > 1 else "one"
            title = escape(f"{day} {kind}: {text} ({reports} reports, {origins} origins)")
            parts.append(
                f'<g class="event {shade}"><title>{title}</title><circle cx="{x:.0f}" cy="{y}" r="{radius}"/>'
                f'<text x="{x:.0f}" y="{y + 4}">{origins}</text></g>'
            )
            if step > 100:
                room, words = int((step - 2 * radius - 14) / 6.6), kind.lower()
                words = words if len(words) <= room else words[: room - 1] + "…"
                parts.append(f'<text class="kind" x="{x + radius + 4:.0f}" y="{y + 4}">{escape(words)}</text>')
    parts.append("</svg>")
    return Picture("".join(parts))


def copy_graph(nodes: Sequence[tuple[str, str]], edges: Sequence[tuple[str, str, str, str, bool]]) -> Picture:
    """Reports on a circle and arrows from giver to taker: nodes (letter, outlet), edges (giver, taker, direction,
    share, arrow). A dashed line means that the direction is not known; a line without a head, an unseen third.
    """
    if not edges:
        return Picture()
    used = [(letter, outlet) for letter, outlet in nodes if any(letter in edge[:2] for edge in edges)]
    height = 130 + 26 * len(used)
    cx, cy = WIDTH / 2, height / 2
    rx, ry = 250, height / 2 - 46
    spots = {
        letter: (
            cx + rx * math.cos(2 * math.pi * n / len(used) - math.pi),
            cy + ry * math.sin(2 * math.pi * n / len(used) - math.pi),
        )
        for n, (letter, _) in enumerate(used)
    }
    parts = [
        f'<svg class="copies" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Who took text from whom">',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    for giver, taker, direction, share, arrow in edges:
        (x1, y1), (x2, y2) = spots[giver], spots[taker]
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        head = ' marker-end="url(#head)"' if arrow and direction != "unknown" else ""
        title = escape(f"{taker} shares {share} with {giver}; direction {direction}")
        parts.append(
            f'<g class="edge {escape(direction)}"><title>{title}</title><line x1="{x1 + 18 * ux:.0f}" '
            f'y1="{y1 + 18 * uy:.0f}" x2="{x2 - 20 * ux:.0f}" y2="{y2 - 20 * uy:.0f}"{head}/>'
            f'<text x="{(x1 + x2) / 2:.0f}" y="{(y1 + y2) / 2 - 5:.0f}">{escape(share)}</text></g>'
        )
    for letter, outlet in used:
        x, y = spots[letter]
        left = x < cx - 1
        anchor = "end" if left else "start"
        parts.append(
            f'<g class="report"><circle cx="{x:.0f}" cy="{y:.0f}" r="15"/><text x="{x:.0f}" y="{y + 5:.0f}">{letter}'
            f'</text><text class="outlet" text-anchor="{anchor}" x="{x + (-22 if left else 22):.0f}" y="{y + 5:.0f}">'
            f"{escape(outlet[:34])}</text></g>"
        )
    parts.append("</svg>")
    return Picture("".join(parts))
