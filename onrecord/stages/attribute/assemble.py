"""One document's attributions: relations found, quotations placed, contents settled, chains and terms told."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date

from onrecord.model import Attribution, Document, Span, Timex
from onrecord.stages.attribute import (
    citing,
    colons,
    comments,
    cues,
    direct,
    followers,
    indirect,
    lostmarks,
    openings,
    quotes,
)
from onrecord.stages.attribute.quotes import Quotation
from onrecord.stages.attribute.relation import Relation, merged
from onrecord.stages.attribute.sources import Sources, speakers
from onrecord.stages.attribute.tree import Tree
from onrecord.text import key

READ = frozenset(("body", "standfirst", "headline", "subheading", "correction"))
CLAUSE_TAGS = frozenset(("WDT", "WP", "WRB", "VBG"))
FLIP = {"affirm": "deny", "deny": "affirm", "neutral": "neutral"}


def attribute(doc: Document) -> list[Attribution]:
    """The attributions of a document in text order; captions, teasers and boilerplate are not read.

    Uses `doc.mentions` and `doc.entities` for sources and `doc.timexes` for dates where they are there. An attribution
    inside another's content has that one as `parent`.
    """
    if not len(doc):
        return []
    tree = Tree(doc)
    lexicon = cues.load()
    read = [n for n, p in enumerate(doc.paragraphs) if p.kind in READ]
    if not read:
        return []
    by_paragraph = quotes.find(doc.text, [doc.paragraphs[n].span for n in read])
    spoken, turns = colons.find(tree, read)
    quotations = [(n, q) for n, found in zip(read, by_paragraph, strict=True) for q in found if n not in turns]
    lostmarks.close(tree, lexicon, quotations)
    relations = indirect.find(tree, lexicon) | spoken
    placer = direct.Placer(tree, lexicon, relations, quotations)
    placer.place()
    spans = [q for _, q in quotations]
    starts = [q.span.start for q in spans]
    ends = frozenset(q.span.end for q in spans)
    kept = []
    for i in sorted(relations):
        relation = relations[i]
        relation.sentence = doc.sentence_of[i]
        if doc.paragraphs[doc.sentences[relation.sentence].paragraph].kind not in READ:
            continue
        _settle(doc, relation, spans, starts)
        if placer.inside[i] >= 0 and not relation.quoted:
            _stay_inside(relation, spans[placer.inside[i]].inner)
        openings.cut(tree, relation)
        comments.cut(tree, relation, ends)
        if relation.content and _plausible(doc, relation, placer.inside):
            kept.append(relation)
    followers.cut(tree, kept)
    sources = {(r.sentence, i) for r in kept if r.source is not None for i in range(*r.source)}
    kept = [r for r in kept if r.quoted or not (_misnamed(doc, r) or _of_source(r, sources))]
    citing.quoted_as(tree, kept)
    kept = _nest(doc, kept, placer.inside)
    citing.chain(tree, kept)
    return _finish(tree, kept)


def _settle(doc: Document, relation: Relation, quotations: list[Quotation], starts: list[int]) -> None:
    """Join grammar's content and the quotations given; a quotation that content cuts is taken whole or left out."""
    pieces = list(relation.quoted)
    cue = doc.span(*relation.cue[0]) if relation.cue else relation.cue_span
    source = doc.span(*relation.source) if relation.source else None
    for span in relation.content:
        start, end = span.start, span.end
        for at in (start, end):
            n = bisect_right(starts, at) - 1
            if n < 0:
                continue
            q = quotations[n].span
            if (cue and q.covers(cue)) or (source and q.overlaps(source)) or not q.start <= at <= q.end:
                continue
            if min(end, q.end) > max(start, q.start) or at in (q.end, q.end - 1):
                start, end = min(start, q.start), max(end, q.end)
        pieces.append(_left_off(doc, Span(start, end), quotations, starts))
    relation.content = merged(pieces, " \u00a0,\t", doc.text)


def _stay_inside(relation: Relation, inner: Span) -> None:
    """What a quoted speaker reports ends with the quotation."""
    clipped = [Span(max(s.start, inner.start), min(s.end, inner.end)) for s in relation.content]
    relation.content = [s for s in clipped if s.end > s.start]


def _left_off(doc: Document, span: Span, quotations: list[Quotation], starts: list[int]) -> Span:
    """Content ends at a quotation's ',"' when a relative or participle clause follows: that is the reporter's again."""
    low, high = bisect_right(starts, span.start - 1), bisect_right(starts, span.end)
    for q in reversed(quotations[max(low, high - 8) : high]):
        if not q.closed or q.span.end >= span.end or q.inner.end <= q.inner.start or doc.text[q.inner.end - 1] != ",":
            continue
        i = bisect_left(doc.starts, q.span.end)
        if (
            i + 1 < len(doc)
            and doc.lower[i] != "including"
            and (doc.tags[i] in CLAUSE_TAGS or (doc.tags[i] == "IN" and doc.tags[i + 1] in CLAUSE_TAGS))
        ):
            return Span(span.start, q.span.end)
    return span


def _plausible(doc: Document, relation: Relation, inside: list[int]) -> bool:
    """Drops what no reader would call an attribution: cues inside quotations without a subject of their own."""
    if relation.quoted:
        return True
    if relation.rule == "only quoted":
        return False
    if relation.source is not None and _nobody(doc, relation):
        return False
    i = relation.head
    if inside[i] >= 0:
        subject = relation.source_head
        return (
            subject is not None
            and doc.pos[i] in ("VERB", "ADJ")
            and relation.own_subject
            and doc.lower[subject] not in ("i", "we", "you", "it", "who", "that", "which")
            and bool(relation.entry.frames & {"that"})
            and relation.rule == "complement"
        )
    return any(_worded(doc.text, s) for s in relation.content)


def _misnamed(doc: Document, relation: Relation) -> bool:
    """'The seizure led to …, referring to …': a subject of another verb that can name nothing."""
    inherited = None if relation.own_subject else relation.source_head
    return inherited is not None and relation.entry.kind == "name" and not _speaker(doc, inherited)


def _nobody(doc: Document, relation: Relation) -> bool:
    """'No group claimed responsibility': what nobody said is no attribution."""
    first, last = relation.source or (0, 0)
    word = doc.lower[first]
    return word in ("nobody", "none", "neither") or (word == "no" and last - first > 1)


def _speaker(doc: Document, head: int) -> bool:
    """True unless the word is a common noun that names no speaker: 'the seizure led to …, referring to …'."""
    return doc.pos[head] != "NOUN" or doc.ents[head] != "O" or doc.lemmas[head].lower() in speakers()


def _worded(text: str, span: Span) -> bool:
    """True when two letters or digits stand among the first characters."""
    return sum(c.isalnum() for c in text[span.start : min(span.end, span.start + 40)]) >= 2


def _nest(doc: Document, relations: list[Relation], inside: list[int]) -> list[Relation]:
    """Parents: the smallest content that a cue lies in. What is nested without a source of its own is dropped."""
    spots: list[tuple[int, int, int]] = sorted((s.start, -s.end, n) for n, r in enumerate(relations) for s in r.content)
    starts = [s for s, _, _ in spots]
    out: list[Relation] = []
    for r in relations:
        at = _cue_start(doc, r)
        best, size = None, 1 << 60
        low = bisect_right(starts, at)
        for start, minus_end, n in reversed(spots[max(0, low - 24) : low]):
            other = relations[n]
            if other is not r and start <= at < -minus_end and -minus_end - start < size and not _within(r, other):
                best, size = other, -minus_end - start
        if r.rule == "citing":
            out.append(r)
            continue
        r.parent = best
        if best is not None and not r.own_subject and not r.quoted:
            continue
        if best is not None and r.rule == "unsaid":
            best.quoted.extend(r.quoted)
            continue
        out.append(r)
    alive = {id(r) for r in out}
    for r in out:
        while r.parent is not None and id(r.parent) not in alive:
            r.parent = r.parent.parent
    return _dedupe(doc, out)


def _of_source(relation: Relation, sources: set[tuple[int, int]]) -> bool:
    """'The aide, speaking unnamed to discuss plans, said': an infinitive inside a source tells of the source."""
    return relation.source is None and (relation.sentence, relation.head) in sources


def _within(outer: Relation, inner: Relation) -> bool:
    """True when `inner`'s cue lies in `outer`'s content: then `outer` cannot be told inside `inner`."""
    parent = inner.parent
    for _ in range(8):
        if parent is None:
            return False
        if parent is outer:
            return True
        parent = parent.parent
    return False


def _dedupe(doc: Document, relations: list[Relation]) -> list[Relation]:
    """Of two relations at one level with mostly the same content, the one with a quotation, else the verb, stays."""
    taken: dict[tuple[int, int], Relation] = {}
    dropped: set[int] = set()
    for r in relations:
        spot = (r.content[0].start, r.content[-1].end)
        other = taken.get(spot)
        if other is not None and other.parent is r.parent:
            loser = other if r.quoted and not other.quoted else r
            dropped.add(id(loser))
            if loser is r:
                continue
        taken[spot] = r
    for r in relations:
        while r.parent is not None and id(r.parent) in dropped:
            r.parent = r.parent.parent
    return [r for r in relations if id(r) not in dropped]


def _cue_start(doc: Document, r: Relation) -> int:
    return r.cue_span.start if r.cue_span is not None else doc.starts[r.head]


def _kind(doc: Document, relation: Relation) -> str:
    """direct: all of the content is quoted; mixed: some is; indirect: none."""
    if not relation.quoted and not any(_has_marks(doc.quote(s)) for s in relation.content):
        return "indirect"
    spans = relation.quoted or [s for s in relation.content if _marked(doc.quote(s))]
    quoted = sum(s.end - s.start for s in spans)
    total = sum(s.end - s.start for s in relation.content)
    return "direct" if quoted and quoted >= 0.95 * total else "mixed"


def _has_marks(text: str) -> bool:
    return any(c in text for c in '"“”„«»＂') or "''" in text or _marked(text)


def _marked(text: str) -> bool:
    """Between marks from end to end, single ones included, as headlines have them."""
    return len(text) > 2 and text[0] in "\"“„«‘'" and text[-1] in "\"”“»’'"


def _finish(tree: Tree, relations: list[Relation]) -> list[Attribution]:
    doc = tree.doc
    sources = Sources(tree)
    rows: list[tuple[Relation, Attribution]] = []
    ids: dict[int, str] = {}
    resolved = [sources.resolve(r) for r in relations]
    spans = []
    for r in relations:
        cue = tuple(doc.span(a, b) for a, b in r.cue) or ((r.cue_span,) if r.cue_span else ())
        source = (doc.span(*r.source),) if r.source is not None else ()
        spans.append((cue, source))
        offsets = ";".join(f"{s.start}-{s.end}" for s in (*source, *cue, *r.content))
        ids[id(r)] = key(doc.report_id, offsets, prefix="a_")
    timexes = sorted(doc.timexes, key=lambda t: t.span)
    for r, who, (cue, source) in zip(relations, resolved, spans, strict=True):
        start, end = _when(tree, r, timexes)
        polarity = FLIP[r.entry.polarity] if r.negated and r.entry.kind != "refuse" else r.entry.polarity
        rows.append(
            (
                r,
                Attribution(
                    id=ids[id(r)],
                    content=tuple(r.content),
                    cue=cue,
                    source=source,
                    kind=_kind(doc, r),
                    source_type=who.type,
                    source_entity=who.entity,
                    source_label=who.label,
                    source_country=who.country,
                    start=start,
                    end=end,
                    parent=ids[id(r.parent)] if r.parent is not None else None,
                    polarity=polarity,
                    certainty=r.entry.certainty,
                    anonymity_reason=who.reason,
                ),
            )
        )
    rows.sort(key=lambda row: (row[1].content[0].start, row[0].head))
    seen: set[str] = set()
    return [a for _, a in rows if not (a.id in seen or seen.add(a.id))]  # type: ignore[func-returns-value]


def _when(tree: Tree, relation: Relation, timexes: list[Timex]) -> tuple[date | None, date | None]:
    """The days of a time expression that modifies the cue."""
    doc = tree.doc
    if not timexes:
        return None, None
    i = relation.head
    for j in doc.children[i]:
        if doc.deps[j] in ("npadvmod", "prep", "advmod", "tmod"):
            span = doc.span(tree.left[j], tree.right[j] + 1)
            if any(s.overlaps(span) for s in relation.content):
                continue
            for t in timexes:
                if span.covers(t.span) and t.start is not None:
                    return t.start, t.end
    return None, None
