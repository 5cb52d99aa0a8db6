"""Give every quotation a cue and a source: behind it, before it, or that of the turn it continues.

What stands directly behind a quotation ('…," she said'), directly before it ('he wrote: "…'), around it in the clause
('called it "a farce" and a shame'), or, for a quotation that is a sentence or paragraph of its own, what was said last.
"""

from __future__ import annotations

from bisect import bisect_left

from onrecord.model import Span
from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.indirect import _name_source, _trimmed_span, _verb, bare
from onrecord.stages.attribute.quotes import Quotation
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.tree import Tree
from onrecord.stages.attribute.words import ANY_FRAME, FINITE, NOT_SPEECH, VERB_TAGS

REACH = 60  # tokens looked at on each side of a quotation; a source with a long relative clause has under 50
OPEN = Cue("", "v", "say", "affirm", "say", ANY_FRAME)
DASHES = frozenset(("-", "--", "—", "–", "―", "~"))
STOPS = frozenset((".", "?", "!", ";"))


class Placer:
    """Walks a document's quotations in order and hands each to a relation."""

    def __init__(
        self,
        tree: Tree,
        lexicon: dict[tuple[str, str], Cue],
        relations: dict[int, Relation],
        quotations: list[tuple[int, Quotation]],
    ) -> None:
        self.tree, self.doc, self.lexicon, self.relations = tree, tree.doc, lexicon, relations
        self.quotations = quotations
        self.inside = [-1] * len(self.doc)
        self.ranges: list[tuple[int, int]] = []
        for n, (_, q) in enumerate(quotations):
            first = bisect_left(self.doc.ends, q.span.start + 1)
            last = max(first, bisect_left(self.doc.starts, q.span.end))
            self.ranges.append((first, last))
            for i in range(first, last):
                self.inside[i] = n
        self.holders: dict[int, Relation] = {}
        self.last: Relation | None = None
        self.last_paragraph = -9

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
                    or self._covering(n, quotation)
                    or self._bridge(n, left, right)
                    or self._colon_above(n, paragraph, left)
                    or self._turn(n, paragraph, left, right)
                    or self._stretch(n, left, right)
                    or self._open_class(n, left, right)
                )
            )
            if relation is None:
                continue
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

    def _left(self, n: int, paragraph: int) -> range:
        """Tokens of the sentence before quotation n, back to a stop or to the quotation before."""
        doc, first = self.doc, self.ranges[n][0]
        lowest = max(doc.paragraphs[paragraph].first, first - REACH)
        i = first
        if i > lowest and (doc.words[i - 1] in ("(", "[") or self._after_abbreviation(n, i)):
            return range(i, i)
        while i > lowest and doc.words[i - 1] not in STOPS and self.inside[i - 1] < 0:
            i -= 1
        return range(i, first)

    def _after_abbreviation(self, n: int, first: int) -> bool:
        """'… in Naples, Fla. "We won': the abbreviation's full stop ends the sentence too."""
        inner = self.quotations[n][1].inner
        before = self.doc.words[first - 1]
        return len(before) > 1 and before[-1] == "." and self.doc.text[inner.start : inner.start + 1].isupper()

    def _right(self, n: int, paragraph: int) -> range:
        doc, last = self.doc, self.ranges[n][1]
        highest = min(doc.paragraphs[paragraph].last, last + REACH)
        i = last
        while i < highest and doc.words[i] not in STOPS and self.inside[i] < 0:
            i += 1
        return range(last, i)

    def _entry(self, i: int) -> Cue | None:
        doc = self.doc
        if doc.pos[i] not in ("VERB", "AUX", "NOUN", "PROPN") or doc.tags[i] not in VERB_TAGS:
            return None
        entry = self.lexicon.get((doc.lemmas[i].lower(), "v"))
        return entry if entry is not None and "quote" in entry.frames else None

    def _behind(self, n: int, left: range, right: range) -> Relation | None:
        """'…," she said', '…?" asked the judge', '…," according to one official'."""
        doc = self.doc
        quotation = self.quotations[n][1]
        if not right or not quotation.closed or quotation.inner.end <= quotation.inner.start:
            return None
        ending = doc.text[quotation.inner.end - 1]
        outer = doc.words[right[0]] in (",", "-", "--", "—", "–")
        comma, asking, stopped = ending in ",-—–" or outer, ending in "?!…", ending == "."
        if doc.pos[right[0]] == "CCONJ" and (left or not comma):
            return None
        chosen = self._verb_behind(right, comma and not outer)
        if chosen is None:
            return self._signed(right) if not left else None
        known = self.relations.get(chosen)
        if doc.lower[chosen] == "according":
            return known if not (stopped and right[0] == chosen) else None
        if stopped and not comma:
            if self._has_object(chosen) or (doc.words[right[0]][0].isupper() and chosen - right[0] > 3):
                return None
        elif self._takes_more(chosen, right) and (left or not comma):
            return None
        if not comma and not asking and not stopped and left and not self._inverted_tail(chosen, right):
            return None
        if left and known is not None and any(s.covers(quotation.inner) for s in known.content):
            return known
        relation = self._relation(chosen)
        if left:
            self._take_left(relation, left, quotation)
        if not comma and not asking and not stopped:
            end = min(self.tree.group_start(chosen), relation.source[0] if relation.source else chosen)
            if end - right[0] >= 3:
                relation.content.append(_trimmed_span(self.tree, doc.span(right[0], end)))
        return relation

    def _signed(self, right: range) -> Relation | None:
        """A quotation set apart and signed: '"…" - Ada Moe, baker'."""
        doc = self.doc
        if len(right) < 2 or len(right) > 30 or doc.words[right[0]] not in DASHES:
            return None
        last = right[0] + 1
        while last <= right[-1] and doc.pos[last] in ("PROPN", "NOUN", "ADJ", "DET", "ADP", "NUM"):
            last += 1
        if doc.pos[right[0] + 1] not in ("PROPN", "NOUN", "DET") or last == right[0] + 1:
            return None
        if last <= right[-1] and doc.words[last] not in (",", "(", "-"):
            return None
        relation = Relation(right[0], SAY, [(right[0], right[0] + 1)], rule="signed")
        head = next((j for j in range(right[0] + 1, last) if doc.pos[j] == "ADP"), last) - 1
        relation.source, relation.source_head = (right[0] + 1, last), max(head, right[0] + 1)
        return relation

    def _verb_behind(self, right: range, open_class: bool) -> int | None:
        """The cue among the tokens behind a quotation: the first finite verb that is not a relative clause's."""
        doc = self.doc
        reduced = None
        for i in right:
            if doc.lower[i] == "according" and i + 1 < len(doc) and doc.lower[i + 1] == "to":
                return i if i in self.relations else None
            if doc.deps[i] == "acl" and doc.tags[i] == "VBN" and reduced is None and self._entry(i) is not None:
                reduced = i if doc.child(i, "agent") is None else None
            if doc.pos[i] not in ("VERB", "AUX") or doc.deps[i] in ("aux", "auxpass", "acl", "amod", "compound"):
                continue
            if doc.deps[i] == "relcl" and i != right[0]:
                continue
            if doc.tags[i] not in FINITE and doc.tags[i] != "VBN":
                continue
            if self._entry(i) is not None:
                return i
            if doc.tags[i] in FINITE:
                if open_class and doc.pos[i] == "VERB" and self._near_subject(i, right):
                    return i
                if not self._light(i):
                    return None
        return reduced

    def _has_object(self, i: int) -> bool:
        return any(j > i and self.doc.deps[j] in ("ccomp", "xcomp", "dobj") for j in self.doc.children[i])

    def _light(self, i: int) -> bool:
        return any(self.doc.deps[j] == "xcomp" for j in self.doc.children[i])

    def _near_subject(self, i: int, right: range) -> bool:
        doc = self.doc
        for j in doc.children[i]:
            if doc.deps[j] == "nsubj" and right[0] <= j < right[-1] + 1 and doc.pos[j] in ("PROPN", "PRON", "NOUN"):
                return doc.lower[j] not in ("it", "which", "that", "this", "there", "who")
        return False

    def _takes_more(self, i: int, right: range) -> bool:
        """True when the verb has a complement of its own behind it, so that the quotation is not its object."""
        doc = self.doc
        last = right[-1]
        if any(i < j <= last and doc.deps[j] in ("ccomp", "xcomp") for j in doc.children[i]):
            return True
        return last + 1 < len(doc) and self.inside[last + 1] >= 0 and doc.words[last] in (":", "that")

    def _inverted_tail(self, i: int, right: range) -> bool:
        return i == right[0] or (i == right[0] + 1 and self.doc.words[right[0]] == ",")

    def _take_left(self, relation: Relation, left: range, quotation: Quotation) -> None:
        """The words of the sentence before the quotation belong to what is said, unless they hold a cue."""
        doc = self.doc
        start = left[0]
        if any(i in self.relations and self.relations[i] is not relation for i in left):
            return
        if doc.words[left[-1]] == ":" or (doc.words[left[-1]] == "," and self._full(quotation)):
            return
        while start <= left[-1] and doc.pos[start] in ("PUNCT", "CCONJ", "SPACE"):
            start += 1
        if start <= left[-1] and (not self.inside_before(left) or left[-1] + 1 - start > 3):
            relation.content.append(_trimmed_span(self.tree, doc.span(start, left[-1] + 1)))

    def _take_right(self, n: int, relation: Relation, right: range) -> None:
        """'said "it hurts" every time he thinks of it': the rest of the clause belongs to what is said."""
        doc, quotation = self.doc, self.quotations[n][1]
        if not right or not quotation.closed or doc.text[quotation.inner.end - 1] in ".,?!…—":
            return
        end = right[0]
        for i in right:
            word = doc.lower[i]
            if word in (",", ";", ":", "-", "—", "–", "(", "--") or i in self.relations:
                break
            if word in ("and", "but") and any(doc.tags[k] in FINITE for k in range(i + 1, min(i + 3, right[-1] + 1))):
                break
            end = i + 1
        if end - right[0] >= 2:
            relation.content.append(_trimmed_span(self.tree, doc.span(right[0], end)))

    def inside_before(self, left: range) -> bool:
        """True when a quotation stands directly before these tokens."""
        return left[0] > 0 and self.inside[left[0] - 1] >= 0

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
                    if known is not None and known_words and not ("speech" in entry.frames and full):
                        return known
                    if i == end or colon or full or "speech" in entry.frames:
                        relation = self._relation(i, keep="speech" not in entry.frames and known is not None)
                        self._take_right(n, relation, right)
                        return relation
                    return None
                if full and "speech" in entry.frames and self._only_addressee(i, left):
                    return self._relation(i)
                return None
            if entry is not None and colon:
                return self._relation(i)
            if doc.tags[i] in FINITE or doc.tags[i] == "VBG":
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

    def _full(self, quotation: Quotation) -> bool:
        """Quoted as a sentence: begins with a capital and has a stop before its closing mark, or is long."""
        text, inner = self.doc.text, quotation.inner
        begins = next((c for c in text[inner.start : inner.start + 6] if c.isalnum()), "a")
        return not quotation.closed or (
            (begins.isupper() or begins.isdigit())
            and (text[inner.end - 1] in ".,!?…—-" or inner.end - inner.start > 60)
        )

    def _colon(self, left: range) -> Relation | None:
        """'Mr. Vale: "…"', 'Her answer: "…"', 'He called them on it: "…"'."""
        doc = self.doc
        root = next(
            (i for i in left if doc.pos[i] in ("VERB", "AUX") and doc.deps[i] == "ROOT" and doc.tags[i] in FINITE), None
        )
        if root is not None:
            subject, _ = self.tree.subject(root)
            if subject is None:
                return None
            relation = self._relation(root)
            relation.cue = [(self.tree.group_start(root), left[-1])]
            return relation
        names = [i for i in left if doc.pos[i] in ("PROPN", "NOUN", "PRON")]
        if not names:
            return None
        relation = Relation(left[-1], SAY, [], rule="colon")
        colon = left[-1]
        noun = next((i for i in reversed(left) if doc.pos[i] == "NOUN" and (doc.lemmas[i], "n") in self.lexicon), None)
        holder = doc.child(noun, "poss") if noun is not None else None
        if holder is not None and noun is not None:
            _name_source(self.tree, relation, holder)
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

    def _covering(self, n: int, quotation: Quotation) -> Relation | None:
        """The relation whose content by grammar holds the quotation or touches it; the outermost of them."""
        first, last = self.ranges[n]
        best = None
        candidates: list[Relation] = []
        for i in range(first, last):
            for a in [i, *self._up(i)]:
                r = self.relations.get(a)
                if r is not None and self.inside[a] != n and r not in candidates:
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

    def _up(self, i: int) -> list[int]:
        out, doc = [], self.doc
        for a in doc.ancestors(i):
            out.append(a)
            if len(out) >= 24:
                break
        return out

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
            if self._entry(j) is not None and doc.deps[j] not in ("relcl", "acl"):
                return known or self._relation(j)
        return self._colon(stretch)

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
        relation.content.append(_trimmed_span(self.tree, doc.span(left[0], left[-1] + 1)))
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
        last = self.last
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
        if last is None:
            return None
        if paragraph == self.last_paragraph:
            between = doc.text[self._last_end(last) : doc.starts[first]]
            return last if between.count(".") + between.count("?") <= 2 or self._only_quotes(paragraph, first) else None
        if paragraph - self.last_paragraph == 1 and first == doc.paragraphs[paragraph].first and n:
            previous = self.quotations[n - 1][1]
            if previous.continues:
                return last
            tail = doc.paragraphs[paragraph]
            outside = sum(1 for i in range(tail.first, tail.last) if self.inside[i] < 0 and doc.pos[i] != "PUNCT")
            return last if outside == 0 and self._full(previous) else None
        return None

    def _spoken_before(self, paragraph: int, first: int) -> Relation | None:
        """The outermost indirect speech of the sentence before, when it is nearer than the last quotation."""
        doc = self.doc
        sentence = doc.sentences[doc.sentence_of[first - 1]]
        if sentence.paragraph != paragraph:
            return None
        for i in range(max(sentence.first, first - 2 * REACH), min(sentence.last, first)):
            relation = self.relations.get(i)
            if relation is not None and self.inside[i] < 0 and relation.content and "speech" in relation.entry.frames:
                return relation if relation.source is not None and doc.pos[i] == "VERB" else None
        return None

    def _bare(self, left: range) -> bool:
        return all(self.doc.pos[i] in ("PUNCT", "CCONJ") for i in left)

    def _starts_anew(self, n: int) -> bool:
        quotation = self.quotations[n][1]
        return self.doc.text[quotation.inner.end - 1] in ".?!…" or not quotation.closed

    def _last_end(self, relation: Relation) -> int:
        return max(relation.quoted[-1].end if relation.quoted else 0, self.doc.ends[relation.head])

    def _only_quotes(self, paragraph: int, until: int) -> bool:
        first = max(self.doc.paragraphs[paragraph].first, until - 4 * REACH)
        return all(self.inside[i] >= 0 for i in range(first, until))

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
        known = self.relations.get(verb) or _verb(self.tree, verb, OPEN)
        if known is None or not known.content:
            return None
        known.rule = "open"
        return known

    def _relation(self, i: int, keep: bool = False) -> Relation:
        """The relation of cue i; its content by grammar is dropped unless `keep`, for the quotation is the content."""
        doc = self.doc
        known = self.relations.get(i)
        if known is None:
            entry = self.lexicon.get((doc.lemmas[i].lower(), "v"), SAY)
            known = bare(self.tree, i, entry)
            self._check_source(known)
            known.content = []
            known.rule = "quotation"
            self.relations[i] = known
        elif not known.quoted:
            if not keep and known.rule != "according":
                known.content = []
                self._check_source(known)
            known.rule = "quotation"
        return known

    def _check_source(self, relation: Relation) -> None:
        """Parsers take a subject from inside the quotation; nobody quoted is the one who quotes."""
        head = relation.source_head
        if head is not None and self.inside[head] >= 0 and self.inside[relation.head] < 0:
            relation.source = relation.source_head = None
            self._guess_source(relation)
        elif head is None or not relation.own_subject:
            self._guess_source(relation)

    def _guess_source(self, relation: Relation) -> None:
        """Where the parser found no subject: the noun phrase that touches the cue, '… ," said Ana Ruiz, the mayor'."""
        doc, i = self.doc, relation.head
        sentence = doc.sentences[doc.sentence_of[i]]
        j = i + 1
        if j < len(doc) and doc.pos[j] in ("PROPN", "DET", "PRON", "NOUN", "ADJ") and doc.tags[i] in FINITE:
            paragraph = doc.paragraphs[sentence.paragraph]
            last = j
            while last < paragraph.last and last - j < 30 and doc.words[last] not in STOPS and self.inside[last] < 0:
                if doc.words[last] == "," and not (last + 1 < len(doc) and doc.pos[last + 1] in ("DET", "NOUN", "ADJ")):
                    break
                if doc.pos[last] in ("VERB", "AUX"):
                    break
                last += 1
            if doc.lemmas[i].lower() != "tell" and last > j:
                head = next((k for k in reversed(range(j, last)) if doc.pos[k] in ("PROPN", "NOUN", "PRON")), j)
                for k in range(j, last):
                    if doc.words[k] == "," or doc.pos[k] == "ADP":
                        head = k - 1
                        break
                relation.source, relation.source_head, relation.own_subject = (j, last), max(head, j), True
                return
        j = i - 1
        while j >= sentence.first and doc.pos[j] in ("AUX", "ADV", "PART"):
            j -= 1
        if j >= sentence.first and doc.words[j] == "," and relation.source is None:
            self._farther_source(relation, sentence.first, j)
            return
        if j >= sentence.first and doc.pos[j] in ("PROPN", "PRON", "NOUN") and self.inside[j] < 0:
            first = j
            while (
                first > sentence.first
                and doc.pos[first - 1] in ("PROPN", "DET", "ADJ", "NOUN")
                and self.inside[first - 1] < 0
            ):
                first -= 1
            if relation.source is None or doc.deps[j] in ("nsubj", "dep", "ROOT", "npadvmod"):
                relation.source, relation.source_head, relation.own_subject = (first, j + 1), j, True

    def _farther_source(self, relation: Relation, lowest: int, comma: int) -> None:
        """'Her adviser, Jan Moe, said': the subject stands before the apposition that the comma closes."""
        doc = self.doc
        for j in range(comma - 1, max(lowest - 1, comma - 40), -1):
            if self.inside[j] >= 0:
                return
            if doc.pos[j] in ("NOUN", "PROPN", "PRON") and doc.deps[j] in ("nsubj", "nsubjpass", "ROOT"):
                relation.source = self.tree.noun_phrase(j, lowest, comma + 1)
                relation.source_head, relation.own_subject = j, True
                return
