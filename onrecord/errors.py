"""The errors that onrecord raises: one small tree, each with its context and the remedy."""


class OnrecordError(Exception):
    """Base of every error that onrecord raises on purpose; its text names the place and the remedy."""


class UsageError(OnrecordError):
    """The arguments cannot be used: a missing input, an unknown format or table, a wrong option."""


class ReadError(OnrecordError):
    """One input could not be read. Inside a build it becomes a row of `problems`."""


class RecordError(OnrecordError):
    """A record could not be opened: missing, damaged, or made by another version."""


class LawError(OnrecordError):
    """A table breaks a law of the record (a span outside its text, a dangling key); nothing is written."""


class TimeLimitError(BaseException):
    """Too long at one report. Not an `Exception`, so that no stage takes it for an error of its own."""


class WorkerDiedError(OnrecordError):
    """The process that did a piece of work ended before it was done. Inside a build it becomes rows of `problems`."""


def panicked(error: BaseException) -> bool:
    """True for the panic of a library written in Rust, which Python does not take for an `Exception`."""
    return type(error).__name__ == "PanicException"
