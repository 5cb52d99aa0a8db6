"""The command line. One file a group of commands: `making` writes records, `reading` asks them, `common` is shared.

A new group is a module that takes `app` from `common` and is named in the import below.
"""

from __future__ import annotations

from onrecord.cli import making, reading, serving
from onrecord.cli.common import app, main

__all__ = ["app", "main", "making", "reading", "serving"]
