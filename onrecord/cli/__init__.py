"""The command line, one file a group of commands.

`making` writes records, `changing` adds to them and takes away, `correcting` corrects them, `reading` asks them,
`serving` shows them; `common` and `bars` are shared.

A new group is a module that takes `app` from `common` and is named in the import below.
"""

from __future__ import annotations

from onrecord.cli import changing, correcting, making, reading, serving
from onrecord.cli.common import app, main

__all__ = ["app", "changing", "correcting", "main", "making", "reading", "serving"]
