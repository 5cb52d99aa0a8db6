"""'The North', 'the reclusive state', 'the alliance': a country or alliance that the report has named."""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Span
from onrecord.stages.resolve.cast import Cast, Draft

_NAMED = {"NAT": "NATO"}


def add(cast: Cast) -> None:
    """'the North', 'the reclusive state', 'the alliance': of those that a phrase may mean, the one named last."""
    low = cast.doc.text.lower()
    if len(low) != len(cast.doc.text):
        return
    taken = sorted(s for d in cast.drafts.values() for s, form, _ in d.spans if form == "nominal")
    for phrase, codes in cast.lexicon.epithets.items():
        at = low.find(phrase)
        while at >= 0:
            span = Span(at, at + len(phrase))
            at = low.find(phrase, at + 1)
            near = bisect_left(taken, span)
            if cast.doc.whole(span) != span or any(span.overlaps(s) for s in taken[max(0, near - 2) : near + 2]):
                continue
            _epithet(cast, span, phrase, codes)


def _epithet(cast: Cast, span: Span, phrase: str, codes: list[str]) -> None:
    tokens = cast.doc.tokens_in(span)
    if not tokens:
        return
    head = tokens.stop - 1
    written = cast.doc.text[span.start : span.end]
    if phrase in ("the north", "the south") and not (
        written[4].isupper() and cast.doc.deps[head] in ("nsubj", "nsubjpass", "poss", "dobj", "pobj", "conj")
    ):
        return
    if cast.doc.deps[head] in ("compound", "amod", "nmod"):
        return
    found: tuple[int, Draft] | None = None
    for code in codes:
        draft = cast.drafts.get(f"{_kind(code)}|country:{code}") or _alliance(cast, code)
        before = [s.start for s, form, _ in draft.spans if s.start < span.start and form == "name"] if draft else []
        if draft is not None and before and (found is None or max(before) > found[0]):
            found = max(before), draft
    if found is None and phrase == "the south" and any(p in low_before(cast, span) for p in _NORTHS):
        land = cast.country("KOR")
        found = (0, land) if land is not None else None
    if found is not None:
        found[1].mention(span, "nominal", head)
        _no_name(cast, span, head)


_NORTHS = ("north korea", "pyongyang", "the north ", "the north's")


def low_before(cast: Cast, span: Span) -> str:
    """The text before a stretch in lower case, its last 5,000 characters."""
    return cast.doc.text[max(0, span.start - 5_000) : span.start].lower()


def _no_name(cast: Cast, span: Span, head: int) -> None:
    """'Islamic Republic' of 'the Islamic Republic', that the parser took for a place, is no name beside it."""
    name, other = cast.at_token.get(head, (None, None))
    if name is not None and other is not None and other.entry is None and span.covers(name.span):
        other.spans = [s for s in other.spans if s[0] != name.span]


def _alliance(cast: Cast, code: str) -> Draft | None:
    return next(
        (
            d
            for d in cast.drafts.values()
            if d.entry is not None and d.kind == "organisation" and d.entry.name == _NAMED.get(code, code)
        ),
        None,
    )


def _kind(code: str) -> str:
    return "organisation" if code == "EUR" else "country"
