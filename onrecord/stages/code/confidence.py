"""How sure an event mention is: the probability that its type is right, by weights fitted to judged mentions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from onrecord import lexicon

FEATURES = ("mode", "told", "actor", "named", "recipient")
"""What counts beside the type: it has a mode; it is told as happened; an actor; an actor with a name; a recipient."""


@cache
def weights() -> dict[str, float]:
    """The fitted weights by name."""
    return {row["name"]: float(row["weight"]) for row in lexicon.rows("plover/confidence.tsv")}


def probability(kind: str, given: Mapping[str, bool], fitted: Mapping[str, float] | None = None) -> float:
    """0.05 to 0.99: how likely a mention of this type with these `FEATURES` states an event of that type.

    A type that the weights do not know, such as one of a user's own ontology, counts as an average one.
    """
    known = weights() if fitted is None else fitted
    odds = known.get("base", 0.0) + known.get(f"type:{kind}", 0.0)
    odds += sum(known.get(name, 0.0) for name in FEATURES if given.get(name))
    return round(min(max(1 / (1 + math.exp(-odds)), 0.05), 0.99), 2)
