"""Of what an event's row, origins and ledger were worked out, as one hash: where it is the same, so are they.

Beside the event's own mentions these are whatever no coding changes, the reports of its story and what they cite, and
whether the sentences near its mentions tell other events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onrecord import schema
from onrecord.stages.reconcile.tolls import HARM_TYPES, near
from onrecord.stages.reconcile.view import Mention, Story
from onrecord.text import key

_COLUMNS = [n for n in schema.EVENT_MENTIONS.schema.names if n != "event_id"]


def members(story: Story) -> str:
    """A hash of the reports that a story is told by."""
    return key(story.id, *sorted(story.reports))


def given(mentions: Sequence[Mention], story: Story, reports: str) -> str:
    """The hash of an event's mentions in a story whose `members` have that hash."""
    told, own = {(m.report, m.sentence) for m in mentions}, {m.id for m in mentions}
    beside: dict[tuple[str, int], bool] = {}
    for m in mentions:
        if m.kind != "real":
            continue
        for sentence in near(m, story.reports[m.report]):
            spot = m.report, sentence
            if spot not in beside and (there := story.by_sentence.get(spot)):
                harm = any(o.type in HARM_TYPES and o.id not in own for o in there)
                if harm or spot not in told:
                    beside[spot] = harm
    rows = (repr([m.row[n] for n in _COLUMNS]) for m in mentions)
    return key(reports, *rows, repr(sorted(beside.items())))


def row(event_id: str, story: Story, hashed: str, identities: Sequence[tuple[str, ...]]) -> dict[str, Any]:
    """The row of `traced` for an event with origins of these identities."""
    names = sorted({"\x1f".join(i) for i in identities})
    return {"event_id": event_id, "story_id": story.id, "given": hashed, "identities": names}
