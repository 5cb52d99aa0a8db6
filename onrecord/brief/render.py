"""Briefs written down: Markdown, or one self-contained page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from onrecord.brief.lines import Brief, by_event, plural, tallied


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("onrecord", "templates"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"plural": plural, "tallied": tallied, "by_event": by_event}
    env.filters["md"] = _markdown_safe
    env.filters["reason"] = _reason
    return env


_COUNT = re.compile(r"^\d+ origins?( in \d+ reports?)?: ")


def _reason(text: str) -> str:
    """Why that many origins, without the number that stands before it."""
    return _COUNT.sub("", text, count=1)


_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_MARKS = re.compile(r"[\\`*_\[\]<>#|]|~(?=~)|&(?=#|\w+;)")
_OPENED = re.compile(r"^(\s*\d*)([-+](?=[\s-]|$)|[=~]|(?<=\d)[.)](?=\s|$))")  # of a list, a rule or a heading


def _markdown_safe(text: str) -> str:
    """Text from a report on one line, in which nothing is left that Markdown would take for its own marks."""
    return _OPENED.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", _BREAKS.sub(" ", text)), count=1)


def markdown(briefs: Iterable[Brief]) -> str:
    """Briefs as Markdown."""
    return _environment().get_template("brief.md").render(briefs=list(briefs)).strip() + "\n"


SHAPE = 1
"""Version of the shape of `as_json`; a name that is taken away or changes its meaning raises it."""


def as_json(briefs: Iterable[Brief]) -> dict[str, Any]:
    """Briefs as plain JSON values, with all that the pages have and every evidence span (docs/brief.md)."""
    return {"shape": SHAPE, "stories": [_story(b) for b in briefs]}


def _story(brief: Brief) -> dict[str, Any]:
    out = asdict(brief)
    del out["begins"]
    for name in ("differences", "agreements"):
        out[name] = [{"event_id": event.event_id, "field": field} for event, field, _ in getattr(brief, name)]
    out["first"] = [event.event_id for event in brief.first]
    for event in (*out["happened"], *out["unsure"]):
        event["origins"] = [dict(zip(("kind", "label", "reports"), o, strict=True)) for o in event["origins"]]
    for copy in out["copies"]:
        copy["passages"] = [dict(zip(("taker", "giver", "what"), p, strict=True)) for p in copy["passages"]]
    return out


def page(briefs: Iterable[Brief]) -> str:
    """Briefs as one self-contained HTML page, pictures included; nothing is fetched."""
    return _environment().get_template("brief.html").render(briefs=list(briefs))
