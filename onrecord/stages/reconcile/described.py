"""How a report describes a source: every designation that it gives the same person or body, not the latest alone.

'Senior official T Radha told the agency ... Mr Radha said': the second is an official too.
"""

from __future__ import annotations

import re
from functools import cache

from onrecord import lexicon
from onrecord.model import Entity
from onrecord.stages.reconcile.view import Report, Source, Story
from onrecord.text import WORD, plain, words

# Name mentions of a person that are looked at for words before the name; the first ones introduce it.
_FIRST = 4
_BEFORE = 60
_BREAK = re.compile(r"[.,;:!?()\"“”\n–—]+(?:\s|$)|[\"“”(\n–—]")
_APPOSED = re.compile(r"[a-z](, ?)$")


def spans(source: Source, report: Report, story: Story) -> list[tuple[int, int]]:
    """The characters that name or describe the source anywhere in its report, its own first."""
    out = list(source.named)
    entities, called = report.akin
    alike = {*entities.get(source.entity or "", ()), *called.get((source.label or "").rpartition(" ")[2], ())}
    for n in sorted(alike):
        other = report.sources[n]
        if other is not source and _same(source, other):
            out += [s for s in other.named if s not in out]
    entity = story.entities.get(source.entity or "")
    if entity is not None and entity.kind == "person" and entity.name[:1].isupper():
        for start, end in story.by_name.get((report.id, entity.id), ())[:_FIRST]:
            first = report.found.get(("introduced", start))
            if first is None:
                first = report.found["introduced", start] = _introduced(report.text, start)
            if first < start:
                out.append((first, end))
    return out


def _same(source: Source, other: Source) -> bool:
    if source.entity is not None and source.entity == other.entity:
        return True
    if source.type != "named" or not source.label or not other.label:
        return False
    # 'Radha' is the 'T Radha' of before, though no name was linked.
    ours, theirs = source.label.split(), other.label.split()
    return ours[-1:] == theirs[-1:] and bool(ours) and ours[-1][:1].isupper() and min(len(ours), len(theirs)) == 1


@cache
def _role_words() -> frozenset[str]:
    out = {w for row in lexicon.rows("roles.tsv") for w in row["term"].lower().split()}
    return frozenset(out | {"chief", "senior", "deputy", "acting", "former", "state", "local"})


def _introduced(text: str, start: int) -> int:
    """Where the titles and names right before a name begin: 'senior official T Radha' at 'senior'."""
    low = max(0, start - _BEFORE)
    before = text[low:start]
    apposed = _APPOSED.search(before)
    if apposed:
        # 'Its editor, Ann Lee': the comma sets the office off.
        before = before[: apposed.start(1)] + " " * (len(before) - apposed.start(1))
    cut = max((m.end() for m in _BREAK.finditer(before)), default=0)
    first = start
    for m in reversed(list(WORD.finditer(before, cut))):
        word = m.group()
        if before[m.end() : first - low].strip(" '’s-"):
            break
        if first == start and apposed and plain(word) not in _role_words():
            break
        if not (word[0].isupper() or plain(word).removesuffix("'s") in _role_words()):
            break
        first = low + m.start()
    return first


def text_of(source: Source, report: Report, story: Story) -> str:
    """The words of all designations, plain and lower case."""
    return plain(" / ".join(" ".join(report.text[s:e].split()) for s, e in spans(source, report, story)))


def owner(
    source: Source,
    report: Report,
    story: Story,
    kinds: tuple[str, ...] = ("organisation", "group", "country", "person"),
) -> Entity | None:
    """Whom a source is named with: the ministry of a spokesman, the paper of an editor."""
    for start, end in spans(source, report, story):
        for _, _, entity_id in story.named_in(source.report, start, end):
            entity = story.entities.get(entity_id)
            if entity and entity_id != source.entity and entity.kind in kinds:
                return entity
    return None


def bare(named: str) -> bool:
    """True for 'the government', 'the ministry': whose, the words themselves do not say."""
    return not any(w[:1].isupper() for w in named.split()[1:]) and next((w for w, _, _ in words(named)), "the") in (
        "the",
        "a",
        "an",
        "its",
        "their",
        "his",
        "her",
    )
