"""onrecord puts on the record what happened, once, from many reports that copy, rewrite and contradict each other.

>>> import onrecord
>>> record = onrecord.build(["reports/"], "record.duckdb")  # doctest: +SKIP
>>> record.events().to_pandas()  # doctest: +SKIP
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from onrecord.errors import LawError, OnrecordError, ReadError, RecordError, UsageError
from onrecord.options import Options

if TYPE_CHECKING:
    from onrecord.brief import Brief
    from onrecord.query import Record
    from onrecord.run import Progress

__version__ = "0.1.0"

__all__ = [
    "LawError",
    "OnrecordError",
    "Options",
    "ReadError",
    "RecordError",
    "UsageError",
    "__version__",
    "add",
    "build",
    "open",
    "remove",
    "tell",
]


def build(
    inputs: Iterable[str | Path] | str | Path,
    out: str | Path = "record.duckdb",
    *,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Record:
    """Read reports (files, folders, globs), write a record of what happened to `out`, and open it.

    Where `out` ends in a slash it is a folder of Parquet, one file a table. What could not be read stands in
    `Record.problems()`. Raises `UsageError` when nothing could be read, and `RecordError` when `out` cannot be written;
    a record that stood there is then as it was.
    """
    from onrecord import pipeline, publishing
    from onrecord.query import Record

    given = [inputs] if isinstance(inputs, str | Path) else inputs
    if isinstance(out, str) and publishing.is_folder(out):
        publishing.build(given, out, options=options, progress=progress)
    else:
        pipeline.build(given, out, options=options, progress=progress)
    return Record(out)


def add(record: str | Path, inputs: Iterable[str | Path] | str | Path, *, progress: Progress | None = None) -> Record:
    """Read more reports into the record at a path, with the options that it was built with, and open it.

    The rows are those of one build of all the inputs. Raises `RecordError` when there is no whole record there, and
    leaves it as it was when anything fails.
    """
    from onrecord import changing
    from onrecord.query import Record

    changing.add([inputs] if isinstance(inputs, str | Path) else inputs, record, progress=progress)
    return Record(record)


def remove(record: str | Path, reports: Iterable[str], *, progress: Progress | None = None) -> Record:
    """Take reports, named by id or address, out of the record at a path with all that rested on them alone; open it.

    Raises `UsageError` for a name that no report has, or when none would be left.
    """
    from onrecord import changing
    from onrecord.query import Record

    changing.remove(list(reports), record, progress=progress)
    return Record(record)


def open(path: str | Path) -> Record:
    """Open a record for reading; raises `RecordError` when there is no whole one at `path`."""
    from onrecord.query import Record

    return Record(path)


def tell(record: Record, story_id: str | None = None) -> Brief:
    """The brief of one story, or of the most reported one: its events, ledger, speakers and copies as plain values.

    It shows itself in a notebook, and so do its parts `timeline` and `copy_graph`. Raises `UsageError` when the record
    has no such story.
    """
    from onrecord.brief import story_brief, story_ids

    if story_id is None:
        known = story_ids(record)
        if not known:
            raise UsageError(f"{record.path}: holds no story")
        story_id = known[0]
    return story_brief(record, story_id)


if "IPython" in sys.modules:
    from onrecord.notebook import register

    register()
