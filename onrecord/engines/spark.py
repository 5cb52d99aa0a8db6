"""Apache Spark as the engine: the same stages over the workers of a cluster, or of this machine.

The driver holds the tables and hands out payloads in waves; executors run the very functions that the local engine
runs, so the rows are the same. Executors need the same onrecord and parser installed. A task that fails is tried again
by Spark elsewhere, so a lost machine costs time only; a payload that ends every worker it meets is found by halving.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

from onrecord import limits
from onrecord.engines.base import alone
from onrecord.engines.hadoop import HadoopFiles
from onrecord.errors import UsageError

P = TypeVar("P")
R = TypeVar("R")

TASKS_A_CORE = 4  # payloads of a wave for each core, so that one slow payload leaves few cores waiting
_bounded = False


class SparkEngine:
    """Runs on any master address of Spark: `local[2]`, `spark://host:7077`, `yarn`, `k8s://…`.

    Raises `UsageError` when PySpark or a Java runtime is missing, or the master does not answer.
    """

    def __init__(self, master: str = "local[*]", worker_mib: int = 0) -> None:
        self.master, self.worker_mib = master, worker_mib
        self._session: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _context(self) -> Any:
        if self._session is None:
            try:
                from pyspark.errors import PySparkException
                from pyspark.sql import SparkSession
            except ImportError as error:
                raise UsageError("--engine spark needs PySpark: pip install 'onrecord[spark]'") from error
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = SparkSession.builder.master(self.master).appName("onrecord")
            settings = {"spark.ui.showConsoleProgress": "false", "spark.executorEnv.OPENBLAS_NUM_THREADS": "1"}
            if self.master.startswith("local"):
                os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
                settings |= {
                    "spark.ui.enabled": "false",
                    "spark.driver.host": "127.0.0.1",
                    "spark.driver.bindAddress": "127.0.0.1",
                }
            for name, value in settings.items():
                builder = builder.config(name, value)
            try:
                self._session = builder.getOrCreate()
            except (PySparkException, RuntimeError, OSError) as error:
                told = str(error).splitlines()[0][:200]
                why = f"Spark does not start on {self.master} ({told}); it needs a Java runtime, 17 or newer"
                raise UsageError(why) from error
            self._session.sparkContext.setLogLevel("OFF")
        return self._session.sparkContext

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
        """See `engines.base.Engine.map`; payloads go out in waves of a few a core."""
        if small:
            for payload in payloads:
                yield function(payload)
            return
        source = iter(payloads)
        wave = max(1, self._context().defaultParallelism) * TASKS_A_CORE
        while some := list(islice(source, wave)):
            done = self._job(function, some)
            if done is not None:
                yield from done
                continue
            for payload in some:
                yield from alone(lambda p: self._job(function, [p]), payload, on_death, split, save)

    def files(self) -> HadoopFiles:
        """The file systems that the session is set up for."""
        self._context()
        return HadoopFiles(self._session)

    def _job(self, function: Callable[[P], R], payloads: Sequence[P]) -> list[R] | None:
        """The results, or None when a worker died of a payload; an exception of the function is raised here."""
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException, PythonException

        context = self._context()
        task = _Task(function, self.worker_mib)
        packed = [pickle.dumps(p, protocol=pickle.HIGHEST_PROTOCOL) for p in payloads]
        try:
            given = context.parallelize(packed, len(packed)).map(task).collect()
        except limits.TimeLimitError:
            context.cancelAllJobs()
            raise
        except PythonException as error:  # the task itself raises nothing: the executor cannot load it
            told = str(error).strip().splitlines()[-1][:200]
            raise UsageError(f"an executor cannot run onrecord ({told}); install the same version there") from error
        except (Py4JError, PySparkException):
            return None
        out = []
        for raw in given:
            raised, result = pickle.loads(raw)  # noqa: S301 (made by our own task)
            if raised is not None:
                raise raised
            out.append(result)
        return out


class _Task:
    """One payload on an executor: an exception is a result too, so that a job fails only when a worker dies."""

    def __init__(self, function: Callable[[Any], Any], worker_mib: int) -> None:
        self.function, self.worker_mib = function, worker_mib

    def __call__(self, packed: bytes) -> bytes:
        global _bounded
        if not _bounded:
            limits.worker(self.worker_mib)
            _bounded = True
        result: tuple[Exception | None, Any]
        try:
            result = (None, self.function(pickle.loads(packed)))  # noqa: S301 (made by our own driver)
        except Exception as error:
            result = (error, None)
        return pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
