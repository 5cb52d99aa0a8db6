"""code: parses, entities, times and attributions to event mentions, by an ontology kept as data.

A sentence's words are matched against the lexicon's patterns (`patterns`, `candidates`); events and operators that
govern other events act on them ('agreed to meet', 'refused to sign', 'denied planning an attack'); then each event that
is left gets its parties, time, place, quantities and modality from the clause that states it.
"""

from __future__ import annotations

from onrecord.stages.code.bridging import BRIDGED, SPEAKING
from onrecord.stages.code.coder import code, code_sentences
from onrecord.stages.code.ontology import Ontology, load_ontology
from onrecord.stages.code.relation import main_event, relation
from onrecord.stages.code.where import where

__all__ = [
    "BRIDGED",
    "SPEAKING",
    "Ontology",
    "code",
    "code_sentences",
    "load_ontology",
    "main_event",
    "relation",
    "where",
]
