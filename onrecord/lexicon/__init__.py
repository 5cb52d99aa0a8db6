"""The lexicon: data files that people can read and extend.

TSV with a header line, `#` starting a comment line; or TOML.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from onrecord.errors import UsageError


def rows(source: str | Path) -> list[dict[str, str]]:
    """The rows of a TSV file: a name inside the lexicon, such as 'agencies.tsv', or a path of the user's own.

    Raises `UsageError`, naming file and line, when a row has more fields than the header.
    """
    text = _read(source)
    lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        return []
    header = lines[0][1].split("\t")
    out = []
    for n, line in lines[1:]:
        fields = line.split("\t")
        if len(fields) > len(header):
            raise UsageError(f"{source} line {n}: {len(fields)} fields, but the header names {len(header)}")
        fields += [""] * (len(header) - len(fields))
        out.append(dict(zip(header, map(str.strip, fields), strict=True)))
    return out


def toml(source: str | Path) -> dict[str, Any]:
    """A TOML file of the lexicon, or of the user's own."""
    try:
        return tomllib.loads(_read(source))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: not valid TOML: {error}") from error


def _read(source: str | Path) -> str:
    if isinstance(source, Path):
        try:
            return source.read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{source}: cannot be read: {error.strerror}") from error
    return files("onrecord.lexicon").joinpath(source).read_text(encoding="utf-8")
