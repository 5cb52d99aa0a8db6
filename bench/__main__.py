"""Run tasks of the scorecard: `python -m bench TASK... --data DIR`."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
import time
import traceback
from pathlib import Path

import bench
from bench import harness, scorecard
from bench.harness import Figure, Missing
from onrecord.errors import UsageError

NOT_TASKS = {"__main__", "harness", "scorecard"}


def tasks() -> list[str]:
    """Names of the task modules."""
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in NOT_TASKS and m.name[0] != "_")


def main(arguments: list[str] | None = None) -> int:
    """Run the tasks named (default: all) and print or write their figures; 1 when a task failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("task", nargs="*", help="tasks to run; none: all")
    parser.add_argument("--data", type=Path, default=Path("../shared/bench"), help="folder of the gold sets")
    parser.add_argument("--limit", type=int, help="only the first N items of each set")
    parser.add_argument("--json", type=Path, help="write the figures as one flat JSON object")
    parser.add_argument(
        "--scorecard", action="store_true", help="write SCORECARD.md and results.json; check the floors"
    )
    parser.add_argument(
        "--model", help="parse with another installed spaCy pipeline, and say what that changes on the scorecard"
    )
    parser.add_argument("--list", action="store_true", help="print the names of the figures and stop")
    options = parser.parse_args(arguments)
    unknown = set(options.task) - set(tasks())
    if unknown:
        parser.error(f"no task {', '.join(sorted(unknown))}; the tasks are {', '.join(tasks())}")
    if options.model and options.scorecard:
        parser.error("--scorecard holds the figures of onrecord's own parser: leave out --model, or --scorecard")
    if options.model:
        try:
            harness.use(options.model)
        except UsageError as error:
            parser.error(str(error))
    figures: dict[str, float] = {}
    known: dict[str, list[Figure]] = {}
    failed = False
    for name in options.task or tasks():
        module = importlib.import_module(f"bench.{name}")
        known[name] = module.FIGURES
        if options.list:
            for figure in module.FIGURES:
                print(f"{figure.name}\t{figure.doc}")
            continue
        start = time.perf_counter()
        try:
            figures |= module.run(options.data, options.limit)
        except Missing as error:
            print(f"{name}: {error}; left out", file=sys.stderr)
            continue
        except Exception:
            print(f"{name}: ended by an error; the other tasks go on", file=sys.stderr)
            traceback.print_exc()
            failed = True
            continue
        figures[f"{name}.seconds"] = round(time.perf_counter() - start, 2)
    if options.list:
        return 0
    for figure, value in sorted(figures.items()):
        print(f"{value:12.4f}  {figure}")
    if options.model:
        for line in scorecard.changed(figures, options.limit):
            print(line)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if options.scorecard:
        ran = {*known}
        declared = {name: importlib.import_module(f"bench.{name}").FIGURES for name in tasks()}
        scorecard.write({**scorecard.standing(ran), **figures}, declared, options.limit)
        for line in scorecard.fallen(figures) if not options.limit else []:
            print(f"FALLEN {line}", file=sys.stderr)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
