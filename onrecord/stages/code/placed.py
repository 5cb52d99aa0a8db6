"""What stages before coding found in a document, by its place: a long report is not gone through for each event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar
from weakref import ref

from onrecord.model import Attribution, Document, Mention, Span, Spans

T = TypeVar("T")


class _OfLast(Generic[T]):
    """What is made of one column of a document, kept for the document that was asked about last."""

    def __init__(self, column: str, make: Callable[[Document], Iterable[tuple[int, int, T]]]) -> None:
        self.column, self.make = column, make
        self.known: tuple[Callable[[], Document | None], object, Spans[T]] = (lambda: None, None, Spans())

    def __call__(self, doc: Document) -> Spans[T]:
        of, found, spans = self.known
        now = getattr(doc, self.column)
        if of() is not doc or found is not now:
            spans = Spans(self.make(doc))
            self.known = ref(doc), now, spans
        return spans


times = _OfLast[Span]("timexes", lambda doc: ((t.span.start, t.span.end, t.span) for t in doc.timexes))
"""The spans of a document's time expressions."""

contents = _OfLast[tuple[Span, Attribution]](
    "attributions", lambda doc: ((c.start, c.end, (c, a)) for a in doc.attributions for c in a.content)
)
"""What is said in a document, with the attribution."""

named = _OfLast[Mention]("mentions", lambda doc: ((m.span.start, m.span.end, m) for m in doc.mentions))
"""The mentions of a document's entities."""
