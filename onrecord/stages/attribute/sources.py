"""Who a source is: its entity, its name in words, its country, and the terms on which it speaks."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache

from onrecord import lexicon
from onrecord.model import Entity, Mention, Span
from onrecord.stages.attribute.relation import Relation
from onrecord.stages.attribute.tree import Tree
from onrecord.stages.attribute.words import OUTLET_NAMES, OUTLET_PHRASES
from onrecord.text import fold

_REASON = re.compile(
    r"\b(?:on|under)\s+(?:the\s+)?(?:condition\s+of\s+)?(?:strict\s+)?anonymity\b"
    r"|\b(?:not|wasn't|weren't|isn't|aren't)\s+(?:be\s+|been\s+)?authori[sz]ed\s+to\s+(?:speak|discuss|comment|talk)\b"
    r"|\b(?:asked|declined|refused|requested|wished|insisted)\b[^.]{0,40}?\b(?:not\s+to\s+be\s+(?:named|identified|quoted)"
    r"|to\s+be\s+(?:named|identified)|to\s+remain\s+anonymous|anonymity)\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:in order to|because|to (?:discuss|describe|share|speak|talk|give|avoid|preview|reveal|disclose)"
    r"|as (?:he|she|they)|since (?:he|she|they)|for fear|out of fear|citing|given the|due to)\b",
    re.IGNORECASE,
)
PRONOUNS = {
    "he": "m", "him": "m", "his": "m", "she": "f", "her": "f",
    "they": "p", "them": "p", "their": "p", "it": "i", "its": "i",
    "who": "r", "which": "r", "that": "r", "both": "p",
    "i": "1", "we": "1", "you": "2", "us": "1", "my": "1", "our": "1",
}  # fmt: skip
_OUTLET = re.compile(rf"\b(?:{'|'.join(OUTLET_NAMES.split())}|{OUTLET_PHRASES})\b")


# Small words with which a name may begin.
PARTICLES = frozenset(
    ("al", "el", "bin", "ibn", "abu", "de", "del", "di", "da", "dos", "du", "van", "von", "ter", "la", "le")
)


def _is_name(name: str) -> bool:
    """'Ada Moe', 'van Dael', 'al-Rashid'; not 'senior aide' nor 'prominent Democrat'."""
    words = name.split()
    first = words[0].split("-")[0]
    begins = any(c.isupper() for c in words[0]) or first.lower() in PARTICLES or words[0].endswith(".")
    return begins and any(c.isupper() for c in words[-1])


@dataclass(slots=True)
class Source:
    """What is known of a source: a row's source columns."""

    type: str
    label: str | None = None
    entity: str | None = None
    country: str | None = None
    reason: str | None = None
    head: str = ""


@lru_cache(maxsize=1)
def source_types() -> dict[str, str]:
    """What a source of that head noun is: person, spokesperson, institution, document, outlet."""
    return {row["lemma"]: row["type"] for row in lexicon.rows("source_words.tsv")}


# Endings of nouns for those who do something: 'trader', 'activist', 'Bostonian', 'appointee', 'layman'.
_HUMAN = re.compile(r"(?<=[a-z]{3})(?:er|or|eer|ier|ster|ist|ian|ean|ee|crat|man|men|woman|women|person|people|folk)$")


_AMOUNTS = frozenset(
    ("lot", "number", "couple", "handful", "majority", "minority", "share", "percentage", "portion", "set", "series")
)


@lru_cache(maxsize=1)
def _source_nouns() -> dict[str, str]:
    return {row["lemma"]: row["kind"] for row in lexicon.rows("source_nouns.tsv")}


def _speaks(lemma: str) -> str:
    """What a common noun is that a source is headed by: 'human', 'document' or 'thing'."""
    known = _source_nouns().get(lemma) or _source_nouns().get(lemma.rpartition("-")[2])
    return known or ("human" if _HUMAN.search(lemma) or lemma in _roles() else "thing")


@lru_cache(maxsize=1)
def _roles() -> frozenset[str]:
    return frozenset(row["term"].rpartition(" ")[2].lower() for row in lexicon.rows("roles.tsv"))


@lru_cache(maxsize=1)
def speakers() -> frozenset[str]:
    """Nouns that name somebody or something that can speak."""
    return frozenset(source_types())


class Sources:
    """Resolves sources in text order: a pronoun or 'the official' takes what the mention before it was."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.doc = tree, tree.doc
        self.named = list(self.doc.named_entities)
        self.people: list[tuple[int, str]] = [
            (first, self.doc.quote(span)) for span, label, first, _ in self.named if label == "PERSON"
        ]
        self.mentions = sorted(self.doc.mentions, key=lambda m: m.span)
        self.mention_starts = [m.span.start for m in self.mentions]
        self.unnamed: dict[str, Source] = {}
        self.reasons: dict[str, str | None] = {}
        self.countries: dict[str, str] = {}
        self.last: Source | None = None
        self.last_person: Source | None = None
        self.last_group: Source | None = None

    def resolve(self, relation: Relation) -> Source:
        """The source of a relation; relations must come in text order."""
        if relation.source is None:
            return Source("unattributed")
        doc = self.doc
        first, last = relation.source
        head = relation.source_head if relation.source_head is not None else last - 1
        if relation.antecedent is not None:
            head = relation.antecedent
            sentence = doc.sentences[doc.sentence_of[head]]
            first, last = self.tree.noun_phrase(head, sentence.first, sentence.last)
            last = max(head + 1, min(last, relation.source[0]))
            while last - 1 > head and doc.words[last - 1] in (",", "-", "—"):
                last -= 1
        word = doc.lower[head]
        if word in PRONOUNS and last - first == 1:
            source = self._pronoun(head, PRONOUNS[word])
        else:
            source = self._several(first, last, head) or self._phrase(first, last, head)
        if source.type in ("named", "anonymous", "institution", "document", "outlet"):
            self.last = source
            if source.type in ("named", "anonymous"):
                self.last_person = source
        return source

    def _several(self, first: int, last: int, head: int) -> Source | None:
        """A source of more than one: 'the leaders', 'both', 'Washington and Seoul'. It stays collective."""
        doc = self.doc
        found = self._same_words(head)
        if len(found) < 2:
            heads = [head]
            while (
                other := next((j for j in doc.children[heads[-1]] if doc.deps[j] == "conj" and j < last), None)
            ) is not None:
                heads.append(other)
                if len(heads) > 8:
                    break
            mentions = [self._mention(doc.span(i, i + 1), i) for i in heads]
            found = [e for m in mentions if m is not None and (e := doc.entities.get(m.entity_id)) is not None]
            if len(heads) < 2 or len(found) < len(heads):
                return None
        return self._joined(found) if len({e.id for e in found}) > 1 else None

    def _joined(self, found: list[Entity]) -> Source:
        countries = {e.country for e in found}
        persons = all(e.kind in ("person", "group") for e in found)
        named = all(any(c.isupper() for c in e.name.split()[-1]) for e in found)
        return Source(
            ("named" if named else "anonymous") if persons else "institution",
            ", ".join(e.name for e in found[:-1]) + " and " + found[-1].name,
            None,
            countries.pop() if len(countries) == 1 else None,
        )

    def _same_words(self, head: int) -> list[Entity]:
        """Entities that share the mention which holds this token: a plural that the resolver took apart."""
        doc = self.doc
        mention = self._mention(doc.span(head, head + 1), head)
        if mention is None:
            return []
        n = bisect_right(self.mention_starts, mention.span.start)
        near = [m for m in self.mentions[max(0, n - 6) : n] if m.span == mention.span]
        return [doc.entities[m.entity_id] for m in near if m.entity_id in doc.entities]

    def _mention(self, span: Span, head: int) -> Mention | None:
        """The mention that the phrase's head lies in; the longest one inside the phrase."""
        doc = self.doc
        at, to = doc.starts[head], doc.ends[head]
        n = bisect_right(self.mention_starts, at)
        best = None
        for m in self.mentions[max(0, n - 6) : n]:
            if (
                m.span.start <= at
                and m.span.end >= to
                and (best is None or m.span.end - m.span.start > best.span.end - best.span.start)
            ):
                best = m
        return best

    def _pronoun(self, head: int, sort: str) -> Source:
        doc = self.doc
        label = doc.words[head]
        mention = self._mention(Span(doc.starts[head], doc.ends[head]), head)
        if sort == "p" and (several := self._several(head, head + 1, head)) is not None:
            return several
        if doc.lower[head] == "both":
            return self._both(head)
        if mention is not None and (entity := doc.entities.get(mention.entity_id)) is not None:
            return self._entity(entity)
        if sort in "12":
            return Source("unattributed", label)
        before = None
        if sort in "mf":
            before = self.last_person or self._nearest_person(head)
        elif sort == "i":
            before = (
                self.last if self.last is not None and self.last.type in ("institution", "document", "outlet") else None
            )
        else:
            before = self.last
        if before is None:
            # 'it' that stands for nothing known is nobody: 'it is understood', 'it took a day to decide'.
            return Source({"m": "named", "f": "named", "i": "unattributed"}.get(sort, "anonymous"), label)
        return before

    def _both(self, head: int) -> Source:
        """'Both said': the last two persons named before, or the last two bodies; one alone is not taken for both."""
        n = bisect_right(self.mention_starts, self.doc.starts[head] - 1)
        kinds: dict[str, list[Entity]] = {}
        for m in reversed(self.mentions[max(0, n - 24) : n]):
            entity = self.doc.entities.get(m.entity_id)
            if entity is None:
                continue
            same = kinds.setdefault("person" if entity.kind == "person" else "body", [])
            if entity.id not in (e.id for e in same):
                same.append(entity)
            if len(same) == 2:
                return self._joined(same[::-1])
        return Source("anonymous", self.doc.words[head])

    def _issuer(self, first: int, last: int, head: int) -> Source | None:
        """The body that a statement is by: 'a ministry statement', 'a statement from the police'."""
        doc = self.doc
        for i in range(first, last):
            mention = self._mention(doc.span(i, i + 1), i) if i != head else None
            entity = doc.entities.get(mention.entity_id) if mention is not None else None
            if entity is not None and entity.kind == "organisation":
                return Source("institution", entity.name, entity.id, entity.country)
        of = [i for i in range(first, last) if i != head and source_types().get(doc.lemmas[i].lower()) == "institution"]
        return Source("institution", doc.quote(doc.span(first, last)), None, self._country(first, last)) if of else None

    def _entity(self, entity: Entity, reason: str | None = None, lemma: str = "") -> Source:
        """The terms on which an entity speaks: a person known by description alone has not been named."""
        if entity.kind not in ("person", "group"):
            return Source("institution", entity.name, entity.id, entity.country)
        if entity.kind == "person" and _is_name(entity.name):
            return Source("named", entity.name, entity.id, entity.country)
        reason = self.reasons.setdefault(entity.id, reason) or reason
        return Source("anonymous", entity.name, entity.id, entity.country, reason, lemma)

    def _nearest_person(self, head: int) -> Source | None:
        name = next((name for first, name in reversed(self.people) if first < head), None)
        return Source("named", name) if name else None

    def _phrase(self, first: int, last: int, head: int) -> Source:
        doc = self.doc
        span = doc.span(first, last)
        label = doc.quote(span).strip(" ,;")
        lemma = doc.lemmas[head].lower()
        mention = self._mention(span, head)
        entity = doc.entities.get(mention.entity_id) if mention is not None else None
        person = next((n for at, n in self._people_in(first, last)), None)
        kind = source_types().get(lemma)
        reason = self._reason(head, first, last)
        if entity is not None and entity.kind == "person":
            found = self._entity(entity, reason, lemma)
            country = found.country or self.countries.get(entity.id) or self._country(first, last)
            if country is not None:
                self.countries.setdefault(entity.id, country)
            return replace(found, country=country)
        if person is not None and kind not in ("document", "outlet") and reason is None:
            return Source("named", label if len(label) < 80 else person, None, self._country(first, last))
        tag = doc.ents[head][2:]
        name = label if len(label) < 120 else doc.quote(doc.span(max(first, head - 4), head + 1))
        if kind == "document":
            issuer = self._issuer(first, last, head) if lemma in ("statement", "communique") else None
            return issuer or Source("document", name, None, self._country(first, last))
        if kind == "outlet" or (
            _OUTLET.search(doc.quote(doc.span(first, head + 1))) and tag in ("ORG", "WORK_OF_ART", "")
        ):
            return Source("outlet", name, entity.id if entity else None, entity.country if entity else None)
        if kind == "spokesperson":
            return Source("institution", name, None, self._country(first, last))
        if kind == "person":
            return self._unnamed(first, last, head, lemma, label, reason)
        if kind == "institution" or entity is not None or tag in ("ORG", "GPE", "NORP", "FAC", "LOC"):
            country = entity.country if entity is not None else self._country(first, last)
            if tag == "NORP" and entity is None:
                return Source("anonymous", name, None, country, reason, lemma)
            return Source(
                "institution", entity.name if entity is not None else name, entity.id if entity else None, country
            )
        if doc.pos[head] == "PROPN":
            return Source("named", label, None, self._country(first, last))
        if tag in ("CARDINAL", "PERCENT") or doc.pos[head] in ("NUM", "DET", "ADJ", "PRON"):
            return Source("anonymous", name, None, self._country(first, last), reason, lemma)
        said_by = _speaks(self._counted(head)) if doc.pos[head] == "NOUN" and reason is None else "human"
        if said_by == "document":
            return Source("document", name, None, self._country(first, last))
        if said_by == "thing":
            return Source("unattributed", name)
        return self._unnamed(first, last, head, lemma, label, reason)

    def _unnamed(self, first: int, last: int, head: int, lemma: str, label: str, reason: str | None) -> Source:
        """A person or persons without a name; 'the official' is the last official, reason for silence included."""
        doc = self.doc
        definite = doc.lower[first] in ("the", "that", "this", "these", "those")
        bare = head - first == 1 and last == head + 1
        titled = definite and doc.words[head][0].isupper() and head > first and doc.ents[head][2:] != "NORP"
        if definite and bare and reason is None:
            before = self.unnamed.get(lemma)
            if before is None and lemma in ("source", "person", "official", "aide", "diplomat"):
                before = self.last if self.last is not None and self.last.type == "anonymous" else None
            if before is not None:
                return before
        country = self._country(first, last)
        kind = "named" if titled else "anonymous"
        source = Source(
            kind, label if len(label) < 160 else doc.quote(doc.span(first, head + 1)), None, country, reason, lemma
        )
        if not bare or lemma not in self.unnamed:
            self.unnamed[lemma] = source
        return source

    def _counted(self, head: int) -> str:
        """The lemma that tells what a phrase is: of 'a number of senators' it is 'senator'."""
        doc = self.doc
        if doc.lemmas[head].lower() in _AMOUNTS:
            of = next((i for i in doc.children[head] if doc.lower[i] == "of"), None)
            head = next(iter(doc.children[of]), head) if of is not None else head
        return doc.lemmas[head].lower()

    def _people_in(self, first: int, last: int) -> list[tuple[int, str]]:
        low = bisect_left(self.people, (first, ""))
        return [p for p in self.people[low : low + 4] if p[0] < last and self.doc.deps[p[0]] != "poss"]

    def _country(self, first: int, last: int) -> str | None:
        """The country of an entity named inside the phrase; 'administration official' is said of the USA only."""
        doc = self.doc
        if not self.mentions:
            return None
        low = bisect_left(self.mention_starts, doc.starts[first])
        for m in self.mentions[low : low + 8]:
            if m.span.end > doc.ends[last - 1]:
                break
            entity = doc.entities.get(m.entity_id)
            if entity is not None and entity.country:
                return entity.country
        phrase = " ".join(doc.lower[first:last])
        if "administration official" in phrase and any(e.country == "USA" for e in doc.entities.values()):
            return "USA"
        return None

    def _reason(self, head: int, first: int, last: int) -> str | None:
        """The words that say why a source is unnamed, from the sentence of the phrase, behind the phrase's head."""
        doc = self.doc
        sentence = doc.sentences[doc.sentence_of[head]]
        span = doc.span(head, min(sentence.last, head + 80))
        text = fold(doc.quote(span))
        m = _REASON.search(text)
        if m is None:
            return None
        clause_end = next((i for i in (text.find(c, m.end()) for c in (",", ";", ".")) if i >= 0), len(text))
        why = _WHY.search(text, m.end(), clause_end)
        start = m.start()
        return doc.quote(Span(span.start + (why.start() if why else start), span.start + clause_end)).strip()
