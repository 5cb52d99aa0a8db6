"""Files on whatever file system Spark reaches (hdfs, s3a, abfs, gs, file …), through Hadoop's own interface to them.

They are copied to and from this machine one at a time, because reports are read where the record is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_HIDDEN = re.compile(r"(?:^|/)[._]")


class HadoopFiles:
    """The files of one Spark session; every method raises `OSError` with what the file system said."""

    def __init__(self, session: Any) -> None:
        self._jvm = session.sparkContext._jvm  # PySpark has no public way to a file system
        self._settings = session.sparkContext._jsc.hadoopConfiguration()

    def listed(self, address: str) -> list[str]:
        """Addresses of the files that a file, folder or pattern means, in the order of their names.

        In folders, names that start with a dot or an underline are left out, as Spark does.
        """
        return self._told(lambda: self._listed(address))

    def _listed(self, address: str) -> list[str]:
        path, system = self._at(address)
        out = []
        for status in system.globStatus(path) or ():
            if not status.isDirectory():
                out.append(status.getPath().toString())
                continue
            root = status.getPath().toString().rstrip("/")
            below = system.listFiles(status.getPath(), True)
            while below.hasNext():
                found = below.next().getPath().toString()
                if not _HIDDEN.search(found[len(root) + 1 :]):
                    out.append(found)
        return sorted(out)

    def fetched(self, address: str, folder: Path) -> Path:
        """A copy of a file in `folder`, with its name and the time of its last change."""

        def copy() -> Path:
            path, system = self._at(address)
            here = folder / str(path.getName())
            system.copyToLocalFile(False, path, self._path(here.as_uri()), True)
            changed = system.getFileStatus(path).getModificationTime() / 1000
            os.utime(here, (changed, changed))
            return here

        return self._told(copy)

    def prepare(self, address: str, last: str) -> None:
        """See that a folder can be written at `address`, and that what stands there is one written by `put`."""

        def look() -> None:
            path, system = self._at(address)
            if system.exists(path) and not system.exists(self._path(f"{address}/{last}")):
                raise FileExistsError(0, "something that is no record stands there")
            new = self._path(f"{address}.new")
            system.delete(new, True)
            if not system.mkdirs(new):
                raise PermissionError(0, "no folder can be made there")

        self._told(look)

    def put(self, folder: Path, address: str, last: str) -> None:
        """Make the files of `folder`, `last` after the others, those of `address`; what stood there goes at the end."""

        def copy() -> None:
            path, system = self._at(address)
            new, old = self._path(f"{address}.new"), self._path(f"{address}.old")
            for file in sorted(folder.iterdir(), key=lambda f: (f.name == last, f.name)):
                system.copyFromLocalFile(False, True, self._path(file.as_uri()), new)
            system.delete(old, True)
            if system.exists(path):
                system.rename(path, old)
            if not system.rename(new, path):
                raise OSError(0, "the new folder cannot be put in the place of the old")
            system.delete(old, True)

        self._told(copy)

    def _at(self, address: str) -> tuple[Any, Any]:
        path = self._path(address)
        return path, path.getFileSystem(self._settings)

    def _path(self, address: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(address)

    def _told(self, act: Callable[[], T]) -> T:
        from py4j.protocol import Py4JError, Py4JJavaError

        try:
            return act()
        except Py4JJavaError as error:
            said = str(error.java_exception.toString()).splitlines()[0]
            raise OSError(0, said[:300]) from error
        except Py4JError as error:
            raise OSError(0, str(error).splitlines()[0][:300]) from error
