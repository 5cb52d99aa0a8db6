"""Sentences that tell an event in words that coding knows nothing of, found by their likeness to a coded mention.

'The death toll has risen to 25' tells what another report puts as 'the flood has killed 25'. A report of the story that
has no mention of an event is searched for a sentence with the event's own word (or one of its family), enough of the
rest of the clause, and a name or number of it; where the titles show that the event is what the story is about, its
word in the report's first sentences is nearly enough. Such a mention has low confidence and only what its own words
give.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from onrecord.stages.reconcile.echoed import mention_in
from onrecord.stages.reconcile.judge import light
from onrecord.stages.reconcile.view import HARM, SUFFERED, Mention, Report, Story
from onrecord.stages.reconcile.words import content, names

# Chosen by reading: below it, sentences of the same story on something else come in.
_ALIKE = 0.42
_SHARED = 3
# The same for the first sentences of a report whose title has the event's word, as that of another report has.
_ALIKE_IN_LEAD = 0.2
_SHARED_IN_TITLES = 2
_LONGEST = 600
_CANDIDATES = 12
_COMMON = 400
# Clauses of an event that sentences are compared with: the fullest ones.
_FULLEST = 4
# Sentences that a report which has the event already may tell it with again.
_AGAIN = 3
# What was found may be echoed in its turn: 'the toll has risen to 25' takes up a 25 that coding passed over.
_ROUNDS = 2
# Words for the occasion of a deed, which state deeds of these types only.
_OCCASIONS = frozenset({"~meet", "~visit", "~vote"})
_MEETING = frozenset({"CONSULT", "AGREE", "REJECT", "SUPPORT"})
# Of two events that a sentence is nearly as like, it tells the one that more reports tell.
_BACKED = 0.05


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that states something: where it stands, and its words as they count in a comparison."""

    report: str
    number: int
    start: int
    end: int
    stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]
    lead: bool
    aside: bool

    @property
    def spot(self) -> tuple[str, int]:
        """The report, and the number of the sentence in it."""
        return self.report, self.number


def echoes(story: Story, groups: list[list[int]], after: int = 0) -> list[list[int]]:
    """The groups with the mentions that were found added; `story.mentions` and `story.found` grow by them.

    Only the groups from index `after` on are looked for.
    A sentence echoes one event by one word: of two that it is like, the one that it is most like.
    """
    if len(story.reports) < 2:
        return groups
    all_sentences = [s for r in story.reports.values() for s in sentences(r)]
    index: dict[str, list[int]] = defaultdict(list)
    for n, sentence in enumerate(all_sentences):
        for word in sentence.stems:
            index[word].append(n)
    coded: dict[tuple[str, int], set[str]] = defaultdict(set)
    for m in story.mentions:
        coded[m.report, m.sentence].add(m.anchor_stem)
    out = [list(group) for group in groups]
    told: dict[tuple[int, str], int] = defaultdict(int)
    have = {(g, story.mentions[i].report) for g, group in enumerate(groups) for i in group}
    fresh: Iterable[int] = range(after, len(out))
    for _ in range(_ROUNDS):
        proposed: list[tuple[float, int, int, str, Mention]] = []
        for g in fresh:
            mentions = [m for i in out[g] if (m := story.mentions[i]).kind == "real"]
            if any(m.headed or len(m.stems) >= _SHARED for m in mentions):
                found = _alike(mentions, all_sentences, index, story)
                backed = _BACKED * len({m.report for m in mentions})
                proposed += [(-alike - backed, g, n, word, m) for n, m, word, alike in found]
        grown = set()
        for _, g, n, word, m in sorted(proposed, key=lambda p: (p[:4], p[4].id)):
            s = all_sentences[n]
            # The headline and the caption of a report only repeat what its body tells.
            most = 2 if (g, s.report) not in have else 0 if s.aside else _AGAIN
            if told[g, s.report] >= most or word in coded[s.spot]:
                continue
            made = mention_in((s.report, s.start, s.end), m, word, story, [story.mentions[i] for i in out[g]])
            if made is not None:
                told[g, s.report] += 1
                coded[s.spot].add(word)
                out[g].append(story.add(made))
                grown.add(g)
        fresh = sorted(grown)
    return out


def sentences(report: Report) -> Sequence[Sentence]:
    """The sentences of a report that state things, in order; the endless ones and teasers in capitals left out."""
    if report.sentences is None:
        report.sentences = tuple(_sentences(report))
    return report.sentences


def _sentences(report: Report) -> Iterator[Sentence]:
    telling = sorted(report.telling)
    begins = [s for s, _, _ in telling]
    body = report.sentence(report.body_start)
    for n, start in enumerate(report.stops):
        end = report.stops[n + 1] if n + 1 < len(report.stops) else len(report.text)
        at = bisect_right(begins, start) - 1
        if (at < 0 or telling[at][1] <= start) and at + 1 < len(telling) and telling[at + 1][0] < end:
            # A dateline opens it.
            at, start = at + 1, telling[at + 1][0]
        text = report.text[start:end].rstrip()
        if not 20 <= len(text) <= _LONGEST or at < 0 or telling[at][1] <= start:
            continue
        if 2 * sum(map(str.isupper, text)) > len(text):
            continue
        stems, numbers = content(text)
        aside = telling[at][2] in ("caption", "headline")
        yield Sentence(report.id, n, start, start + len(text), stems, numbers, names(text), n <= body + 2, aside)


def words_for(mentions: Iterable[Mention]) -> frozenset[str]:
    """The words that state an event: those of its mentions, and for violence what it did to people."""
    out = frozenset(m.anchor_stem for m in mentions) - light()
    return out | HARM if out & HARM else out


def _alike(
    mentions: list[Mention], told: list[Sentence], index: dict[str, list[int]], story: Story
) -> Iterator[tuple[int, Mention, str, float]]:
    """(sentence, the mention that it is like, the word that states it, how much) in reports without the event."""
    own = {(m.report, m.sentence) for m in mentions}
    weight = story.weights
    main = any(m.headed for m in mentions)
    stating = words_for(mentions)
    for m in sorted(mentions, key=lambda m: (-len(m.stems), m.id))[:_FULLEST]:
        shared: dict[int, float] = defaultdict(float)
        for word in sorted(m.stems):
            if len(places := index[word]) <= _COMMON:
                telling = weight.of(word)
                for n in places:
                    shared[n] += telling
        others = (n for n in shared if told[n].spot not in own)
        for n in heapq.nsmallest(_CANDIDATES, others, key=lambda n: (-shared[n], n)):
            s = told[n]
            common = m.stems & s.stems
            said = _stated_by(m, common)
            toll = m.lead and m.anchor_stem in SUFFERED & common and m.numbers & s.numbers
            about = len(common) >= _SHARED and (m.names & s.names or m.numbers & s.numbers)
            if said and (about or toll):
                alike = weight.likeness(m.stems, s.stems)
                if alike >= _ALIKE or toll:
                    yield n, m, said, max(alike, _ALIKE)
    if main:
        yield from _in_leads([m for m in mentions if m.headed], stating, own, told, index, story)


def _stated_by(m: Mention, common: frozenset[str]) -> str | None:
    """The word by which a sentence with these words states what a mention does; 'set' of 'set ablaze' is none."""
    if m.anchor_stem in m.stems:
        return m.anchor_stem if m.anchor_stem in common else None
    occasions = frozenset() if m.type in _MEETING else _OCCASIONS
    return min((w for w in common - occasions if w.startswith("~")), default=None)


def _in_leads(
    mentions: list[Mention],
    stating: frozenset[str],
    own: set[tuple[str, int]],
    told: list[Sentence],
    index: dict[str, list[int]],
    story: Story,
) -> Iterator[tuple[int, Mention, str, float]]:
    """The same for first sentences of reports whose title too has a word of the event: titles help to compare."""
    for n in sorted({n for word in stating for n in index[word]}):
        s = told[n]
        title = story.reports[s.report].headline
        if not s.lead or s.spot in own or not title & stating:
            continue
        for m in mentions[:_FULLEST]:
            theirs = story.reports[m.report].headline
            alike = story.weights.likeness(m.stems | theirs, s.stems | title)
            if len(title & theirs) < _SHARED_IN_TITLES and alike < _ALIKE_IN_LEAD:
                continue
            word = min(s.stems & stating, key=lambda w: (w != m.anchor_stem, w not in title, w))
            yield n, m, word, alike
