"""What the tasks share: finding a set's files, parsing its texts once, building a record from its reports, scoring.

A task is a module `bench/<task>.py` with `FIGURES` and `run(data, limit)`; `bench/__main__.py` runs them.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onrecord.model import Document, Parse, Segment, Span
from onrecord.options import Options
from onrecord.perreport import Documents
from onrecord.stages import annotate
from onrecord.stages.segment import dateline
from onrecord.text import fold

_DOCUMENT_TABLES = (
    "segments", "credits", "paragraphs", "parses", "entities", "entity_mentions", "timexes", "attributions",
)  # fmt: skip
ITEM_FILES = ("dev.jsonl", "heldout.jsonl", "docs.jsonl")
_parser = Options().model


def use(model: str) -> None:
    """Let every task parse with that spaCy pipeline from now on; raises `UsageError` when it is not installed."""
    global _parser
    annotate.load(model)
    _parser = model


def parser() -> str:
    """The spaCy pipeline with which the tasks parse: onrecord's own, unless `use` named another."""
    return _parser


def options(workers: int = 0) -> Options:
    """What the tasks build records with."""
    return Options(model=_parser, workers=workers)


@dataclass(frozen=True)
class Figure:
    """One line of the scorecard: the name under which `run` returns it, what it is, and what others reach.

    `published` is the best published figure, `ceiling` what people reach, `blind` what the figure does not show.
    """

    name: str
    doc: str
    published: str = ""
    ceiling: str = ""
    blind: str = ""


class Missing(Exception):  # noqa: N818
    """A set is not under the data folder; its figures are left out, and the scorecard says so."""


def find(data: Path, where: str, *names: str) -> Path:
    """The file of a set, `data/where/name`, with or without .gz; also in a folder dev/ or heldout/ below it.

    Raises `Missing` when there is none.
    """
    folder = data / where
    for name in names or ITEM_FILES:
        for below in (folder, folder / "dev", folder / "heldout"):
            for path in (below / name, below / f"{name}.gz"):
                if path.is_file():
                    return path
    raise Missing(f"{where}: none of {', '.join(names or ITEM_FILES)} under {folder}")


def items(data: Path, where: str, *names: str, limit: int | None = None) -> list[dict[str, Any]]:
    """The JSON objects of a set's file, the first `limit` of them."""
    path = find(data, where, *names)
    opener: Callable[..., Any] = gzip.open if path.suffix == ".gz" else open
    out: list[dict[str, Any]] = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if limit is not None and len(out) >= limit:
                break
            if line.strip():
                out.append(json.loads(line))
    return out


def documents(
    texts: Sequence[str], facts: Sequence[dict[str, Any]] | None = None, *, datelines: bool = False
) -> list[Document]:
    """Texts parsed as bodies, one `Document` each; parses are kept between runs in `$ONRECORD_BENCH_CACHE`.

    `facts[i]` are fields of the i-th `Document`, such as `published`. With `datelines`, a dateline that opens a text is
    a segment of its own, as in a build.
    """
    bodies = [_segments(t, datelines) for t in texts]
    places = [list(annotate.paragraphs_of(t, b)) for t, b in zip(texts, bodies, strict=True)]
    pieces = [t[s.start : s.end] for t, spots in zip(texts, places, strict=True) for s, _ in spots]
    parses = iter(_parsed(_parser, pieces))
    out = []
    for n, (text, spots) in enumerate(zip(texts, places, strict=True)):
        paragraphs = [(s, k, p) for s, k in spots if (p := next(parses)).starts]
        given = dict(facts[n]) if facts else {}
        report_id = given.pop("report_id", f"r_{n:016x}")
        out.append(Document.assemble(report_id, text, bodies[n], paragraphs, **given))
    return out


def _segments(text: str, datelines: bool) -> list[Segment]:
    size = dateline.length(fold(text)) if datelines else 0
    whole = [Segment(Span(size, len(text)), "body")]
    return [Segment(Span(0, size), "dateline"), *whole] if size else whole


def recorded(texts: Sequence[str], facts: Sequence[dict[str, Any]] | None = None) -> list[Document]:
    """Texts taken through `onrecord.build`, one `Document` each, with all that the record's tables say of it.

    `facts[i]` are fields of the i-th report as an input object may give them (`title`, `outlet`, `published`). The
    record is kept in `$ONRECORD_BENCH_CACHE`, so that a second run finds its parses. A text that could not be read
    gives an empty document.
    """
    import onrecord

    rows = [{"id": str(n), "text": text, **(facts[n] if facts else {})} for n, text in enumerate(texts)]
    lines = [json.dumps(row, default=str) for row in rows]
    folder = _cache()
    digest = hashlib.blake2b("\n".join((_parser, *lines)).encode(), digest_size=10).hexdigest()
    source, path = folder / f"reports-{digest}.jsonl", folder / f"record-{digest}.duckdb"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with onrecord.build([source], path, options=options()) as record:
        tables = {name: record.table(name) for name in _DOCUMENT_TABLES}
        reports = {r["external_id"]: r for r in record.reports().to_pylist()}
    source.unlink()
    assembled = Documents(tables)
    return [
        assembled.of(reports[str(n)]) if str(n) in reports else Document(f"unread-{n}", text)
        for n, text in enumerate(texts)
    ]


def _cache() -> Path:
    folder = Path(os.environ.get("ONRECORD_BENCH_CACHE", ".bench-cache"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _parsed(model: str, pieces: Sequence[str]) -> list[Parse]:
    folder = _cache()
    digest = hashlib.blake2b(digest_size=12)
    digest.update(annotate.version(model).encode())
    for piece in pieces:
        digest.update(piece.encode("utf-8", "surrogatepass") + b"\0")
    path = folder / f"parses-{digest.hexdigest()}.pickle"
    if path.is_file():
        return list(pickle.loads(path.read_bytes()))
    parses = list(annotate.parse(model, pieces))
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_bytes(pickle.dumps(parses))
    scratch.replace(path)
    return parses


@dataclass
class Counts:
    """True positives, predicted, gold; and the ratios made of them."""

    hit: float = 0
    predicted: float = 0
    gold: float = 0

    def add(self, hit: float, predicted: float, gold: float) -> None:
        """Count one item."""
        self.hit += hit
        self.predicted += predicted
        self.gold += gold

    @property
    def precision(self) -> float:
        """Hits over predicted; 0 when nothing was predicted."""
        return self.hit / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Hits over gold; 0 when there is no gold."""
        return self.hit / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.predicted + self.gold
        return 2 * self.hit / total if total else 0.0


def macro_f1(pairs: Iterable[tuple[str, str]]) -> float:
    """Mean F1 over the gold classes of (gold, predicted) pairs."""
    by: dict[str, Counts] = {}
    gold_classes = set()
    for gold, predicted in pairs:
        gold_classes.add(gold)
        by.setdefault(gold, Counts()).gold += 1
        by.setdefault(predicted, Counts()).predicted += 1
        by[gold].hit += gold == predicted
    return sum(by[c].f1 for c in gold_classes) / len(gold_classes) if gold_classes else 0.0


def b_cubed(gold: dict[Any, Any], predicted: dict[Any, Any]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1 of a clustering; both map item to cluster label (Bagga and Baldwin 1998)."""
    shared: dict[tuple[Any, Any], int] = {}
    of_gold: dict[Any, int] = {}
    of_predicted: dict[Any, int] = {}
    for item, g in gold.items():
        p = predicted[item]
        shared[g, p] = shared.get((g, p), 0) + 1
        of_gold[g] = of_gold.get(g, 0) + 1
        of_predicted[p] = of_predicted.get(p, 0) + 1
    n = len(gold)
    if not n:
        return 0.0, 0.0, 0.0
    precision = sum(c * c / of_predicted[p] for (_, p), c in shared.items()) / n
    recall = sum(c * c / of_gold[g] for (g, _), c in shared.items()) / n
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def timed(label: str, seconds: dict[str, float]) -> _Timer:
    """A context that adds its wall-clock seconds to `seconds[label]` and says so on standard error."""
    return _Timer(label, seconds)


class _Timer:
    def __init__(self, label: str, seconds: dict[str, float]) -> None:
        self.label, self.seconds = label, seconds

    def __enter__(self) -> None:
        self.start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self.start
        self.seconds[self.label] = self.seconds.get(self.label, 0.0) + spent
        print(f"  {self.label}: {spent:.1f} s", file=sys.stderr)


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Consecutive slices of at most `size`."""
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
