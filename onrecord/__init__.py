"""onrecord puts on the record what happened, once, from many reports that copy, rewrite and contradict each other."""

__version__ = "0.1.0"
