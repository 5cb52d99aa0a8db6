"""What the documents take from the code: tables, commands, lexicon, scorecard, and the output of the tutorial.

Nothing of it is written by hand, so that it cannot fall behind: the commands of a page that asks for it are run when
the site is built, and a command that fails fails the build.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from onrecord import lexicon, schema

ROOT = Path(__file__).parent.parent
_RUN = re.compile(r"^```console run\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WIDTH = 78  # characters that a page has room for
LONGEST = 40  # lines of a command's output that a page shows


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made from the code."""
    pages = {
        "reference/tables.md": tables(),
        "reference/commands.md": commands(),
        "reference/lexicon.md": lexicons(),
        "scorecard.md": (ROOT / "bench" / "SCORECARD.md").read_text(encoding="utf-8"),
    }
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Run the commands of a page's `console run` blocks, one after another in a folder of their own."""
    if not _RUN.search(markdown):
        return markdown
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(ROOT / "examples" / "reports", Path(scratch) / "reports")
        return _RUN.sub(lambda block: _ran(block[1], Path(scratch), page.file.src_uri), markdown)


def _ran(block: str, folder: Path, page: str) -> str:
    out = []
    for command in re.split(r"^(?=\$ )", block.strip(), flags=re.MULTILINE):
        line = command.strip()
        if not line:
            continue
        if not line.startswith("$ onrecord "):
            raise PluginError(f"{page}: a console block holds {line!r}, which is no '$ onrecord' command")
        shown = _command(line.removeprefix("$ onrecord "), folder, page).splitlines()
        more = [f"… {len(shown) - LONGEST} more lines"] if len(shown) > LONGEST else []
        out += [line, *shown[:LONGEST], *more]
    return "```console\n" + "\n".join(out).replace("```", "'''") + "\n```"


def _command(arguments: str, folder: Path, page: str) -> str:
    import shlex

    from typer.testing import CliRunner

    from onrecord.cli import app, common

    common.PIPED_WIDTH = WIDTH
    before = Path.cwd()
    os.chdir(folder)
    try:
        result = CliRunner().invoke(app, shlex.split(arguments), env={"NO_COLOR": "1", "COLUMNS": str(WIDTH)})
    finally:
        os.chdir(before)
    if result.exit_code:
        raise PluginError(
            f"{page}: onrecord {arguments} ended with {result.exit_code}: {result.output}{result.exception}"
        )
    return result.output.rstrip()


def tables() -> str:
    """Every table of the record: its columns, what they mean and what they refer to."""
    lines = ["# Tables", "", "Declared in `onrecord/schema.py`; offsets are Unicode code points, half open.", ""]
    for table in schema.TABLES.values():
        lines += [f"## {table.name}", "", f"One row is {table.doc}." + (" Working table." if table.working else ""), ""]
        if table.key:
            lines += [f"Key: {', '.join(f'`{k}`' for k in table.key)}.", ""]
        lines += ["| column | type | what it is |", "|---|---|---|"]
        for column in table.columns:
            doc = column.doc.replace("|", "\\|")
            doc += f" ({', '.join(f'`{v}`' for v in column.values)})" if column.values else ""
            doc += f" → `{column.ref}`" if column.ref else ""
            kind = str(column.type).replace("|", "\\|").replace("<", "&lt;")
            lines.append(f"| `{column.name}`{'' if column.required else ' ?'} | {kind} | {doc} |")
        lines.append("")
    return "\n".join([*lines, "A `?` marks a column that may be NULL.", ""])


def commands() -> str:
    """The help of every command as the terminal shows it."""
    lines = ["# Commands", ""]
    for names in _commands():
        title = " ".join(("onrecord", *names))
        text = _command(" ".join((*names, "--help")), ROOT, "reference/commands.md")
        lines += [f"## {title}", "", "```text", text, "```", ""]
    return "\n".join(lines)


def _commands() -> Iterator[tuple[str, ...]]:
    from typer.main import get_command

    from onrecord.cli import app

    def below(command: Any, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield names
        # 'onrecord correct RECORD merge-events': what the group itself is given stands before its command.
        given = [p.metavar or p.name.upper() for p in command.params if p.param_type_name == "argument"]
        names = (*names, *given) if getattr(command, "commands", None) else names
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            if not inner.hidden:
                yield from below(inner, (*names, name))

    yield from below(get_command(app), ())


def lexicons() -> str:
    """Every data file of the lexicon with what its head says of it and how much it holds."""
    lines = ["# Lexicon", "", "Data that people can read and extend, under `onrecord/lexicon/`.", ""]
    folder = ROOT / "onrecord" / "lexicon"
    for path in sorted(folder.rglob("*.t*")):
        if path.suffix not in (".tsv", ".toml"):
            continue
        text = path.read_text(encoding="utf-8")
        head = []
        for line in text.splitlines():
            if not line.startswith("#"):
                break
            head.append(line.lstrip("# "))
        count = f"{len(lexicon.rows(path)):,} rows. " if path.suffix == ".tsv" else ""
        said = " ".join(head).replace("<", "&lt;")
        lines += [f"## {path.relative_to(folder)}", "", f"{count}{said}", ""]
    return "\n".join(lines)
