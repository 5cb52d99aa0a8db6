"""What load the server holds: `python -m bench._load RECORD` asks pages with wrk, beside clients that never finish.

Prints a line for each page and number of clients: answers a second, median and 99th percentile in milliseconds,
answers that were no success, and the most memory (MiB) that the server held. Needs wrk on the PATH.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from onrecord.query import Record

CLIENTS = (1, 8, 64, 256)
SECONDS = int(os.environ.get("LOAD_SECONDS", "10"))
SLOW = 100


def milliseconds(said: str) -> float:
    """'1.25s' as 1250.0."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", said).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def asked(url: str, clients: int) -> tuple[float, float, float, int]:
    """Answers a second, median and 99th percentile (ms), and how many answers were no success."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "30s", "--latency", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    half, most = (milliseconds(re.search(rf"(?m)^\s+{p}%\s+(\S+)", said)[1]) for p in (50, 99))  # type: ignore[index]
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    return rate, half, most, (int(wrong[1]) if wrong else 0) + sum(map(int, lost.groups() if lost else ()))


def most_memory(pid: int) -> int:
    """MiB that a process held at most."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) // 1024 if found else 0


@contextmanager
def serving(path: Path) -> Iterator[tuple[str, int]]:
    """A server of the record in a process of its own, beside clients that never finish: its address and process."""
    command = [sys.executable, "-m", "onrecord", "serve", str(path), "--port", "0", "--read-only"]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as run:
        slow = []
        try:
            assert run.stdout
            home = re.search(r"http://127\.0\.0\.1:(\d+)", run.stdout.readline())
            assert home
            for _ in range(SLOW):
                slow.append(socket.create_connection(("127.0.0.1", int(home[1])), timeout=10))
                slow[-1].sendall(b"GET / HTTP/1.1\r\nHost: ")
            yield home[0], run.pid
        finally:
            for client in slow:
                client.close()
            run.kill()


def main(path: Path) -> None:
    """Serve the record and ask."""
    with Record(path) as record:
        stories = record.stories().sort_by([("n_reports", "descending"), ("story_id", "ascending")])
        story, report = stories["story_id"][0].as_py(), record.reports()["report_id"][0].as_py()
    pages = {
        "front": "/",
        "largest story": f"/stories/{story}",
        "report": f"/reports/{report}",
        "search": "/search?q=police",
    }
    for name, page in pages.items():
        for clients in CLIENTS:
            # A server each: what wrk leaves unanswered at its end would be worked off at the next line's cost.
            with serving(path) as (home, pid):
                with urlopen(home + page, timeout=60) as first:
                    first.read()
                rate, half, most, wrong = asked(home + page, clients)
                print(f"{name}\t{clients}\t{rate:.1f}\t{half:.0f}\t{most:.0f}\t{wrong}\t{most_memory(pid)}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
