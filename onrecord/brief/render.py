"""Briefs written down: Markdown, or one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable

from jinja2 import Environment, PackageLoader, select_autoescape

from onrecord.brief.lines import Brief, plural


def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("onrecord", "templates"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["plural"] = plural
    env.filters["md"] = _markdown_safe
    return env


def _markdown_safe(text: str) -> str:
    """Text from a report that Markdown would take for its own marks, made plain."""
    out = "".join("\\" + c if c in "\\`*_[]<>#|" else c for c in text)
    return out.replace("\n", " ")


def markdown(briefs: Iterable[Brief]) -> str:
    """Briefs as Markdown."""
    return _environment().get_template("brief.md").render(briefs=list(briefs)).strip() + "\n"


def page(briefs: Iterable[Brief]) -> str:
    """Briefs as one self-contained HTML page, pictures included; nothing is fetched."""
    return _environment().get_template("brief.html").render(briefs=list(briefs))
