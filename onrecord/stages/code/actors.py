"""From the head of a noun phrase to the actor that it names: entity ids where the report's entities cover it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from onrecord import lexicon
from onrecord.model import Document, Span
from onrecord.stages.code import grammar, placed
from onrecord.stages.code.ontology import Ontology
from onrecord.stages.code.placing import PLACE_NOUNS
from onrecord.stages.code.speaking import meant

ACTOR_KINDS = frozenset({"person", "organisation", "country", "group", "place"})
_ACTOR_LABELS = frozenset({"PERSON", "ORG", "GPE", "NORP"})
_BASED = grammar.words("based headquartered living residing located born")
_LED = grammar.words(
    "administration government regime cabinet coalition party force forces troop troops army militia militant fighter "
    "supporter loyalist follower side faction bloc movement group gang army campaign team rebel guerrilla junta"
)  # what somebody leads does what its leader's country does
_RULED = grammar.words("administration government regime cabinet coalition junta force forces army militia navy")
_OFFICES = grammar.words("administration government regime cabinet")
_BODIES = grammar.words(
    "organization organisation newspaper magazine broadcaster station channel company firm corporation business bank "
    "court tribunal council committee commission assembly parliament legislature ministry department agency authority "
    "union federation association club league church mosque school university hospital police office bureau museum "
    "charity foundation network cartel mafia tribe clan community population public crowd mob center centre delegation"
)
_DEVOTED = frozenset({"loyal"})
INTO = grammar.words("inquiry investigation probe impeachment indictment trial prosecution hearing")
_WILLED = grammar.words("prepared ready willing unwilling able unable determined keen eager reluctant open opposed")
_BACK = 60  # tokens looked at before a pronoun
_LAWS = grammar.words("act bill law amendment treaty constitution resolution accord accords agreement convention")
_PRONOUNS = grammar.words("he she they we it who him her them")


@cache
def _seats() -> frozenset[str]:
    """Cities that stand for a government when they act, in lower case."""
    return frozenset(s.lower() for row in lexicon.rows("countries.tsv") for s in row["seats"].split("|") if s)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who acts or is acted on: the evidence, the entities it names, and the head token."""

    span: Span
    ids: tuple[str, ...]
    token: int
    place: bool = False


class Cast:
    """The actors of one document, looked up by token."""

    def __init__(self, doc: Document, ontology: Ontology) -> None:
        self.doc = doc
        self.words = ontology.classes.get("actor", frozenset())
        self.forces = ontology.classes.get("troops", frozenset()) | {
            "rebel",
            "insurgent",
            "militant",
            "fighter",
            "guerrilla",
        }
        self.meetings = ontology.classes.get("meeting", frozenset())
        self.forerunners = ontology.classes.get("agent", frozenset())
        self.deeds = ontology.classes.get("deed", frozenset()) | ontology.nouns.keys()
        self._nouns = ontology.nouns

    @cached_property
    def suffered(self) -> frozenset[str]:
        """Event nouns whose 'of' names whom it befalls: 'the invasion of Kenya drove out thousands'."""
        frames = ((noun, p.frame.partition(">")) for noun, patterns in self._nouns.items() for p in patterns)
        return frozenset(n for n, (by, _, on) in frames if "of" in on.split() and "of" not in by.split())

    @cached_property
    def _mention_at(self) -> dict[int, tuple[Span, tuple[str, ...]]]:
        out: dict[int, tuple[Span, tuple[str, ...]]] = {}
        for m in self.doc.mentions:
            entity = self.doc.entities.get(m.entity_id)
            if entity is None or entity.kind not in ACTOR_KINDS:
                continue
            for t in self.doc.tokens_in(m.span):
                old = out.get(t)
                if old is None or old[0].end - old[0].start < m.span.end - m.span.start:
                    out[t] = (m.span, (m.entity_id,))
                elif old[0] == m.span and m.entity_id not in old[1]:
                    out[t] = (m.span, (*old[1], m.entity_id))
        return out

    @cached_property
    def _country_at(self) -> dict[int, tuple[Span, tuple[str, ...]]]:
        """Mentions of countries inside longer ones: 'Swiss' and 'Austrian' of 'Swiss and Austrian refugees'."""
        out: dict[int, tuple[Span, tuple[str, ...]]] = {}
        for m in self.doc.mentions:
            entity = self.doc.entities.get(m.entity_id)
            if entity is not None and entity.kind == "country":
                for t in self.doc.tokens_in(m.span):
                    old = out.get(t)
                    if old is None or old[0].end - old[0].start > m.span.end - m.span.start:
                        out[t] = (m.span, (m.entity_id,))
        return out

    @cached_property
    def _inner_at(self) -> dict[int, tuple[Span, tuple[str, ...]]]:
        """The shortest mention that ends in a token: 'Serb' of 'a Serb party leader', whose longest is the leader's."""
        out: dict[int, tuple[Span, tuple[str, ...]]] = {}
        for m in self.doc.mentions:
            entity = self.doc.entities.get(m.entity_id)
            tokens = self.doc.tokens_in(m.span)
            if entity is None or entity.kind not in ACTOR_KINDS or not tokens:
                continue
            old = out.get(tokens[-1])
            if old is None or old[0].end - old[0].start > m.span.end - m.span.start:
                out[tokens[-1]] = (m.span, (m.entity_id,))
        return out

    @cached_property
    def _label_at(self) -> dict[int, tuple[Span, str]]:
        out = {}
        for span, label, first, last in self.doc.named_entities:
            for t in range(first, last):
                out[t] = (span, label)
        return out

    def named(self, token: int) -> tuple[Span, tuple[str, ...]] | None:
        """The span and entity ids (none: known to the parser only) of the mention that a token is part of."""
        hit = self._mention_at.get(token)
        if hit is not None:
            return hit
        tagged = self._label_at.get(token)
        if tagged is not None and tagged[1] in _ACTOR_LABELS:
            return tagged[0], ()
        return None

    def is_place(self, token: int) -> bool:
        """True when the name at a token is a place and no more."""
        hit = self._mention_at.get(token)
        if hit is not None:
            return all(self.doc.entities[i].kind == "place" for i in hit[1])
        tagged = self._label_at.get(token)
        return tagged is not None and tagged[1] in ("LOC", "FAC")

    def is_city(self, token: int) -> bool:
        """True when the name at a token is a place below a country, or a capital that may stand for its country."""
        name = self.named(token)
        return name is not None and (self.is_place(token) or self.doc.quote(name[0]).lower() in _seats())

    def states(self, parties: Iterable[Party]) -> bool:
        """True when a party is a country."""
        known = (self.doc.entities.get(i) for p in parties for i in p.ids)
        return any(e is not None and e.kind == "country" for e in known)

    def governs(self, party: Party) -> bool:
        """True for a country and for a person in its government."""
        known = [e for i in party.ids if (e := self.doc.entities.get(i)) is not None]
        return any(e.kind == "country" or (e.kind == "person" and e.sector == "GOV") for e in known)

    def armed(self, parties: Iterable[Party]) -> bool:
        """True when a party is an armed force; CAMEO counts what two of them do as fighting, else as violence."""
        for p in parties:
            sectors = {e.sector for i in p.ids if (e := self.doc.entities.get(i)) is not None}
            if sectors & {"MIL", "REB", "UAF"}:
                return True
            if self.doc.lemmas[p.token].lower() in self.forces:
                return True
        return False

    def lawful(self, parties: Iterable[Party]) -> bool:
        """True when a party is police or a court."""
        known = (self.doc.entities.get(i) for p in parties for i in p.ids)
        return any(e is not None and e.sector in ("COP", "JUD") for e in known)

    def is_side(self, token: int) -> bool:
        """True when the name at a token is a country, a people or an organisation."""
        hit = self._mention_at.get(token)
        return hit is not None and all(
            self.doc.entities[i].kind in ("country", "group", "organisation") for i in hit[1]
        )

    def is_land(self, token: int) -> bool:
        """True when the name at a token is a place or a country."""
        hit = self._mention_at.get(token)
        if hit is not None:
            return all(self.doc.entities[i].kind in ("place", "country") for i in hit[1])
        tagged = self._label_at.get(token)
        return tagged is not None and tagged[1] in ("LOC", "FAC", "GPE")

    def party(self, head: int) -> Party | None:
        """The party named by a noun phrase with this head, None when it names nobody."""
        doc = self.doc
        name = (doc.tags[head] == "PRP$" and self._inner_at.get(head)) or self.named(head)  # 'his' of 'his opposition'
        if doc.pos[head] not in ("NOUN", "PROPN", "PRON", "ADJ", "NUM", "DET", "X") and not (name and name[1]):
            return None
        lemma = doc.lemmas[head].lower()
        if name is None and doc.tags[head] == "WP" and doc.lower[head] in ("who", "whom"):
            at = self._antecedent(head)
            return self.party(at) if at is not None and doc.tags[at] != "WP" else None
        if name is not None and doc.lower[head] in _LAWS and any(doc.deps[k] == "det" for k in doc.children[head]):
            return None
        if name is not None:
            ids = self._of_land(head) or name[1]
            if doc.pos[head] == "NOUN":
                ids = self._with_countries(head, ids)
            elif doc.pos[head] == "PROPN" and not self._has_country(ids):
                known = [i for i in self._modifying(head) if self._has_country([i])] or self._in_apposition(head)
                ids = (*ids, *(i for i in known if i not in ids))
            return Party(self.doc.whole(name[0]), ids, head, self.is_place(head))
        if doc.pos[head] == "PRON":
            ids = meant(doc, head, self.named) or self._only_plural(head)
            if not ids and (doc.lower[head] not in _PRONOUNS or not self._agentive(head)):
                return None
            return Party(doc.span(head, head + 1), ids, head)
        if lemma in grammar.CONTAINERS:
            for p, h in grammar.prepositional(doc, head, "of"):
                found = self.party(h) if p == "of" and h != head else None
                if found is not None:
                    return found
        if lemma == "justice" and doc.tags[head] == "NN" and not any(doc.deps[k] == "det" for k in doc.children[head]):
            return None
        if lemma == "opposition" and any(doc.lower[k] == "to" for k in doc.children[head]):
            return None
        if self.words.intersection((lemma, doc.lower[head], doc.lower[head].removesuffix("s"))):
            return self._described(head)
        if lemma in PLACE_NOUNS:
            named = [c for c in doc.children[head] if doc.deps[c] == "appos" and self.named(c) is not None]
            named += [h for _, h in grammar.prepositional(doc, head, "of") if self.is_land(h)]
            if named:
                return self.party(named[0])
        if doc.pos[head] in ("NUM", "DET"):
            for p, h in grammar.prepositional(doc, head, "of"):
                found = self.party(h) if p == "of" and h != head else None
                if found is not None:
                    return found
        return None

    def _only_plural(self, head: int) -> tuple[str, ...]:
        """Whom 'they' takes up where one plural alone acts before it: 'stolen by hackers when THEY broke in'."""
        doc = self.doc
        if doc.lower[head] != "they":
            return ()
        near = range(max(doc.sentences[doc.sentence_of[head]].first, head - _BACK), head)
        plural = [k for k in near if doc.tags[k] in ("NNS", "NNPS")]
        acting = [k for k in plural if doc.deps[k] in ("nsubj", "nsubjpass") or doc.deps[doc.heads[k]] == "agent"]
        known = [p.ids for k in acting if (p := self.party(k)) is not None and p.ids]
        return known[0] if len(set(known)) == 1 else ()

    def _antecedent(self, head: int) -> int | None:
        """Whom 'who' takes up: the noun of its relative clause, or X of 'it was X who'."""
        doc, verb = self.doc, self.doc.heads[head]
        for _ in range(6):
            if doc.deps[verb] == "relcl":
                return doc.heads[verb]
            up = doc.heads[verb]
            if doc.deps[verb] == "ccomp" and doc.lemmas[up].lower() == "be":
                if any(doc.lower[k] == "it" for k in doc.children[up]):
                    return doc.child(up, "attr")
                return None
            if doc.deps[verb] not in ("conj", "xcomp", "ccomp") or up == verb:
                return None
            verb = up
        return None

    def _of_land(self, head: int) -> tuple[str, ...]:
        """The land where a people lives, which counts before its descent: 'the Albanians of Serbia'."""
        doc = self.doc
        hit = self._mention_at.get(head)
        if hit is None or doc.tags[head] not in ("NNS", "NNPS"):
            return ()
        if any(doc.entities[i].kind not in ("country", "group") for i in hit[1]):
            return ()
        lands = [h for _, h in grammar.prepositional(doc, head, "of") if self.is_land(h)]
        return tuple(i for h in lands for i in (self.named(h) or (None, ()))[1])

    def _agentive(self, head: int) -> bool:
        if self.doc.lower[head] != "it":
            return True
        verb = self.doc.heads[head]
        if self.doc.deps[head] not in ("nsubj", "nsubjpass"):
            return False
        if self.doc.lemmas[verb].lower() != "be":
            return True
        return any(self.doc.deps[k] == "acomp" and self.doc.lower[k] in _WILLED for k in self.doc.children[verb])

    def _with_countries(self, head: int, ids: tuple[str, ...]) -> tuple[str, ...]:
        """The ids of a description, and its countries where it names several or its own entity has none."""
        found = self._modifying(head)
        if not self._has_country(found):
            found = [*found, *(i for i in self._complements(head) if i not in found)]
        known = [self.doc.entities[i].country for i in ids if i in self.doc.entities]
        if len(found) > 1:
            several = [self.doc.entities[i].country for i in found if i in self.doc.entities]
            if len(set(several)) > 1:
                return tuple(found)
        if ids and any(known):
            return ids
        if ids and self.doc.lemmas[head].lower() not in _LED:
            found = [i for i in found if self._has_country([i])]  # 'a women's rights blogger' is one party
        elif ids and self.doc.lemmas[head].lower() in _OFFICES:
            found = [i for i in found if self._has_country([i]) or self.doc.entities[i].kind != "person"]
        return (*ids, *(i for i in self._beyond_land(head, found) or self._in_apposition(head) if i not in ids))

    def _beyond_land(self, head: int, ids: list[str]) -> list[str]:
        """Without the town of somebody: 'a Mombasa baker' is not Mombasa, though its militia may stand for it."""
        if self.doc.tags[head] != "NN" or self.doc.lemmas[head].lower() in self.forces | _LED | _BODIES:
            return ids
        return [i for i in ids if self.doc.entities[i].kind != "place"]

    def _has_country(self, ids: Iterable[str]) -> bool:
        return any(self.doc.entities[i].country for i in ids if i in self.doc.entities)

    def _modifying(self, head: int) -> list[str]:
        ids: list[str] = []
        led = self.doc.lemmas[head].lower() in _LED
        for c in self.doc.children[head]:
            if self.doc.pos[head] == "NOUN" and not led and self.is_person(c):
                continue
            others = self.named(head) is not None and self.doc.lemmas[head].lower() not in self.forces | _RULED
            if others and self.doc.tags[c] == "PRP$":
                continue  # 'its supporters' are others than it
            if c >= 2 and self.doc.words[c - 1] == "-" and self.doc.lower[c - 2] in ("pro", "anti"):
                continue  # whose side 'pro-Norland rebels' are on, not whose they are
            if self.doc.deps[c] in ("amod", "compound", "poss", "nmod"):
                self._add(c, ids)
                for k in self.doc.children[c]:
                    if self.doc.deps[k] == "conj":
                        self._add(k, ids)
        return ids

    def is_person(self, token: int) -> bool:
        """True for a person's name or pronoun: the lawyer in 'Berg's lawyer' and 'a Berg lawyer' is somebody else."""
        hit = self._inner_at.get(token) or self.named(token)
        return hit is not None and bool(hit[1]) and all(self.doc.entities[i].kind == "person" for i in hit[1])

    def _complements(self, head: int, deep: bool = True) -> list[str]:
        ids: list[str] = []
        bases = [c for c in self.doc.children[head] if self.doc.lower[c] in _BASED and self.doc.deps[c] == "acl"]
        bases += [c for c in self.doc.children[head] if self.doc.lower[c] in _DEVOTED]
        for word in ("of", "from", "in", "at", "to"):
            for at in (head, *bases):
                if word == "to" and at == head and self.doc.lemmas[head].lower() != "party":
                    continue
                for _, h in grammar.prepositional(self.doc, at, word):
                    self._add(h, ids)
                    if self.doc.pos[h] in ("NOUN", "PROPN") and not self._has_country(ids):
                        ids.extend(self._modifying(h) or (self._complements(h, False) if deep else ()))
            if ids:
                break
        for c in self.doc.children[head]:
            if not ids and self.doc.lemmas[c].lower() == "flee" and self.doc.deps[c] in ("acl", "relcl"):
                for h in grammar.objects(self.doc, c):
                    self._add(h, ids)
                    if not ids and deep:
                        ids.extend(self._complements(h, False))
        return ids

    def _in_apposition(self, head: int) -> list[str]:
        """The countries of what a name is explained by: 'Oshima, the U.N. relief coordinator'."""
        doc, ids = self.doc, list[str]()
        near = [c for c in doc.children[head] if doc.deps[c] == "appos"]
        if doc.deps[head] == "appos":
            near.append(doc.heads[head])
        for c in near:
            if doc.pos[c] in ("NOUN", "PROPN"):
                ids.extend(i for i in (*self._modifying(c), *self._complements(c)) if i not in ids)
        return [i for i in ids if doc.entities[i].country and doc.entities[i].kind != "place"]

    def _described(self, head: int) -> Party:
        ids = self._modifying(head) or self._complements(head)
        ids = self._beyond_land(head, ids)
        if not ids:
            for c in self.doc.children[head]:
                if self.doc.deps[c] == "appos":
                    self._add(c, ids)
        return Party(self._phrase(head), tuple(ids), head)

    def _add(self, token: int, ids: list[str]) -> None:
        name = self._country_at.get(token) or self._inner_at.get(token) or self.named(token)
        if name is not None:
            ids.extend(i for i in name[1] if i not in ids)

    def _phrase(self, head: int) -> Span:
        left = head
        for _ in range(12):
            before = left - 1
            if before < 0 or self.doc.heads[before] not in range(before + 1, head + 1):
                break
            if self.doc.deps[before] not in ("amod", "compound", "poss", "nmod", "nummod", "det", "case", "quantmod"):
                break
            left = before
        if self.doc.deps[left] == "det":
            left += 1
        if left > 0 and self.doc.lower[left] in ("least", "most") and self.doc.lower[left - 1] == "at":
            left -= 1
        return self.doc.span(min(left, head), head + 1)

    def inside(self, head: int, words: tuple[str, ...], depth: int = 0) -> list[Party]:
        """Parties named inside a phrase: its owner, its demonym, then the objects of the prepositions given."""
        doc = self.doc
        for c in doc.children[head]:
            if doc.deps[c] in ("poss", "amod", "compound", "nmod"):
                if doc.lower[c] == "led" and (leader := doc.child(c, "npadvmod")) is not None:
                    c = leader  # 'the Norwegian-led invasion'
                if doc.deps[c] != "poss" and self.is_city(c):
                    continue
                name = self.named(c)
                if doc.deps[c] == "poss" and (found := self.party(c)) is not None:
                    return [p for h in grammar.conjuncts(doc, c) if (p := self.party(h)) is not None] or [found]
                whom = doc.deps[c] == "compound" and doc.lemmas[head].lower() in INTO and self.is_person(c)
                if name is not None and not whom:  # 'the Berg inquiry' is not Berg's
                    out = [p for h in self._paired(c) for p in self._from_name(h)]
                    if out:
                        return out
        if depth < 3:
            for word in words:
                out2: list[Party] = []
                for _, h in grammar.prepositional(doc, head, word):
                    found = self.party(h)
                    if found is not None:
                        out2.append(found)
                    else:
                        out2.extend(self.inside(h, words, depth + 1))
                if out2:
                    return out2
        return []

    def agents(self, head: int) -> list[Party]:
        """The force named before an event noun: 'a rebel attack', 'police firing'."""
        doc = self.doc
        for c in doc.children[head]:
            if doc.deps[c] in ("compound", "amod", "nmod") and doc.lemmas[c].lower() in self.forerunners:
                found = self.party(c)
                if found is not None:
                    return [found]
        return []

    def _paired(self, token: int) -> list[int]:
        """A name that modifies a noun and those joined to it: 'a Swiss and Austrian plan', 'the Berne-Vienna talks'."""
        doc = self.doc
        joined = [
            k
            for k in doc.children[token]
            if doc.deps[k] == "conj" or (k < token and doc.lower[k + 1] in ("-", "–", "/"))
        ]
        return sorted([*joined, token])

    def _from_name(self, token: int) -> list[Party]:
        name = self.named(token)
        if name is None:
            return []
        inside = Span(self.doc.starts[token], self.doc.ends[token])
        touching = dict.fromkeys(placed.named(self.doc).touching(inside.start, inside.end))
        within = [m for m in touching if inside.covers(m.span) and m.span != inside]
        ids = tuple(m.entity_id for m in within if self.doc.entities[m.entity_id].kind in ACTOR_KINDS)
        if len(ids) > 1:
            return [Party(self.doc.whole(m.span), (m.entity_id,), token) for m in within if m.entity_id in ids]
        return [Party(self.doc.whole(name[0]), name[1], token, self.is_place(token))]
