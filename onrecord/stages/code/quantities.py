"""Counts and amounts in an event's clause, with the part that each plays: killed, injured, arrested, troops, money...

Numbers in digits and words, with multipliers. A bound ('at least', 'more than') or an approximation is kept as the
`unit`'s qualifier: 'at least', 'more than', 'about'. 'Dozens', 'hundreds', 'thousands' and the like are lower bounds:
two dozens, two hundreds, with the qualifier 'at least'. 'Several' and 'some' give no number and are left out.
"""

from __future__ import annotations

import re

from onrecord.model import Document, Quantity
from onrecord.stages.code import grammar, placed
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.ontology import Ontology

_SMALL = (
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_DECADES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {w: 10 * tens + n for tens, row in enumerate(_SMALL) for n, w in enumerate(row)}
_TENS = {w: 10 * (n + 2) for n, w in enumerate(_DECADES)}
_POWERS = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "m": 1e6, "bn": 1e9,
           "dozen": 12.0, "k": 1e3, "mn": 1e6, "tn": 1e12}  # fmt: skip
_PLURAL = {"dozens": 24.0, "scores": 40.0, "hundreds": 200.0, "thousands": 2000.0, "tens": 20.0, "millions": 2e6,
           "billions": 2e9}  # fmt: skip
_DIGITS = re.compile(r"^[#~]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(m|bn|k|mn|tn)?$")
_BOUNDS = (
    (("at", "least"), "at least"), (("no", "fewer", "than"), "at least"), (("no", "less", "than"), "at least"),
    (("more", "than"), "more than"), (("over",), "more than"), (("up", "to"), "up to"), (("at", "most"), "up to"),
    (("fewer", "than"), "less than"), (("less", "than"), "less than"), (("under",), "less than"),
    (("nearly",), "about"),
    (("almost",), "about"), (("about",), "about"), (("around",), "about"), (("some",), "about"),
    (("roughly",), "about"), (("approximately",), "about"), (("an", "estimated"), "about"),
    (("as", "many", "as"), "up to"),
)  # fmt: skip
_MONEY = grammar.words("$ € £ ¥ dollar euro pound yen yuan ruble rouble rupee usd eur gbp franc peso shekel lira")
_PEOPLE = {
    ("SANCTION", "expel"): "expelled",
    ("SANCTION", "convict"): "convicted",
    ("SANCTION", ""): "sanctioned",
    ("PROTEST", ""): "protesters",
    ("COERCE", "arrest"): "arrested",
    ("COERCE", "deport"): "deported",
    ("ASSAULT", "abduct"): "abducted",
    ("RETREAT", "release"): "released",
    ("AID", ""): "helped",
}
_KILL = grammar.words("kill die dead death murder massacre slay execute")
_INJURE = grammar.words("injure wound hurt injury casualty maim")
HARM = _KILL | _INJURE
"""Verbs and nouns of bodily harm: whom they befall has a body."""


def number(doc: Document, at: int) -> float | None:
    """The number at a token with the number words that belong to it; None when it is not one."""
    words = [doc.lower[t] for t in _number_tokens(doc, at)]
    total, current, seen = 0.0, 0.0, False
    for word in words:
        for part in word.split("-"):
            m = _DIGITS.match(part)
            if m:
                value = float(m.group(1).replace(",", "") + (m.group(2) or ""))
                current += value * _POWERS.get(m.group(3) or "", 1.0)
                seen = True
            elif part in _UNITS or part in _TENS:
                current += _UNITS.get(part, 0) + _TENS.get(part, 0)
                seen = True
            elif part in _POWERS:
                current = (current or 1.0) * _POWERS[part]
                seen = True
                if _POWERS[part] >= 1e3:
                    total, current = total + current, 0.0
            elif part in _PLURAL:
                current = (current or 1.0) * _PLURAL[part] if current == 0 else current
                seen = True
    return total + current if seen else None


def _number_tokens(doc: Document, at: int) -> list[int]:
    sentence = doc.sentences[doc.sentence_of[at]]
    lo, hi = at, at + 1
    while lo > sentence.first and (_numeric(doc, lo - 1) or _hyphen(doc, lo - 1)) and at - lo < 6:
        lo -= 1
    while hi < sentence.last and (_numeric(doc, hi) or _hyphen(doc, hi)) and hi - at < 6:
        hi += 1
    return list(range(lo, hi))


def _hyphen(doc: Document, at: int) -> bool:
    """True for the hyphen of 'forty-seven', which parsers split."""
    if doc.words[at] not in ("-", "–", "‑") or not 0 < at < len(doc) - 1:
        return False
    return doc.lower[at - 1] in _TENS and doc.lower[at + 1] in _UNITS


def _numeric(doc: Document, at: int) -> bool:
    return all(_word_is_number(p) for p in doc.lower[at].split("-"))


def _word_is_number(word: str) -> bool:
    return bool(_DIGITS.match(word)) or word in _UNITS or word in _TENS or word in _POWERS or word in _PLURAL


def quantities(doc: Document, c: Candidate, ontology: Ontology) -> tuple[Quantity, ...]:
    """The quantities of a candidate's clause."""
    verb = grammar.clause_verb(doc, c.top)
    told = c.verbal or c.light is not None
    inside = set(grammar.clause(doc, verb)) if told else set(doc.subtree(c.anchor)[:80])
    for inner in c.inner:
        if inner.type == c.type:
            inside |= set(grammar.clause(doc, inner.top))
    out: list[Quantity] = []
    done: set[int] = set()
    for at in sorted(inside)[:200]:
        if at in done or not _numeric(doc, at) or (doc.lower[at] == "one" and doc.pos[at] != "NUM"):
            continue
        tokens = _number_tokens(doc, at)
        done.update(tokens)
        span = doc.span(tokens[0], tokens[-1] + 1)
        if placed.times(doc).touching(span.start, span.end) or doc.ents[at].endswith(
            ("DATE", "TIME", "ORDINAL", "PERCENT")
        ):
            continue
        role, noun = _role(doc, tokens, c, ontology)
        value = number(doc, at)
        if role is None or value is None:
            continue
        bound, first = _bound(doc, tokens[0])
        if doc.lower[tokens[-1]] in _PLURAL and bound is None:
            bound = "at least"
        if role == "people":
            role = _PEOPLE.get((c.type, c.mode or ""), _PEOPLE.get((c.type, ""), ""))
            if not role:
                continue
        unit = " ".join(w for w in (bound, noun if role in ("money", "weapons", "aid") else None) if w) or None
        out.append(Quantity(doc.span(first, tokens[-1] + 1), value, unit, role))
    return tuple(out)


def _bound(doc: Document, first: int) -> tuple[str | None, int]:
    for words, name in _BOUNDS:
        n = len(words)
        at = first - n
        if at >= 0 and tuple(doc.lower[at:first]) == words:
            return name, at
    return None, first


def _role(doc: Document, tokens: list[int], c: Candidate, ontology: Ontology) -> tuple[str | None, str | None]:
    """The part a number plays, and its unit: by the noun that it counts and the verb that takes that noun."""
    last = tokens[-1]
    beside = [t for t in (tokens[0] - 1, last + 1) if 0 <= t < len(doc)]
    money = [word for words in (doc.lemmas, doc.lower) for t in beside if (word := words[t].lower()) in _MONEY]
    if money:
        return "money", money[0]
    noun = next((doc.heads[t] for t in tokens if doc.heads[t] not in tokens), last)
    if doc.lower[noun] == "of" or doc.lower[last + 1 : last + 2] == ["of"]:
        inner = [h for t in tokens for p, h in grammar.prepositional(doc, t, "of") if p == "of"]
        noun = inner[0] if inner else noun
    verb = grammar.clause_verb(doc, noun)
    lemma = doc.lemmas[verb].lower()
    noun_lemma = doc.lemmas[noun].lower()
    for word in (noun_lemma, *(doc.lemmas[k].lower() for k in doc.children[noun] if doc.deps[k] in ("amod", "acl"))):
        if word in _KILL:
            return "killed", None
        if word in _INJURE:
            return "injured", None
    undergoes = noun in grammar.deep_objects(doc, verb) if doc.pos[verb] == "VERB" else False
    if lemma in _KILL and (undergoes or lemma == "die" or doc.pos[noun] not in ("NOUN", "PROPN")):
        return "killed", None
    if lemma in _INJURE and (undergoes or doc.pos[noun] not in ("NOUN", "PROPN")):
        return "injured", None
    if lemma in ("arrest", "detain", "apprehend", "jail") and undergoes:
        return "arrested", None
    roles = ontology.quantities.get(noun_lemma)
    if roles:
        return roles[0], noun_lemma if doc.pos[noun] == "NOUN" else None
    return None, None
