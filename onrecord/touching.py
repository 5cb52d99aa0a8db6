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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from onrecord import lexicon
from onrecord.options import Options
from onrecord.stages.code import load_ontology
from onrecord.stages.code.patterns import Pattern, parse_pattern
from onrecord.store import Workspace

LOOKED_UP = frozenset({"verbs.tsv", "nouns.tsv", "operators.tsv"})
_PACKAGED = Path(lexicon.__file__).parent / "plover"
_TABLES = ("verbs", "nouns", "operators")
_VERBAL = ("VERB", "AUX", "ADJ")
_MANY = 400  # anchors that changed, above which all reports are looked at
Classes = Mapping[str, frozenset[str]]


Line = tuple[str, ...]
"""One pattern under one anchor, as an ontology's file has it: text, type or effect, mode, frame and CAMEO code."""


def ontology_told(options: Options) -> str:
    """All that coding reads of the ontology, JSON: a hash of what bears on every report, the lines, then the tables.

    A table has by anchor the numbers of its lines, in the order in which they are tried.
    """
    folder = Path(options.ontology) if options.ontology else None
    ontology = load_ontology(folder)
    lines: dict[Line, int] = {}
    tables = [
        {anchor: [lines.setdefault(_line(p), len(lines)) for p in patterns] for anchor, patterns in table.items()}
        for table in (ontology.verbs, ontology.nouns, ontology.operators)
    ]
    return json.dumps([_everywhere(folder or _PACKAGED), list(lines), *tables], separators=(",", ":"))


def _line(pattern: Pattern) -> Line:
    return pattern.text, pattern.type, pattern.mode or "", pattern.frame, pattern.cameo or ""


Places = dict[str, frozenset[int]]
"""Report id to the offsets at which sentences begin; of none: the whole report."""


def ontology_bears(work: Workspace, options: Options, before: str, now: str) -> Places | None:
    """The reports, and the sentences, on which what differs between two ontologies may bear; None: on any."""
    try:
        old, new = json.loads(before), json.loads(now)
        if old[0] != new[0]:
            return None
        classes = load_ontology(Path(options.ontology) if options.ontology else None).classes
        changed = _changed(_tables(old), _tables(new), classes)
    except (ValueError, TypeError, LookupError, AttributeError):  # another onrecord told it otherwise
        return None
    if len(changed) > _MANY:
        return None
    return _holding(work, changed) if changed else {}


def _tables(told: list[Any]) -> list[dict[str, list[Line]]]:
    """The lines of each table by anchor, of what was told of an ontology."""
    lines = [tuple(line) for line in told[1]]
    return [{anchor: [lines[n] for n in numbers] for anchor, numbers in table.items()} for table in told[2:]]


@dataclass(slots=True)
class _Change:
    """What differs under one anchor: the sets of words of each of which each differing line needs one beside it.

    Where an anchor came or went its words alone are enough: other forms of the word are looked up then. Times and
    parties anywhere in a report may hang on a noun that is an anchor, so there the `whole` report is concerned. Among
    the `verbs` only words that are read as verbs are looked up.
    """

    needs: list[tuple[frozenset[str], ...]] = field(default_factory=list)
    whole: bool = False
    verbs: bool = True


def _changed(
    old: Sequence[Mapping[str, list[Line]]], new: Sequence[Mapping[str, list[Line]]], classes: Classes
) -> dict[str, _Change]:
    """The anchors that differ, and how."""
    out: dict[str, _Change] = {}
    for table, before, now in zip(_TABLES, old, new, strict=True):
        for anchor in sorted(before.keys() | now.keys()):
            a, b = before.get(anchor, []), now.get(anchor, [])
            if a == b:
                continue
            stays = set(a) & set(b)
            if [line for line in a if line in stays] != [line for line in b if line in stays]:  # tried in another order
                stays = set()
            change = out.setdefault(anchor, _Change())
            change.needs += [_needs(line[0], classes) for line in sorted({*a, *b} - stays)] if a and b else [()]
            change.whole |= table == "nouns" and not (a and b)
            change.verbs &= table == "verbs"
    return out


def _needs(text: str, classes: Classes) -> tuple[frozenset[str], ...]:
    """What the conditions ask for by its words; names that the parser knows (PERSON) are asked for by no word."""
    _, conditions = parse_pattern(text, classes, "ontology")
    return tuple(
        c.values
        for c in conditions
        if c.values is not None and not c.negative and not any(v.isupper() for v in c.values)
    )


def _holding(work: Workspace, changed: Mapping[str, _Change]) -> Places:
    """The sentences that have one of these anchors and all that a line of it needs, by report."""
    either = "|".join(map(re.escape, sorted(changed)))
    found: dict[str, set[int]] = {}
    whole: set[str] = set()
    cursor = work.db.cursor()
    columns = "starts, ends, sentence_starts, lemmas, pos, tags"
    cursor.execute(
        f"SELECT report_id, char_start, words, {columns} FROM (SELECT report_id, char_start, parse_key, "
        "substr(text, char_start + 1, char_end - char_start) AS words FROM paragraphs JOIN reports USING (report_id)) "
        "JOIN parses USING (parse_key) WHERE regexp_matches(lower(replace(words, '’', chr(39))), $1) "
        "OR regexp_matches(lower(lemmas), $2)",
        [f"(?:{either})", f"(?:^| )(?:{either})(?: |$)"],
    )
    for report, at, text, starts, ends, firsts, *told in iter(cursor.fetchone, None):
        lemmas, pos, tags = (column.split(" ") for column in told)
        for first, last in pairwise([*firsts, len(starts)]):
            tokens = range(first, last)
            each = [forms(text[starts[k] : ends[k]], lemmas[k]) for k in tokens]
            words = set().union(*each)
            for anchor in words & changed.keys():
                change = changed[anchor]
                if change.verbs and not any(
                    anchor in own and (pos[k] in _VERBAL or tags[k].startswith("V"))
                    for k, own in zip(tokens, each, strict=True)
                ):
                    continue
                if any(not any(words.isdisjoint(need) for need in needs) for needs in change.needs):
                    found.setdefault(report, set()).add(at + starts[first])
                    if change.whole:
                        whole.add(report)
    return {report: frozenset(found[report] if report not in whole else ()) for report in sorted(found)}


def forms(word: str, lemma: str) -> set[str]:
    """Every form under which coding may look up a word."""
    plain = word.lower().replace("’", "'")
    out = {plain, lemma.lower()}
    if plain.endswith("s"):
        out.add(plain[:-1])
    if plain.endswith(("ed", "es")):
        out.update((plain[:-1], plain[:-2]))
    return out


def _everywhere(folder: Path, but: frozenset[str] = LOOKED_UP) -> str:
    """A hash of the files that bear on every report, and of the weights that come with the package."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts]
    weights = [_PACKAGED / name for name in ("confidence.tsv", "placing.tsv", "placing.npz")]
    digest = hashlib.sha256()
    for file in [*(p for p in files if p.name not in but), *weights]:
        digest.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
