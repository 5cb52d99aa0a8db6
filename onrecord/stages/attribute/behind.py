"""What stands behind a quotation: '…," she said', '…?" asked the judge', '…," according to one official'."""

from __future__ import annotations

from onrecord.model import Span
from onrecord.stages.attribute.ground import Ground
from onrecord.stages.attribute.relation import SAY, Relation
from onrecord.stages.attribute.tree import trimmed_span
from onrecord.stages.attribute.words import FINITE

DASHES = frozenset(("-", "--", "—", "–", "―", "~"))


class Behind(Ground):
    """Rules that look behind a quotation."""

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
        if left and self._told_before(left, chosen, quotation.inner):
            return None
        known = self.relations.get(chosen)
        if doc.lower[chosen] == "according":
            return known if not (stopped and right[0] == chosen) else None
        if stopped and not comma:
            onward = right[-1] + 1 < len(doc) and self.inside[right[-1] + 1] >= 0  # to a quotation of the next sentence
            if onward or self._has_object(chosen) or (doc.words[right[0]][0].isupper() and chosen - right[0] > 3):
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
                relation.content.append(trimmed_span(self.tree, doc.span(right[0], end)))
        return relation

    def _told_before(self, left: range, chosen: int, inner: Span) -> bool:
        """True when the words in front have a cue for the quotation and the verb behind it is none of speech."""
        entry = self._entry(chosen)
        if self.doc.lower[chosen] == "according" or (entry is not None and "speech" in entry.frames):
            return False
        return entry is None or any(
            any(s.overlaps(inner) for s in self.relations[i].content) for i in left if i in self.relations
        )

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
            if doc.pos[i] == "CCONJ" and doc.words[i - 1] == "," and doc.pos[doc.heads[i]] in ("VERB", "AUX"):
                return reduced
            if doc.lower[i] == "according" and i + 1 < len(doc) and doc.lower[i + 1] == "to":
                return i if i in self.relations else None
            if doc.deps[i] == "acl" and doc.tags[i] == "VBN" and reduced is None and self._entry(i) is not None:
                reduced = i if doc.child(i, "agent") is None else None
            if i == right[0] and self._read_as_adjective(i):
                return i
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

    def _read_as_adjective(self, i: int) -> bool:
        """'…," tweeted Dowd': a cue of speech that the parser hangs on the name behind it."""
        doc = self.doc
        entry = self._entry(i)
        if entry is None or "speech" not in entry.frames or doc.deps[i] not in ("amod", "acl", "compound"):
            return False
        return doc.heads[i] > i and doc.pos[i + 1] in ("PROPN", "NOUN", "DET", "ADJ", "NUM")

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
        entry = self._entry(i)
        taken = ("ccomp", "xcomp") if entry is not None and "person" in entry.frames else ("ccomp", "xcomp", "dobj")
        if any(i < j <= last and doc.deps[j] in taken for j in doc.children[i]):
            return True
        return last + 1 < len(doc) and self.inside[last + 1] >= 0 and doc.words[last] in (":", "that")

    def _inverted_tail(self, i: int, right: range) -> bool:
        return i == right[0] or (i == right[0] + 1 and self.doc.words[right[0]] == ",")
