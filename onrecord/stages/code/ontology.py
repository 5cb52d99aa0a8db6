"""The ontology as data: types, patterns, operators, rules and word classes, read once and checked.

A folder holds `types.toml` and the tables `verbs.tsv`, `nouns.tsv`, `operators.tsv`, `compose.tsv`, `classes.tsv`,
`contexts.tsv` and `quantities.tsv`. A user's own folder of the same files runs through the same machinery.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from onrecord import lexicon
from onrecord.errors import UsageError
from onrecord.stages.code.patterns import Pattern, parse_pattern

EFFECTS = (
    "planned",
    "intended",
    "willing",
    "hypothetical",
    "negated",
    "refuse",
    "end",
    "start",
    "cancel",
    "light",
    "occur",
    "none",
)


@dataclass(frozen=True, slots=True)
class EventType:
    """An event type: its quad class, scores and CAMEO codes by mode, and whether all its parties are actors."""

    name: str
    quad: int | None
    intensity: float | None
    modes: dict[str, float]
    cameo: dict[str, str]
    mutual: bool
    physical: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What an outer event or operator makes of the event that it governs."""

    type: str
    mode: str | None
    cameo: str | None


@dataclass(frozen=True)
class Ontology:
    """Everything that the coder knows about events."""

    types: dict[str, EventType]
    verbs: dict[str, tuple[Pattern, ...]]
    nouns: dict[str, tuple[Pattern, ...]]
    operators: dict[str, tuple[Pattern, ...]]
    rules: dict[tuple[str, str, str], Rule]
    classes: dict[str, frozenset[str]]
    contexts: dict[str, tuple[str, ...]]
    quantities: dict[str, tuple[str, ...]]
    examples: tuple[tuple[str, str, str, str, str], ...] = field(default=(), repr=False)

    def rule(self, outer: str, inner: str, inner_mode: str | None) -> Rule | None:
        """The rule for an outer event or operator and an inner event, the more particular first."""
        for key in ((outer, inner, inner_mode or ""), (outer, inner, ""), (outer, "*", "")):
            if key in self.rules:
                return self.rules[key]
        return None


@lru_cache(maxsize=4)
def load_ontology(folder: Path | None = None) -> Ontology:
    """The ontology in a folder, or PLOVER; read once a process.

    Raises `UsageError`, naming file and line, for anything that can't be read or refers to nothing.
    """
    types = {name: _type(name, body) for name, body in lexicon.toml(_file(folder, "types.toml")).items()}
    classes: dict[str, frozenset[str]] = {}
    for row in lexicon.rows(_file(folder, "classes.tsv")):
        words = frozenset(row["words"].split())
        classes[row["class"]] = classes.get(row["class"], frozenset()) | words
    examples: list[tuple[str, str, str, str, str]] = []
    verbs = _patterns(folder, "verbs.tsv", types, classes, examples)
    nouns = _patterns(folder, "nouns.tsv", types, classes, examples)
    operators = _patterns(folder, "operators.tsv", None, classes, examples)
    rules = {}
    for row in lexicon.rows(_file(folder, "compose.tsv")):
        if row["type"] and row["type"] not in types:
            raise UsageError(f"compose.tsv: {row['outer']} {row['inner']}: no event type {row['type']!r}")
        rule = Rule(row["type"], row.get("mode") or None, row.get("cameo") or None)
        rules[row["outer"], row["inner"], row["inner_mode"]] = rule
    return Ontology(
        types,
        verbs,
        nouns,
        operators,
        rules,
        classes,
        _words(folder, "contexts.tsv", "word", "contexts"),
        _words(folder, "quantities.tsv", "word", "role"),
        tuple(examples),
    )


def _file(folder: Path | None, name: str) -> str | Path:
    return f"plover/{name}" if folder is None else folder / name


def _type(name: str, body: dict[str, Any]) -> EventType:
    known = {"quad", "intensity", "modes", "cameo", "mutual", "physical", "doc"}
    if not body.keys() <= known:
        raise UsageError(
            f"types.toml: [{name}] has {sorted(body.keys() - known)}; known are {', '.join(sorted(known))}"
        )
    return EventType(
        name,
        body.get("quad"),
        body.get("intensity"),
        dict(body.get("modes", {})),
        dict(body.get("cameo", {})),
        bool(body.get("mutual", False)),
        bool(body.get("physical", False)),
        str(body.get("doc", "")),
    )


def _patterns(
    folder: Path | None,
    name: str,
    types: dict[str, EventType] | None,
    classes: dict[str, frozenset[str]],
    examples: list[tuple[str, str, str, str, str]],
) -> dict[str, tuple[Pattern, ...]]:
    out: dict[str, list[Pattern]] = {}
    for row in lexicon.rows(_file(folder, name)):
        where = f"{name}: {row['pattern']!r}"
        kind = row["type"] if types is not None else row["effect"]
        mode = row.get("mode") or None
        if types is None and kind not in EFFECTS:
            raise UsageError(f"{where}: no effect {kind!r}; known are {', '.join(EFFECTS)}")
        if types is not None and kind:
            if kind not in types:
                raise UsageError(f"{where}: no event type {kind!r} in types.toml")
            if mode and mode not in types[kind].modes:
                raise UsageError(f"{where}: {kind} has no mode {mode!r}")
        anchors, conditions = parse_pattern(row["pattern"], classes, where)
        weight = sum(0 if c.negative else 1 if c.slot and c.values is None else 3 if c.slot else 2 for c in conditions)
        for anchor in anchors:
            pattern = Pattern(
                anchor,
                row["pattern"],
                tuple(conditions),
                kind,
                mode,
                row.get("frame", ""),
                row.get("cameo") or None,
                weight,
            )
            out.setdefault(anchor, []).append(pattern)
        if row.get("example") or row.get("counter"):
            examples.append((name, row["pattern"], kind, row.get("example", ""), row.get("counter", "")))
    return {a: tuple(sorted(ps, key=lambda p: (-p.weight, bool(p.type)))) for a, ps in out.items()}


def _words(folder: Path | None, name: str, word: str, values: str) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for row in lexicon.rows(_file(folder, name)):
        for w in row[word].split():
            out[w] = (*out.get(w, ()), *_new(row[values].split(), out.get(w, ())))
    return out


def _new(values: Iterable[str], old: tuple[str, ...]) -> list[str]:
    return [v for v in values if v not in old]
