"""What a description says by itself: its country, its noun, its office, its sector."""

from __future__ import annotations

from onrecord.stages.resolve.cast import Cast
from onrecord.stages.resolve.lexicon import words
from onrecord.stages.resolve.phrases import DEFINITE, INDEFINITE, Phrase, after

_SPELLING = {"defense": "defence", "organization": "organisation", "labor": "labour", "center": "centre"}
_SHORT = {"gen.": "general", "lt.": "lieutenant", "maj.": "major", "brig.": "brigadier", "col.": "colonel",
          "cpl.": "corporal", "pvt.": "private", "adm.": "admiral", "sen.": "senator", "rep.": "representative",
          "gov.": "governor"}  # fmt: skip
_WOMEN, _MEN = words("pronouns", "women"), words("pronouns", "men")
_SAYING = words("pronouns", "verbs_of_saying") | {"believe", "think"}
_MAKES = frozenset({"declare", "proclaim", "elect", "appoint", "name", "swear", "crown", "choose"})
_SIDES = frozenset({"pro", "anti", "non"})
_TIED = frozenset({"linked", "backed", "affiliated", "aligned", "allied", "inspired", "funded", "armed", "supported"})
_BODY_FIXES = ("ministry of ", "department of ")
_RANK = ("president", "prime minister", "chancellor", "leader", "king", "premier", "supreme leader",
         "secretary of state", "foreign minister", "foreign secretary", "defence minister")  # fmt: skip


class Reader:
    """Reads phrases against a report's names."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.doc = cast.doc

    def _country(self, phrase: Phrase) -> str | None:
        """The country that the phrase itself names, before or after its noun; none of 'Danish and Finnish troops'."""
        adjectives = [c for m in phrase.modifiers for c in (m, *self.doc.children[m]) if c < phrase.term_first]
        joined = {self._code(c) for c in adjectives if self.doc.deps[c] in ("amod", "conj") and c in self.cast.at_token}
        if len(joined - {None}) > 1 and any(self.doc.deps[c] == "conj" for c in adjectives):
            return None
        for m in phrase.modifiers:
            if self._sides(m):
                continue
            code = self._code(m)
            if code:
                return code
            for c in self.doc.children[m]:
                if c < m and (code := self._code(c)):
                    return code
        for g in after(self.doc, phrase):
            if code := self._code(g):
                return code
        return None

    def _sides(self, token: int) -> bool:
        """True for 'pro-Norland' and 'Norland-backed', which say whose side somebody is on and not whose he is."""
        lower = self.doc.lower
        if lower[token] in _TIED and token >= 2 and lower[token - 1] == "-":
            return True
        return token >= 2 and lower[token - 1] == "-" and lower[token - 2] in _SIDES

    def _code(self, token: int) -> str | None:
        found = self.cast.at_token.get(token)
        if found is None:
            return None
        name, draft = found
        if name.country:
            return name.country
        if draft.kind in ("organisation", "person") and draft.country:
            return draft.entity(self.doc.published).country if draft.kind == "person" else draft.country
        return draft.country

    def _noun(self, phrase: Phrase) -> str:
        lemma = self.doc.lemmas[phrase.head].lower()
        lemma = _SPELLING.get(lemma, lemma)
        return phrase.role.term.split()[-1] if phrase.role.term in ("foreign minister",) else lemma

    def _term(self, phrase: Phrase, folded: bool = False) -> str:
        if not folded:
            return self.doc.quote(self.doc.span(phrase.term_first, phrase.term_last))
        words = [_SPELLING.get(w, w) for w in phrase.role.term.split()]
        term = " ".join(words)
        for fix in _BODY_FIXES:
            if term.startswith(fix):
                term = f"{term.removeprefix(fix)} {fix.split()[0]}"
        return term

    def _office(self, phrase: Phrase) -> str:
        return plain_office(phrase.role.term)

    def _sector(self, phrase: Phrase) -> str:
        return "ELI" if self._former(phrase) else phrase.role.sector

    def _former(self, phrase: Phrase) -> bool:
        if tuple(self.doc.lower[phrase.term_last : phrase.term_last + 2]) == ("-", "elect"):
            return True
        return any(self.doc.lower[m] in ("former", "ex", "retired", "ousted", "late", "then") for m in phrase.modifiers)

    def _unique(self, phrase: Phrase) -> bool:
        term = phrase.role.term
        return "minister" in term or term in _RANK or "secretary" in term or term in ("attorney general", "ambassador")

    def _gender(self, noun: str) -> str:
        """What a noun tells of one person: 'f', 'm', '' for nothing."""
        return "f" if noun in _WOMEN else "m" if noun in _MEN else ""

    def _personal(self, phrase: Phrase) -> bool:
        """True for what is somebody's own: 'the Berg campaign' is not 'Mr. Hill's campaign'."""
        found = (self.cast.at_token.get(m) for m in phrase.modifiers)
        return any(f is not None and f[1].kind == "person" for f in found)

    def _takes_part(self, phrase: Phrase) -> bool:
        """True for who does something or has it done to them; who only speaks and is nobody in particular does not."""
        doc, head = self.doc, phrase.head
        for _ in range(4):
            if doc.deps[head] != "conj":
                break
            head = doc.heads[head]
        if doc.deps[head] == "nsubj" and doc.lemmas[doc.heads[head]].lower() in _SAYING:
            return False
        by = doc.deps[head] == "pobj" and doc.deps[doc.heads[head]] == "agent"
        return by or doc.deps[head] in ("nsubj", "nsubjpass", "dobj")

    def _post(self, phrase: Phrase) -> bool:
        """True for an office that is sought or given: nobody is named by 'ran for president', 'elected president'."""
        bare = phrase.role.kind == "person" and phrase.determiner == "" and not phrase.plural
        up = self.doc.heads[phrase.head]
        below = self.doc.deps[phrase.head] == "pobj" and self.doc.lower[up] in ("for", "as")
        made = self.doc.lemmas[up].lower() in _MAKES and up < phrase.head and self.doc.pos[up] == "VERB"
        return bare and (below or made)

    def _owned(self, phrase: Phrase) -> str:
        """'his wife', who is another one than 'her wife'."""
        return self.doc.quote(self.doc.span(phrase.first, phrase.last)).replace("\n", " ")

    def _proper(self, phrase: Phrase) -> bool:
        return self.doc.pos[phrase.head] == "PROPN"

    def _description(self, phrase: Phrase, bare: bool = False) -> str:
        first = phrase.first
        while first < phrase.term_first and (
            self.doc.lower[first] in DEFINITE | INDEFINITE
            or self.doc.pos[first] in ("DET", "PUNCT")
            or self.doc.tags[first] == "WP$"
            or (bare and (self.doc.pos[first] == "NUM" or self.doc.deps[first] in ("nummod", "quantmod", "advmod")))
            or (bare and self.doc.deps[first] == "amod" and self.doc.heads[first] != phrase.head
                and first not in self.cast.at_token)
        ):  # fmt: skip
            first += 1
        return self.doc.quote(self.doc.span(first, phrase.last)).replace("\n", " ")


def plain_office(term: str) -> str:
    """An office in one spelling: 'secretary of defense' is 'secretary of defence', 'Sen.' a senator."""
    words = [_SPELLING.get(w, _SHORT.get(w, w)) for w in term.split()]
    return " ".join(words)


def long_office(written: str) -> str:
    """An office as it is written, a short title in full: 'senator' for 'Sen.'."""
    return plain_office(written.lower()) if written.endswith(".") else written


def same_office(role: str, office: str) -> bool:
    """True when an office that the report gave somebody may be said again by the other words."""
    a, b = plain_office(role.lower()), office
    if a == b:
        return True
    if b == "premier" and a == "prime minister":
        return True
    return b in ("president", "minister", "secretary", "chancellor", "king", "queen", "senator", "governor", "mayor",
                 "general", "chief", "ambassador", "chairman", "director", "judge", "prosecutor", "spokesman",
                 "spokeswoman", "pope", "lawyer", "commander", "secretary general") and (
        a.split()[-1] == b or a.startswith(b + " of")
    ) and not (b == "president" and "vice" in a) and not (b == "secretary" and "press" in a)  # fmt: skip
