"""Fit the model of `onrecord/stages/code/placing.py`: which place names a verb happens at.

`python -m bench._placing DATA` reads the development half of `event_location` (MIT), prints the token F1 of five-fold
cross-validation (folds by the set's own `split_key`, so that near-identical sentences stay together), fits on all of it
and writes the weights to the lexicon (`plover/placing.tsv`). Conditional logistic regression with an L2 penalty: the
probability of the names that the annotators chose, or of 'none', among the names of the sentence; L-BFGS from zero, so
that the same data give the same weights.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import harness
from bench.harness import Counts
from onrecord.model import Document, Span
from onrecord.stages.code import placing
from onrecord.stages.code.where import kinds_of

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "onrecord" / "lexicon" / "plover" / "placing.tsv"
FOLDS = 5
_PENALTY = 4.0  # from 2 to 6 the cross-validated F1 moves by less than 0.004
_SEEN = 3  # a feature that fewer names have is left out
_SMALL = 0.03  # weights nearer to zero are left out of the file


@dataclass(frozen=True)
class Item:
    """A sentence with its verb: the names, the tokens that the annotators chose, features by name and of none."""

    fold: int
    doc: Document
    verb: int
    names: list[placing.Name]
    gold: frozenset[int]
    rows: list[list[str]]  # of each name, then of none
    target: list[float]  # 1 for each row that is right


def prepared(item: dict[str, Any], doc: Document) -> Item | None:
    """An item of the set with its features; None where the verb is no token of the text."""
    anchors = [t for s in item["verb_spans"] for t in doc.tokens_in(Span(s["start"], s["end"]))]
    if not anchors:
        return None
    verb = anchors[0]
    gold = frozenset(t for s in item["location_spans"] for t in doc.tokens_in(Span(s["start"], s["end"])))
    sentence = doc.sentences[doc.sentence_of[verb]]
    names = placing.names(doc, sentence.first, sentence.last, kinds_of(doc))
    names = [n for n in names if not n.first <= verb < n.last]
    rows, none = placing.features(doc, verb, names)
    right = [len(gold.intersection(range(n.first, n.last))) * 2 >= n.last - n.first for n in names]
    target = [float(r) for r in right] + [float(not any(right))]
    fold = int(hashlib.sha1(item["split_key"].encode()).hexdigest(), 16) % FOLDS
    return Item(fold, doc, verb, names, gold, [*rows, none], target)


def fit(items: list[Item]) -> dict[str, float]:
    """The weights by feature."""
    from scipy.optimize import minimize
    from scipy.sparse import csr_matrix

    seen = Counter(f for i in items for row in i.rows for f in set(row))
    index = {f: n for n, f in enumerate(sorted(f for f, n in seen.items() if n >= _SEEN))}
    at, columns = [], []
    lengths = []
    n = 0
    for item in items:
        lengths.append(len(item.rows))
        for row in item.rows:
            known = sorted({index[f] for f in row if f in index})
            at.extend([n] * len(known))
            columns.extend(known)
            n += 1
    x = csr_matrix((np.ones(len(at)), (at, columns)), shape=(n, len(index)))
    owner = np.repeat(np.arange(len(items)), lengths)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    right = np.concatenate([i.target for i in items]) > 0

    def shares(z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        top = np.maximum.reduceat(z, starts)
        e = np.exp(z - top[owner])
        total = np.add.reduceat(e, starts)
        return top + np.log(total), e / total[owner]

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ w
        whole, p = shares(z)
        good, q = shares(np.where(right, z, -1e9))
        return float((whole - good).sum() + _PENALTY / 2 * w @ w), x.T @ (p - q) + _PENALTY * w

    w = minimize(loss, np.zeros(len(index)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return {f: round(float(w[n]), 3) for f, n in index.items() if abs(w[n]) >= _SMALL}


def cross_validated(items: list[Item]) -> Counts:
    """Token counts of each fold under the weights fitted on the others."""
    counts = Counts()
    for fold in range(FOLDS):
        weights = fit([i for i in items if i.fold != fold])
        for item in (i for i in items if i.fold == fold):
            chosen = placing.choose(item.doc, item.verb, item.names, weights)
            found = {t for n in chosen for t in range(n.first, n.last)}
            counts.add(len(item.gold & found), len(found), len(item.gold))
    return counts


def write(weights: dict[str, float], path: Path = WEIGHTS) -> None:
    """The weights as a table."""
    head = "# Weights of the places of verbs, written by bench/_placing.py: see onrecord/stages/code/placing.py.\n"
    rows = "".join(f"{feature}\t{weight:g}\n" for feature, weight in sorted(weights.items()))
    path.write_text(f"{head}feature\tweight\n{rows}", encoding="utf-8")


def main(data: Path) -> None:
    """Cross-validate, print, fit on all, write."""
    from bench.events import ROOT, prepare

    items = harness.items(data, f"{ROOT}/event_location")
    docs = prepare([i["text"] for i in items])
    ready = [r for i, d in zip(items, docs, strict=True) if (r := prepared(i, d)) is not None]
    counts = cross_validated(ready)
    print(f"cross-validated F1 {counts.f1:.4f} precision {counts.precision:.4f} recall {counts.recall:.4f}")
    weights = fit(ready)
    write(weights)
    print(f"{len(weights)} weights")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
