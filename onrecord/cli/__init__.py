"""The command line, one file a group of commands.

`making` writes records, `correcting` corrects them, `reading` asks them, `serving` shows them; `common` is shared.

A new group is a module that takes `app` from `common` and is named in the import below.
"""

from __future__ import annotations

from onrecord.cli import correcting, making, reading, serving
from onrecord.cli.common import app, main

__all__ = ["app", "correcting", "main", "making", "reading", "serving"]
