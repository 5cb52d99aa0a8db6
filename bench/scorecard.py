"""Figures written down: SCORECARD.md for people, results.json for programs, and the floors that must hold."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.harness import Figure

HERE = Path(__file__).parent
SLACK = 0.005  # figures move by a few thousandths with library versions; a fall beyond that is a fall


def write(figures: Mapping[str, float], known: Mapping[str, Iterable[Figure]], limit: int | None) -> None:
    """Write SCORECARD.md and results.json; `known` maps each task to its declared figures."""
    results = HERE / "results.json"
    results.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n", encoding="utf-8")
    lines = [
        "# Scorecard",
        "",
        "Made by `make bench`; do not edit. Every task was measured on half of each gold set; the other",
        "half is kept back. A peer stands beside a figure when it ran on the same items in the same run. `-`: not",
        "measured.",
        "",
        f"Python {platform.python_version()}, {platform.machine()}."
        + (f" Only the first {limit} items of each set." if limit else ""),
        "",
    ]
    for task, declared in known.items():
        if f"{task}.seconds" not in figures:
            continue
        lines += [f"## {task}", "", f"{figures[f'{task}.seconds']:.0f} seconds.", ""]
        lines += ["| figure | onrecord | peer | published | people | what it is |", "|---|---|---|---|---|---|"]
        told = set()
        for figure in declared:
            if figure.name.startswith("peer."):
                continue
            told.add(figure.name)
            ours, peers = figures.get(figure.name), figures.get(f"peer.{figure.name}")
            cells = (f"`{figure.name}`", _shown(ours), _shown(peers), figure.published or "-", figure.ceiling or "-")
            lines.append(f"| {' | '.join(cells)} | {figure.doc} |")
        others = [n for n in figures if _task(n) == task and n.removeprefix("peer.") not in told]
        docs = {f.name: f.doc for f in declared}
        for name in sorted(others):
            if name != f"{task}.seconds":
                both = (_shown(figures[name]), "-") if not name.startswith("peer.") else ("-", _shown(figures[name]))
                lines.append(f"| `{name}` | {' | '.join(both)} | - | - | {docs.get(name, '')} |")
        blind = [(f.name, f.blind) for f in declared if f.blind]
        if blind:
            lines += ["", "What these do not show:", ""]
            lines += [f"- `{name}`: {text}" for name, text in blind]
        lines.append("")
    (HERE / "SCORECARD.md").write_text("\n".join(lines), encoding="utf-8")


def standing(ran: Iterable[str]) -> dict[str, float]:
    """The figures of the last results.json, those of the tasks that ran now left out."""
    path = HERE / "results.json"
    if not path.is_file():
        return {}
    ran = set(ran)
    return {n: v for n, v in json.loads(path.read_text(encoding="utf-8")).items() if _task(n) not in ran}


def _task(name: str) -> str:
    return name.removeprefix("peer.").split(".")[0]


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def changed(figures: Mapping[str, float], limit: int | None) -> list[str]:
    """How figures taken with another parser stand beside those of results.json, the largest changes first."""
    known = standing(())
    both = [n for n in figures if n in known and not n.startswith("peer.") and not n.endswith((".seconds", ".items"))]
    lines = [
        f"{figures[n]:12.4f}  {figures[n] - known[n]:+9.4f}  {n} ({known[n]:.4f} on the scorecard)"
        for n in sorted(both, key=lambda n: (-abs(figures[n] - known[n]), n))
    ]
    few = f", which took all items and not the first {limit}" if limit else ""
    return [f"what this parser changes on the scorecard{few}:", *lines]


def fallen(figures: Mapping[str, float]) -> list[str]:
    """Figures below their floor, in words. A floor of a figure that was not measured in this run does not count."""
    path = HERE / "floors.json"
    floors = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return [
        f"{name}: {figures[name]:.4f}, below its floor of {floor:.4f}"
        for name, floor in sorted(floors.items())
        if name in figures and figures[name] < floor - SLACK
    ]
