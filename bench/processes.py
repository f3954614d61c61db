"""Measures the time of a command and the memory of its largest process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds, and the peak memory in megabytes (10^6 bytes) of the largest process in the tree.

    They are medians over `runs`.
    """

    seconds: float
    megabytes: float
    runs: int = 1


# Linux counts the peak memory of the parent for a new process, so a small process starts it.
_MEASURE = """
import os, subprocess, sys, time
begin = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - begin, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


# With bytecode, as in the second run of a command.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(command: Sequence[str], *, cwd: Path | None = None, codes: Sequence[int] = (0,), **environment: str) -> Cost:
    """Run a command and return its cost. Raises CalledProcessError for an exit code not in `codes`."""
    measure = [sys.executable, "-I", "-S", "-c", _MEASURE, *command]
    done = subprocess.run(measure, cwd=cwd, env={**_ENVIRONMENT, **environment}, stdout=subprocess.PIPE, check=True)
    # Linux and macOS include children that a process waited for.
    seconds, largest, status = done.stdout.split()
    if int(status) not in codes:
        raise subprocess.CalledProcessError(int(status), command)
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(float(seconds), int(largest) * unit / 1e6)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.megabytes for cost in costs),
        len(costs),
    )


def marked(cost: Cost) -> str:
    """Return the seconds of a cost, marked if they are of a single run."""
    return f"{cost.seconds:.2f}{' (1 run)' if cost.runs == 1 else ''}"


def run_in_turn(
    commands: Mapping[str, Sequence[str]], times: int, *, cwd: Path | None = None, **environment: str
) -> dict[str, Cost]:
    """Run commands in turn, so that other load affects all of them alike, and return the median of each."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            costs[name].append(run(command, cwd=cwd, **environment))
    return {name: median(runs) for name, runs in costs.items()}
