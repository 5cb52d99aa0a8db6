"""Which entries of the ontology a report's words meet: a change of the others leaves what was coded of it as it is.

Patterns of verbs, nouns and operators are looked up by the forms of a word, so an entry whose anchor no word of a
report has cannot bear on it. Types, rules, word classes and weights bear on every report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from onrecord import lexicon
from onrecord.options import Options
from onrecord.stages.code import Ontology, load_ontology
from onrecord.store import Workspace

LOOKED_UP = frozenset({"verbs.tsv", "nouns.tsv", "operators.tsv"})
_PACKAGED = Path(lexicon.__file__).parent / "plover"
_CHARACTERS = 2_000_000  # of text at a time


def ontology_whole(options: Options) -> str:
    """A hash of every file of the ontology."""
    return _everywhere(Path(options.ontology) if options.ontology else _PACKAGED, but=frozenset())


def ontology_met(work: Workspace, options: Options, reports: Sequence[str]) -> dict[str, str]:
    """For these reports, id to a hash of all that coding may read of the ontology for that report."""
    if not reports:
        return {}
    folder = Path(options.ontology) if options.ontology else None
    everywhere = _everywhere(folder or _PACKAGED)
    entries = _entries(load_ontology(folder))
    met: dict[str, set[str]] = {report: set() for report in reports}
    for batch in work.batches(reports, _CHARACTERS):
        found = work.db.execute(
            "SELECT report_id, substr(text, char_start + 1, char_end - char_start), starts, ends, lemmas "
            "FROM reports JOIN paragraphs USING (report_id) JOIN parses USING (parse_key) "
            "WHERE report_id IN (SELECT unnest($1::VARCHAR[]))",
            [batch],
        )
        for report, text, starts, ends, lemmas in found.fetchall():
            met[report].update(forms(text, starts, ends, lemmas) & entries.keys())
    return {
        report: hashlib.sha256("".join((everywhere, *sorted(entries[a] for a in anchors))).encode()).hexdigest()[:16]
        for report, anchors in met.items()
    }


def forms(text: str, starts: Iterable[int], ends: Iterable[int], lemmas: str) -> set[str]:
    """Every form under which coding may look up a word of a paragraph."""
    words = {text[start:end] for start, end in zip(starts, ends, strict=True)}
    plain = {word.lower().replace("’", "'") for word in words}
    lemmatised = {lemma.lower() for lemma in lemmas.split(" ")}
    return plain | lemmatised | {w[:-n] for w in plain if w.endswith(("ed", "es")) for n in (1, 2)}


def _entries(ontology: Ontology) -> dict[str, str]:
    """Anchor to a hash of all patterns of that anchor."""
    told: dict[str, list[str]] = {}
    for n, table in enumerate((ontology.verbs, ontology.nouns, ontology.operators)):
        for anchor, patterns in table.items():
            # what a pattern's text means rests on the word classes besides, and those bear on every report
            lines = [repr((n, p.anchor, p.text, p.type, p.mode, p.frame, p.cameo)) for p in patterns]
            told.setdefault(anchor, []).extend(lines)
    return {anchor: hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16] for anchor, lines in told.items()}


def _everywhere(folder: Path, but: frozenset[str] = LOOKED_UP) -> str:
    """A hash of the files that bear on every report, and of the weights that come with the package."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts]
    weights = [_PACKAGED / name for name in ("confidence.tsv", "placing.tsv", "placing.npz")]
    digest = hashlib.sha256()
    for file in [*(p for p in files if p.name not in but), *weights]:
        digest.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
