"""Which entries of the ontology a report's words meet: a change of the others leaves what was coded of it as it is.

Patterns of verbs, nouns and operators are looked up by the forms of a word, so a line whose anchor no word of a report
has cannot bear on it; nor can one that asks for words which do not stand in the anchor's paragraph. Whether an anchor
is there at all does, for else the word's other forms are looked up. Types, rules, word classes and weights bear on
every report.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from onrecord import lexicon
from onrecord.options import Options
from onrecord.stages.code import load_ontology
from onrecord.stages.code.patterns import Pattern
from onrecord.store import Workspace

LOOKED_UP = frozenset({"verbs.tsv", "nouns.tsv", "operators.tsv"})
_PACKAGED = Path(lexicon.__file__).parent / "plover"
_CHARACTERS = 2_000_000  # of text at a time
_EVERY = ""  # among anchors: what bears on every report
_MANY = 400  # anchors that changed, above which all reports are looked at


@dataclass(frozen=True, slots=True)
class _Line:
    """One pattern under one anchor: its hash, and the sets of words of each of which it needs one in the paragraph."""

    told: str
    needs: tuple[frozenset[str], ...] = ()


def ontology_told(options: Options) -> str:
    """All that coding reads of the ontology, as hashes by anchor of its patterns, JSON."""
    folder = Path(options.ontology) if options.ontology else None
    anchors = {a: _digest(line.told for line in lines) for a, lines in _entries(folder).items()}
    return json.dumps({_EVERY: _everywhere(folder or _PACKAGED), **anchors}, sort_keys=True)


def ontology_bears(work: Workspace, before: str, now: str) -> list[str] | None:
    """The reports on which what differs between two ontologies, as told, may bear; None: on any."""
    try:
        old, new = json.loads(before), json.loads(now)
    except ValueError:  # another onrecord told it otherwise
        return None
    if not isinstance(old, dict):
        return None
    anchors = sorted(a for a in old.keys() | new.keys() if old.get(a) != new.get(a))
    if _EVERY in anchors or len(anchors) > _MANY:
        return None
    either = "|".join(map(re.escape, anchors))
    found = work.db.execute(
        "SELECT report_id FROM reports WHERE regexp_matches(lower(replace(text, '’', chr(39))), $1) UNION "
        "SELECT report_id FROM paragraphs JOIN parses USING (parse_key) WHERE regexp_matches(lower(lemmas), $2) "
        "ORDER BY 1",
        [f"(?:{either})", f"(?:^| )(?:{either})(?: |$)"],
    ).fetchall()
    return [row[0] for row in found]


def ontology_met(work: Workspace, options: Options, reports: Sequence[str]) -> dict[str, str]:
    """For these reports, id to a hash of all that coding may read of the ontology for that report."""
    if not reports:
        return {}
    folder = Path(options.ontology) if options.ontology else None
    everywhere = _everywhere(folder or _PACKAGED)
    entries = _entries(folder)
    met: dict[str, set[tuple[str, int]]] = {report: set() for report in reports}
    for batch in work.batches(reports, _CHARACTERS):
        found = work.db.execute(
            "SELECT report_id, substr(text, char_start + 1, char_end - char_start), starts, ends, lemmas "
            "FROM reports JOIN paragraphs USING (report_id) JOIN parses USING (parse_key) "
            "WHERE report_id IN (SELECT unnest($1::VARCHAR[]))",
            [batch],
        )
        for report, text, starts, ends, lemmas in found.fetchall():
            words = forms(text, starts, ends, lemmas)
            mine = met[report]
            for anchor in words & entries.keys():
                for n, line in enumerate(entries[anchor]):
                    if (anchor, n) not in mine and not any(words.isdisjoint(need) for need in line.needs):
                        mine.add((anchor, n))
    return {
        report: _digest((everywhere, *(entries[anchor][n].told for anchor, n in sorted(lines))))
        for report, lines in met.items()
    }


def forms(text: str, starts: Iterable[int], ends: Iterable[int], lemmas: str) -> set[str]:
    """Every form under which coding may look up a word of a paragraph."""
    words = {text[start:end] for start, end in zip(starts, ends, strict=True)}
    plain = {word.lower().replace("’", "'") for word in words}
    lemmatised = {lemma.lower() for lemma in lemmas.split(" ")}
    plurals = {w[:-1] for w in plain if w.endswith("s")}
    return plain | lemmatised | plurals | {w[:-n] for w in plain if w.endswith(("ed", "es")) for n in (1, 2)}


@lru_cache(maxsize=4)
def _entries(folder: Path | None) -> dict[str, list[_Line]]:
    """Anchor to its patterns in the order in which they are tried, after a line that says that it is there."""
    out: dict[str, list[_Line]] = {}
    ontology = load_ontology(folder)
    for n, table in enumerate((ontology.verbs, ontology.nouns, ontology.operators)):
        for anchor, patterns in table.items():
            lines = out.setdefault(anchor, [])
            lines.append(_Line(repr((n, anchor))))
            for p in patterns:
                # what a pattern's text means rests on the word classes besides, and those bear on every report
                told = repr((n, p.anchor, p.text, p.type, p.mode, p.frame, p.cameo))
                lines.append(_Line(_digest([told]), tuple(_needs(p))))
    return out


def _needs(pattern: Pattern) -> Iterable[frozenset[str]]:
    """What the conditions ask for by its words; names that the parser knows (PERSON) are asked for by no word."""
    for condition in pattern.conditions:
        values = condition.values
        if values is not None and not condition.negative and not any(v.isupper() for v in values):
            yield values


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _everywhere(folder: Path, but: frozenset[str] = LOOKED_UP) -> str:
    """A hash of the files that bear on every report, and of the weights that come with the package."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts]
    weights = [_PACKAGED / name for name in ("confidence.tsv", "placing.tsv", "placing.npz")]
    digest = hashlib.sha256()
    for file in [*(p for p in files if p.name not in but), *weights]:
        digest.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
