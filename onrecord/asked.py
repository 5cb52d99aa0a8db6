"""What a stage asks of entities: while those answers stay, so does what it gave.

What most reports say of an entity changes as reports come in; most reports and stories that name it ask nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from onrecord.model import Entity


class Seen(Entity):
    """An entity of one report or story that notes what is asked of it, but for id and kind, which all are asked for.

    Two of one report or story are equal by being one.
    """

    __slots__ = ("_asked", "_known")
    _asked: set[str]
    _known: Entity

    def __init__(self, known: Entity) -> None:
        for name, value in (("id", known.id), ("kind", known.kind), ("_known", known), ("_asked", set())):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        """A value that is asked for the first time; from then on it is an attribute like any other."""
        value = getattr(self._known, name)
        self._asked.add(name)
        object.__setattr__(self, name, value)
        return value

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return hash(self.id)


def seen(known: Mapping[str, Entity], ids: Iterable[str | None]) -> dict[str, Entity]:
    """The entities with these ids, as one report or story is to see them; ids that nothing has are passed over."""
    return {i: Seen(known[i]) for i in ids if i is not None and i in known}


def asked(unit: Mapping[str, str], entities: Mapping[str, Entity]) -> Iterator[dict[str, Any]]:
    """Rows that say what was asked of each entity of a unit: its report or story, as the table's column has it."""
    for i, entity in sorted(entities.items()):
        if isinstance(entity, Seen) and entity._asked:
            yield {**unit, "entity_id": i, "columns": sorted(entity._asked)}
