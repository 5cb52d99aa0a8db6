"""Strings on which a regular expression may backtrack without end, made from the expression itself.

For every part that may repeat: what leads up to it, its body many times over, and a character that nothing expects.
"""

from __future__ import annotations

import random
import re
import re._constants as const  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

_OF = {
    const.CATEGORY_DIGIT: "7",
    const.CATEGORY_SPACE: " ",
    const.CATEGORY_WORD: "a",
    const.CATEGORY_NOT_DIGIT: "a",
    const.CATEGORY_NOT_SPACE: "a",
    const.CATEGORY_NOT_WORD: " ",
}
_MOST = 3  # of what may repeat without end, in what leads up


def _one(node: Any, dice: random.Random) -> str:
    """A character that a set of characters accepts."""
    kinds = [item for item in node if item[0] is not const.NEGATE]
    if node and node[0][0] is const.NEGATE:
        wanted = [c for c in 'a 7,Z.\n"-' if not any(_holds(i, c) for i in kinds)]
        return dice.choice(wanted) if wanted else "\u2603"
    kind, value = dice.choice(kinds)
    if kind is const.RANGE:
        return chr(dice.randint(value[0], min(value[1], value[0] + 40)))
    return chr(value) if kind is const.LITERAL else _OF.get(value, "a")


def _holds(item: Any, char: str) -> bool:
    kind, value = item
    if kind is const.LITERAL:
        return ord(char) == value
    if kind is const.RANGE:
        return bool(value[0] <= ord(char) <= value[1])
    wanted = {const.CATEGORY_DIGIT: char.isdigit(), const.CATEGORY_SPACE: char.isspace()}
    return wanted.get(value, char.isalnum() or char == "_")


def sample(tree: Any, dice: random.Random, groups: dict[int, str] | None = None) -> str:
    """A string that the expression may accept; where it looks around it may not."""
    groups = {} if groups is None else groups
    out = ""
    for kind, value in tree:
        if kind is const.LITERAL:
            out += chr(value)
        elif kind is const.NOT_LITERAL:
            out += "a" if value != ord("a") else "b"
        elif kind is const.ANY:
            out += dice.choice("a 7")
        elif kind is const.IN:
            out += _one(value, dice)
        elif kind is const.BRANCH:
            out += sample(dice.choice(value[1]), dice, groups)
        elif kind is const.SUBPATTERN:
            groups[value[0]] = sample(value[3], dice, groups)
            out += groups[value[0]]
        elif kind in (const.MAX_REPEAT, const.MIN_REPEAT, const.POSSESSIVE_REPEAT):
            least, most, body = value
            out += "".join(sample(body, dice, groups) for _ in range(dice.randint(least, max(least, min(most, _MOST)))))
        elif kind is const.ATOMIC_GROUP:
            out += sample(value, dice, groups)
        elif kind is const.GROUPREF:
            out += groups.get(value, "")
        elif kind is const.ASSERT and value[0] == 1:
            pass
    return out


def _repeats(tree: Any, before: list[Any]) -> Iterator[tuple[list[Any], Any]]:
    """Each part that may repeat more than a few times, after what stands before it."""
    done = list(before)
    for kind, value in tree:
        if kind in (const.MAX_REPEAT, const.MIN_REPEAT):
            _, most, body = value
            if most > 8:
                yield done, body
            yield from _repeats(body, done)
        elif kind is const.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, done)
        elif kind is const.SUBPATTERN:
            yield from _repeats(value[3], done)
        elif kind in (const.ASSERT, const.ASSERT_NOT):
            yield from _repeats(value[1], done)
        elif kind is const.ATOMIC_GROUP:
            yield from _repeats(value, done)
        done = [*done, (kind, value)]


def attacks(pattern: re.Pattern[str], size: int, dice: random.Random, each: int = 5) -> Iterator[str]:
    """Strings of about `size` characters; `each` for every part of the expression that may repeat."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    for before, body in _repeats(tree, []):
        for _ in range(each):
            try:
                lead, pump = sample(before, dice), sample(body, dice)
            except (IndexError, ValueError):
                continue
            if pump:
                yield lead + pump * (size // len(pump) + 1) + "\u2603"
