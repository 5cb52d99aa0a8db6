"""Lines of the raw corpora that a person gave their kind, against the kind that segmenting gives them now.

`python -m bench._segments --data DATA` prints, for each kind, how many of the lines that were drawn as that kind were
right when they were read, and how many have the right kind today. bench/segment_judgements.tsv holds places and kinds,
not the corpus's text; a `+` behind a kind says that an extractor had left two kinds in one line.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.harness import items
from onrecord.acrossreports import BORROWED, LONGEST_REPEAT, REPEATED
from onrecord.model import RawReport
from onrecord.stages.segment import segment
from onrecord.text import plain

JUDGEMENTS = Path(__file__).with_name("segment_judgements.tsv")
SETS = {"reprints": "raw_corpus/same_day_reprints", "allsides": "raw_corpus/allsides_articles"}
_BLANKS = " \t\r\xa0"


def judged() -> Iterator[dict[str, str]]:
    """The rows of the judgements: set, id, char_start, char_end, kind (as drawn), judged (as read)."""
    with JUDGEMENTS.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader((x for x in lines if not x.startswith("#")), delimiter="\t")


def repeated(docs: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """By id the lines of each report that are its outlet's furniture: what the stage `repeat` finds in SQL."""
    held = {d["id"]: [x for line in d["text"].split("\n") if (x := line.strip(_BLANKS))] for d in docs}
    spread = Counter((d["outlet"], line) for d in docs for line in set(held[d["id"]]))
    own = [
        d
        for d in docs
        if sum(len(x) for x in held[d["id"]] if spread[d["outlet"], x] > 1)
        <= BORROWED * sum(len(x) for x in held[d["id"]])
    ]
    seen = Counter((d["outlet"], x) for d in own for x in set(held[d["id"]]) if len(x) <= LONGEST_REPEAT)
    return {d["id"]: frozenset(plain(x) for x in held[d["id"]] if seen[d["outlet"], x] >= REPEATED) for d in docs}


def table(data: Path) -> dict[str, tuple[int, int, int]]:
    """Kind to (lines read, right then, right now)."""
    wanted: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in judged():
        wanted[row["set"], row["id"]].append(row)
    read: Counter[str] = Counter()
    then: Counter[str] = Counter()
    now: Counter[str] = Counter()
    for name, where in SETS.items():
        docs = items(data, where)
        furniture = repeated(docs)
        for d in docs:
            if (name, d["id"]) not in wanted:
                continue
            raw = RawReport(d["id"], d["text"], title=d.get("title"), outlet=d["outlet"])
            segments, _ = segment(raw, furniture[d["id"]])
            for row in wanted[name, d["id"]]:
                at, kind = int(row["char_start"]), row["judged"].rstrip("+")
                found = next((s.kind for s in segments if s.span.start <= at < s.span.end), None)
                read[row["kind"]] += 1
                then[row["kind"]] += kind == row["kind"]
                now[row["kind"]] += kind == found
    return {kind: (read[kind], then[kind], now[kind]) for kind in sorted(read)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    for kind, (n, before, after) in table(parser.parse_args().data).items():
        print(f"{kind:12} {n:5} {before:5} {after:5}")


if __name__ == "__main__":
    main()
