"""A build whose record is a folder of Parquet, on this machine or on a file system that the engine reaches.

The record is made as ever, in one file in a scratch folder; its tables are then written beside the address, `meta`
last, and take the place of what stood there. Nothing is taken over from an older folder: to add to a record, keep the
file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from onrecord import pipeline
from onrecord.engines import engine as chosen_engine
from onrecord.errors import RecordError, UsageError
from onrecord.exports import export
from onrecord.folders import LAST, holds_record
from onrecord.options import Options
from onrecord.query import Record
from onrecord.run import Progress


def is_folder(out: str) -> bool:
    """Whether an output names a folder of Parquet: it ends in a slash, or is an address on some file system."""
    return out.endswith("/") or "://" in out


def build(
    inputs: Iterable[str | Path], out: str, *, options: Options | None = None, progress: Progress | None = None
) -> pipeline.Summary:
    """Read reports and write the record's tables to the folder `out`; what stood there stays until they are whole.

    Raises `UsageError` when no report could be read, or when `out` is an address and the engine reaches no file
    systems; `RecordError` when it cannot be written, which is tried before anything is read.
    """
    options = options or Options()
    target = _Remote(out, options) if "://" in out else _Local(Path(out))
    target.prepare()
    with tempfile.TemporaryDirectory(prefix="onrecord-") as scratch:
        summary = pipeline.build(inputs, Path(scratch) / "record.duckdb", options=options, progress=progress)
        with Record(Path(scratch) / "record.duckdb") as record:
            export(record, Path(scratch) / "tables", "parquet")
        target.put(Path(scratch) / "tables")
    return summary


class _Local:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.new = folder.with_name(folder.name + ".new")
        self.old = folder.with_name(folder.name + ".old")

    def prepare(self) -> None:
        if self.folder.exists() and not self._replaceable():
            raise RecordError(f"{self.folder}: holds something that is no record; it is left as it is: name another")
        try:
            shutil.rmtree(self.new, ignore_errors=True)
            self.new.mkdir(parents=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _replaceable(self) -> bool:
        return self.folder.is_dir() and (holds_record(self.folder) or not any(self.folder.iterdir()))

    def put(self, tables: Path) -> None:
        try:
            for path in sorted(tables.iterdir(), key=lambda p: p.name == LAST):
                shutil.copyfile(path, self.new / path.name)
            shutil.rmtree(self.old, ignore_errors=True)
            if self.folder.exists():
                self.folder.rename(self.old)
            self.new.rename(self.folder)
            shutil.rmtree(self.old, ignore_errors=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> RecordError:
        shutil.rmtree(self.new, ignore_errors=True)
        return RecordError(f"{self.folder}: cannot be written ({error.strerror}); free space or choose another -o")


class _Remote:
    def __init__(self, address: str, options: Options) -> None:
        self.address, self.options = address.rstrip("/"), options

    def prepare(self) -> None:
        self._do(None)

    def put(self, tables: Path) -> None:
        self._do(tables)

    def _do(self, tables: Path | None) -> None:
        with chosen_engine(self.options) as engine:
            files = engine.files()
            if files is None:
                raise UsageError(f"{self.address}: only --engine spark writes there; name a file or folder here")
            try:
                if tables is None:
                    files.prepare(self.address, LAST)
                else:
                    files.put(tables, self.address, LAST)
            except OSError as error:
                raise RecordError(f"{self.address}: cannot be written ({error.strerror}); choose another -o") from error
