"""The garbage collector at the pace of a build, and memory that is free given back.

A build makes millions of small rows that live until their table is written, and almost no circles of references. At
Python's own pace the collector walks over them again and again and finds nothing.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pyarrow as pa

PACE = (50_000, 20, 50)
"""New objects before a look at the youngest, and of how many such looks one takes in those that are older."""


def seldom() -> None:
    """For a process of our own: leave out what is loaded by now, and look seldom at what comes."""
    gc.freeze()
    gc.set_threshold(*PACE)


@contextmanager
def seldom_in() -> Iterator[None]:
    """The same while a block runs in somebody else's process, which gets its own pace back."""
    before = gc.get_threshold()
    if 0 < before[0] < PACE[0]:  # 0: the collector is off, and stays off
        gc.set_threshold(*PACE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def give_back() -> None:
    """Hand memory that is free to the system again: what one stage took would else be held beside the next one's."""
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)
