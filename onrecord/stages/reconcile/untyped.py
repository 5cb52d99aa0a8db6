"""Happenings that several reports tell and that coding has no type for: a loan repaid, a town emptied, a launch.

Sentences of two reports state one thing when both state it with one word and much of what stands around that word is
the same. Such a happening is recorded, as OTHER, where it is what the story is about (its word stands in a title or in
the first sentences of two reports) or where the two sentences give it one number. Its mentions have what their own
words give, and the parties that stand right beside the word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from onrecord.stages.reconcile.echo import Sentence, sentences, words_for
from onrecord.stages.reconcile.echoed import stated_at, untyped_mention
from onrecord.stages.reconcile.groups import Groups
from onrecord.stages.reconcile.judge import light
from onrecord.stages.reconcile.mentions import carriers, presupposed
from onrecord.stages.reconcile.view import Mention, Report, Story
from onrecord.stages.reconcile.words import Weights, function_words, number, root, settings
from onrecord.text import words

# Words on either side of the one that states it.
_AROUND = 14
# Of ECB+ pairs with one verb and this likeness around it 85 of 100 are one event; with a word of a family, which says
# less, it takes more.
_ALIKE = 0.5
_FAMILY_ALIKE = 0.65
_COUNTED_ALIKE = 0.35
_SHARED = 3
# The same where both titles have the word: it is what both reports are about.
_HEADLINED_ALIKE = 0.35
_DETERMINERS = frozenset(
    (
        "a",
        "an",
        "the",
        "this",
        "these",
        "those",
        "his",
        "her",
        "its",
        "their",
        "our",
        "my",
        "no",
        "any",
        "some",
        "every",
        "of",
    )
)
# A word of more sentences than this is no happening of its own.
_COMMON = 60
_MOST = 12


@dataclass(frozen=True, slots=True)
class _Spot:
    """A word that may state something, in its sentence, with what stands around it."""

    sentence: Sentence
    word: str
    stems: frozenset[str]
    numbers: frozenset[float]
    verb: bool


def untyped(story: Story, groups: list[list[int]]) -> list[list[int]]:
    """The groups and those of happenings without a type; `story.mentions` and `story.found` grow by their mentions."""
    if len(story.reports) < 2:
        return groups
    event_of = {i: n for n, group in enumerate(groups) for i in group}
    taken: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
    for i, m in enumerate(story.mentions):
        taken[m.report, m.sentence].append((*m.anchor, event_of.get(i, -1)))
    stating = [words_for(story.mentions[i] for i in group) for group in groups]
    told = [s for r in story.reports.values() for s in sentences(r) if not s.aside]
    weights = Weights(s.stems for s in told)
    spots: dict[str, list[_Spot]] = defaultdict(list)
    for s in told:
        for spot in _spots(s, story, {(a, b) for a, b, _ in taken[s.spot]}):
            spots[spot.word].append(spot)
    found: list[tuple[float, list[_Spot]]] = []
    for word in sorted(spots):
        if 1 < len(spots[word]) <= _COMMON and len({s.sentence.report for s in spots[word]}) > 1:
            found += _clusters(word, spots[word], weights, story)
    out = list(groups)
    used: set[tuple[str, int]] = set()
    for _, cluster in sorted(found, key=lambda f: (-f[0], f[1][0].word))[:_MOST]:
        if _told_already(cluster, taken, stating):
            continue
        made: dict[tuple[str, int], Mention] = {}
        for one in cluster:
            where = one.sentence
            mention = untyped_mention((where.report, where.start, where.end), one.word, story)
            if mention is not None and where.spot not in used:
                made.setdefault(where.spot, mention)
        if len({report for report, _ in made}) > 1:
            used.update(made)
            out.append([story.add(m) for m in made.values()])
    return out


def _told_already(
    cluster: list[_Spot], taken: dict[tuple[str, int], list[tuple[int, int, int]]], stating: list[frozenset[str]]
) -> bool:
    """True when sentences of two reports tell one coded event, and the word states that or, as a noun, speaks of it."""
    noun = not any(s.verb for s in cluster)
    reports: dict[int, set[str]] = defaultdict(set)
    for s in cluster:
        for _, _, event in taken[s.sentence.spot]:
            reports[event].add(s.sentence.report)
    return any(e >= 0 and len(r) > 1 and (noun or cluster[0].word in stating[e]) for e, r in reports.items())


def _spots(s: Sentence, story: Story, anchors: set[tuple[int, int]]) -> Iterator[_Spot]:
    """The words of a sentence that may state something which coding passed over."""
    text = story.reports[s.report].text[s.start : s.end]
    run = words(text)
    stems: list[str | None] = []
    values: list[float | None] = []
    for n, (word, start, end) in enumerate(run):
        own, past = _may_state(word)
        if not own:
            continue
        # 'An undisclosed sum' states nothing, nor does 'a one-sided fight'.
        described = (n > 0 and run[n - 1][0] in _DETERMINERS) or "-" in word
        verb = past and text[start].islower() and not described
        if not verb and (not own.startswith("~") or presupposed(text, start)):
            continue
        if any(a < s.start + end and s.start + start < b for a, b in anchors):
            continue
        if _quoted(story.reports[s.report], s.start + start, s.start + end):
            continue  # who is quoted may tell what happened, but whether a report does is not seen
        around = slice(max(0, n - _AROUND), n + _AROUND + 1)
        if not stems:
            values = [number(w) for w, _, _ in run]
            told = zip(run, values, strict=True)
            stems = [None if v is not None or len(w) < 2 or w in function_words() else root(w) for (w, _, _), v in told]
        yield _Spot(
            s,
            own,
            frozenset(r for r in stems[around] if r is not None),
            frozenset(v for v in values[around] if v is not None and v > 2),
            verb,
        )


def _quoted(report: Report, start: int, end: int) -> bool:
    """True for a word inside the quotation marks of somebody's words."""
    return any(a <= start and end <= b for a, b in report.spoken)


@cache
def _saying() -> frozenset[str]:
    """Words that cite or place what another word states."""
    return frozenset(str(settings()["stating_nothing"]).split())


@cache
def _may_state(word: str) -> tuple[str, bool]:
    """The stem of a word that may state something, '' of any other, and whether it says that something was done."""
    own, past = root(word), _past(word)
    nothing = word in function_words() or own in light() or own in carriers() or word in _saying()
    return ("" if nothing or not (past or own.startswith("~")) else own), past


def _past(word: str) -> bool:
    """True for a form that says that something was done: 'repaid', 'relocated'."""
    return (len(word) > 4 and word.endswith("ed")) or word in _irregular()


@cache
def _irregular() -> frozenset[str]:
    return frozenset(str(settings()["irregular_pasts"]).split())


def _clusters(word: str, spots: list[_Spot], weights: Weights, story: Story) -> Iterator[tuple[float, list[_Spot]]]:
    """(how alike, spots) of what is stated with one word in two reports and more."""
    spots = [s for s in spots if stated_at(_text(s, story), word) is not None]
    headed = sum(word in story.reports[r].headline for r in {s.sentence.report for s in spots}) > 1
    about = headed or _is_about(word, spots, story)
    groups = Groups(len(spots))
    best: dict[int, float] = defaultdict(float)
    for i, j in combinations(range(len(spots)), 2):
        a, b = spots[i], spots[j]
        counted = bool(a.numbers & b.numbers)
        if a.sentence.report == b.sentence.report or not (about or counted):
            continue
        shared = (a.stems & b.stems) - {word}
        alike = weights.likeness(a.stems, b.stems)
        least = _COUNTED_ALIKE if counted else _FAMILY_ALIKE if word.startswith("~") else _ALIKE
        if all(word in story.reports[s.sentence.report].headline for s in (a, b)):
            least = _HEADLINED_ALIKE
        if len(shared) >= _SHARED - counted and alike >= least:
            groups.unite(i, j)
            best[i] = max(best[i], alike + counted)
    for group in groups.lists():
        # A noun alone may only speak of it: 'negotiations', 'the deaths'.
        stated = headed or any(spots[i].verb for i in group)
        if stated and len({spots[i].sentence.report for i in group}) > 1:
            yield max(best[i] for i in group), [spots[i] for i in group]


def _text(spot: _Spot, story: Story) -> str:
    return story.reports[spot.sentence.report].text[spot.sentence.start : spot.sentence.end]


def _is_about(word: str, spots: list[_Spot], story: Story) -> bool:
    """True when a title has the word, or the first sentences of two reports."""
    reports = {s.sentence.report for s in spots}
    return any(word in story.reports[r].headline for r in reports) or (
        len({s.sentence.report for s in spots if s.sentence.lead}) > 1
    )
