"""Small closed sets of words that the rules name; what may grow by the reader's hand is in the lexicon instead."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Verbs that only carry another verb: 'went on to say', 'declined to comment' is one cue.
LIGHT = _set(
    "go continue seem appear begin start try attempt tend come refuse decline fail hasten need have proceed happen use"
    " prepare hesitate dare like stop keep"
)
# Verbs of which 'by' and a cue say how: 'began by saying', 'responded to the vote by calling it a farce'.
TURNS = _set("begin start open continue follow conclude end close finish respond reply react counter answer retaliate")
# Verbs that link a source to an adjective: 'is sure that', 'remains opposed to'.
COPULAS = _set("be seem feel become remain get sound look appear stay grow")
# Verbs that link a source to a cue noun: 'made the claim that', 'has concerns about'.
GIVERS = _set("make have give take share deliver lodge file level repeat stand")
# Subjects that make 'show' and 'find' a cue with a plain object: 'a poll shows a dead heat'.
WRITTEN = _set(
    "poll survey study report audit inquiry investigation review analysis data record document evidence research figure"
    " statistic census test video footage tape email result number"
)
# Objects that make 'issue', 'raise', 'release' a cue: 'raised concerns about'.
TALK = _set(
    "statement warning apology denial report issue question concern doubt point possibility specter alarm objection"
    " letter memo call response video plan idea option list prospect decision"
)
OPENING = frozenset(('"', "“", "``", "„", "«"))
EMBEDDED = _set("that whether how what")
RELATIVE = _set("who which that whom")
FINITE = _set("VBD VBZ VBP MD")
PAUSES = _set(", - -- — –")
VERB_TAGS = _set("VBD VBZ VBP VBG VBN VB")
# Verbs before a quoted title or slogan: they name or perform it, nobody says it.
NOT_SPEECH = _set(
    "be have do get make give take go come include play star appear win publish direct perform sing wear hold run begin"
    " open close feature carry use sell buy create own host watch produce name entitle title"
)
# What a verb that is no cue of the lexicon may take when its complement is quoted.
ANY_FRAME = _set("that to np pred np_as np_to quote of for about as on against with")
OUTLET_NAMES = (
    "Times Post Journal Tribune Herald Guardian Telegraph Gazette Chronicle Courier Observer Examiner Globe Mail Mirror"
    " Independent Economist Magazine Newspaper Weekly Daily BBC CNN CNBC MSNBC NBC CBS NPR PBS Reuters AP AFP Bloomberg"
    " Politico Axios Xinhua TASS Interfax Yonhap Kyodo NHK DPA UPI KCNA Newsweek Breitbart"
)
OUTLET_PHRASES = (
    "ABC News|Fox News|Sky News|Associated Press|Agence France-Presse|Al Jazeera|Der Spiegel|Le Monde|RIA Novosti"
)
# What stands before a colon and is no speaker.
LABELS = _set(
    "update updated note correction clarification related photo photos video watch read more see also listen breaking"
    " exclusive live analysis opinion editorial explainer factbox timeline background summary topline"
    " credit caption question answer p.s ps faq poll quiz"
) | {"read more", "see also", "editor's note", "fact check", "breaking news", "fast facts", "by the numbers"}
