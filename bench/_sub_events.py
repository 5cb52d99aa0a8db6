"""How PLOVER events are read as the labels of other sets: ACLED sub-events (CASE 2021), police actions."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.model import Document, EventMention


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARMED = _set(
    "army troop troops soldier force forces rebel militant insurgent fighter guerrilla militia terrorist military "
    "navy gunman separatist jihadist taliban"
)
_WORDS = (
    ("NATURAL_DISASTER", "earthquake flood hurricane cyclone tsunami landslide typhoon tornado wildfire quake storm "
     "drought flooding volcano eruption avalanche heatwave rain blizzard magnitude"),
    ("MAN_MADE_DISASTER", "crash collision derail derailment collapse leak spill capsize accident stampede blaze "
     "overturn gas-leak fire factory plane train"),
    ("CHEM_WEAP", "chemical sarin chlorine nerve mustard poison novichok"),
    ("SUIC_BOMB", "suicide vest"),
    ("SEX_VIOL", "rape sexual sexually gang-rape"),
    ("GRENADE", "grenade"),
    ("ORG_CRIME", "cartel gang mafia trafficking smuggling drug cocaine heroin robbery"),
    ("ABDUCT_DISSAP", "abduct kidnap abduction kidnapping disappear disappearance"),
    ("REM_EXPLOS", "landmine ied roadside mine booby-trap car-bomb"),
)  # fmt: skip
_BY_MODE = {
    ("ASSAULT", "aerial"): "AIR_STRIKE", ("ASSAULT", "drone"): "AIR_STRIKE",
    ("ASSAULT", "heavy-weapons"): "ART_MISS_ATTACK", ("ASSAULT", "suicide-attack"): "SUIC_BOMB",
    ("ASSAULT", "explosives"): "REM_EXPLOS", ("ASSAULT", "sexual"): "SEX_VIOL", ("ASSAULT", "abduct"): "ABDUCT_DISSAP",
    ("ASSAULT", "unconventional"): "CHEM_WEAP", ("ASSAULT", "crowd-control"): "FORCE_AGAINST_PROTEST",
    ("ASSAULT", "destroy"): "PROPERTY_DISTRUCT", ("ASSAULT", "beat"): "MOB_VIOL", ("PROTEST", "riot"): "VIOL_DEMONSTR",
    ("PROTEST", "vandalize"): "PROPERTY_DISTRUCT", ("COERCE", "arrest"): "ARREST", ("RETREAT", "disarm"): "DISR_WEAP",
    ("RETREAT", "withdraw"): "NON_VIOL_TERRIT_TRANSFER", ("RETREAT", "ceasefire"): "AGREEMENT",
    ("RETREAT", "release"): "CHANGE_TO_GROUP_ACT", ("MOBILIZE", "troops"): "CHANGE_TO_GROUP_ACT",
}  # fmt: skip
_BY_TYPE = {
    "PROTEST": "PEACE_PROTEST", "AGREE": "AGREEMENT", "SUPPORT": "AGREEMENT", "CONSULT": "DIPLO", "REQUEST": "DIPLO",
    "SANCTION": "DIPLO", "COOPERATE": "DIPLO", "AID": "DIPLO", "ACCUSE": "DIPLO", "REJECT": "DIPLO",
    "THREATEN": "DIPLO",
    "ASSAULT": "ATTACK", "COERCE": "DISR_WEAP", "MOBILIZE": "CHANGE_TO_GROUP_ACT", "RETREAT": "CHANGE_TO_GROUP_ACT",
    "CONCEDE": "AGREEMENT",
}  # fmt: skip
_ORDER = ("ASSAULT", "PROTEST", "COERCE", "RETREAT", "MOBILIZE", "CONSULT", "AGREE")
_POSTS = _set("soldier troop troops base bas camp checkpoint patrol position garrison outpost barracks convoy amisom")
_STATE = _set("army government military troop troops soldier regime police security state national")


def sub_event(doc: Document, mentions: Sequence[EventMention]) -> str:
    """The CASE 2021 label of a snippet: by the kind of arms or harm named, then by event type and mode."""
    lemmas = {x.lower() for x in doc.lemmas}
    if _attributes(lemmas, mentions):
        return "ATTRIB"
    physical = [m for m in mentions if m.event_type in _ORDER and m.modality in ("actual", "ongoing")]
    if any(m.event_type == "PROTEST" for m in physical):
        return _protest(physical, lemmas)
    for label, words in _WORDS:
        if lemmas & set(words.split()) and not (label.endswith("DISASTER") and physical):
            return label
    if not mentions:
        return "OTHER"
    seizes = [m for m in physical if (m.event_type, m.mode) == ("COERCE", "seize")]
    if seizes and lemmas & {
        "control",
        "capture",
        "town",
        "village",
        "territory",
        "recapture",
        "retake",
        "liberate",
        "area",
    }:
        actors = _words(doc, seizes[0])
        return "GOV_REGAINS_TERIT" if actors & _STATE else "NON_STATE_ACTOR_OVERTAKES_TER"
    main = min(physical or mentions, key=lambda m: _ORDER.index(m.event_type) if m.event_type in _ORDER else 9)
    if main.event_type == "COERCE" and main.mode == "seize":
        return "DISR_WEAP"
    if main.event_type == "ASSAULT" and main.mode in (None, "firearms", "targeted"):
        fought = [m for m in physical if m.event_type == "ASSAULT"]
        both = any(_fighters(doc, m.actors, m.actor_spans) and _targets(doc, m) for m in fought) or (
            not main.recipient_spans and len(main.actor_spans) > 1
        )
        return "ARMED_CLASH" if both or lemmas & {"clash", "fighting", "battle", "firefight"} else "ATTACK"
    return _BY_MODE.get((main.event_type, main.mode or ""), _BY_TYPE[main.event_type])


def _attributes(lemmas: set[str], mentions: Sequence[EventMention]) -> bool:
    """True for a text about who did it: a deed claimed, denied or laid at somebody's door."""
    if lemmas & {"responsibility", "responsible"} and lemmas & {"claim", "take", "deny", "say", "hold", "blame"}:
        return True
    if lemmas & {"deny", "reject"} and lemmas & {"involvement", "accusation", "allegation", "claim", "role"}:
        return True
    return bool(mentions) and mentions[0].mode == "allege" and (mentions[0].cameo or "")[:3] == "112"


def _fighters(doc: Document, ids: Sequence[str], spans: Sequence[object]) -> bool:
    """True when armed men are among the parties: by their words or as the entities that they are."""
    known = {doc.entities[i].sector for i in ids if i in doc.entities}
    return bool(_lemmas(doc, spans) & _ARMED or known & {"MIL", "REB", "UAF", "PRM"})


def _targets(doc: Document, m: EventMention) -> bool:
    """True when armed men are whom it struck: as recipients, or by what of theirs the clause names."""
    rest = _lemmas(doc, [m.clause]) - _lemmas(doc, m.actor_spans)
    return _fighters(doc, m.recipients, m.recipient_spans) or bool(rest & _POSTS)


def _protest(mentions: Sequence[EventMention], lemmas: set[str]) -> str:
    if any(m.mode == "crowd-control" for m in mentions) or (
        lemmas & {"kill", "shoot"} and lemmas & {"police", "force"}
    ):
        return "FORCE_AGAINST_PROTEST"
    if any(m.mode == "riot" for m in mentions) or lemmas & {"clash", "riot", "throw", "burn", "torch", "violent"}:
        return "VIOL_DEMONSTR"
    if any((m.event_type, m.mode) in (("COERCE", "arrest"), ("COERCE", "restrict")) for m in mentions):
        return "PROTEST_WITH_INTER"
    return "PEACE_PROTEST"


def _lemmas(doc: Document, spans: Sequence[object]) -> set[str]:
    return {doc.lemmas[t].lower() for s in spans for t in doc.tokens_in(s)}  # type: ignore[arg-type]


def _words(doc: Document, m: EventMention) -> set[str]:
    return _lemmas(doc, m.actor_spans)


_POLICE = _set("police policeman policemen cop constable officer force jawan srp rpf crpf inspector raf sp dcp ips")


def police_labels(doc: Document, m: EventMention) -> set[str]:
    """The IndiaPoliceEvents labels of one event mention: what police did, or failed to do."""
    if m.modality in ("hypothetical", "planned", "threatened"):
        return set()
    clause = {doc.lemmas[t].lower() for t in doc.tokens_in(m.clause)}
    by_police = bool(_lemmas(doc, m.actor_spans) & _POLICE) or "firing" in clause
    if m.event_type == "COERCE" and m.mode == "arrest" and m.modality != "negated":
        return {"ARREST", "ANY_ACTION"}
    told = m.modality in ("actual", "ongoing")
    if told and (m.event_type == "MOBILIZE" or m.mode == "curfew") and not by_police:
        return {"ANY_ACTION"}  # whoever gives the order, police and troops are the ones who move
    if not by_police:
        return set()
    if m.modality == "negated":
        return {"FAIL"}
    if m.event_type == "ASSAULT":
        harm = any(q.role == "killed" for q in m.quantities) or clause & {"kill", "dead", "die", "death"}
        return {"KILL", "FORCE", "ANY_ACTION"} if harm else {"FORCE", "ANY_ACTION"}
    return {"ANY_ACTION"}
