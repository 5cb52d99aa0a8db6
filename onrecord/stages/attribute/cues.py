"""The attribution cues of the lexicon, as the stage looks them up: by lemma and part of speech."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from onrecord import lexicon


@dataclass(frozen=True, slots=True)
class Cue:
    """One line of `lexicon/cues.tsv`; `frames` says what may follow the cue and is then its content."""

    lemma: str
    pos: str
    kind: str
    polarity: str
    certainty: str
    frames: frozenset[str]


@lru_cache(maxsize=4)
def load(source: str | Path = "cues.tsv") -> dict[tuple[str, str], Cue]:
    """Cues by (lemma, 'v' | 'n' | 'a')."""
    out: dict[tuple[str, str], Cue] = {}
    for row in lexicon.rows(source):
        out[row["lemma"], row["pos"]] = Cue(
            row["lemma"], row["pos"], row["kind"], row["polarity"], row["certainty"], frozenset(row["frame"].split())
        )
    return out
