"""The peer of the event coder: the lexicon's own example sentences as labelled vectors, the closest one's label."""

from __future__ import annotations

from typing import Any

from bench.harness import parser
from onrecord import schema
from onrecord.model import Document, EventMention, Span
from onrecord.stages import annotate, code


class Nearest:
    """The event type of the lexicon's example whose mean word vector is closest (cosine) to a text's.

    Counter-examples of the lexicon, which state no event, stand for 'none', where a caller asks for that.
    """

    def __init__(self, ontology: code.Ontology) -> None:
        self.nlp = annotate.load(parser())
        self.ontology = ontology
        modes = {p.text: p for table in (ontology.verbs, ontology.nouns) for ps in table.values() for p in ps}
        rows: list[tuple[str, str | None, str | None, str | None]] = []
        for _, pattern, kind, example, counter in ontology.examples:
            if example and kind in schema.EVENT_TYPES:
                rows.append((example, kind, modes[pattern].mode, modes[pattern].cameo))
            if counter:
                rows.append((counter, None, None, None))
        self.rows = rows
        self.vectors = self._vectors([r[0] for r in rows])

    def _vectors(self, texts: list[str]) -> Any:
        import numpy as np

        v = np.array([self.nlp.make_doc(t).vector for t in texts])
        return v / (np.linalg.norm(v, axis=1, keepdims=True) + 1e-9)

    def _row(self, text: str, none: bool) -> tuple[str, str | None, str | None, str | None]:
        scores = (self.vectors @ self._vectors([text])[0]).tolist()
        which = [n for n, row in enumerate(self.rows) if none or row[1] is not None]
        return self.rows[max(which, key=lambda n: scores[n])]

    def label(self, text: str) -> str:
        """The type of the nearest example."""
        return str(self._row(text, False)[1])

    def types(self, text: str) -> set[str]:
        """The type of the nearest example, or nothing when that is a counter-example."""
        kind = self._row(text, True)[1]
        return {kind} if kind else set()

    def roots(self, text: str) -> set[str]:
        """The CAMEO root of the nearest example, or nothing."""
        _, kind, mode, cameo = self._row(text, True)
        known = self.ontology.types[kind].cameo if kind else {}
        found = cameo or known.get(mode or "", known.get(""))
        return {found[:2]} if found else set()

    def mentions(self, doc: Document, spans: list[Span] | None = None) -> list[EventMention]:
        """One mention for each span (the whole text when none is given) whose nearest example states an event.

        The whole span stands for the clause and for the actors, so that whoever is named there may have acted.
        """
        out = []
        for span in [Span(0, len(doc.text))] if spans is None else spans:
            _, kind, mode, cameo = self._row(doc.quote(span), True)
            anchor = Span(span.start, span.start + 1)
            if kind:
                out.append(
                    EventMention("em_peer", span, anchor, kind, "actual", mode, cameo=cameo, actor_spans=(span,))
                )
        return out
