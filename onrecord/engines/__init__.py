"""Engines run stages; a stage never knows on which. `local` is the default: this machine's cores, no server."""

from __future__ import annotations

from onrecord.engines.base import Engine
from onrecord.engines.local import LocalEngine
from onrecord.engines.spark import SparkEngine
from onrecord.errors import UsageError
from onrecord.options import Options

ENGINES = ("local", "spark")


def engine(options: Options) -> Engine:
    """The engine that the options name; raises `UsageError` when there is none of that name."""
    if options.engine == "local":
        return LocalEngine(options.workers, options.worker_mib)
    if options.engine == "spark":
        return SparkEngine(options.master, options.worker_mib)
    raise UsageError(f"no engine {options.engine!r}; the engines are {', '.join(ENGINES)}")
