"""What every rule for quotations stands on: their tokens, the words around them, the cue made of a verb."""

from __future__ import annotations

from bisect import bisect_left

from onrecord.stages.attribute.cues import Cue
from onrecord.stages.attribute.indirect import bare
from onrecord.stages.attribute.quotes import Quotation
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.tree import Tree, trimmed_span
from onrecord.stages.attribute.words import FINITE, VERB_TAGS

REACH = 60  # tokens looked at on each side of a quotation; a source with a long relative clause has under 50
# Behind a name these begin what belongs to the cue: '…," tweeted Dahl on Monday'.
NOT_OF = frozenset(("on", "in", "at", "during", "about", "after", "before"))
STOPS = frozenset((".", "?", "!", ";"))


class Ground:
    """A document with its quotations, and the relations that they are given to."""

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

    def _right(self, n: int, paragraph: int) -> range:
        doc, last = self.doc, self.ranges[n][1]
        highest = min(doc.paragraphs[paragraph].last, last + REACH)
        i = last
        while i < highest and doc.words[i] not in STOPS and self.inside[i] < 0:
            i += 1
        return range(last, i)

    def _after_abbreviation(self, n: int, first: int) -> bool:
        """'… in Naples, Fla. "We won': the abbreviation's full stop ends the sentence too."""
        inner = self.quotations[n][1].inner
        before = self.doc.words[first - 1]
        return len(before) > 1 and before[-1] == "." and self.doc.text[inner.start : inner.start + 1].isupper()

    def inside_before(self, left: range) -> bool:
        """True when a quotation stands directly before these tokens."""
        return left[0] > 0 and self.inside[left[0] - 1] >= 0

    def _entry(self, i: int) -> Cue | None:
        doc = self.doc
        if doc.pos[i] not in ("VERB", "AUX", "NOUN", "PROPN") or doc.tags[i] not in VERB_TAGS:
            return None
        if i > 1 and doc.lower[i] == "called" and doc.lower[i - 2] == "so":
            return None
        entry = self.lexicon.get((doc.lemmas[i].lower(), "v"))
        return entry if entry is not None and "quote" in entry.frames else None

    def _full(self, quotation: Quotation) -> bool:
        """Quoted as a sentence: begins with a capital and has a stop before its closing mark, or is long."""
        text, inner = self.doc.text, quotation.inner
        begins = next((c for c in text[inner.start : inner.start + 6] if c.isalnum()), "a")
        return not quotation.closed or (
            (begins.isupper() or begins.isdigit())
            and (text[inner.end - 1] in ".,!?…—-" or inner.end - inner.start > 60)
        )

    def _starts_anew(self, n: int) -> bool:
        quotation = self.quotations[n][1]
        return self.doc.text[quotation.inner.end - 1] in ".?!…" or not quotation.closed

    def _bare(self, left: range) -> bool:
        doc = self.doc
        return all(
            doc.pos[i] in ("PUNCT", "CCONJ") or (doc.pos[i] in ("ADV", "INTJ") and i - left[0] < 3) for i in left
        )

    def _up(self, i: int) -> list[int]:
        out, doc = [], self.doc
        for a in doc.ancestors(i):
            out.append(a)
            if len(out) >= 24:
                break
        return out

    def _take_left(self, relation: Relation, left: range, quotation: Quotation) -> None:
        """The words of the sentence before the quotation belong to what is said, unless they hold a cue."""
        doc = self.doc
        start = left[0]
        if self._full(quotation) and any(i in self.relations and self.relations[i] is not relation for i in left):
            return
        if doc.words[left[-1]] == ":" or (doc.words[left[-1]] == "," and self._full(quotation)):
            return
        while start <= left[-1] and doc.pos[start] in ("PUNCT", "CCONJ", "SPACE"):
            start += 1
        if start <= left[-1] and (not self.inside_before(left) or left[-1] + 1 - start > 3):
            relation.content.append(trimmed_span(self.tree, doc.span(start, left[-1] + 1)))

    def _take_right(self, n: int, relation: Relation, right: range) -> None:
        """'said "it hurts" every time he thinks of it': the rest of the clause belongs to what is said."""
        doc, quotation = self.doc, self.quotations[n][1]
        if not right or not quotation.closed or doc.text[quotation.inner.end - 1] in ".,?!…—":
            return
        end = right[0]
        for i in right:
            word = doc.lower[i]
            hyphen = word == "-" and not doc.text[doc.starts[i] - 1].isspace()
            if (word in (",", ";", ":", "-", "—", "–", "(", ")", "]", "--") and not hyphen) or self._anew(i, right[0]):
                break
            if (
                word in ("and", "but")
                and doc.lower[min(i + 1, right[-1])] != "that"
                and any(doc.tags[k] in FINITE for k in range(i + 1, min(i + 3, right[-1] + 1)))
            ):
                break
            end = i + 1
        if end - right[0] >= 2:
            relation.content.append(trimmed_span(self.tree, doc.span(right[0], end)))

    def _anew(self, i: int, first: int) -> bool:
        """A cue among the words behind a quotation, unless it stands with its own subject in a clause of them."""
        relation = self.relations.get(i)
        if relation is None:
            return False
        inner = relation.own_subject and relation.source is not None and relation.source[0] > first
        return not (inner and self.doc.deps[i] in ("relcl", "acl", "advcl", "ccomp"))

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
        starts = j < len(doc) and (
            doc.pos[j] in ("PROPN", "DET", "PRON", "NOUN", "ADJ", "NUM")
            # 'said retiring Sen. Moe'
            or (doc.tags[j] in ("VBG", "VBN") and doc.pos[min(j + 1, len(doc) - 1)] in ("PROPN", "NOUN"))
        )
        if starts and (doc.tags[i] in FINITE or (doc.tags[i] == "VBN" and self._lone_participle(i))):
            paragraph = doc.paragraphs[sentence.paragraph]
            last = j
            while last < paragraph.last and last - j < 30 and doc.words[last] not in STOPS and self.inside[last] < 0:
                if doc.words[last] == "," and not (last + 1 < len(doc) and doc.pos[last + 1] in ("DET", "NOUN", "ADJ")):
                    break
                if (doc.pos[last] in ("VERB", "AUX") and last > j) or doc.words[last] == ":":
                    break
                if last > j and doc.lower[last] in NOT_OF and doc.pos[last - 1] == "PROPN":
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

    def _lone_participle(self, i: int) -> bool:
        """'…," tweeted Dowd' read as 'the tweeted Dowd': no article or auxiliary stands before the cue."""
        doc = self.doc
        return i == 0 or doc.pos[i - 1] in ("PUNCT", "SPACE", "CCONJ")

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
