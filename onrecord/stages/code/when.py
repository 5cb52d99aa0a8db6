"""The days on which an event happened, and what that rests on.

A time expression dates an event when it hangs on the event's own words or its clause ('clause'), or on a clause above
that tells of the same moment ('sentence': 'On Monday the army attacked, killing ten'). It does not reach through
'that', a relative clause, a perfect or a charge ('convicted in 2016 of assaulting'), and the time of another thing
('Thursday's letter', 'the law of 2009') dates that thing alone. Where the tree leaves it open, nothing is said;
what the report tells elsewhere is looked at afterwards (`recalled`).
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta

from onrecord.model import Document, Span
from onrecord.stages.code import grammar, tenses
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.intervals import BESIDE, Time, days_of, of_tweet, taken_up, tale, times_of, told_beside
from onrecord.stages.code.lastwords import DEFINITE, dates_the_matter, opens_next, says_which
from onrecord.stages.code.modality import own_word

When = tuple[date | None, date | None, str | None, Span | None]

_NOTHING: When = (None, None, None, None)
_ASPECT = grammar.words(
    "begin start continue go keep stop finish cease manage try attempt fail have get come help proceed use need dare "
    "rush move appear seem happen be do"
)
_PERCEIVE = grammar.words("see watch hear witness let make help force have leave find catch keep")
_OCCASIONS = grammar.words(
    "speech interview statement letter tweet meeting conference debate rally testimony hearing summit address report "
    "editorial ceremony session call raid attack operation vote visit trip raid strike memo email e-mail post message "
    "video article column briefing convention appearance remark comment decision ruling order announcement press "
    "photo photograph picture"
)
_STAGES = grammar.words("time beginning start end middle half quarter day week month hour part course wake run rest")
_ISSUE = grammar.words("issue release send write publish post sign make give deliver pass file launch hold")
_BOUNDS = grammar.words(
    "before until till by after following than prior ahead despite to towards toward pending from through thru"
)
_LATER_BOUNDS = _BOUNDS - grammar.words("by than to towards toward from through thru")  # of what is dated itself
_AT_WILL = grammar.words("request behest urging insistence invitation instruction order")
_COMES = grammar.words("come follow")
_BRINGS = grammar.words("prompt lead cause spark trigger draw raise provoke set fuel pave")
_BY_WHICH = grammar.words("by in while with through")
_UNDER = grammar.words("with in at by during under")
_REFERENCES = frozenset({"PRESENT_REF", "PAST_REF", "FUTURE_REF"})
_VERBS = ("VERB", "AUX")
_OF_WORDS = frozenset({"ACCUSE", "REQUEST", "REJECT", "SUPPORT", "CONSULT", "THREATEN", "CONCEDE"})
_SPEECH = grammar.words("say tell announce state report claim confirm declare disclose reveal")
_CLAUSES = frozenset({"xcomp", "ccomp", "pcomp", "advcl", "acl", "relcl"})
_PARTS = ("dobj", "nsubj", "nsubjpass")
_MODIFIER = ("nummod", "compound", "amod", "nmod", "poss")
_LATER = grammar.words("then later now before afterwards afterward subsequently eventually today still since ever")
_CLOCK = grammar.words(
    "around about at shortly just before after am pm a.m p.m et est edt pt gmt utc local time noon midnight o'clock "
    "and or"
)
_CLIMB = 8


class Calendar:
    """The time expressions of one document by sentence, with the token that each hangs on.

    `events` holds the nouns that may state events: a time that hangs on one of them is that event's own.
    """

    def __init__(self, doc: Document, events: Container[str] = frozenset()) -> None:
        self.doc = doc
        self.events = events
        self.by_sentence = times_of(doc)

    def when(self, c: Candidate, modality: str) -> When:
        """(first day, last day, basis, evidence) of a candidate; four times None when nothing says."""
        doc = self.doc
        times = self.by_sentence.get(doc.sentence_of[c.anchor], [])
        here = [t for t in times if self._usable(t, modality) and not told_beside(doc, t, c.anchor)]
        verb = self._verb(c)
        told = taken_up(doc, verb)
        if told is not None or not here:
            return told or _NOTHING
        day = grammar.told_of(doc, verb, "when") if verb is not None else None
        if (named := next((t for t in here if day is not None and t.first <= day < t.last), None)) is not None:
            return self._days(named, "clause", verb)
        own = {c.anchor, *(i.anchor for i in c.inner if i.type == c.type)}
        attached: list[tuple[int, int, Span, Time]] = []
        for time in here:
            rank = self._rank(c, time, own, verb, modality)
            if rank is not None:
                attached.append((rank, abs(time.top - c.anchor), time.timex.span, time))
        if attached:
            rank, _, _, time = min(attached, key=lambda a: a[:3])
            return self._days(time, "clause", verb if rank or c.verbal else None)
        if modality in ("planned", "hypothetical", "threatened"):
            return _NOTHING
        if modality == "negated" and verb is not None and doc.deps[verb] == "ccomp":
            return _NOTHING
        above = self._above(c, here, verb) if verb is not None else self._of_argument(c, here)
        if above is None and verb is not None:
            above = next((t for k in tenses.opening(doc, verb) for t in self._on(here, k) if t.one_day), None)
        if above is None and verb is None and (ahead := self._awaited(c, here)) is not None:
            return self._days(ahead, "sentence", None)
        if above is None or any(self._between(t, above, c.anchor) for t in times):
            return _NOTHING
        return self._days(above, "sentence", verb)

    def _between(self, other: Time, time: Time, anchor: int) -> bool:
        """True for another day told between: 'as many today as in May, when they began to march'."""
        low, high = sorted((time.top, anchor))
        return low < other.top < high and other is not time and other.timex.start is not None

    def told_new(self, c: Candidate, modality: str) -> When:
        """The day of publication and the day before, for what a headline or lead tells as going on, without any time.

        'Mayor resigns' of a headline and 'is seeking' of a lead are news of the day. A lead in the past tense or the
        perfect is not: it may open with what everybody knows. Only the main clause counts.
        """
        doc = self.doc
        day, sentence = doc.published, doc.sentence_of[c.anchor]
        if day is None or modality not in ("actual", "ongoing") or self.by_sentence.get(sentence):
            return _NOTHING
        verb = self._verb(c)
        if verb is None or tale(doc, verb) or (not c.verbal and doc.lemmas[verb].lower() == "be"):
            return _NOTHING
        main = grammar.first_conjunct(doc, verb)
        headline = doc.paragraphs[doc.sentences[sentence].paragraph].kind == "headline"
        helpers = {doc.lower[k] for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass")}
        if doc.heads[main] != main or helpers & {"had", "have", "has"}:
            return _NOTHING
        if not (headline or tenses.in_progress(doc, verb)):
            return _NOTHING
        return day - timedelta(1), day, "published", None

    def _usable(self, time: Time, modality: str) -> bool:
        doc, timex = self.doc, time.timex
        if timex.start is None or timex.end is None or timex.type == "SET":
            return False
        if timex.value in _REFERENCES and modality != "ongoing":
            return False
        told = modality in ("actual", "ongoing", "negated")
        if told and timex.type == "DURATION" and doc.published is not None and timex.start >= doc.published:
            return False
        mates = self.by_sentence[doc.sentence_of[time.top]]
        if timex.type == "TIME" and (any(t.timex.type == "SET" for t in mates) or not self._day_given(time)):
            return False
        if time.spanning or (doc.deps[time.top] in _MODIFIER and doc.heads[time.top] >= time.last):
            return True  # 'after the May raid': the bound is the raid
        if of_tweet(doc, timex):
            return False
        before = [doc.lower[t] for t in range(max(0, time.first - 2), time.first)]
        if before[-1:] == ["the"]:
            before = [doc.lower[t] for t in range(max(0, time.first - 3), time.first - 1)]
        return not (before[-1:] and before[-1] in _BOUNDS) and "than" not in before

    def _day_given(self, time: Time) -> bool:
        """False for a bare time of day ('around 11 a.m.') whose day neither this nor the last sentence gives."""
        doc = self.doc
        if any(doc.lower[t].isalpha() and doc.lower[t] not in _CLOCK for t in range(time.first, time.last)):
            return True
        here = doc.sentence_of[time.top]
        near = [*self.by_sentence.get(here - 1, ()), *self.by_sentence[here]]
        return any(t.timex.type == "DATE" and t.timex.start == time.timex.start for t in near)

    def _days(self, time: Time, basis: str, verb: int | None) -> When:
        """The days that an expression gives to an event of that verb."""
        days = days_of(self.doc, time, verb)
        return (*days, basis, time.timex.span) if days else _NOTHING

    def _verb(self, c: Candidate) -> int | None:
        """The verb of a candidate's clause; None for a noun that no verb brings about."""
        doc = self.doc
        if c.verbal:
            return grammar.clause_verb(doc, c.anchor)
        if c.ended_by is not None and grammar.first_conjunct(doc, c.anchor) in grammar.objects(doc, c.ended_by):
            return grammar.clause_verb(doc, c.ended_by)  # 'delayed the sentencing on Monday'
        if c.light is None:
            return None
        here = grammar.first_conjunct(doc, c.anchor)
        for _ in range(_CLIMB):
            up = doc.heads[here]
            if up in (c.light, here):
                break
            if doc.pos[up] in ("NOUN", "PROPN") and doc.lemmas[up].lower() not in grammar.CONTAINERS:
                return None
            here = up
        return grammar.clause_verb(doc, c.light)

    def _rank(self, c: Candidate, time: Time, own: set[int], verb: int | None, modality: str) -> int | None:
        """0: hangs on the event's own words, 1: on its clause verb, 2: on a verb joined to that; None: elsewhere."""
        doc = self.doc
        here, rank, things = time.top, 1, 0
        for _ in range(_CLIMB):
            if here in own or here == verb:
                if opens_next(self.doc, here, time) or self._open_end(here, time, own):
                    return None
                if c.type in _OF_WORDS and dates_the_matter(self.doc, here, time):
                    return None
                return 0 if here in own and rank < 2 else rank
            up, dep = doc.heads[here], doc.deps[here]
            if up == here:
                return None
            if here != time.top and doc.pos[here] in _VERBS:
                if dep == "conj" and self._joined(here, up, time):
                    rank = 2
                elif not (
                    dep in ("aux", "auxpass")
                    or (dep == "xcomp" and (modality == "planned" or doc.lemmas[up].lower() in _ASPECT))
                ):
                    return None
            elif self._another(here, up, time, own) or (up not in own and not self._passes(here, time, verb)):
                return None
            things += here != time.top and doc.pos[here] == "NOUN" and doc.lemmas[here].lower() not in _STAGES
            if things > 1 and not time.one_day:
                return None
            here = up
        return None

    def _another(self, here: int, up: int, time: Time, own: set[int]) -> bool:
        """True where the time is that of a second event ('his talks and the raid last week') or part of a name."""
        doc = self.doc
        if here == time.top and doc.deps[here] in _PARTS and (doc.deps[here] == "dobj" or not time.one_day):
            return True  # 'banned Christmas', 'the century began'
        second = doc.lemmas[here].lower() in self.events or doc.heads[time.top] == here
        if second and doc.deps[here] == "conj" and doc.pos[here] == "NOUN":
            return True
        if not time.one_day and doc.pos[here] in ("NOUN", "PROPN") and says_which(self.doc, here, time):
            return True
        if doc.heads[time.top] != here or doc.deps[time.top] != "pobj" or doc.lower[here] != "of":
            return False  # 'the Clean Air Act of 1990'
        return up not in own and not time.first <= up < time.last and doc.lemmas[up].lower() not in _STAGES

    def _open_end(self, at: int, time: Time, own: set[int]) -> bool:
        """True for 'urged him to resign on Friday', 'defended the raid on Friday': the last words may date either."""
        doc = self.doc
        if time.top < at:
            return False
        if doc.deps[at] == "acl" and doc.tags[at] == "VBG":  # 'told firms seeking loans on Friday'
            return True
        if self._of_occasion(at, time, own) or self._closes_clause(at, time):
            return True
        last = time.first - 1
        while last > at and (doc.pos[last] in ("ADP", "DET", "PUNCT") or doc.lower[last] == "the"):
            last -= 1
        if doc.lemmas[at].lower() in _COMES and any(doc.lower[t] in BESIDE for t in range(at + 1, last + 1)):
            return True
        if any(
            doc.pos[t] == "VERB" and doc.deps[t] in _CLAUSES and t not in own and doc.heads[t] in range(at, t)
            for t in range(at + 1, last + 1)
        ):
            return True
        if any(doc.lower[k] in _LATER_BOUNDS for k in range(at + 1, last) if doc.heads[k] == at):
            return True  # 'freed him ahead of a murder earlier this month'
        thing = doc.lemmas[last].lower()
        if thing in _AT_WILL and doc.lower[doc.heads[last]] in ("at", "on", "upon"):
            return False  # 'resigned at his request in November'
        if last in own or last <= at or not (thing in self.events or thing in _OCCASIONS):
            return False
        if not time.one_day and doc.lower[doc.heads[last]] == "to":
            return True  # 'invited delegates to the convention in May'
        if doc.pos[last] != "NOUN":
            return False
        return any(doc.lower[k] in DEFINITE or doc.deps[k] == "poss" for k in doc.children[last])

    def _closes_clause(self, at: int, time: Time) -> bool:
        """True for 'passed a bill backed by farmers on Friday': the day may be that of the verb above."""
        doc = self.doc
        if doc.deps[at] != "acl" or not time.one_day:
            return False
        noun = doc.heads[at]
        up = doc.heads[noun]
        if doc.lower[up] == "of" and doc.deps[noun] == "pobj":  # 'the release of three men held in Oslo Friday'
            return doc.lemmas[doc.heads[up]].lower() in self.events
        return doc.deps[noun] == "dobj" and doc.tags[up] == "VBD"

    def _of_occasion(self, at: int, time: Time, own: set[int]) -> bool:
        """True for 'cancelled a planned summit in Oslo in May': the time may be that of what the verb is about."""
        doc = self.doc
        about = doc.child(at, "dobj")
        if about is None or about in own or not at < about < time.first:
            return False
        told = any(doc.lower[k] in ("planned", "scheduled", "proposed", "upcoming") for k in doc.children[about])
        return told and (doc.lemmas[about].lower() in self.events or doc.lemmas[about].lower() in _OCCASIONS)

    def _passes(self, here: int, time: Time, verb: int | None) -> bool:
        """Whether an expression may reach above a word that is no verb."""
        doc = self.doc
        up, dep = doc.heads[here], doc.deps[here]
        if here == time.top:
            if dep in _MODIFIER and doc.pos[up] in ("NOUN", "PROPN"):
                return self._occasion(up, verb)
            return True
        if time.first <= here < time.last:
            return True
        if doc.pos[here] in ("ADP", "SCONJ", "ADV") or dep == "prep":
            return doc.lower[here] not in _BOUNDS
        if doc.pos[here] not in ("NOUN", "PROPN", "PRON", "NUM"):
            return True
        lemma = doc.lemmas[here].lower()
        if doc.heads[time.top] == here and doc.deps[time.top] in _MODIFIER:
            return True
        if doc.pos[here] == "PROPN" or lemma in _STAGES:
            return True
        if lemma in self.events or lemma in _OCCASIONS:
            return self._occasion(here, verb)
        day = time.one_day
        return day or not any(doc.lower[k] in DEFINITE for k in doc.children[here])

    def _occasion(self, noun: int, verb: int | None) -> bool:
        """True for the noun of 'in a March speech' below the verb: what was done then was done on that day."""
        doc = self.doc
        if doc.lemmas[noun].lower() in _STAGES:
            return True
        if doc.deps[noun] != "pobj" or doc.lemmas[noun].lower() not in _OCCASIONS:
            return False
        return doc.lower[doc.heads[noun]] in ("in", "at", "during") and doc.heads[doc.heads[noun]] == verb

    def _joined(self, later: int, first: int, time: Time) -> bool:
        """True for 'shelled the town and killed ten on Friday': one time closes both of two verbs of one subject."""
        doc = self.doc
        if not tenses.same_tense(doc, later, first) or time.top < later or tenses.has_perfect(doc, first):
            return False
        own = [k for k in doc.children[later] if k != time.top]
        if any(doc.deps[k] == "cc" and doc.lower[k] not in ("and", "&") for k in doc.children[first]):
            return False
        if any(doc.deps[k] in ("nsubj", "nsubjpass", "aux", "auxpass") for k in own):
            return False
        return not any(doc.lower[k] in _LATER for k in own)

    def _on(self, here: list[Time], verb: int) -> list[Time]:
        """The expressions that hang on one verb, nothing but places and people between."""
        out = []
        for time in here:
            at = time.top
            for _ in range(_CLIMB):
                if at == verb:
                    out.append(time)
                    break
                if _stops(self.doc, at, time.top) or not self._passes(at, time, verb):
                    break
                at = self.doc.heads[at]
        return out

    def _above(self, c: Candidate, here: list[Time], verb: int) -> Time | None:
        """A time that hangs on a clause above the verb, where that clause tells of the same moment."""
        doc, v = self.doc, verb
        if tenses.has_perfect(doc, v):
            return None
        for _ in range(5):
            up, dep = doc.heads[v], doc.deps[v]
            if up == v:
                return None
            if dep == "relcl":
                return self._of_noun(here, up)
            if dep == "acl":
                return self._of_noun(here, up) or self._of_issued(here, v, up)
            if dep == "pcomp":
                if doc.lower[up] not in _BY_WHICH:
                    return None
                up = doc.heads[up]
            elif dep == "advcl":
                if not tenses.meanwhile(doc, v) or doc.lemmas[v].lower() in _BRINGS:
                    return None
            elif dep == "ccomp":
                if doc.lemmas[up].lower() in _SPEECH:
                    return self._fronted(c, here, v, up)
                if doc.tags[v] not in ("VB", "VBG") or doc.lemmas[up].lower() not in _PERCEIVE:
                    return None
            elif dep not in ("conj", "xcomp") or (dep == "xcomp" and tenses.of_another_time(doc, v)):
                return None
            if doc.pos[up] not in _VERBS:
                return None
            for time in self._on(here, up):
                if dep != "conj" or self._carries_over(v, up, time):
                    return time
            if dep == "conj" and not self._carries_over(v, up, None):
                return None
            v = up
        return None

    def _fronted(self, c: Candidate, here: list[Time], verb: int, speech: int) -> Time | None:
        """'On 4 May the army said it fired a missile': a day before a speaker who tells of a deed of its own."""
        doc = self.doc
        speakers = grammar.subjects(doc, speech)
        if not speakers or doc.tags[verb] != "VBD" or not own_word(doc, c):
            return None
        return next((t for t in self._on(here, speech) if t.top < speakers[0]), None)

    def _carries_over(self, later: int, first: int, time: Time | None) -> bool:
        """True when the time of the first of two joined verbs is that of the second: same tense, same or no subject."""
        doc = self.doc
        if (
            not tenses.same_tense(doc, later, first)
            or tenses.has_perfect(doc, first)
            or tenses.is_future(doc, first) != tenses.is_future(doc, later)
        ):
            return False
        if any(doc.lower[k] in _LATER for k in doc.children[later]):
            return False
        mine = [k for k in doc.children[later] if doc.deps[k] in ("nsubj", "nsubjpass")]
        mine += tenses.joined_things(doc, first, later)
        theirs = [k for k in doc.children[first] if doc.deps[k] in ("nsubj", "nsubjpass")]
        return not mine or (time is not None and bool(theirs) and time.top < theirs[0])

    def _of_noun(self, here: list[Time], noun: int) -> Time | None:
        """The time of the event that a relative clause tells more of: 'an attack on Friday that killed ten'."""
        doc = self.doc
        if doc.lemmas[noun].lower() not in self.events or doc.pos[noun] == "PROPN":
            return None
        for time in here:
            up = doc.heads[time.top]
            if up == noun or (doc.pos[up] == "ADP" and doc.heads[up] == noun and doc.lower[up] in ("on", "in")):
                return time
        return None

    def _of_issued(self, here: list[Time], verb: int, noun: int) -> Time | None:
        """'issued a statement on Monday condemning the raid': what a statement says is said when it is issued."""
        doc = self.doc
        up = doc.heads[noun]
        if doc.tags[verb] != "VBG" or doc.deps[noun] != "dobj" or doc.lemmas[up].lower() not in _ISSUE:
            return None
        return next(iter(self._on(here, up)), None)

    def _of_argument(self, c: Candidate, here: list[Time]) -> Time | None:
        """The time of the verb that a noun goes along with: 'answered on Monday with criticism', 'died in a raid'."""
        doc = self.doc
        noun = grammar.first_conjunct(doc, c.anchor)
        prep = doc.heads[noun]
        if doc.deps[noun] != "pobj" or doc.lower[prep] not in _UNDER or doc.pos[doc.heads[prep]] not in _VERBS:
            return None
        if any(doc.lower[k] in DEFINITE or doc.deps[k] == "poss" for k in doc.children[noun]):
            return None
        return next(iter(self._on(here, doc.heads[prep])), None)

    def _awaited(self, c: Candidate, here: list[Time]) -> Time | None:
        """The day to come of 'gear up for their summit on Monday', which is not that of the verb it hangs on."""
        doc = self.doc
        if c.type != "CONSULT" or doc.published is None:
            return None
        verb = grammar.clause_verb(doc, c.anchor)
        if verb == c.anchor or tenses.is_future(doc, verb) or doc.tags[verb] not in ("VBZ", "VBP"):
            return None
        for time in here:
            start = time.timex.start
            if time.one_day and start is not None and start > doc.published and time.top > c.anchor:
                between = range(c.anchor + 1, time.first)
                if time in self._on(here, verb) and not any(doc.pos[k] in _VERBS for k in between):
                    return time
        return None


def _stops(doc: Document, at: int, top: int) -> bool:
    """True where the walk up from a time ends: at a root, or at a verb that is not the one sought."""
    return doc.heads[at] == at or (at != top and doc.pos[at] in _VERBS)
