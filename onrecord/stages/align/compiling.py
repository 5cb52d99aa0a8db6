"""Compiling with numba. Imported only by the modules of compiled loops, for the import costs a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile with numba and keep the machine code beside the module."""
    return cast(Function, numba.njit(cache=True, error_model="numpy")(function))
