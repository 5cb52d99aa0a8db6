"""What the rules ask of a parse, computed once a document: subtree edges, subjects, verb groups."""

from __future__ import annotations

from onrecord.model import Document, Span
from onrecord.stages.attribute.words import FINITE, LIGHT, TURNS

NEAR = 8  # how far a rule climbs for a subject or a light verb; longer chains are parser errors more often than grammar
CLOSING = frozenset(('"', "”", "''", "’", "'", "»"))
MOST = 64  # dependents looked at for a subject; more only a list without end has
BEFORE_CUE = frozenset(("aux", "auxpass", "neg", "advmod"))


class Tree:
    """A document with the edges of every subtree: `left[i]` and `right[i]` are its first and last token."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        n = len(doc)
        self.left, self.right = list(range(n)), list(range(n))
        order: list[int] = []
        stack = [i for i in range(n) if doc.heads[i] == i]
        children = doc.children
        while stack:
            i = stack.pop()
            order.append(i)
            stack.extend(children[i])
        for i in reversed(order):
            h = doc.heads[i]
            if h != i:
                self.left[h] = min(self.left[h], self.left[i])
                self.right[h] = max(self.right[h], self.right[i])

    def subject(self, i: int) -> tuple[int | None, bool]:
        """The token that heads the subject of verb i, and whether the verb itself has it (not one above it)."""
        doc = self.doc
        own = True
        if doc.tags[i] == "VBN" and doc.deps[i] == "advcl" and doc.child(i, "nsubj", "aux", "auxpass", "agent") is None:
            return None, own  # 'Asked whether …, she said': she was asked
        start = self.group_start(i)
        if start > 1 and doc.lower[start - 2 : start] == ["as", "if"]:
            return None, own  # 'They shook their heads as if to say': nobody said it
        for _ in range(NEAR):
            passive = False
            for j in doc.children[i][:MOST]:
                dep = doc.deps[j]
                if dep == "nsubj":
                    return j, own
                if dep == "agent":
                    by = doc.child(j, "pobj")
                    if by is not None:
                        return by, own
                passive |= dep in ("nsubjpass", "auxpass")
            if passive:
                return None, own
            if (first := self.first_of_list(i)) is not None:
                return doc.child(first, "nsubj"), False
            dep, head = doc.deps[i], doc.heads[i]
            if head == i:
                return None, own
            own = False
            if dep == "acl":
                if doc.tags[i] == "VBG" or (doc.tags[i] == "VBD" and doc.pos[head] in ("PROPN", "PRON") and head < i):
                    return head, own
                return None, own
            if dep == "xcomp" and (given := doc.child(head, "dobj")) is not None and doc.tags[i] == "VB":
                return given, own
            if dep in ("pcomp", "prep"):
                i = head
                if doc.pos[i] in ("NOUN", "PROPN"):
                    return doc.child(i, "poss"), own
                continue
            if dep not in ("conj", "xcomp", "advcl", "ccomp", "dep", "aux"):
                return None, own
            if doc.pos[head] not in ("VERB", "AUX", "ADJ", "ADP"):
                return None, own
            i = head
        return None, own

    def first_of_list(self, i: int) -> int | None:
        """'She summed it up, denounced the plan and left': parsers take the first verb for a clause of the second."""
        doc = self.doc
        for j in doc.children[i][:MOST]:
            if j >= i:
                return None
            if doc.deps[j] == "ccomp" and doc.tags[j] == doc.tags[i] and doc.tags[i] in FINITE:
                start = self.group_start(i)
                alone = doc.child(i, "nsubj", "nsubjpass") is None and doc.child(j, "nsubj") is not None
                if alone and self.comma_before(start) and self.right[j] < start:
                    return j
        return None

    def comma_before(self, i: int) -> bool:
        """A comma before token i; a closing mark may stand between."""
        words = self.doc.words
        at = i - 1 - (i > 1 and words[i - 1] in CLOSING)
        return at >= 0 and words[at] == ","

    def noun_phrase(self, i: int, lowest: int, highest: int) -> tuple[int, int]:
        """Tokens `[first, last)` of the phrase that i heads, held inside `[lowest, highest)`."""
        doc = self.doc
        first, last = max(self.left[i], lowest), min(self.right[i] + 1, highest)
        while first < i and (doc.pos[first] in ("PUNCT", "CCONJ", "ADV") or doc.deps[first] in ("mark", "prep", "cc")):
            first += 1
        while last - 1 > i and doc.words[last - 1] in (";", ":", "-", "--", "—", "–", '"', "“", "''", "."):
            last -= 1
        if last - first == 2 and doc.words[last - 1] == ",":
            last -= 1
        return first, last

    def group_start(self, i: int) -> int:
        """First token of the verb group of i: auxiliaries, negation and adverbs that stand directly before it."""
        doc = self.doc
        start = i
        while start > 0:
            j = start - 1
            if doc.heads[j] == i and doc.deps[j] in BEFORE_CUE and doc.lower[j] not in ("when", "how", "why", "where"):
                start = j
            else:
                break
        return start

    def light_head(self, i: int) -> int | None:
        """The light verb that carries i ('went on to say'), or None."""
        doc = self.doc
        head = doc.heads[i]
        if doc.deps[i] == "xcomp" and head < i and i - head <= 5 and doc.lemmas[head] in LIGHT:
            return head
        if doc.deps[i] == "advcl" and doc.lemmas[head] == "go" and doc.lower[head + 1 : i] == ["on", "to"]:
            return head
        opener = doc.heads[head]
        if doc.deps[i] == "pcomp" and doc.lower[head] == "by" and doc.lemmas[opener] in TURNS and opener < head < i:
            return opener if i - opener <= 8 else None
        return None


def trimmed_span(tree: Tree, span: Span) -> Span:
    """Without the blanks, commas, colons, dashes and the full stop at its ends."""
    text = tree.doc.text
    start, end = span.start, span.end
    while start < end and (text[start].isspace() or text[start] in ",;:.-—–"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:—–-" or _stop(text, start, end)):
        end -= 1
    return Span(start, end)


def _stop(text: str, start: int, end: int) -> bool:
    """A full stop that ends a sentence, not an abbreviation such as 'U.S.'."""
    return text[end - 1] == "." and not (end - start > 3 and text[end - 3] == ".")
