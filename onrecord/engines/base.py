"""What the pipeline asks of an engine: run a function over payloads, somewhere, in order, and lose only what kills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from onrecord.errors import WorkerDiedError

P = TypeVar("P")
R = TypeVar("R")


class Files(Protocol):
    """Files that are not on this machine; every method raises `OSError` with the reason as its `strerror`."""

    def listed(self, address: str) -> Sequence[str]:
        """Addresses of the files that a file, folder or pattern means, in the order of their names."""
        ...

    def fetched(self, address: str, folder: Path) -> Path:
        """A copy of a file in a folder of this machine."""
        ...

    def prepare(self, address: str, last: str) -> None:
        """See that a folder can be written at `address`: nothing stands there, or one whose `last` file is there."""
        ...

    def put(self, folder: Path, address: str, last: str) -> None:
        """Put the files of `folder` in the place of what stands at `address`, the one named `last` after the others."""
        ...


class Engine(Protocol):
    """A context manager whose `map` runs the per-report stages; entered once a build."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def map(
        self,
        function: Callable[[P], R],
        payloads: Iterable[P],
        *,
        on_death: Callable[[P], None],
        split: Callable[[P], Sequence[P]] | None = None,
        save: Callable[[Callable[[P], R], P], R] | None = None,
        small: bool = False,
    ) -> Iterator[R]:
        """Yield `function(payload)` for each payload, in order.

        `function` must be importable and its payload picklable. An exception that it raises is raised here. A payload
        that ends the process that works on it is cut by `split` until the part that does so is alone; for that part
        `on_death` is called and nothing is yielded. With `save`, what this makes of that part is yielded instead: it is
        given a way to try the function on less, which raises `WorkerDiedError`. With `small` the work stays in this
        process.
        """
        ...

    def files(self) -> Files | None:
        """The file systems that the engine reaches; None where it reaches only this machine's."""
        ...


def alone(
    attempt: Callable[[P], list[R] | None],
    payload: P,
    on_death: Callable[[P], None],
    split: Callable[[P], Sequence[P]] | None,
    save: Callable[[Callable[[P], R], P], R] | None = None,
) -> Iterator[R]:
    """Run one payload that may kill: `attempt` gives its results, or None when its process died.

    Then the parts that `split` makes of it are run in the same way; of a part that is one whole, `on_death` is told or
    `save` gives what it can.
    """
    done = attempt(payload)
    if done is not None:
        yield from done
        return
    parts = split(payload) if split else ()
    if len(parts) > 1:
        for part in parts:
            yield from alone(attempt, part, on_death, split, save)
    elif save is None:
        on_death(payload)
    else:
        yield save(lambda less: _lived(attempt(less)), payload)


def _lived(results: list[R] | None) -> R:
    if results is None:
        raise WorkerDiedError("a worker ended before its work was done")
    return results[0]
