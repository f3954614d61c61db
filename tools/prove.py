"""Run the generated tests with large numbers of cases, and record the figures: `make prove`.

python tools/prove.py [--share 0.01] [--first-seed 0] [--only WORDS]

Only whole parts (share 1) are recorded, each when it ends, in bench/proof.json and bench/RESULTS.md. Exit code 1 if
anything fails: each line then has the seed that reproduces it.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench/RESULTS.md"
CHUNK = 250
MOST_SHOWN = 20

PROPERTIES = {
    "exactly_what_tasks_call": (10_000, "roles allow every call of their tasks and none of its neighbours"),
    "wildcards_have_rules": (10_000, "every wildcard has a rule that asks for it"),
    "order_does_not_matter": (10_000, "another order gives the same bytes"),
    "containers_only_add": (5_000, "one container more takes nothing away"),
    "documents_add_up": (10_000, "a role for two task definitions allows what two roles do"),
    "merging_keeps_permissions": (5_000, "merged statements allow what the grants do"),
    "delivery_does_not_matter": (1_000, "inline, managed or split, policies allow the same"),
}
WRONG_DOCUMENTS = 100_000
PAIRS = 100_000
CHANGES = 20_000
ROLES_FILES = 100_000
ROUNDS = 200
# Modules of tests/proof with `violations(seeds)`: the number of cases, and what they show.
MODULES = {
    "spoiled": (50_000, "spoiled answers of AWS end in an error that names the call, and are not kept"),
    "canaries": (10_000, "what is kept of task definitions holds no secret and needs the same"),
    "hostile_output": (20_000, "no line of any output begins a command of a CI system, at widths of 40, 80 and 120"),
}


@dataclass(frozen=True)
class Figures:
    """The result of one part: the number of cases, their seeds, and the number of failures.

    `date` is when it was recorded, `seconds` how long it took.
    """

    name: str
    cases: int
    seeds: str
    broken: int
    command: str
    date: str = ""
    seconds: int = 0


# The title of a part, and the function that runs it in a process pool.
Part: TypeAlias = "tuple[str, Callable[[ProcessPoolExecutor], Figures]]"


def property_violations(name: str, seeds: range) -> list[str]:
    """Return the violations of a property for a range of seeds."""
    properties = importlib.import_module("tests.proof.properties")
    violations: list[str] = properties.violations(getattr(properties, name), seeds)
    return violations


def fuzz_results(seeds: range) -> tuple[Counter[str], list[str], float]:
    """Return the results of malformed documents by kind, the unexpected ones, and the seconds of the slowest."""
    tally = importlib.import_module("tests.proof.fuzz").fuzz(seeds)
    return tally.ends, tally.wrong, tally.slowest


def against(module: str, function: str, seeds: range) -> list[str]:
    """Return the unexplained differences from another evaluator or validator."""
    tally = getattr(importlib.import_module(f"tests.differential.{module}"), function)(len(seeds), seeds.start)
    return [f"seed {case[0]}: {case[1:]}" for case in tally.unexplained]


def change_violations(seeds: range) -> list[str]:
    """Return the changes of policies that are reported as narrower or neutral and allow something new."""
    violations: list[str] = importlib.import_module("tests.proof.comparison").violations(seeds)
    return violations


def roles_file_violations(seeds: range) -> list[str]:
    """Return the unexpected results of malformed roles.yaml for a range of seeds."""
    violations: list[str] = importlib.import_module("tests.proof.roles_file_fuzz").roles_file_violations(seeds)
    return violations


def kill_violations(name: str, share: float) -> tuple[int, list[str]]:
    """Return the number of calls at which a writing command was killed, and the broken files it left."""
    counted: tuple[int, list[str]] = importlib.import_module("tests.proof.kill_points").violations(name, share)
    return counted


def writer_violations(kind: str, seeds: range) -> list[str]:
    """Return the changes that two concurrent writers lose."""
    violations: list[str] = importlib.import_module("tests.proof.two_writers").KINDS[kind](seeds)
    return violations


def slow_inputs() -> list[str]:
    """Return the names of the inputs that may be slow."""
    return list(importlib.import_module("tests.proof.slow_inputs").SLOW_INPUTS)


def slow_violations(name: str) -> list[str]:
    """Return the runs with an input that exceed the limits of time or memory."""
    return list(importlib.import_module("tests.proof.slow_inputs").too_slow(name))


def module_violations(module: str, seeds: range) -> list[str]:
    """Return the violations that a module of tests/proof reports."""
    violations: list[str] = importlib.import_module(f"tests.proof.{module}").violations(seeds)
    return violations


def prove(share: float, first: int, only: str = "") -> Iterator[Figures]:
    """Yield the figures of each part whose title contains `only`, and print violations as they occur."""
    date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for title, look in parts(share, first):
            if only in title:
                begin = time.monotonic()
                yield replace(look(pool), date=date, seconds=round(time.monotonic() - begin))


def parts(share: float, first: int) -> list[Part]:
    """Return all parts, in the order in which they are recorded."""

    def part(title: str, count: int, look: Callable[[range], list[str]]) -> Part:
        return title, partial(_part, title=title, seeds=_seeds(count, share, first), look=look)

    wrong = "wrong documents end in policies, in findings that name a field, or are refused"
    killed = "a command killed at any call that writes leaves whole files, and the state"
    slow = "no input takes more than 2 seconds of processor time or 300 MB"
    return [
        *(part(title, count, partial(property_violations, name)) for name, (count, title) in PROPERTIES.items()),
        (wrong, partial(_wrong_documents, title=wrong, seeds=_seeds(WRONG_DOCUMENTS, share, first))),
        part("what the comparison calls narrower or neutral allows nothing new", CHANGES, change_violations),
        part("what validate calls fine, lock, export and show take", ROLES_FILES, roles_file_violations),
        *(part(title, count, partial(module_violations, module)) for module, (count, title) in MODULES.items()),
        part(
            "the evaluator answers as ministack's does, or for a reason that is known",
            PAIRS,
            partial(against, "against_ministack", "compare"),
        ),
        part(
            "the evaluator answers as iam-simulate does, or for a reason that is known",
            PAIRS // 2,
            partial(against, "against_iam_simulate", "compare"),
        ),
        part(
            "moto takes the same policy documents, or for a reason that is known",
            PAIRS // 2,
            partial(against, "against_moto", "validate"),
        ),
        (killed, partial(_killed, title=killed, share=share)),
        *(
            part(f"{kind} beside another writer loses nothing", ROUNDS, partial(writer_violations, kind))
            for kind in ("export", "adopt")
        ),
        (slow, partial(_slow, title=slow, share=share)),
    ]


def _wrong_documents(pool: ProcessPoolExecutor, title: str, seeds: range) -> Figures:
    results = list(pool.map(fuzz_results, _chunks(seeds)))
    ends = sum((result[0] for result in results), Counter[str]())
    _say(f"  {dict(sorted(ends.items()))}; the slowest took {max(result[2] for result in results):.2f} s")
    return _figures(title, seeds, [line for result in results for line in result[1]])


def _killed(pool: ProcessPoolExecutor, title: str, share: float) -> Figures:
    cases = importlib.import_module("tests.proof.kill_points").CASES
    counts, broken = zip(*pool.map(partial(kill_violations, share=share), cases), strict=True)
    return _figures(title, range(sum(counts)), [line for lines in broken for line in lines])


def _slow(_: ProcessPoolExecutor, title: str, share: float) -> Figures:
    """Measure one input after the other, without other load."""
    names = slow_inputs()
    broken = [line for name in names[: max(1, int(len(names) * share))] for line in slow_violations(name)]
    return _figures(title, _seeds(len(names), share, 0), broken)


def _part(pool: ProcessPoolExecutor, title: str, seeds: range, look: Callable[[range], list[str]]) -> Figures:
    return _figures(title, seeds, [line for lines in pool.map(look, _chunks(seeds)) for line in lines])


def _figures(title: str, seeds: range, broken: list[str]) -> Figures:
    _say(f"{'BROKEN' if broken else 'holds'}  {title}: {len(seeds):,} cases, seeds {seeds.start} to {seeds.stop - 1}")
    for line in broken[:MOST_SHOWN]:
        _say(f"  {line}")
    if len(broken) > MOST_SHOWN:
        _say(f"  … and {len(broken) - MOST_SHOWN:,} more")
    return Figures(title, len(seeds), f"{seeds.start} to {seeds.stop - 1}", len(broken), "make prove")


def _seeds(count: int, share: float, first: int) -> range:
    return range(first, first + max(1, int(count * share)))


def _chunks(seeds: range) -> Iterable[range]:
    # A few long cases are distributed over all processors.
    chunk = min(CHUNK, len(seeds) // 8 + 1)
    return [seeds[place : place + chunk] for place in range(0, len(seeds), chunk)]


def _say(line: str) -> None:
    sys.stdout.write(line.encode("ascii", "backslashreplace").decode() + "\n")
    sys.stdout.flush()


def record(figures: Figures) -> None:
    """Write the figures of a part with those of the others, and their section in the results page, if any."""
    proof: Any = importlib.import_module("bench.proof")
    report: Any = importlib.import_module("bench.report")
    recorded = json.loads(proof.FIGURES.read_text(encoding="utf-8")) if proof.FIGURES.exists() else {"rows": []}
    rows = {row["name"]: row for row in recorded["rows"]} | {figures.name: asdict(figures)}
    order = [title for title, _ in parts(1, 0)]
    ordered = sorted(rows.values(), key=lambda row: order.index(row["name"]) if row["name"] in order else len(order))
    proof.FIGURES.write_text(json.dumps({"rows": ordered}, indent=2) + "\n", encoding="utf-8")
    if not RESULTS.exists():
        return
    text = RESULTS.read_text(encoding="utf-8")
    RESULTS.write_text(report.with_section(text, proof.measure()), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run the parts in the arguments; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the cases; default: all")
    parser.add_argument("--first-seed", type=int, default=0, help="default: 0")
    parser.add_argument("--only", default="", metavar="WORDS", help="parts whose title holds these; default: all")
    given = parser.parse_args(arguments)
    begin = time.monotonic()
    rows = []
    for figures in prove(given.share, given.first_seed, given.only):
        rows.append(figures)
        if given.share == 1:
            record(figures)
    _say(f"{round(time.monotonic() - begin)} seconds")
    if not rows:
        parser.error(f"no part's title holds {given.only!r}")
    return 1 if any(row.broken for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
