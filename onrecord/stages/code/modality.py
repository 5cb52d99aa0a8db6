"""Whether an event is told as having happened: FactBank's question, from auxiliaries, negation and operators."""

from __future__ import annotations

from onrecord.model import Document
from onrecord.stages.code import grammar, placed
from onrecord.stages.code.candidates import Candidate
from onrecord.stages.code.pending import ahead, awaited, common, imagined, of_bill_ahead, of_no_thing, sought, whoever

_FUTURE = frozenset({"will", "'ll", "shall", "wo"})
_MODAL = frozenset({"would", "could", "might", "may", "can", "should", "must", "'d", "ca"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_CONDITION = frozenset({"if", "unless", "whether", "lest", "once", "until", "provided"})
_NEGATION = frozenset({"not", "n't", "never", "nor", "neither", "no", "hardly"})
_NEGATIVE_DETERMINER = frozenset({"no", "neither", "zero"})
_POSSIBLE = grammar.words(
    "potential possible hypothetical eventual imminent looming feared threatened likely future prospective would-be "
    "further renewed"
)
_POSSIBLE_ONLY = _POSSIBLE - {"further", "renewed"}
_PLANNED = grammar.words(
    "planned upcoming scheduled forthcoming proposed expected pending impending anticipated awaited"
)
_WILL = grammar.words("interest willingness readiness desire support sympathy enthusiasm appetite")
_CAME_ABOUT = grammar.words(
    "manage begin start continue go use have try attempt force get cause move come return rush proceed dare happen "
    "first last only compel lead sign vote decide resort"
)
_ATTEMPTS = grammar.words("try seek begin start continue proceed attempt move rush manage")
_OCCASIONS = grammar.words("opportunity chance occasion moment step")
_TAKEN = grammar.words("use take seize grab exploit")  # who took the chance to do it did it
_WHEN = grammar.words("when whenever before after once until")
_WORDS = frozenset({"ACCUSE", "REQUEST", "REJECT", "AGREE", "THREATEN", "CONCEDE", "SUPPORT"})
_MAY_BE = grammar.words("possible unclear uncertain unknown likely unlikely conceivable plausible improbable doubtful")
_UNTOLD = grammar.words(
    "ask question wonder inquire concern concerned worry worried think speculate speculation serious optimistic joke "
    "fantasize query hesitant cautious wary"
)
_NOBODY = frozenset({"no", "not", "neither"})
_PERHAPS = grammar.words("likely probably possibly potentially perhaps maybe presumably conceivably")
_NOTIONS = grammar.words(
    "practice habit policy idea notion concept thought possibility prospect intention goal hope dream way means method "
    "strategy risk fear task option"
)  # what is done in them need not have been
_SPEECH = grammar.words(
    "say tell announce state declare confirm add note report reveal disclose insist maintain claim warn pledge vow "
    "promise indicate suggest believe think expect predict hope"
)


def modality(doc: Document, c: Candidate) -> str:
    """One of `schema.MODALITIES` except 'threatened', from the words around the anchor and what governs it."""
    untold = bidden(doc, c)
    if untold is not None:
        return untold
    verb = grammar.clause_verb(doc, c.top) if c.light is not None or c.verbal else c.anchor
    effects = {e for e, _ in c.effects}
    negative = _negated(doc, verb) or _negated(doc, c.anchor) or any(_negated(doc, at) for _, at in c.effects)
    negative = negative or (c.verbal and _of_none(doc, c.anchor))
    if effects & {"negated", "refuse"}:
        return "negated" if not negative else "actual"
    if negative and not _future(doc, verb):
        return "negated"
    if "hypothetical" in effects or _hypothetical(doc, verb, c.anchor):
        return "hypothetical"
    above = _of_governor(doc, verb) if c.verbal else None
    if above is not None:
        return above
    if effects & {"planned", "intended", "willing"} or _future(doc, verb) or _has_modifier(doc, c.anchor, _PLANNED):
        return "negated" if negative else "planned"
    if not c.verbal and (
        (c.light is None and sought(doc, c.anchor)) or (c.type == "CONSULT" and common(doc, c.anchor))
    ):
        return "hypothetical"
    if c.verbal and of_bill_ahead(doc, c.anchor):
        return "planned"
    if not c.verbal and (ahead(doc, c.anchor) or (c.type == "CONSULT" and awaited(doc, c.anchor))):
        return "planned"
    if not c.verbal and imagined(doc, c.anchor):
        return "hypothetical"
    if not c.effects and _untold_infinitive(doc, verb):
        return "hypothetical"
    if _ongoing(doc, verb, c):
        return "ongoing"
    return "actual"


def bidden(doc: Document, c: Candidate) -> str | None:
    """How that is told which is only bidden, asked about or still to come, or is said of what there is not."""
    if not c.verbal and c.light is None:
        return None
    verb = grammar.clause_verb(doc, c.top)
    here = grammar.first_conjunct(doc, verb)
    if _imperative(doc, here) and (verb == here or doc.tags[verb] == "VB"):
        return "hypothetical"
    for at in dict.fromkeys((verb, here)):
        up, dep = doc.heads[at], doc.deps[at]
        bidding = dep in ("ccomp", "xcomp") and doc.lower[up] == "let" and doc.tags[up] in ("VB", "VBD", "VBN")
        bidding = bidding and (doc.words[up] == "Let" or any(doc.lower[k] in ("me", "us") for k in doc.children[at]))
        if bidding and not any(doc.deps[k] in _SUBJECTS for k in doc.children[up]):
            return "hypothetical"  # 'Let them vote against us'
        if dep == "xcomp" and doc.lemmas[up].lower() in ("have", "be") and _to_be(doc, at):
            if any(doc.lower[k] == "yet" for k in (*doc.children[up], *doc.children[at])):
                return "negated"  # 'has yet to be tried'
            if doc.lemmas[up].lower() == "have" and doc.tags[up] in ("VBP", "VBZ", "VB"):
                return "hypothetical"  # 'we have to work together'
        asked = dep == "pcomp" and doc.lower[up] == "about" and doc.lemmas[doc.heads[up]].lower() in _UNTOLD
        if asked and not _negated(doc, doc.heads[up]):
            return "hypothetical"  # 'asked about yielding to Norway'
        if (
            dep == "pcomp"
            and doc.tags[at] == "VBG"
            and doc.pos[doc.heads[up]] == "NOUN"
            and _absent(doc, doc.heads[up])
        ):
            return "negated"  # 'gave no thought to leaving'
        if dep == "pcomp" and doc.lower[up] == "of" and doc.lower[doc.heads[up]] in ("capable", "incapable"):
            return "hypothetical"
        if dep == "pcomp" and doc.lower[up] == "of" and doc.lemmas[doc.heads[up]].lower() in _NOTIONS:
            return "hypothetical"  # 'the practice of jailing editors'
        if dep == "advcl" and any(doc.tags[v] in ("VBP", "VBZ") and _whenever(doc, v) for v in (verb, at)):
            return "hypothetical" if c.type in _WORDS else "planned"  # 'when the two leaders meet on Monday'
        if (dep == "relcl" or (dep == "acl" and doc.tags[at] in ("VBN", "VBG", "VBD"))) and _absent(doc, up):
            return "negated"  # 'there has been no missile fired'
        if dep in ("acl", "relcl") and whoever(doc, at, up):
            return "hypothetical"  # 'people convicted of theft may not vote'
    return None


def told_as(doc: Document, c: Candidate) -> str:
    """The modality of a candidate after composition: what is threatened or promised has not happened."""
    how = modality(doc, c)
    if bidden(doc, c) is not None:
        return how
    if c.type == "THREATEN" and how in ("actual", "ongoing", "planned"):
        return "threatened"
    if c.type == "AGREE" and how in ("actual", "ongoing") and c.inner:
        return "planned"
    if c.type == "REJECT" and how in ("planned", "negated", "hypothetical") and c.pattern.type != "REJECT":
        return "actual"
    return how


def _imperative(doc: Document, verb: int) -> bool:
    """True for 'Call your senator.' and 'Don't back down'; a headline without a subject tells what is done."""
    sentence = doc.sentences[doc.sentence_of[verb]]
    if doc.tags[verb] != "VB" or doc.deps[verb] != "ROOT" or doc.paragraphs[sentence.paragraph].kind == "headline":
        return False
    if any(doc.deps[k] in (*_SUBJECTS, "expl", "csubj") for k in doc.children[verb]):
        return False
    return not any(doc.deps[k] in ("aux", "auxpass") and doc.lemmas[k].lower() != "do" for k in doc.children[verb])


def _whenever(doc: Document, verb: int) -> bool:
    """True for a present that is still to come: the time of another thing, without an auxiliary."""
    if any(doc.deps[k] in ("aux", "auxpass", "neg") for k in doc.children[verb]) or doc.tags[doc.heads[verb]] == "VBD":
        return False
    return any(doc.deps[k] in ("advmod", "mark") and doc.lower[k] in _WHEN for k in doc.children[verb])


def _absent(doc: Document, noun: int) -> bool:
    """True for what there is none of: 'there was no', 'has not seen a'."""
    if any(doc.deps[k] == "det" and doc.lower[k] in _NEGATIVE_DETERMINER for k in doc.children[noun]):
        return True
    verb = doc.heads[noun]
    there = doc.deps[noun] == "attr" and any(doc.deps[k] == "expl" for k in doc.children[verb])
    return there and any(doc.deps[k] == "neg" for k in doc.children[verb])


def _of_governor(doc: Document, verb: int) -> str | None:
    """What an infinitive is below a negated or modal verb: "cannot compel it to leave", "did not let it leave"."""
    here = grammar.first_conjunct(doc, verb) if doc.tags[verb] == "VBN" else verb
    for _ in range(4):
        infinitive = _to_be(doc, here) and doc.deps[here] in ("xcomp", "ccomp")
        if not infinitive or doc.pos[doc.heads[here]] not in ("VERB", "AUX") or doc.heads[here] == here:
            return None
        if any(doc.deps[k] == "aux" and doc.lower[k] in _FUTURE | _MODAL for k in doc.children[here]):
            return None
        here = doc.heads[here]
        if _negated(doc, here):
            return "negated"
        if any(doc.deps[k] == "aux" and doc.lower[k] in _MODAL for k in doc.children[here]) and not _future(doc, here):
            return "hypothetical"
    return None


def _to_be(doc: Document, verb: int) -> bool:
    """True for an infinitive, active or passive: 'let it LEAVE', 'allow it to be TAKEN', 'seem to have LEFT'."""
    if doc.tags[verb] == "VB":
        return True
    helpers = [k for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass")]
    return doc.tags[verb] == "VBN" and any(doc.tags[k] == "VB" for k in helpers)


def _untold_infinitive(doc: Document, verb: int) -> bool:
    """True for a 'to' infinitive of which nothing says that it came about: 'hesitant to move', 'money to help'."""
    for _ in range(3):
        if not _means(doc, verb):
            break
        verb = doc.heads[doc.heads[verb]]  # 'the chance to settle it by leaving'
    first = grammar.first_conjunct(doc, verb)
    if doc.tags[verb] == "VB" and not any(doc.deps[k] in (*_SUBJECTS, "aux") for k in doc.children[verb]):
        verb = first
    if doc.tags[verb] != "VB" or not any(doc.lower[k] == "to" for k in doc.children[verb]):
        return False
    if doc.deps[verb] == "ROOT":
        return False
    up = doc.heads[verb]
    if doc.lemmas[up] == "be" and doc.deps[verb] == "xcomp" and (what := _ranked(doc, verb)) is not None:
        return not any(doc.lemmas[k].lower() in _CAME_ABOUT for k in grammar.clause(doc, what)[:20])
    if doc.lemmas[up].lower() in _OCCASIONS and doc.deps[up] == "dobj":
        return doc.lemmas[doc.heads[up]].lower() not in _TAKEN
    return doc.lemmas[up].lower() not in _CAME_ABOUT


def _means(doc: Document, verb: int) -> bool:
    """True for the gerund of 'by leaving', which came about only where its head did."""
    up = doc.heads[verb]
    return doc.deps[verb] == "pcomp" and doc.tags[verb] == "VBG" and doc.lower[up] == "by" and doc.deps[up] == "prep"


def future(doc: Document, c: Candidate) -> bool:
    """True when the clause itself stands in the future ('will', or 'would' below a past verb of speech)."""
    return _future(doc, grammar.clause_verb(doc, c.top)) if c.verbal or c.light is not None else False


def past(doc: Document, verb: int) -> bool:
    """True for 'met', 'was killed', 'had agreed'."""
    if doc.tags[verb] == "VBD":
        return True
    helpers = {doc.lower[k] for k in doc.children[verb] if doc.deps[k] in ("aux", "auxpass")}
    return bool(helpers & {"was", "were", "had", "did"}) and doc.tags[verb] in ("VBN", "VBD", "VB")


def negated(doc: Document, c: Candidate) -> bool:
    """True when the event's own clause is negated."""
    verb = grammar.clause_verb(doc, c.top)
    negative = _negated(doc, c.anchor) or (c.verbal and _of_none(doc, c.anchor))
    return negative or ((c.verbal or c.light is not None) and _negated(doc, verb))


def own_word(doc: Document, c: Candidate) -> bool:
    """True when the actor speaks of its own future: 'Norland said it would attack', or nobody is quoted."""
    verb = grammar.clause_verb(doc, c.top)
    here = grammar.first_conjunct(doc, verb)
    while doc.deps[here] == "xcomp" and doc.pos[doc.heads[here]] in ("VERB", "AUX"):
        here = grammar.first_conjunct(doc, doc.heads[here])
    up = doc.heads[here]
    mine = grammar.subjects(doc, here)
    if doc.deps[here] != "ccomp" and mine and doc.lower[mine[0]] not in ("i", "we"):
        around = placed.contents(doc).around(doc.starts[verb], doc.ends[verb])
        if any(a.kind == "direct" for _, a in around):
            return False  # "They are going to attack us," he said.
    if doc.deps[here] != "ccomp" or up == here:
        return True
    theirs = grammar.subjects(doc, up)
    if not mine or not theirs:
        return True
    if doc.lemmas[up].lower() in (
        "believe",
        "think",
        "fear",
        "predict",
        "expect",
        "suspect",
        "claim",
        "allege",
        "doubt",
    ):
        return False
    word = doc.lower[mine[0]]
    if word in ("i", "we"):
        return True
    return word in ("it", "he", "she", "they") or doc.lemmas[mine[0]] == doc.lemmas[theirs[0]]


def _of_none(doc: Document, verb: int) -> bool:
    """True for 'supports none of those', 'arrested nobody', 'not a single attack was made', 'neither side agreed'."""
    if any(doc.lower[o] in ("none", "nobody", "nothing", "neither") for o in grammar.deep_objects(doc, verb)):
        return True
    if of_no_thing(doc, verb):
        return True
    scant = (o for o in doc.children[verb] if doc.deps[o] == "dobj" and doc.lemmas[o].lower() in _WILL)
    if any(doc.lower[k] in ("little", "scant") for o in scant for k in doc.children[o]):
        return True  # 'expressed little interest in talks'; a little interest is some
    own = (k for s in doc.children[verb] if doc.deps[s] in _SUBJECTS for k in doc.children[s])
    return any(doc.deps[k] in ("neg", "preconj", "det", "cc") and doc.lower[k] in _NOBODY for k in own)


def _negated(doc: Document, at: int) -> bool:
    helpers = [k for c in doc.children[at] if doc.deps[c] in ("aux", "auxpass") for k in doc.children[c]]
    for c in (*doc.children[at], *helpers):  # parsers hang the 'not' of "it's not leaving" on the auxiliary, too
        word, dep = doc.lower[c], doc.deps[c]
        if word == "not" and doc.lower[c + 1 : c + 2] == ["only"]:
            continue
        if dep == "neg" or (word in _NEGATION and dep in ("advmod", "preconj")):
            return True
        if word in _NEGATIVE_DETERMINER and dep == "det" and c < at:
            return True
    return at > 0 and doc.lower[at - 1] == "without" and doc.heads[at] == at - 1


def _hypothetical(doc: Document, verb: int, anchor: int) -> bool:
    if _has_modifier(doc, anchor, _POSSIBLE_ONLY):
        return True
    if verb == anchor and doc.pos[anchor] not in ("VERB", "AUX"):
        if any(doc.deps[k] == "det" and doc.lower[k] == "any" for k in doc.children[anchor]):
            return True
        owned = any(doc.deps[k] == "poss" for k in doc.children[anchor])
        if doc.deps[anchor] in ("nsubj", "nsubjpass") or (doc.deps[anchor] == "dobj" and not owned):
            verb = doc.heads[anchor]
            if any(doc.deps[k] == "aux" and doc.lower[k] in _MODAL for k in doc.children[verb]):
                return True
    here, below = verb, False
    for _ in range(12):
        for c in doc.children[here]:
            word, dep = doc.lower[c], doc.deps[c]
            if (dep == "mark" and word in _CONDITION) or (here == verb and dep == "advmod" and word in _PERHAPS):
                return True
            shares = here == verb or below or _shares_auxiliary(doc, verb, here)
            if dep == "aux" and word in _MODAL and shares and not (here == verb and _future(doc, verb)):
                return True
        if doc.deps[here] in ("ccomp", "csubj") and _uncertain(doc, doc.heads[here]):
            return True
        if (
            doc.deps[here] not in ("xcomp", "acomp", "conj", "ccomp", "advcl", "pcomp", "prep", "acl")
            or doc.heads[here] == here
        ):
            break
        along = below and doc.deps[here] == "conj" and _shares_auxiliary(doc, here, grammar.first_conjunct(doc, here))
        below = doc.deps[here] in ("xcomp", "advcl") and doc.tags[here] == "VBG" and here > doc.heads[here]
        means = doc.deps[here] == "prep" and doc.lower[here] in ("by", "on") and here > doc.heads[here]
        below = below or means or along  # 'can end it by working together', 'should leave and stop paying it'
        here = doc.heads[here]
    return _question(doc, verb)


def _uncertain(doc: Document, verb: int) -> bool:
    """True for 'it is possible that' and 'it is not clear what'."""
    for at in (verb, *(k for k in doc.children[verb] if doc.deps[k] == "acomp")):
        word = doc.lower[at]
        if word in _MAY_BE or (word in ("clear", "certain", "known") and (_negated(doc, at) or _negated(doc, verb))):
            return True
    return False


def _shares_auxiliary(doc: Document, verb: int, first: int) -> bool:
    """True for the later verb of 'could be suspended or lifted', which has no subject or auxiliary of its own."""
    if grammar.first_conjunct(doc, verb) != first:
        return False
    return not any(doc.deps[c] in ("nsubj", "nsubjpass", "aux", "auxpass") for c in doc.children[verb])


def _question(doc: Document, verb: int) -> bool:
    sentence = doc.sentences[doc.sentence_of[verb]]
    last = sentence.last - 1
    while last > sentence.first and doc.lower[last] in ('"', "''", "'", "”", ")"):
        last -= 1
    return doc.lower[last] == "?"


def _future(doc: Document, verb: int) -> bool:
    here = verb
    for _ in range(3):
        for c in doc.children[here]:
            if doc.deps[c] == "aux" and doc.lower[c] in _FUTURE:
                return True
            if doc.deps[c] == "aux" and doc.lower[c] in ("would", "'d") and _reported(doc, here):
                return True
        if doc.deps[here] == "conj" and doc.pos[doc.heads[here]] in ("VERB", "AUX"):
            if any(doc.deps[c] in ("nsubj", "nsubjpass", "aux") for c in doc.children[here]):
                break
            here = doc.heads[here]
            continue
        break
    if doc.tags[verb] == "VB" and doc.deps[verb] == "advcl" and doc.lower[verb - 1] == "to":
        up = doc.heads[verb]
        if any(doc.deps[c] == "aux" and doc.lower[c] in _FUTURE for c in doc.children[up]):
            return True
    if doc.deps[verb] == "ROOT" and _to_be(doc, verb) and any(doc.deps[c] in _SUBJECTS for c in doc.children[verb]):
        return any(doc.lower[c] == "to" and doc.deps[c] == "aux" for c in doc.children[verb])  # 'Norway to send envoy'
    if doc.tags[verb] == "VB" and doc.deps[verb] == "xcomp":
        up = doc.heads[verb]
        if doc.lemmas[up] == "go" and doc.tags[up] == "VBG":
            return True
        if doc.lemmas[up].lower() in _ATTEMPTS and up < verb and _future(doc, up):
            return True  # 'will try to seize it'
        if doc.lemmas[up] == "be" and doc.tags[up] in ("VBZ", "VBP", "VBD"):
            return _ranked(doc, verb) is None
    return False


def _ranked(doc: Document, verb: int) -> int | None:
    """What somebody was in 'was one of the first to resign', which tells what was done, unlike 'is to resign'."""
    return next((k for k in doc.children[doc.heads[verb]] if doc.deps[k] in ("attr", "acomp") and k < verb), None)


def _reported(doc: Document, verb: int) -> bool:
    """'would' as the past of 'will': in the complement of a verb of speech in the past tense, without an 'if'."""
    up = doc.heads[verb]
    if doc.deps[verb] not in ("ccomp",) or doc.lemmas[up].lower() not in _SPEECH or doc.tags[up] not in ("VBD", "VBN"):
        return False
    return not any(
        doc.deps[c] == "advcl" and any(doc.lower[m] in ("if", "unless") for m in doc.children[c])
        for c in doc.children[verb]
    )


def _has_modifier(doc: Document, noun: int, words: frozenset[str]) -> bool:
    return any(doc.deps[c] in ("amod", "compound") and doc.lower[c] in words for c in doc.children[noun])


def _ongoing(doc: Document, verb: int, c: Candidate) -> bool:
    if _has_modifier(doc, c.anchor, frozenset({"ongoing", "continuing", "current"})):
        return True
    if doc.tags[verb] != "VBG":
        return False
    return any(
        doc.deps[k] == "aux" and doc.lower[k] in ("is", "are", "'re", "'s", "'m", "been") for k in doc.children[verb]
    )


def as_a_rule(doc: Document, c: Candidate) -> bool:
    """True for 'does not share its data': what somebody does not do as a rule he has not refused."""
    helpers = [k for k in doc.children[c.anchor] if doc.deps[k] == "aux"]
    return any(doc.lemmas[k].lower() == "do" and doc.tags[k] in ("VBP", "VBZ") for k in helpers)


def unable(doc: Document, verb: int) -> bool:
    """True for 'could not agree': who is not able to do a thing has not refused it."""
    return any(doc.deps[k] == "aux" and doc.lower[k] in ("can", "could", "ca") for k in doc.children[verb])


def perhaps(doc: Document, verb: int) -> bool:
    """True for 'will likely never back it', which is a guess."""
    return any(doc.lower[k] in _PERHAPS and doc.deps[k] == "advmod" for k in doc.children[verb])


def until(doc: Document, c: Candidate) -> bool:
    """True for 'will not meet until January', which they then do."""
    return any(
        doc.lower[k] == "until" and any(doc.ents[m].endswith(("DATE", "TIME")) for m in doc.children[k])
        for k in doc.children[c.top]
    )


def unless(doc: Document, c: Candidate) -> bool:
    """True when the clause has an 'unless': a promise with a condition on others is a threat."""
    return any(
        doc.deps[k] == "advcl" and any(doc.lower[m] == "unless" for m in doc.children[k])
        for at in (c.top, *(up for _, up in c.effects))
        for k in doc.children[at]
    )
