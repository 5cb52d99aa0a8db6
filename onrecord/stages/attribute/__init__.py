"""attribute: who said, wrote or believes what, in which words, on what terms, through whom.

Quotations are found by their marks (`quotes`), reported speech and thought by grammar (`indirect`), quotations are
given their cue (`direct`), sources are resolved (`sources`), and relations told inside one another become chains.
The span conventions are PolNeAR's (Newell et al. 2018): the content has its quotation marks and its 'that', the cue its
auxiliaries, particle and preposition, the source its titles and appositions.
"""

from __future__ import annotations

from onrecord.stages.attribute.assemble import attribute
from onrecord.stages.attribute.utterances import sayings, shares, utterances

__all__ = ["attribute", "sayings", "shares", "utterances"]
