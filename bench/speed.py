"""Speed as a ratio to the bare parser on the same reports in the same run, and how time and memory grow.

The build runs as a user runs it, `python -m onrecord build`, in a process of its own; so does the peer, which loads the
same model and parses the same texts: one process each, side by side, so that both meet the same machine. Seconds are
on the clock unless a name says `cpu`, memory is the peak resident size.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import pyarrow as pa

from bench.harness import Figure, Missing, items, parser
from onrecord import lexicon

SETS = {"same_day_reprints": "raw_corpus/same_day_reprints", "allsides": "raw_corpus/allsides_articles"}
ALLSIDES = 2000
GROWTH = (1000, 2000, 4000, 8000)
ADDED = 100
# Verbs whose lines the other ontology lacks; they stand in 344 of 2,000 reports of allsides, in 126 of 367 reprints.
LESS = ("accuse", "sanction", "evacuate")
ONE = "sanction"
# A body that reports of both sets name, and one that none names; a bound on lengths that some reports are beyond.
NAMED, UNNAMED = "Hezbollah\t\tLBN\tREB", "Zwinderloo Ropeworks\t\tNOR\tBUS"
BOUND = 10_000
BOUNDED = f"""
import sys
from dataclasses import replace
from onrecord import changing
changing.recode(sys.argv[1], options=replace(changing.options_of(sys.argv[1], 1), max_report_chars={BOUND}))
"""
RECODED = {
    "recode_nothing": "with the options that it has",
    "recode_unnamed": "with a file of one body of your own that no report names",
    "recode_named": "with a file of one body of your own that reports name",
    "recode_bound": f"with at most {BOUND:,} characters of each report read",
}
STAGES = {"resolve_time": ("resolve", "time"), "attribute": ("attribute",), "code": ("code",)}

FIGURES = [
    *(
        figure
        for name in SETS
        for figure in (
            Figure(f"speed.{name}.items", "reports that were built; 2,000 of allsides unless limited"),
            Figure(f"speed.{name}.words_per_second", "words a second of a whole build, one process"),
            Figure(
                f"speed.{name}.ratio", "seconds of a whole build over seconds of the bare parser (smaller is better)"
            ),
            Figure(f"speed.{name}.cpu_ratio", "the same in processor seconds (smaller is better)"),
            Figure(
                f"speed.{name}.recode_ratio",
                "seconds of a build over seconds of `recode` with another ontology, which lacks the lines of "
                f"{', '.join(LESS)}",
            ),
            Figure(f"speed.{name}.recode_cpu_ratio", "the same in processor seconds"),
            Figure(f"speed.{name}.recode_one_ratio", f"the same where only the lines of {ONE} are gone"),
            Figure(f"speed.{name}.recode_one_cpu_ratio", "the same in processor seconds"),
            *(
                Figure(f"speed.{name}.{figure}_cpu_ratio", f"processor seconds of a build over those of `recode` {how}")
                for figure, how in RECODED.items()
            ),
            Figure(f"speed.{name}.resolve_time_words_per_second", "from stored parses, one process"),
            Figure(f"speed.{name}.attribute_words_per_second", "from stored parses, one process"),
            Figure(f"speed.{name}.code_words_per_second", "from stored parses, one process"),
        )
    ),
    Figure(
        "speed.alignment.ratio",
        "seconds of datasketch candidates with difflib passages over seconds of our alignment",
        blind="the peer looks at candidate pairs above Jaccard 0.2 only",
    ),
    Figure(
        "speed.add.ratio",
        f"seconds of adding {ADDED} reports to a record of {GROWTH[0]:,} over seconds of building them alone",
    ),
    Figure("speed.add.cpu_ratio", "the same in processor seconds"),
    Figure(
        "speed.add.large_ratio",
        f"seconds of adding {ADDED} reports to the record of all the allsides reports above, over seconds of building "
        "them alone",
    ),
    Figure("speed.add.large_cpu_ratio", "the same in processor seconds"),
    Figure("speed.add.peak_mb", f"peak memory of that addition to {GROWTH[0]:,}, MB"),
    Figure("speed.add.large_peak_mb", "peak memory of the addition to all of them, MB"),
    Figure("speed.growth.exponent", "k in seconds ~ n^k from the smallest to the largest build"),
    Figure("speed.growth.cpu_exponent", "the same in processor seconds"),
    Figure("speed.growth.peak_mb", "peak memory of the largest build, MB"),
]

PEER = """
import json, os, sys, warnings
os.environ["OPENBLAS_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
from onrecord.stages.annotate import load
nlp = load(sys.argv[2])
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
for doc in nlp.pipe(texts, batch_size=64):
    pass
"""

BUILD = """
import json, sys
from onrecord import Options, pipeline
reports, model, record, told = sys.argv[1:]
made = pipeline.build([reports], record, options=Options(model=model, workers=1))
open(told, "w", encoding="utf-8").write(json.dumps(made.stage_seconds))
"""


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds on the clock, of processors (its workers with it), and peak megabytes."""

    seconds: float
    cpu: float
    peak: float


def run(data: Path, limit: int | None) -> dict[str, float]:
    """The figures of `FIGURES` that the data allow."""
    out: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _command("-m", "onrecord", "recode", "--help")  # compiled once, as an installed package is
        for name, where in SETS.items():
            try:
                rows = items(data, where, limit=min(limit or ALLSIDES, ALLSIDES))
            except Missing as error:
                print(error, file=sys.stderr)
                continue
            figures, cost = _whole(folder, name, rows)
            out |= figures
            record = folder / f"{name}.duckdb"
            if name == "same_day_reprints":
                out |= _alignment(rows)
            else:
                more = items(data, where, limit=len(rows) + ADDED)[len(rows) :]
                large = _addition(folder, record, more)
                out |= {figure.replace("add.", "add.large_"): value for figure, value in large.items()}
                out |= _growth(folder, data, where, limit, {len(rows): cost})
            record.unlink()
    return out


def _write(path: Path, rows: list[dict[str, Any]]) -> int:
    with path.open("w", encoding="utf-8") as lines:
        for row in rows:
            kept = {"id": row["id"], "outlet": row.get("outlet"), "title": row.get("title"), "text": row["text"]}
            kept["published"] = row.get("date") or row.get("scraped")
            lines.write(json.dumps(kept) + "\n")
    return sum(len(row["text"].split()) for row in rows)


def _command(*arguments: str) -> Cost:
    """The cost of a Python command in a process of its own."""
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    start = perf_counter()
    with subprocess.Popen([sys.executable, *arguments], env=env, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:3])} ended with status {process.returncode}")
    return Cost(perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _whole(folder: Path, name: str, rows: list[dict[str, Any]]) -> tuple[dict[str, float], Cost]:
    reports, record, told = folder / f"{name}.jsonl", folder / f"{name}.duckdb", folder / f"{name}.json"
    words = _write(reports, rows)
    with ThreadPoolExecutor(2) as side_by_side:
        parsing = side_by_side.submit(_command, "-c", PEER, str(reports), parser())
        building = side_by_side.submit(_command, "-c", BUILD, str(reports), parser(), str(record), str(told))
        peer, whole = parsing.result(), building.result()
    stages: dict[str, float] = json.loads(told.read_text(encoding="utf-8"))
    again = _recoding(folder, record, LESS)
    once = _recoding(folder, record, (ONE,))
    out = {
        f"speed.{name}.items": float(len(rows)),
        f"speed.{name}.words_per_second": words / whole.seconds,
        f"peer.speed.{name}.words_per_second": words / peer.seconds,
        f"speed.{name}.ratio": whole.seconds / peer.seconds,
        f"speed.{name}.cpu_ratio": whole.cpu / peer.cpu,
        f"speed.{name}.recode_ratio": whole.seconds / again.seconds,
        f"speed.{name}.recode_cpu_ratio": whole.cpu / again.cpu,
        f"speed.{name}.recode_one_ratio": whole.seconds / once.seconds,
        f"speed.{name}.recode_one_cpu_ratio": whole.cpu / once.cpu,
    }
    for figure, cost in _changed(folder, record).items():
        out[f"speed.{name}.{figure}_cpu_ratio"] = whole.cpu / cost.cpu
    for figure, parts in STAGES.items():
        out[f"speed.{name}.{figure}_words_per_second"] = words / max(1e-3, sum(stages[p] for p in parts))
    return out, whole


def _recoding(folder: Path, record: Path, less: Sequence[str]) -> Cost:
    """The cost of coding a copy of a record anew with an ontology that lacks the lines of some verbs."""
    copy = folder / "recoded.duckdb"
    shutil.copy(record, copy)
    ontology = _other_ontology(folder / f"{record.stem}-{'-'.join(less)}", less)
    cost = _command("-m", "onrecord", "recode", str(copy), "--ontology", str(ontology), "--workers", "1", "--quiet")
    if _coded(copy) == _coded(record):
        raise RuntimeError(f"{record.stem}: the other ontology changed no row; take out the lines of other verbs")
    copy.unlink()
    return cost


def _changed(folder: Path, record: Path) -> dict[str, Cost]:
    """The cost of coding a copy of a record anew by each of the other changes of `RECODED`."""
    out = {}
    recode = ("-m", "onrecord", "recode")
    for figure in RECODED:
        copy = folder / "recoded.duckdb"
        shutil.copy(record, copy)
        body = {"recode_named": NAMED, "recode_unnamed": UNNAMED}.get(figure)
        if body:
            actors = folder / f"{figure}.tsv"
            actors.write_text(f"name\taliases\tcountry\tsector\n{body}\n", encoding="utf-8")
        if figure == "recode_bound":
            out[figure] = _command("-c", BOUNDED, str(copy))
        else:
            more = ("--actors", str(actors)) if body else ()
            out[figure] = _command(*recode, str(copy), *more, "--workers", "1", "--quiet")
        copy.unlink()
    return out


def _coded(record: Path) -> str:
    """A hash of what was coded."""
    with duckdb.connect(str(record), read_only=True) as db:
        return str(db.execute("SELECT sum(hash(mention_id, event_type, cameo)) FROM event_mentions").fetchall()[0][0])


def _other_ontology(folder: Path, less: Sequence[str]) -> Path:
    """PLOVER without the lines of some verbs."""
    shutil.copytree(Path(lexicon.__file__).parent / "plover", folder)
    lines = (folder / "verbs.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not set(line.partition("\t")[0].split(" ")[0].strip().split("/")) & set(less)]
    (folder / "verbs.tsv").write_text("".join(kept), encoding="utf-8")
    return folder


def _alignment(rows: list[dict[str, Any]]) -> dict[str, float]:
    from difflib import SequenceMatcher

    from datasketch import MinHash, MinHashLSH

    from onrecord import schema
    from onrecord.stages.align import align

    reports = schema.REPORTS.from_rows(
        {"report_id": f"r_{n:06d}", "uri": str(n), "outlet": row.get("outlet"), "text": row["text"]}
        for n, row in enumerate(rows)
    )
    segments = schema.SEGMENTS.from_rows(
        {"report_id": f"r_{n:06d}", "char_start": 0, "char_end": len(row["text"]), "kind": "body"}
        for n, row in enumerate(rows)
        if row["text"].strip()
    )
    credits: pa.Table = schema.CREDITS.empty()
    align(reports.slice(0, 4), segments.slice(0, 4), credits)
    start = perf_counter()
    align(reports, segments, credits)
    ours = perf_counter() - start
    start = perf_counter()
    index = MinHashLSH(threshold=0.2, num_perm=64)
    texts = [row["text"].lower().split() for row in rows]
    candidates: set[tuple[int, int]] = set()
    for n, words in enumerate(texts):
        sketch = MinHash(num_perm=64)
        sketch.update_batch([" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))])
        candidates.update((m, n) for m in index.query(sketch))
        index.insert(n, sketch)
    for a, b in sorted(candidates):
        SequenceMatcher(None, texts[a], texts[b], autojunk=False).get_matching_blocks()
    theirs = perf_counter() - start
    return {"speed.alignment.ratio": theirs / ours, "speed.alignment.seconds": ours}


def _growth(folder: Path, data: Path, where: str, limit: int | None, known: dict[int, Cost]) -> dict[str, float]:
    """Builds of growing size on all processors, and an addition to the smallest; of `known` sizes the cost is given."""
    out: dict[str, float] = {}
    sizes = [n for n in GROWTH if not limit or n <= limit]
    if limit and len(sizes) < 2:
        sizes = [max(1, limit // 4), max(1, limit // 2), limit]
    measured = []
    for n in sizes:
        if n in known and n not in (sizes[0], sizes[-1]):
            cost = known[n]  # one process: its seconds on the clock are no point of this curve
        else:
            reports, record = folder / f"growth-{n}.jsonl", folder / "growth.duckdb"
            _write(reports, items(data, where, limit=n))
            cost = _command("-m", "onrecord", "build", str(reports), "-o", str(record), "--model", parser(), "--quiet")
            out[f"speed.growth.{n}.seconds"] = cost.seconds
            measured.append((n, cost))
            if n == sizes[0]:
                out |= _addition(folder, record, items(data, where, limit=n + min(ADDED, n))[n:])
            record.unlink()
        out |= {f"speed.growth.{n}.cpu_seconds": cost.cpu, f"speed.growth.{n}.peak_mb": cost.peak}
    if len(measured) > 1:
        (n1, first), (n2, last) = measured[0], measured[-1]
        out["speed.growth.exponent"] = math.log(last.seconds / first.seconds) / math.log(n2 / n1)
        out["speed.growth.cpu_exponent"] = math.log(last.cpu / first.cpu) / math.log(n2 / n1)
    out["speed.growth.peak_mb"] = max(cost.peak for _, cost in measured)
    return out


def _addition(folder: Path, record: Path, rows: list[dict[str, Any]]) -> dict[str, float]:
    if not rows:
        return {}
    reports, alone = folder / "added.jsonl", folder / "alone.duckdb"
    _write(reports, rows)
    building = _command("-m", "onrecord", "build", str(reports), "-o", str(alone), "--model", parser(), "--quiet")
    adding = _command("-m", "onrecord", "add", str(record), str(reports), "--quiet")
    alone.unlink()
    return {
        "speed.add.ratio": adding.seconds / building.seconds,
        "speed.add.cpu_ratio": adding.cpu / building.cpu,
        "speed.add.peak_mb": adding.peak,
    }
