"""What a time expression is read against: the report's own date, the tense of its clause, earlier expressions, events.

Tense decides between the last and the next Friday. It is read off the verb that governs the expression: 'will meet
Friday', 'agreed to meet in May', 'scheduled for Monday' look ahead, 'met Friday' looks back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from onrecord.model import Document, Span
from onrecord.stages.time import calendar
from onrecord.stages.time.words import cues, same_event

Direction = Literal["past", "future", "present", "planned"]
"""'planned' is what had been meant to be: 'had agreed to meet Friday' may be the last or the next."""

_CLIMB = 12  # heads to climb before giving up; a clause's verb is nearer in any sentence that people write
_REACH = 700  # characters back to the expression that 'a day earlier' counts from: two or three paragraphs of news
_OWNER = 5  # words of the name in 'after Anna Berg's arrest'
_RECENT = 40  # calendar expressions looked back over for the date of an event
_TOLD = 1500  # characters after a day or month with its year in which one without may be of the same tale
_ENTRY = 1500  # characters that an entry of a chronicle reaches
_OLD = 2  # years after which a year named is no longer the one that a bare month would mean
_EVENT_SENTENCES = 6  # sentences back to the event that 'after that test' names


@dataclass(slots=True)
class Context:
    """The state while a report is read from front to back."""

    doc: Document
    ref: date | None
    ref_name: str = "published"
    last_start: date | None = None  # first day of the latest calendar expression
    last_unit: str = ""
    last_at: int = -(10**9)  # where it stands
    quarter: str | None = None  # the latest quarter named by its number
    free: tuple[int, str, date] | None = (
        None  # the latest day that dates a clause, not a thing: offset, unit, first day
    )
    entry: int | None = None  # where the latest entry of a chronicle begins
    told: tuple[int, date] | None = None  # the latest day or month with its year: offset, first day
    found: list[tuple[int, int, date, date]] = field(default_factory=list)  # (start, end, first day, last day)

    def note(self, start: int, end: int, value: str, named: bool, explicit: bool) -> None:
        """Remember a calendar expression as a possible anchor of those after it; `explicit`: it gives its year."""
        unit, days = calendar.unit_of(value), calendar.days(value)
        if unit is None or days is None:
            return
        self.last_start, self.last_unit, self.last_at = days[0], unit, start
        self.found.append((start, end, *days))
        if not self.modifies(Span(start, end)):
            self.free = (start, unit, days[0])
            if unit in ("D", "M"):
                self.told = (start, days[0]) if explicit else None
        if named and unit == "Q" and value[5] == "Q":
            self.quarter = value

    def previous(self, at: int, unit: str) -> date | None:
        """The day that 'a day earlier' at an offset counts from: the latest expression near enough and fine enough."""
        if self.last_start is None or at - self.last_at > _REACH or self._quoted_apart(self.last_at, at):
            return None
        return self.last_start if calendar.size(self.last_unit) <= max(calendar.size(unit), 1) else None

    def enter(self, span: Span) -> None:
        """Remember the day that opens an entry of a chronicle: 'Jan. 9: The council met'."""
        text = self.doc.text
        opens = not text[: span.start].rstrip(" ") or text[: span.start].rstrip(" ")[-1] == "\n"
        if opens and text[span.end : span.end + 1] == ":":
            self.entry = span.start

    def apart(self, at: int) -> bool:
        """True inside a chronicle, whose entries have days of their own."""
        return self.entry is not None and self.entry < at <= self.entry + _ENTRY

    def same_day(self, at: int) -> date | None:
        """The day of 'the same day', 'that day': the latest that dates a clause; 'the Sunday raid' dates the raid."""
        if self.free and at - self.free[0] <= _REACH and not self._quoted_apart(self.free[0], at):
            return self.free[2] if self.free[1] == "D" else None
        return self.previous(at, "D")

    def _quoted_apart(self, start: int, end: int) -> bool:
        """True where a quotation begins between: its speaker counts from days of their own."""
        between = self.doc.text[start:end]
        return between.count("“") > between.count("”") or between.count('"') % 2 == 1

    def told_year(self, at: int, month: int) -> tuple[int | None, bool]:
        """The year of a bare month in a tale of years ago, and whether the year is open.

        'In May 2011 he was held, in June freed': of that year; in later sentences it may be that year or the last.
        """
        if (
            self.told is None
            or self.ref is None
            or at - self.told[0] > _TOLD
            or self.ref.year - self.told[1].year < _OLD
        ):
            return None, False
        here, there = (self.doc.tokens_in(Span(o, o + 1)) for o in (at, self.told[0]))
        if not here or not there:
            return None, False
        one, two = (self.doc.sentence_of[t[0]] for t in (here, there))
        if one == two and self.told[1].month <= month:
            return self.told[1].year, False
        return None, True

    def direction(self, span: Span) -> Direction | None:
        """Whether the clause around a span looks back or ahead; None where no verb tells."""
        doc = self.doc
        inside = doc.tokens_in(span)
        if not len(inside):
            return None
        top = next((i for i in inside if doc.heads[i] not in inside or doc.heads[i] == i), inside[0])
        i, until, after_that, meanwhile, early, to_do = top, False, False, False, False, False
        begins = doc.lower[max(0, inside[0] - 2) : inside[0]]
        starts = begins == ["as", "of"] or begins[-1:] in (["starting"], ["beginning"], ["effective"])
        after = doc.lower[inside[-1] + 1 : inside[-1] + 3]
        if "'s" in after[:1] and after[-1] in cues()["trading"]:
            return "past"
        for _ in range(_CLIMB):
            word = doc.lower[i]
            until = until or word in ("until", "till")
            if word == "as" and i > 0 and doc.lower[i - 1] == "soon":
                return "future"
            early = early or (word == "as" and i > 0 and doc.lower[i - 1] == "early")
            if word in ("since", "unlike"):  # 'unlike the vote in June, this one will be open'
                return "past"
            meanwhile = meanwhile or (word == "during" and i != top)
            after_that = after_that or (word == "after" and i != top and doc.pos[i] in ("ADP", "SCONJ"))
            if until and self._lemma(i) in cues()["given_until"]:
                return "future"
            if doc.pos[i] in ("VERB", "AUX") and not self._as_arranged(i):
                tense = self._tense(i, starts)
                if early:  # 'may vote as early as May', 'to be sold as early as May', but 'warned him as early as May'
                    finite = doc.tags[i] == "VBD" or any(doc.deps[k] in ("aux", "auxpass") for k in doc.children[i])
                    return "past" if tense == "past" and finite else "future"
                if meanwhile and doc.tags[i] == "VB":  # 'asked to sign caps during a visit Friday'
                    tense = None
                if tense == "present" and after_that:  # 'the visit comes after a summit in June'
                    return "past"
                if tense == "future" and self._closes_participle(top, i):
                    return "past"
                if tense == "present" and to_do and not self.in_headline(span.start):  # 'flies to Oslo to sign Monday'
                    return "future"
                if tense is not None:
                    return tense
                to_do = to_do or self._infinitive(i)
            elif doc.pos[i] == "ADJ" and doc.lemmas[i].lower() in ("due", "likely", "ready", "set"):
                return "planned" if self._perfect(doc.heads[i]) else "future"
            if doc.heads[i] == i:
                break
            i = doc.heads[i]
        return "future" if early else None

    def _closes_participle(self, top: int, verb: int) -> bool:
        """'Under the accord reached with Mr Berg Friday, leaders will meet': the bare day ends what stands before."""
        doc = self.doc
        if verb < top or doc.deps[top] != "npadvmod" or doc.lower[top + 1 : top + 2] != [","]:
            return False
        for i in range(top - 1, max(doc.sentences[doc.sentence_of[top]].first, top - 8), -1):
            if doc.pos[i] == "PUNCT":
                return False
            if doc.tags[i] in ("VBN", "VBD"):
                return True
        return False

    def _as_arranged(self, i: int) -> bool:
        """'as planned', 'as previously scheduled': no tense of its own."""
        before = self.doc.lower[max(0, i - 2) : i]
        return "as" in before and self.doc.tags[i] in ("VBN", "VBD") and self.doc.lemmas[i] in cues()["arranged"]

    def _tense(self, i: int, starts: bool = False) -> Direction | None:
        doc = self.doc
        helpers = [j for j in doc.children[i] if doc.deps[j] in ("aux", "auxpass")]
        words = {doc.lower[j] for j in helpers}
        lemma, tag = self._lemma(i), doc.tags[i]
        if words & cues()["modals"] and not (words & {"have"} and tag in ("VBN", "VBD")):
            return "future"
        if "have" in words and words & cues()["modals"]:
            return "future" if "will" in words else "past"
        if lemma == "go" and tag == "VBG" and any(doc.deps[j] == "xcomp" for j in doc.children[i]):
            return "future"
        if starts and tag == "VBG":  # 'he was closing the border as of Friday'
            return "future"
        if words & {"has", "have", "had", "'ve", "was", "were", "did"}:
            if lemma in cues()["arranged"] or (
                lemma in cues()["ahead"] - cues()["carried_out"]
                and tag == "VBN"
                and not words & {"has", "have", "had", "'ve"}
            ):
                return "future"
            return "past"
        if tag == "VBD":
            return "future" if lemma in cues()["arranged"] else "past"
        if tag == "VBN" and "to" in words:
            return self._of_infinitive(i)
        if tag == "VBN" and words & {"is", "are", "'re", "'s"} and lemma not in cues()["ahead"]:
            return "present"
        if tag == "VBN":
            return "future" if lemma in cues()["ahead"] - cues()["begun"] else "past"
        if tag == "VB":
            return self._of_infinitive(i) if "to" in words else None
        if tag in ("VBZ", "VBP"):
            return "future" if lemma in cues()["ahead"] else "present"
        if tag == "VBG" and words & {"is", "are", "'re", "'s", "am", "'m"}:
            return "present"
        return None

    def _of_infinitive(self, i: int) -> Direction | None:
        """What the verb, adjective or noun that governs an infinitive says of its time; None leaves it to their tense.

        'Agreed to meet', 'is to open' look ahead, 'tried to storm' and 'was seen to leave' do not.
        """
        doc = self.doc
        head = doc.heads[i]
        if self._lemma(head) == "be" and doc.deps[i] in ("xcomp", "ccomp", "acomp", "attr"):
            subject = doc.child(head, "nsubj")
            return None if subject is not None and self._lemma(subject) in cues()["deeds"] else "future"
        for _ in range(_CLIMB):
            lemma, verbal = self._lemma(head), doc.pos[head] in ("VERB", "AUX")
            if verbal and lemma in cues()["carried_out"]:
                return None
            called = (
                verbal and lemma == "call" and any(doc.lower[k] in ("on", "for", "upon") for k in doc.children[head])
            )
            if called or (
                (verbal or doc.pos[head] in ("ADJ", "NOUN")) and lemma in cues()["ahead"] | cues()["ahead_nouns"]
            ):
                verb = doc.heads[head] if doc.pos[head] == "ADJ" else head
                return "planned" if self._perfect(verb) else "future"
            if verbal or doc.heads[head] == head:
                return None
            head = doc.heads[head]
        return None

    def _infinitive(self, i: int) -> bool:
        """'to sign', 'to be leaving': of what is still to be done, by itself."""
        words = {self.doc.lower[j] for j in self.doc.children[i] if self.doc.deps[j] in ("aux", "auxpass")}
        return "to" in words and "have" not in words

    def _perfect(self, i: int) -> bool:
        """'had agreed'."""
        doc = self.doc
        return doc.tags[i] in ("VBN", "VBD") and any(
            doc.deps[k] == "aux" and doc.lower[k] in ("had", "'d", "’d") for k in doc.children[i]
        )

    def _lemma(self, i: int) -> str:
        """The lemma in lower case; 'hope' where the lemmatiser makes 'hop' of 'hoped', which is not 'hopped'."""
        doc = self.doc
        lemma, word = doc.lemmas[i].lower(), doc.lower[i]
        bare = doc.pos[i] == "VERB" and word in (lemma + "ed", lemma + "es", lemma + "ing")
        return lemma + "e" if bare and lemma + "e" in cues()["mute_e"] else lemma

    def of_noun(self, span: Span) -> bool:
        """True for 'the summit in September': the expression hangs on a noun by its preposition."""
        doc = self.doc
        inside = doc.tokens_in(span)
        top = next((i for i in inside if doc.heads[i] not in inside), None)
        if top is None or doc.pos[doc.heads[top]] != "ADP":
            return False
        return doc.pos[doc.heads[doc.heads[top]]] in ("NOUN", "PROPN")

    def modifies(self, span: Span) -> bool:
        """True for 'the September figures', 'Friday's report': the day of the thing, whatever the verb's tense."""
        doc = self.doc
        if doc.text[span.end : span.end + 2] in ("'s", "’s"):
            return True
        inside = doc.tokens_in(span)
        top = next((i for i in inside if doc.heads[i] not in inside), None)
        if top is None or doc.deps[top] not in ("compound", "nmod", "amod", "nummod", "poss"):
            return False
        return doc.heads[top] > top and doc.pos[doc.heads[top]] in ("NOUN", "PROPN")

    def in_headline(self, offset: int) -> bool:
        """True where the present tense tells of the past: headlines and captions."""
        return self.doc.kind_at(offset) in ("headline", "standfirst", "caption", "subheading")

    def event_days(self, offset: int) -> tuple[str, date, date] | None:
        """The days of the event named right after an offset ('after that test'): ('after' or 'before', first, last).

        The event is the latest mention of the same word, in an earlier sentence or before, whose sentence holds a
        calendar expression. None when the word is new or has no date.
        """
        doc = self.doc
        here = doc.tokens_in(Span(offset, offset + 40))
        i = next((j for j in here if doc.starts[j] >= offset), None)
        if i is None or doc.lower[i] not in ("after", "before", "following"):
            return None
        if i + 2 >= len(doc):
            return None
        noun = i + 1
        if doc.lower[i + 1] not in ("the", "that", "this", "those", "these") and doc.tags[i + 1] != "PRP$":
            while noun < i + _OWNER and doc.pos[noun] == "PROPN":
                noun += 1
            if noun == i + 1 or doc.lower[noun] not in ("'s", "’s"):
                return None
        while noun + 1 < len(doc) and noun < i + 8 and doc.pos[noun + 1] in ("ADJ", "NOUN", "PROPN", "VERB", "NUM"):
            noun += 1
        if doc.pos[noun] != "NOUN":
            return None
        lemma, now = doc.lemmas[noun].lower(), doc.sentence_of[i]
        side = "before" if doc.lower[i] == "before" else "after"
        for s in range(now, max(-1, now - _EVENT_SENTENCES), -1):
            sentence = doc.sentences[s]
            last = min(sentence.last, i)
            named = [j for j in range(sentence.first, last) if same_event(doc.lemmas[j].lower(), lemma)]
            if not named:
                continue
            start, end = doc.starts[sentence.first], doc.ends[sentence.last - 1]
            for at, _, day, until in self.found[: -_RECENT - 1 : -1]:
                if start <= at < end and day == until and not all(self._parted(at, j) for j in named):
                    return side, day, until
        return None

    def _parted(self, at: int, event: int) -> bool:
        """True for the day and the vote of 'on March 14, three days after the vote': the day is not the vote's."""
        doc = self.doc
        day = doc.tokens_in(Span(at, at + 1))
        low, high = sorted((day[0] if len(day) else event, event))
        return any(w in ("after", "before", "since", "until", "following") for w in doc.lower[low:high])
