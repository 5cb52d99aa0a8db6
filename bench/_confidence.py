"""Fit the confidence of event mentions to judged ones, check it on others, and draw the check.

`python -m bench._confidence` reads `judgements.tsv` beside it, writes the weights to the lexicon (`confidence.tsv`)
and the plot to `docs/confidence.svg`. Logistic regression with an L2 penalty, by Newton's method;
no weight is set by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from onrecord import lexicon
from onrecord.stages.code.confidence import FEATURES, probability

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "onrecord" / "lexicon" / "plover" / "confidence.tsv"
PLOT = HERE.parent / "docs" / "confidence.svg"
_PENALTY = 10.0  # on each weight but the first; cross-validated, 5 to 20 differ by less than 0.002 in the Brier score


def fit(rows: list[dict[str, str]]) -> dict[str, float]:
    """Weights by name: 'base', each of `FEATURES`, and 'type:X' for each event type X seen."""
    types = sorted({r["type"] for r in rows})
    names = ["base", *FEATURES, *(f"type:{t}" for t in types)]
    x = np.array([[1.0, *(float(r[f]) for f in FEATURES), *(float(r["type"] == t) for t in types)] for r in rows])
    y = np.array([float(r["right"]) for r in rows])
    w: NDArray[np.float64] = np.zeros(len(names))
    penalty = np.diag([0.0] + [_PENALTY] * (len(names) - 1))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        w = w + np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + penalty, x.T @ (y - p) - penalty @ w)
    return {name: round(float(v), 3) for name, v in zip(names, w, strict=True)}


def told(row: dict[str, str], weights: dict[str, float]) -> float:
    """The probability for one row of judgements."""
    return probability(row["type"], {f: row[f] == "1" for f in FEATURES}, weights)


def cross_validated(rows: list[dict[str, str]], folds: int = 10) -> list[tuple[dict[str, str], float]]:
    """Each row with the probability that weights give it which were fitted without the reports of its fold."""
    out: list[tuple[dict[str, str], float]] = []
    for fold in range(folds):
        weights = fit([r for r in rows if int(r["report"]) % folds != fold])
        out.extend((r, told(r, weights)) for r in rows if int(r["report"]) % folds == fold)
    return out


def curve(rows: list[tuple[dict[str, str], float]]) -> Iterator[str]:
    """What a least confidence keeps of each set, how much of that is right, how much of the set is kept and right."""
    for least in (0.0, 0.55, 0.6, 0.65, 0.7, 0.75):
        shown = []
        for name in sorted({r["set"] for r, _ in rows}):
            mine = [(p >= least, float(r["right"])) for r, p in rows if r["set"] == name]
            kept = [y for k, y in mine if k]
            share = len(kept) / len(mine)
            shown.append(
                f"{name} {share:.2f} kept, {sum(kept) / len(kept):.3f} right, {sum(kept) / len(mine):.3f} both"
            )
        yield f"{least:.2f}: " + "; ".join(shown)


def area(pairs: list[tuple[float, float]]) -> float:
    """The chance that a right mention has the higher confidence, ties counted half."""
    right, wrong = [p for p, y in pairs if y], [p for p, y in pairs if not y]
    wins = sum((a > b) + 0.5 * (a == b) for a in right for b in wrong)
    return wins / (len(right) * len(wrong)) if right and wrong else 0.5


def bins(told_of: list[tuple[float, float]], n: int = 5) -> list[tuple[float, float, int]]:
    """(mean confidence, share right, size) of n parts of equal size, by rising confidence."""
    pairs = sorted(told_of)
    parts = [pairs[len(pairs) * i // n : len(pairs) * (i + 1) // n] for i in range(n)]
    return [(sum(p for p, _ in q) / len(q), sum(r for _, r in q) / len(q), len(q)) for q in parts if q]


def draw(points: list[tuple[float, float, int]]) -> str:
    """An SVG of share right over confidence, both from 0.4 to 1, with the diagonal of perfect calibration."""

    def at(v: float) -> float:
        return 40 + (v - 0.4) / 0.6 * 240

    dots = "".join(
        f'<circle cx="{at(p):.1f}" cy="{320 - at(r):.1f}" r="5"><title>{p:.2f} {r:.2f} ({n})</title></circle>'
        for p, r, n in points
    )
    ticks = "".join(
        f'<text x="{at(v):.0f}" y="296" text-anchor="middle">{v:.1f}</text>'
        f'<text x="34" y="{324 - at(v):.0f}" text-anchor="end">{v:.1f}</text>'
        for v in (0.4, 0.6, 0.8, 1.0)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 330" font-family="sans-serif" font-size="11">'
        "<title>Share of event mentions with the right type, by confidence</title>"
        '<rect width="320" height="330" fill="#fff"/><path d="M40 280H280M40 280V40" stroke="#333" fill="none"/>'
        '<path d="M40 280L280 40" stroke="#999" stroke-dasharray="4 4"/>'
        f'{ticks}<g fill="#06c">{dots}</g><text x="160" y="316" text-anchor="middle">confidence</text>'
        '<text x="40" y="26">share with the right type</text></svg>\n'
    )


def main() -> None:
    """Fit, check, write the weights and the plot, and print the check."""
    rows = lexicon.rows(HERE / "judgements.tsv")
    early = fit([r for r in rows if r["part"] == "fit"])
    check = [(told(r, early), float(r["right"])) for r in rows if r["part"] == "check"]
    _report("news read later, told by weights fitted to the rest", check)
    weights = fit(rows)
    folds = cross_validated(rows)
    for line in curve(folds):
        print(line)
    lines = [
        "# Weights of a mention's confidence, written by bench/_confidence.py: log odds that its type is right.",
        "name\tweight",
    ]
    WEIGHTS.write_text("\n".join([*lines, *(f"{k}\t{v}" for k, v in weights.items())]) + "\n", encoding="utf-8")
    held = [(p, float(r["right"])) for r, p in folds if r["set"] != "plover_gsr"]
    PLOT.write_text(draw(bins(held)), encoding="utf-8")
    _report("news, cross-validated", held)
    _report("gold records, cross-validated", [(p, float(r["right"])) for r, p in folds if r["set"] == "plover_gsr"])


def _report(what: str, pairs: list[tuple[float, float]]) -> None:
    """Print Brier score, area and calibration of (confidence, 1 where right)."""
    share = sum(y for _, y in pairs) / len(pairs)
    brier = sum((p - y) ** 2 for p, y in pairs) / len(pairs)
    points = bins(pairs)
    error = sum(n * abs(p - r) for p, r, n in points) / len(pairs)
    print(f"{what}: {len(pairs)}, {share:.3f} right, Brier {brier:.4f} (constant {share * (1 - share):.4f})")
    print(f"  area {area(pairs):.3f}, calibration error {error:.3f}: ", end="")
    print(", ".join(f"{p:.2f} {r:.2f} ({n})" for p, r, n in points))


if __name__ == "__main__":
    main()
