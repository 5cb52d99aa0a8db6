"""What stands before a quotation: 'she said, "…', 'he wrote: "…', a colon in the paragraph above."""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Span
from onrecord.stages.attribute.behind import DASHES, Behind
from onrecord.stages.attribute.building import name_source
from onrecord.stages.attribute.ground import REACH, STOPS
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.sources import speakers
from onrecord.stages.attribute.tree import trimmed_span
from onrecord.stages.attribute.words import FINITE, NOT_SPEECH, PAUSES


class Before(Behind):
    """Rules that look before a quotation."""

    def _before(self, n: int, left: range, right: range) -> Relation | None:
        """'She said, "…', 'he wrote: "…', 'told reporters "…', 'adding that "…'."""
        doc = self.doc
        if not left:
            return None
        end = left[-1]
        mark = doc.words[end]
        colon, comma = mark == ":", mark == ","
        quotation = self.quotations[n][1]
        full = self._full(quotation)
        finite_seen = 0
        for i in reversed(left):
            if i in self.relations and doc.lower[i] == "according":
                return None
            if doc.pos[i] not in ("VERB", "AUX"):
                continue
            if doc.deps[i] in ("aux", "auxpass"):
                continue
            entry = self._entry(i)
            if entry is not None and not finite_seen:
                known = self.relations.get(i)
                if comma or colon or i == end:
                    known_words = known is not None and any(
                        s.start < quotation.span.start < s.end + 2 and self._words_between(i, left, s)
                        for s in known.content
                    )
                    goes_on = known is not None and any(s.end > quotation.span.end + 2 for s in known.content)
                    if known is not None and known_words and (goes_on or not ("speech" in entry.frames and full)):
                        return known
                    if i == end or colon or full or "speech" in entry.frames:
                        relation = self._relation(i, keep="speech" not in entry.frames and known is not None)
                        if comma and not full:
                            self._take_opening(relation, left)
                        self._take_right(n, relation, right)
                        return relation
                    return None
                if full and "speech" in entry.frames and self._only_addressee(i, left):
                    return self._relation(i)
                return None
            if entry is not None and colon:
                return self._relation(i)
            if doc.tags[i] in FINITE or doc.tags[i] == "VBG" or self._with_auxiliary(i):
                finite_seen += 1
                if comma and full and self._speaks(i, end):
                    return self._relation(i)
                if not colon:
                    return None
                if finite_seen > 3:
                    break
        if colon and full:
            return self._colon(left)
        return None

    def _take_opening(self, relation: Relation, left: range) -> None:
        """'If the rules stand, she said, "no ship will sail"': the sentence was begun in the reporter's words."""
        doc = self.doc
        if relation.source is None or relation.source[0] > relation.head:
            return
        first = max(relation.source[0], left[0])
        start = left[0]
        while start < first and doc.pos[start] in ("PUNCT", "CCONJ"):
            start += 1
        if first - start > 1 and doc.words[first - 1] in PAUSES and not self.inside_before(left):
            relation.content.append(trimmed_span(self.tree, doc.span(start, first - 1)))

    def _speaks(self, i: int, comma: int) -> bool:
        """A verb with a subject and nothing but a particle between it and the comma: 'she shot back, "…'."""
        doc = self.doc
        return (
            doc.tags[i] in FINITE
            and doc.lemmas[i] not in NOT_SPEECH - {"go"}
            and all(doc.pos[j] in ("ADP", "ADV", "PART") for j in range(i + 1, comma))
            and doc.child(i, "nsubj") is not None
        )

    def _words_between(self, i: int, left: range, content: Span) -> bool:
        first = bisect_left(self.doc.starts, content.start)
        return first > i and left[-1] - first >= 2

    def _only_addressee(self, i: int, left: range) -> bool:
        doc = self.doc
        return all(
            doc.pos[j] not in ("VERB", "AUX", "SCONJ") and doc.words[j] != "," for j in range(i + 1, left[-1] + 1)
        )

    def _colon(self, left: range) -> Relation | None:
        """'Mr. Vale: "…"', 'Her answer: "…"', 'He called them on it: "…"'."""
        doc = self.doc
        root = self._main_verb(left)
        if root is not None:
            subject, _ = self.tree.subject(root)
            if subject is None:
                return None
            if (named := self._named_last(left, subject)) is not None:
                return named
            relation = self._relation(root)
            relation.cue = [(self.tree.group_start(root), left[-1])]
            self._noun_subject(relation, root, subject)
            return relation
        dash = next((i for i in reversed(left) if doc.words[i] in DASHES and i < left[-1] - 1), None)
        if dash is not None:  # 'FERRY STRANDED - Ana Moe: "…'
            left = range(dash + 1, left[-1] + 1)
        names = [i for i in left if doc.pos[i] in ("PROPN", "NOUN", "PRON")]
        if not names:
            return None
        relation = Relation(left[-1], SAY, [], rule="colon")
        colon = left[-1]
        noun = next((i for i in reversed(left) if doc.pos[i] == "NOUN" and (doc.lemmas[i], "n") in self.lexicon), None)
        holder = doc.child(noun, "poss") if noun is not None else None
        if holder is not None and noun is not None:
            name_source(self.tree, relation, holder)
            relation.cue = [(noun, noun + 1)]
        else:
            first = left[0]
            while first < colon and doc.pos[first] in ("PUNCT", "CCONJ"):
                first += 1
            if colon - first > 12:
                return None
            relation.source, relation.source_head = (first, colon), names[-1]
            relation.cue_span = Span(doc.starts[colon], doc.ends[colon])
        return relation

    def _named_last(self, left: range, subject: int) -> Relation | None:
        """'The fee came as news to Ana Moe: "…': a thing is the subject, and a person stands before the colon."""
        doc, colon = self.doc, left[-1]
        speaks = doc.pos[subject] != "NOUN" or doc.ents[subject] != "O" or doc.lemmas[subject].lower() in speakers()
        if speaks or doc.ents[colon - 1][2:] != "PERSON" or doc.deps[colon - 1] not in ("dobj", "pobj", "attr"):
            return None
        relation = Relation(colon, SAY, [], rule="colon")
        relation.source = self.tree.noun_phrase(colon - 1, left[0], colon)
        relation.source_head = colon - 1
        relation.cue_span = Span(doc.starts[colon], doc.ends[colon])
        return relation

    def _with_auxiliary(self, i: int) -> bool:
        doc = self.doc
        return any(doc.tags[j] in FINITE and doc.deps[j] in ("aux", "auxpass") for j in doc.children[i])

    def _main_verb(self, left: range) -> int | None:
        """The finite verb that no other word of these tokens governs, with its subject among them."""
        doc = self.doc
        for i in left:
            if doc.pos[i] not in ("VERB", "AUX") or doc.deps[i] in ("relcl", "acl", "aux", "auxpass", "advcl"):
                continue
            if (doc.tags[i] in FINITE or self._with_auxiliary(i)) and (
                doc.deps[i] == "ROOT" or doc.heads[i] > left[-1]
            ):
                subject = doc.child(i, "nsubj", "nsubjpass")
                if doc.deps[i] == "ROOT" or (subject is not None and left[0] <= subject):
                    return i
        return None

    def _noun_subject(self, relation: Relation, verb: int, subject: int) -> None:
        """'Her answer was: "…"': the source is she, and the answer is part of the cue."""
        doc = self.doc
        holder = doc.child(subject, "poss")
        if doc.lemmas[verb] == "be" and holder is not None and (doc.lemmas[subject], "n") in self.lexicon:
            relation.cue = [(subject, relation.cue[0][1])]
            name_source(self.tree, relation, holder)

    def _colon_above(self, n: int, paragraph: int, left: range) -> Relation | None:
        """A paragraph that ends in a colon presents the quotation that opens the next."""
        doc = self.doc
        if left or paragraph == 0 or self.ranges[n][0] != doc.paragraphs[paragraph].first:
            return None
        above = doc.paragraphs[paragraph - 1]
        if above.last <= above.first or doc.words[above.last - 1] != ":":
            return None
        i = above.last - 1
        lowest = max(above.first, above.last - REACH)
        while i > lowest and doc.words[i - 1] not in STOPS:
            i -= 1
        stretch = range(i, above.last)
        for j in reversed(stretch):
            known = self.relations.get(j)
            when = doc.child(j, "advmod")  # 'the day when he said:' tells who speaks, unlike 'the man who said'
            relative = doc.deps[j] in ("relcl", "acl") and (when is None or doc.tags[when] != "WRB")
            if self._entry(j) is not None and not relative:
                return known or self._relation(j)
        return self._colon(stretch)
