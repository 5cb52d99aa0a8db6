"""Imported by the process that crash tests fork from: what every build loads, loaded once."""

from __future__ import annotations

from onrecord import Options, pipeline
from onrecord.stages import annotate, attribute, reconcile, segment  # noqa: F401
from onrecord.stages.align import extending, indexing  # noqa: F401
from onrecord.stages.group import kernels, merging, stretches  # noqa: F401

pipeline.check_options(Options())
annotate.load(Options().model)
