"""The days on which an event happened, and what that rests on."""

from __future__ import annotations

from datetime import date

from onrecord.model import Document, Span, Timex
from onrecord.stages.code import grammar
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.modality import own_word

When = tuple[date | None, date | None, str | None, Span | None]

_SPEECH = grammar.words(
    "say tell announce state report add note claim warn believe think know reveal disclose write tweet insist confirm "
    "maintain argue stress explain declare quote speak"
)


class Calendar:
    """The time expressions of one document by sentence, with the token that each hangs on."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.by_sentence: dict[int, list[tuple[Timex, int]]] = {}
        for timex in doc.timexes:
            if timex.start is None or timex.end is None or timex.type == "SET":
                continue
            inside = doc.tokens_in(timex.span)
            if not inside:
                continue
            top = next((t for t in inside if doc.heads[t] not in inside), inside[0])
            self.by_sentence.setdefault(doc.sentence_of[top], []).append((timex, top))

    def when(self, c: Candidate, modality: str) -> When:
        """(first day, last day, basis, evidence) of a candidate; four times None when nothing says."""
        doc = self.doc
        here = self.by_sentence.get(doc.sentence_of[c.anchor], [])
        verb = grammar.clause_verb(doc, c.top) if c.verbal or c.light is not None else None
        attached: list[tuple[int, int, Timex]] = []
        for timex, top in here:
            rank = self._attached(c, verb, top)
            if rank is not None:
                attached.append((rank, abs(top - c.anchor), timex))
        if attached:
            _, _, timex = min(attached, key=lambda t: (t[0], t[1], t[2].span))
            first = doc.tokens_in(timex.span)[0]
            if first > 0 and doc.lower[first - 1] == "since":
                return timex.start, doc.published, "clause", timex.span
            return timex.start, timex.end, "clause", timex.span
        above = self._above(c, here, verb) if verb is not None or self._argument(c) else None
        if above is not None and modality not in ("planned", "hypothetical", "threatened"):
            return above.start, above.end, "sentence", above.span
        return None, None, None, None

    def _attached(self, c: Candidate, verb: int | None, top: int) -> int | None:
        """0: hangs on the anchor itself, 1: on its clause verb or an argument of it, None: elsewhere."""
        doc = self.doc
        here = top
        if self._of_another(c, top):
            return None
        for _ in range(6):
            if here == c.anchor:
                return 0
            if verb is not None and here == verb:
                return 1
            if doc.heads[here] == here:
                return None
            if here != top and doc.pos[here] in ("VERB", "AUX"):
                if doc.deps[here] in ("xcomp", "conj") or (
                    doc.lemmas[here] in ("be", "have") and doc.deps[here] == "aux"
                ):
                    here = doc.heads[here]
                    continue
                return None
            here = doc.heads[here]
        return None

    def _of_another(self, c: Candidate, top: int) -> bool:
        """True for the time of another thing in the clause: 'interference in the 2016 election'."""
        doc = self.doc
        noun = doc.heads[top]
        if doc.deps[top] not in ("nummod", "compound", "amod", "nmod") or doc.pos[noun] not in ("NOUN", "PROPN"):
            return False
        return noun != c.anchor and doc.heads[noun] != noun and doc.deps[noun] != "npadvmod"

    def _argument(self, c: Candidate) -> bool:
        """True for a noun that is an argument of its verb, and so of the verb's time: not 'in response to the raid'."""
        doc = self.doc
        here = grammar.first_conjunct(doc, c.anchor)
        for _ in range(4):
            up, dep = doc.heads[here], doc.deps[here]
            if dep in ("nsubj", "nsubjpass", "dobj", "attr", "ROOT"):
                return True
            if dep != "pobj":
                return False
            if doc.pos[doc.heads[up]] in ("VERB", "AUX"):
                return doc.lower[up] in ("in", "with", "to", "into", "from", "on", "of", "at", "by")
            if doc.lower[up] != "of":
                return False
            here = grammar.first_conjunct(doc, doc.heads[up])
        return False

    def _above(self, c: Candidate, here: list[tuple[Timex, int]], verb: int | None) -> Timex | None:
        """A time that hangs on a verb above the anchor (a conjunct's, a matrix verb's), but one of speech."""
        doc = self.doc
        start = verb if verb is not None else grammar.clause_verb(doc, c.anchor)
        above = [start]
        for up in doc.ancestors(start):
            if doc.pos[up] in ("VERB", "AUX"):
                above.append(up)
            if len(above) > 5:
                break
        for v in above:
            if doc.lemmas[v].lower() in _SPEECH and v != start:
                return self._fronted(c, here, v)
            for timex, top in here:
                if self._of_another(c, top):
                    continue
                if grammar.clause_verb(doc, doc.heads[top]) == v and grammar.clause_verb(doc, top) == v:
                    return timex
        return None

    def _fronted(self, c: Candidate, here: list[tuple[Timex, int]], verb: int) -> Timex | None:
        """'On 4 May the army said it had fired': a time before the speaker counts when the speaker tells of itself."""
        doc = self.doc
        speakers = grammar.subjects(doc, verb)
        if not speakers or not own_word(doc, c) or doc.heads[grammar.clause_verb(doc, c.top)] != verb:
            return None
        for timex, top in here:
            if top < speakers[0] and grammar.clause_verb(doc, doc.heads[top]) == verb:
                return timex
        return None
