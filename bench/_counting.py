"""Draw where the counting of origins goes wrong: record minus gold number of origins, event by event.

`python -m bench._counting DATA` builds the stories of `origins/news_stories` and writes `docs/origins.svg`: one panel
for the record, one for a cluster of shared text as one origin, one for every report as one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness import Counts
from bench.origins import Found, Tally, clusters, load, match, record_of, story_key

PLOT = Path(__file__).parent.parent / "docs" / "origins.svg"
_PANEL, _STEP, _UNIT, _FLOOR = 250, 20, 11, 190


def differences(golds: Sequence[Mapping[str, Any]], records: Mapping[str, Found]) -> dict[str, Counter[int]]:
    """For each way of counting, how many events it has so many origins too many (below 0: too few) for."""
    names = ("onrecord", "one text, one origin", "one report, one origin")
    tallies = {n: Tally(Counts(), []) for n in names}
    for gold in golds:
        record = records[story_key(gold)]
        event_id, _ = match(gold, record)
        reports = gold["report_ids"]
        tallies[names[0]].add(gold, record.origins.get(event_id, []) if event_id else [])
        tallies[names[1]].add(gold, clusters(reports, record.linked))
        tallies[names[2]].add(gold, [[r] for r in reports])
    return {n: Counter(max(-5, min(5, d)) for d in t.differences) for n, t in tallies.items()}


def drawing(counted: Mapping[str, Mapping[int, int]]) -> str:
    """The panels side by side as SVG; a bar is a number of events."""
    parts = []
    for n, (name, counts) in enumerate(counted.items()):
        left = 15 + n * _PANEL
        parts.append(f'<text x="{left}" y="20" font-weight="bold">{name}</text>')
        for d in range(-5, 6):
            x, k = left + (d + 5) * _STEP, counts.get(d, 0)
            colour = "#3a7d44" if d == 0 else "#b5652b"
            label = f"{d:+d}" if d else "0"
            parts.append(f'<text x="{x + 8}" y="{_FLOOR + 15}" text-anchor="middle">{label}</text>')
            if k:
                top = _FLOOR - k * _UNIT
                parts.append(f'<rect x="{x}" y="{top}" width="16" height="{k * _UNIT}" fill="{colour}"/>')
                parts.append(f'<text x="{x + 8}" y="{top - 4}" text-anchor="middle">{k}</text>')
    width = 15 + len(counted) * _PANEL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_FLOOR + 40}" font-family="sans-serif" '
        f'font-size="11" role="img" aria-label="Events by how far the number of origins is off">'
        f'<rect width="{width}" height="{_FLOOR + 40}" fill="#fff"/><g fill="#222">{"".join(parts)}</g>'
        f'<text x="15" y="{_FLOOR + 33}" fill="#555">origins too few (left of 0) or too many (right)</text></svg>\n'
    )


def main() -> None:
    """Build the stories, count, draw."""
    golds, stories = load(Path(sys.argv[1]))
    counted = differences(golds, {k: record_of(docs) for k, docs in stories.items()})
    PLOT.write_text(drawing(counted), encoding="utf-8")
    for name, counts in counted.items():
        print(name, sorted(counts.items()))


if __name__ == "__main__":
    main()
