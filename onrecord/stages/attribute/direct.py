"""Give every quotation a cue and a source: behind it, before it, or that of the turn it continues.

What stands directly behind a quotation ('…," she said'), directly before it ('he wrote: "…'), around it in the clause
('called it "a farce" and a shame'), or, for a quotation that is a sentence or paragraph of its own, what was said last.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Sentence, Span
from onrecord.stages.attribute.before import Before
from onrecord.stages.attribute.behind import DASHES
from onrecord.stages.attribute.beside import behind_cue
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.ground import REACH, STOPS
from onrecord.stages.attribute.indirect import verb_relation
from onrecord.stages.attribute.quotes import Quotation
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.tree import trimmed_span
from onrecord.stages.attribute.words import ANY_FRAME, FINITE, NOT_SPEECH, PAUSES

SPEECH = 8  # words of a quotation that is taken for speech by its length alone
# What may open the second part of a sentence that was split around its cue.
RESUMES = frozenset(
    ("that", "and", "but", "while", "or", "so", "because", "if", "though", "although", "which", "where")
)
AS = 5  # tokens before a quotation among which 'as' may stand
NOT_CALLED = frozenset(
    ("know", "serve", "work", "act", "live", "pose", "elect", "appoint", "hire", "replace", "succeed")
)
OPEN = Cue("", "v", "say", "affirm", "say", ANY_FRAME)


class Placer(Before):
    """Walks a document's quotations in order and hands each to a relation."""

    def place(self) -> None:
        """Attach every quotation that has a source to its relation."""
        for n, (paragraph, quotation) in enumerate(self.quotations):
            first, last = self.ranges[n]
            if last <= first:
                continue
            left, right = self._left(n, paragraph), self._right(n, paragraph)
            relation = (
                self._covering(n, quotation)
                if self._title(n, left)
                else (
                    self._behind(n, left, right)
                    or self._before(n, left, right)
                    or self._resumed(n, left, right)
                    or self._covering(n, quotation)
                    or self._interrupted(n, left, right)
                    or self._bridge(n, left, right)
                    or self._colon_above(n, paragraph, left)
                    or self._turn(n, paragraph, left, right)
                    or self._stretch(n, left, right)
                    or self._called(n, left)
                    or self._open_class(n, left, right)
                )
            )
            relation = relation or self._nobody(n, left, right)
            if relation is None:
                relation = self._unsaid(n)
                if relation is None:
                    continue
                relation.quoted.append(quotation.span)
                self.relations[relation.head] = relation
                if not quotation.continues:
                    continue
            else:
                relation.quoted.append(quotation.span)
            self.holders[n] = relation
            self.relations.setdefault(relation.head, relation)
            self.last, self.last_paragraph = relation, paragraph

    def _title(self, n: int, left: range) -> bool:
        """A show, book or song: every longer word with a capital, behind a preposition, a genitive or a noun."""
        doc = self.doc
        if not left or doc.pos[left[-1]] not in ("ADP", "PART", "NOUN", "PROPN", "DET"):
            return False
        words = [doc.words[i] for i in range(*self.ranges[n]) if doc.words[i][:1].isalnum()]
        long = [w for w in words if len(w) > 3 or len(words) == 1]
        return bool(long) and len(words) <= 8 and all(w[0].isupper() or w[0].isdigit() for w in long)

    def _covering(self, n: int, quotation: Quotation) -> Relation | None:
        """The relation whose content by grammar holds the quotation or touches it; the outermost of them."""
        doc = self.doc
        first, last = self.ranges[n]
        best = None
        candidates: list[Relation] = []
        for i in range(first, last):
            for a in [i, *self._up(i)]:
                for cue in (a, doc.child(a, "nsubj") if doc.lemmas[a] == "be" else None):  # 'her answer was that "…"'
                    r = self.relations.get(cue) if cue is not None else None
                    if r is not None and self.inside[r.head] != n and r not in candidates:
                        candidates.append(r)
            if i - first > 12:
                break
        size = -1
        for r in candidates:
            shared = sum(max(0, min(s.end, quotation.span.end) - max(s.start, quotation.span.start)) for s in r.content)
            if shared * 2 >= min(quotation.span.end - quotation.span.start, 60):
                whole = sum(s.end - s.start for s in r.content)
                if whole > size:
                    best, size = r, whole
        return best

    def _resumed(self, n: int, left: range, right: range) -> Relation | None:
        """A sentence split around its cue: '"The cost," said one clerk, who keeps the books, "is what we fear"'.

        The second part may begin before its mark: '…," she said, and that the port "was never safe"'.
        """
        doc = self.doc
        if not left or not self.inside_before(left):
            return None
        before = self.inside[left[0] - 1]
        relation = self.holders.get(before)
        quotation = self.quotations[before][1]
        if (
            relation is None
            or not left[0] <= relation.head <= left[-1]
            or doc.text[quotation.inner.end - 1] not in ",-—–"
        ):
            return None
        comma = next((i for i in reversed(left) if doc.words[i] in DASHES or doc.words[i] == ","), None)
        if comma is None or comma <= relation.head or self._cue_between(relation.head, left[-1]):
            return None
        if comma < left[-1]:
            if doc.lower[comma + 1] not in RESUMES or left[-1] - comma > 20:
                return None
            relation.content.append(trimmed_span(self.tree, doc.span(comma + 1, left[-1] + 1)))
        self._take_right(n, relation, right)
        return relation

    def _cue_between(self, head: int, last: int) -> bool:
        """True when another cue of speech, not one of a relative clause, stands behind this one."""
        return any(
            self.doc.deps[i] != "relcl" and (entry := self._entry(i)) is not None and "speech" in entry.frames
            for i in range(head + 1, last + 1)
        )

    def _interrupted(self, n: int, left: range, right: range) -> Relation | None:
        """'The gifts are checked, he said, but "nobody asks why"', 'Perhaps, she said, it "grew too fast"'."""
        doc = self.doc
        for i in reversed(left):
            entry = self._entry(i)
            if entry is None or "speech" not in entry.frames or doc.tags[i] not in FINITE:
                continue
            relation = self.relations.get(i) or self._relation(i)
            if relation.source is None or not relation.own_subject or not relation.cue:
                return None
            first = min(relation.source[0], relation.cue[0][0])
            last = max(relation.source[1], relation.cue[-1][1])
            last = behind_cue(self.tree, i, last)
            if (
                first <= left[0]
                or doc.words[first - 1] not in PAUSES
                or last > left[-1]
                or doc.words[last] not in PAUSES
            ):
                return None
            if any(j in self.relations for j in range(last, left[-1] + 1)):
                return None
            start = left[0]
            while start < first and doc.pos[start] in ("PUNCT", "SPACE", "CCONJ"):
                start += 1
            relation.content = [
                trimmed_span(self.tree, doc.span(a, b)) for a, b in ((start, first), (last, left[-1] + 1)) if a < b
            ]
            relation.rule = "quotation"
            self._take_right(n, relation, right)
            return relation
        return None

    def _bridge(self, n: int, left: range, right: range) -> Relation | None:
        """A second quoted part of one sentence: what stands between the two parts belongs to what is said."""
        doc = self.doc
        if not left or any(i in self.relations for i in left):
            return None
        if self.inside_before(left):
            before = self.inside[left[0] - 1]
            relation = self.holders.get(before)
            if relation is None or doc.text[self.quotations[before][1].inner.end - 1] in ".?!":
                return None
            if doc.starts[relation.head] > doc.starts[left[0]] or relation.rule == "turn":
                return None
        else:
            return None
        relation.content.append(trimmed_span(self.tree, doc.span(left[0], left[-1] + 1)))
        self._take_right(n, relation, right)
        return relation

    def _stretch(self, n: int, left: range, right: range) -> Relation | None:
        """The parser lost the quotation, but a cue with a clause stands before it in the sentence: '…, but "…'."""
        doc = self.doc
        fit = []
        for i in left:
            relation = self.relations.get(i)
            if relation is None or not relation.content or doc.pos[i] != "VERB" or relation.rule != "complement":
                continue
            start = relation.content[0].start
            if doc.starts[i] < start < doc.starts[left[-1]] and "that" in relation.entry.frames:
                fit.append(relation)
        relation = next((r for r in fit if "speech" in r.entry.frames), fit[-1] if fit else None)
        if relation is None or len(left) > REACH // 2 + 10:
            return None
        relation.content.append(Span(relation.content[0].start, doc.ends[left[-1]]))
        self._take_right(n, relation, right)
        return relation

    def _turn(self, n: int, paragraph: int, left: range, right: range) -> Relation | None:
        """A quotation that is a sentence or a paragraph of its own goes on with the speaker of the one before."""
        doc = self.doc
        last = self._main(self.last)
        if left and not self._bare(left):
            return None
        first = self.ranges[n][0]
        if right and not self._starts_anew(n):
            inner = self.quotations[n][1].inner
            begins = (
                doc.text[inner.start : inner.start + 1].isupper() and doc.words[first - 1] in STOPS if first else False
            )
            if not begins or last is None or paragraph != self.last_paragraph or inner.end - inner.start < 25:
                return None
            self._take_right(n, last, right)
            return last
        if first != doc.paragraphs[paragraph].first and (spoken := self._spoken_before(paragraph, first)) is not None:
            return spoken
        if last is None or paragraph - self.last_paragraph > 1:
            return self._told_above(n, paragraph)
        if paragraph == self.last_paragraph:
            stops = sum(doc.words[i] in STOPS for i in range(bisect_left(doc.starts, self._last_end(last)), first))
            return last if stops <= 2 or self._only_quotes(paragraph, first) else None
        if paragraph - self.last_paragraph == 1 and first == doc.paragraphs[paragraph].first and n:
            previous = self.quotations[n - 1][1]
            if previous.continues:
                return last
            tail = doc.paragraphs[paragraph]
            outside = sum(1 for i in range(tail.first, tail.last) if self.inside[i] < 0 and doc.pos[i] != "PUNCT")
            return last if outside == 0 and (self._full(previous) or self._full(self.quotations[n][1])) else None
        return None

    def _main(self, last: Relation | None) -> Relation | None:
        """'"X," she said, adding that it "hurt"': who goes on after that goes on with what she said, not added."""
        if last is None or last.own_subject or self.doc.tags[last.head] != "VBG":
            return last
        for head in self._up(last.head)[:4]:
            said = self.relations.get(head)
            if said is not None and said.quoted and "speech" in said.entry.frames:
                return said
        return last

    def _spoken_before(self, paragraph: int, first: int) -> Relation | None:
        """The outermost indirect speech of the sentence before, when it is nearer than the last quotation."""
        doc = self.doc
        sentence = doc.sentences[doc.sentence_of[first - 1]]
        if sentence.paragraph != paragraph or (self.last is not None and self._quoted_in(self.last, sentence)):
            return None
        for i in range(max(sentence.first, first - 2 * REACH), min(sentence.last, first)):
            relation = self.relations.get(i)
            if relation is None or self.inside[i] >= 0 or relation.antecedent is not None:
                continue
            if (relation.content or relation.quoted) and "speech" in relation.entry.frames and not relation.negated:
                return relation if relation.source is not None and doc.pos[i] == "VERB" else None
        return self._announced(sentence, first)

    def _told_above(self, n: int, paragraph: int) -> Relation | None:
        """A paragraph that is a quotation and no more goes on with who spoke at the end of the paragraph above."""
        first = self.ranges[n][0]
        here = self.doc.paragraphs[paragraph]
        if paragraph == 0 or first != here.first or not self._full(self.quotations[n][1]):
            return None
        if any(self.inside[i] < 0 and self.doc.pos[i] not in ("PUNCT", "SPACE") for i in range(first, here.last)):
            return None
        above = self.doc.paragraphs[paragraph - 1]
        return self._spoken_before(paragraph - 1, above.last) if above.last > above.first else None

    def _announced(self, sentence: Sentence, first: int) -> Relation | None:
        """'Ms. Dahl agreed. "It leaks."', 'The clerk chimed in: …': a whole sentence that says only that she spoke."""
        doc = self.doc
        root = next((i for i in range(sentence.first, min(sentence.last, first)) if doc.heads[i] == i), None)
        if root is None or self.inside[root] >= 0 or doc.tags[root] not in FINITE:
            return None
        entry = self.lexicon.get((doc.lemmas[root].lower(), "v"))
        if entry is None or not ("quote" in entry.frames or entry.lemma in ("speak", "talk")):
            return None
        if doc.child(root, "nsubj") is None or doc.child(root, "dobj", "ccomp", "xcomp", "neg", "acomp") is not None:
            return None
        return self._relation(root)

    def _quoted_in(self, relation: Relation, sentence: Sentence) -> bool:
        """True when the relation's cue and a quotation of it stand in this sentence: '"X," she said, adding that …'."""
        doc = self.doc
        start, end = doc.starts[sentence.first], doc.ends[sentence.last - 1]
        quoted = any(q.start < end and q.end > start for q in relation.quoted)
        return quoted and sentence.first <= relation.head < sentence.last

    def _last_end(self, relation: Relation) -> int:
        return max(relation.quoted[-1].end if relation.quoted else 0, self.doc.ends[relation.head])

    def _only_quotes(self, paragraph: int, until: int) -> bool:
        first = max(self.doc.paragraphs[paragraph].first, until - 4 * REACH)
        return all(self.inside[i] >= 0 for i in range(first, until))

    def _called(self, n: int, left: range) -> Relation | None:
        """'She brushed the plan off as "a stunt"', 'a pass seen as a "lifeline"': words for a thing, with any verb."""
        doc = self.doc
        role = next((i for i in reversed(left[-AS:]) if doc.lower[i] == "as" and doc.deps[i] == "prep"), None)
        if role is None or any(doc.pos[i] in ("VERB", "AUX") and doc.tags[i] != "VBG" for i in left if i > role):
            return None
        verb = doc.heads[role]
        if doc.deps[verb] == "pobj" and doc.deps[doc.heads[verb]] == "agent":
            verb = doc.heads[doc.heads[verb]]
        if doc.pos[verb] != "VERB" or not left[0] <= verb < role or doc.lemmas[verb] in NOT_SPEECH | NOT_CALLED:
            return None
        if doc.child(verb, "dobj", "nsubjpass") is None and not (doc.deps[verb] == "acl" and doc.tags[verb] == "VBN"):
            return None
        known = self.relations.get(verb)
        if known is None or not known.content:
            known = verb_relation(self.tree, verb, OPEN)
        if known is None or not known.content:
            return None
        known.rule = "open"
        return known

    def _open_class(self, n: int, left: range, right: range) -> Relation | None:
        """A quotation of several words that is the complement of a verb which the lexicon does not have."""
        doc = self.doc
        first, last = self.ranges[n]
        if not left or last - first < 5:
            return None
        head = next((i for i in range(first, last) if not first <= doc.heads[i] < last and doc.heads[i] != i), None)
        if head is None or doc.deps[head] not in ("ccomp", "xcomp", "oprd", "pobj", "pcomp", "dobj", "attr", "appos"):
            return None
        verb = next((a for a in self._up(head)[:4] if doc.pos[a] == "VERB"), None)
        if verb is None or not left[0] <= verb < first or doc.deps[verb] == "amod":
            return None
        if doc.lemmas[verb] in NOT_SPEECH:
            return None
        subject, _ = self.tree.subject(verb)
        if subject is None or doc.lower[subject] in ("it", "which", "that", "this", "there"):
            return None
        spoken = any(doc.tags[i] in FINITE or doc.lower[i] in ("i", "we", "our", "my") for i in range(first, last))
        if not spoken and doc.deps[head] not in ("ccomp", "oprd", "xcomp"):
            return None
        known = self.relations.get(verb) or verb_relation(self.tree, verb, OPEN)
        if known is None or not known.content:
            return None
        known.rule = "open"
        return known

    def _nobody(self, n: int, left: range, right: range) -> Relation | None:
        """Spoken words that nobody is named for: a part of a sentence with a modal or finite verb between the marks."""
        doc = self.doc
        first, last = self.ranges[n]
        quotation = self.quotations[n][1]
        if not left or not right or not quotation.closed or last - first < 6 or self._full(quotation):
            return None
        verb = next((i for i in range(first, last) if doc.tags[i] in FINITE), None)
        if verb is None or doc.tags[verb] != "MD" or any(self.inside[i] >= 0 for i in left):
            return None
        relation = Relation(verb, SAY, [], rule="nobody")
        relation.content.append(trimmed_span(self.tree, doc.span(left[0], right[-1] + 1)))
        return relation

    def _unsaid(self, n: int) -> Relation | None:
        """A quotation of eight words and more that is no title is speech by its form, whoever said it.

        On PolNeAR two in three of those left over are attributions; of four to seven words one in three.
        """
        doc = self.doc
        first, last = self.ranges[n]
        if last - first < SPEECH or first in self.relations:
            return None
        worded = [doc.words[i] for i in range(first, min(last, first + 80)) if doc.words[i][0].isalnum()]
        if len(worded) < SPEECH or all(w[0].isupper() or w[0].isdigit() for w in worded if len(w) > 3):
            return None
        return Relation(first, SAY, [], rule="unsaid")
