"""Sentences that tell an event in words that coding knows nothing of, found by their likeness to a coded mention.

'The death toll has risen to 25' tells what another report puts as 'the flood has killed 25'. A report of the story that
has no mention of an event is searched for a sentence with the event's own word (or one of its family), enough of the
rest of the clause, and a name or number of it. Such a mention has low confidence and only what its own words give.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from onrecord.stages.reconcile.view import Mention, Report, Story, mention_of, ordinal
from onrecord.stages.reconcile.words import content, names, stem
from onrecord.text import WORD, fold, key, plain

# Chosen by reading: below it, sentences of the same story on something else come in.
_ALIKE = 0.42
_SHARED = 3
_LONGEST = 600
_CANDIDATES = 12
_COMMON = 400
_CONFIDENCE = 0.4
_UNREAL = re.compile(
    r"\b(?:not|never|no|nobody|neither|nor|without|deny|denies|denied|will|would|may|might|could|should|shall|if|unless"
    r"|plans?|planned|planning|threat\w*|warn\w*|hop\w+|fear\w*|avoid\w*|prevent\w*|alleged\w*|call\w* for"
    r"|demand\w*|ask\w*)\b"
    r"|n't\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    report: str
    start: int
    end: int
    stems: frozenset[str]
    numbers: frozenset[float]
    names: frozenset[str]


def echoes(story: Story, groups: list[list[int]]) -> list[list[int]]:
    """The groups with the mentions that were found added; `story.mentions` and `story.found` grow by them."""
    if len(story.reports) < 2:
        return groups
    sentences = [s for r in story.reports.values() for s in _sentences(r)]
    index: dict[str, list[int]] = defaultdict(list)
    for n, sentence in enumerate(sentences):
        for word in sentence.stems:
            index[word].append(n)
    coded: dict[tuple[str, int], set[str]] = defaultdict(set)
    for m in story.mentions:
        coded[m.report, story.reports[m.report].sentence(m.anchor[0])].add(m.anchor_stem)
    out = []
    for group in groups:
        mentions = [story.mentions[i] for i in group]
        added = []
        if all(m.kind == "real" for m in mentions) and any(len(m.stems) >= _SHARED for m in mentions):
            best: dict[str, tuple[float, int, Mention]] = {}
            for n, m, alike in _alike(mentions, sentences, index, story):
                s = sentences[n]
                if s.report not in best or alike > best[s.report][0]:
                    best[s.report] = (alike, n, m)
            for report in sorted(best):
                _, n, m = best[report]
                made = _mention(sentences[n], m, story, coded)
                if made is not None:
                    added.append(len(story.mentions))
                    story.mentions.append(made)
                    story.found.append(made.row)
        out.append(group + added)
    return out


def _sentences(report: Report) -> Iterable[_Sentence]:
    telling = sorted(report.telling)
    begins = [s for s, _ in telling]
    for n, start in enumerate(report.stops):
        end = report.stops[n + 1] if n + 1 < len(report.stops) else len(report.text)
        text = report.text[start:end].rstrip()
        at = bisect_right(begins, start) - 1
        if not 20 <= len(text) <= _LONGEST or at < 0 or telling[at][1] <= start:
            continue
        if 2 * sum(c.isupper() for c in text) > len(text):
            continue  # a teaser in capitals
        stems, numbers = content(text)
        yield _Sentence(report.id, start, start + len(text), stems, numbers, names(text))


def _alike(
    mentions: list[Mention], sentences: list[_Sentence], index: dict[str, list[int]], story: Story
) -> Iterable[tuple[int, Mention, float]]:
    """(sentence, the mention that it is like, how much) for sentences of reports without the event."""
    have = {m.report for m in mentions}
    weight = story.weights
    fullest = sorted(mentions, key=lambda m: (-len(m.stems), m.id))[:4]
    for m in fullest:
        shared: dict[int, float] = defaultdict(float)
        for word in sorted(m.stems):
            if len(index[word]) <= _COMMON:
                for n in index[word]:
                    shared[n] += weight.of(word)
        ranked = sorted((n for n in shared if sentences[n].report not in have), key=lambda n: (-shared[n], n))
        for n in ranked[:_CANDIDATES]:
            s = sentences[n]
            common = m.stems & s.stems
            if len(common) < _SHARED or m.anchor_stem not in common:
                continue
            if not (m.names & s.names or m.numbers & s.numbers):
                continue
            alike = weight.likeness(m.stems, s.stems)
            if alike >= _ALIKE:
                yield n, m, alike


def _mention(s: _Sentence, like: Mention, story: Story, coded: dict[tuple[str, int], set[str]]) -> Mention | None:
    """The row of a mention that stands in a sentence, or None when the sentence does not state it as a fact."""
    report = story.reports[s.report]
    text = report.text[s.start : s.end]
    anchor = next((m for m in WORD.finditer(fold(text)) if stem(plain(m.group().lower())) == like.anchor_stem), None)
    if anchor is None or like.anchor_stem in coded[s.report, report.sentence(s.start)]:
        return None
    if _UNREAL.search(text[max(0, anchor.start() - 60) : anchor.end() + 12]):
        return None
    spot = (s.start + anchor.start(), s.start + anchor.end())
    times = [t for t in report.times if s.start <= t["char_start"] and t["char_end"] <= s.end]
    time: dict[str, Any] | None = times[0] if len(times) == 1 and times[0]["type"] in ("DATE", "TIME") else None
    first, last = (ordinal(time["date_start"]), ordinal(time["date_end"])) if time else (None, None)
    if first is not None and last is not None and like.first is not None and like.last is not None:
        if like.certain and (first > like.last + 2 or like.first > last + 2):
            return None
    elif time is not None:
        time = None
    here = [(a, b, e) for a, b, e in story.named.get(s.report, []) if s.start <= a and b <= s.end]

    def named(ids: frozenset[str]) -> tuple[list[str], list[dict[str, int]]]:
        spans: dict[str, dict[str, int]] = {}
        for a, b, e in here:
            if e in ids:
                spans.setdefault(e, {"char_start": a, "char_end": b})
        return list(spans), list(spans.values())

    actors, actor_spans = named(like.actors)
    recipients, recipient_spans = named(like.recipients - set(actors))
    places, place_spans = named(frozenset({like.place}) if like.place else frozenset())
    covering = [c for c in report.sources if c.covers(*spot)]
    row = {
        **like.row,
        "mention_id": key(s.report, str(spot[0]), like.type, "echo", prefix="m_"),
        "event_id": None,
        "report_id": s.report,
        "char_start": s.start,
        "char_end": s.end,
        "anchor_start": spot[0],
        "anchor_end": spot[1],
        "modality": "actual",
        "actors": actors,
        "recipients": recipients,
        "actor_spans": actor_spans,
        "recipient_spans": recipient_spans,
        "date_start": time["date_start"] if time else None,
        "date_end": time["date_end"] if time else None,
        "date_basis": "sentence" if time else None,
        "date_span": {"char_start": time["char_start"], "char_end": time["char_end"]} if time else None,
        "place": places[0] if places else None,
        "place_span": place_spans[0] if places else None,
        "quantities": [],
        "attribution_id": min(covering, key=lambda c: (sum(e - b for b, e in c.content), c.id)).id
        if covering
        else None,
        "confidence": _CONFIDENCE,
    }
    return mention_of(row, report, story.entities)
