"""The pattern language of the lexicon, and whether a pattern holds at a token.

A pattern is one line: `anchor[/anchor...]` and then conditions, all of which must hold.

- `word`: the anchor has a dependent with this text (a particle or preposition): `carry out`, `call on`.
- `slot:values`: one of the anchor's arguments in that slot has one of these lemmas. Slots: `obj`, `subj`, `i` (the
  indirect object), `comp` (a governed verb), `inf` (a governed infinitive), `that` (a clause), `must` (a clause with
  'must'), `shall` (a clause about what is to be), `oprd` (what the object is called), `mod` (a modifier of a noun
  anchor, or of a verb's object), `any` (anything below the anchor) or a preposition; `a/b` looks in both. Values:
  lemmas joined by `/`, `@class` for a word class of classes.tsv, `*` for anything at all, and in capitals what the
  parser takes a name for (`PERSON`, `NORP`, `ORG`, `GPE`).
- `!slot:values`: none has.

A modifier counts as well as its noun ('a missile strike' has `missile`), but not where the values may be persons: 'a
government report' is no actor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onrecord.errors import UsageError
from onrecord.model import Document
from onrecord.stages.code import grammar


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: `slot` ('' for a bare word), the accepted lemmas (None: anything), and whether it must fail."""

    slot: str
    values: frozenset[str] | None
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the lexicon for one anchor lemma.

    `weight` orders rival patterns: more conditions win, and of equals the one that states no event.
    """

    anchor: str
    text: str
    conditions: tuple[Condition, ...]
    type: str
    mode: str | None
    frame: str
    cameo: str | None
    weight: int


def parse_pattern(text: str, classes: Mapping[str, frozenset[str]], where: str) -> tuple[list[str], list[Condition]]:
    """Anchors and conditions of a pattern's text; raises `UsageError`, naming `where`, when it can't be read."""
    parts = text.split()
    if not parts or ":" in parts[0] or not all(anchor[:1].isalnum() for anchor in parts[0].split("/")):
        raise UsageError(f"{where}: a pattern begins with its anchor word, not {text!r}")
    conditions = []
    for part in parts[1:]:
        negative = part.startswith("!")
        slot, colon, values = part.removeprefix("!").partition(":")
        if not colon:
            conditions.append(Condition("", frozenset(slot.split("/")), negative))
            continue
        lemmas: set[str] = set()
        anything = False
        for value in values.split("/"):
            if value == "*":
                anything = True
            elif value.startswith("@"):
                if value[1:] not in classes:
                    raise UsageError(f"{where}: no word class {value!r} in classes.tsv")
                lemmas |= classes[value[1:]]
            elif value:
                lemmas.add(value)
        conditions.append(Condition(slot, None if anything else frozenset(lemmas), negative))
    return parts[0].split("/"), conditions


def holds(doc: Document, at: int, pattern: Pattern) -> list[int] | None:
    """The argument tokens that met the pattern's conditions, or None when it does not hold at this token."""
    used: list[int] = []
    for condition in pattern.conditions:
        found = _meets(doc, at, condition)
        if bool(found) == condition.negative:
            return None
        if condition.slot and not condition.negative and condition.values is not None:
            used.extend(found)
    return used


def _meets(doc: Document, at: int, condition: Condition) -> list[int]:
    values = condition.values
    if not condition.slot:
        assert values is not None
        found = [
            c
            for c in doc.children[at]
            if doc.lower[c] in values
            and (c > at or doc.deps[at] == "relcl")
            and doc.deps[c] not in ("aux", "mark")
            and not _only_dates(doc, c)
        ]
        after = at + 1
        if not found and after < len(doc) and doc.lower[after] in values and doc.deps[after] == "quantmod":
            # 'handed over 21 men', parsed as 'over 21'
            found += [after] if doc.sentence_of[after] == doc.sentence_of[at] else []
        return found
    out = []
    heads = [h for name in condition.slot.split("/") for h in grammar.slot(doc, at, name)]
    for head in heads:
        dated = doc.ents[head].endswith(("DATE", "TIME")) and condition.slot not in ("comp", "subj")
        if dated and (values is None or doc.lemmas[head].lower() not in values):
            continue
        if values is None:
            out.append(head)
            continue
        if doc.ents[head][2:] in values:
            out.append(head)
            continue
        for word in grammar.content_words(doc, head, "PERSON" not in values):
            if doc.lemmas[word].lower() in values or doc.lower[word] in values or _plural_name(doc, word) in values:
                out.append(word)
                break
    return out


def _plural_name(doc: Document, at: int) -> str:
    """The singular of a capitalised plural, which the lemmatiser leaves as it is: 'Republicans'."""
    return doc.lower[at].removesuffix("s") if doc.tags[at] == "NNPS" else ""


def _only_dates(doc: Document, preposition: int) -> bool:
    objects = [c for c in doc.children[preposition] if doc.deps[c] == "pobj"]
    return bool(objects) and all(doc.ents[o].endswith(("DATE", "TIME")) for o in objects)
