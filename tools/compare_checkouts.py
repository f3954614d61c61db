"""Run the verbs of two checkouts on the same inputs, and print differences in outputs, exit codes and written files.

    git worktree add ../before main
    python tools/compare_checkouts.py ../before . [--verb review] [--lines 20]

A checkout is a folder with a `taskrole` package. The inputs are those of the first one: examples/ and the cases of
tests/. Exit code 1 if anything differs; decide whether each difference is intended.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

WORKER = Path(__file__).with_name("run_commands.py")
INPUTS = (
    "examples",
    "tests/check/cases",
    "tests/export/cases",
    "tests/plans",
    "tests/stacks/cases",
    "tests/taskdef/cases",
)
# In an argument: the folder for files that a run writes.
WRITTEN = "WRITTEN"
_FORMATS = re.compile(r"--format \[([^\]]+)\]")
_OUTPUT = re.compile(r"--output FORMAT=FILE([^;]+);")
_IDS = re.compile(r"^(?:\| \*\*|### )([A-Za-z0-9-]+)", re.MULTILINE)
_TASK_DEFINITIONS = ("tests/taskdef/cases/*.json", "tests/check/cases/*.json", "examples/*/task-definitions/*.json")
_ROLES_FILES = ("examples/*/*.yaml", "tests/stacks/cases/*.yaml", "tests/export/cases/*.yaml")
_PLANS = ("tests/plans/*/plan.json", "tests/plans/*/drift.json", "tests/plans/unseen/*.json")
_CONTEXT = "--region eu-west-1 --account 111122223333"
_ROLES = "--role AmazonECSTaskExecutionRolePolicy --task-role AmazonS3ReadOnlyAccess"
_SERVICE = "--config examples/service/roles.yaml"
_OBSERVE = "--config examples/observe/roles.yaml"
# Verb, arguments before FORMAT, patterns of files; {} is replaced with a file.
_RUNS = (
    ("validate", "--config {}", _ROLES_FILES),
    ("show", "--config {}", _ROLES_FILES),
    ("lock", f"--config {{}} --file {WRITTEN}/grants.lock.json", _ROLES_FILES),
    ("export", f"--config {{}} --root --to {WRITTEN}/module", _ROLES_FILES),
    ("derive", f"{{}} --partial {_CONTEXT}", _TASK_DEFINITIONS),
    ("check", f"{{}} {_ROLES} {_CONTEXT}", _TASK_DEFINITIONS),
    ("check", f"{{}} --stack service {_SERVICE}", ("examples/service/task-definitions",)),
    ("review", "{} --all --strict --detailed-exitcode --require-approval any", _PLANS),
    ("observe", f"{{}} {_OBSERVE}", ("examples/observe/events.jsonl",)),
    ("explain-denial", "{}", ("examples/denials/*.json", "examples/denials/*.txt")),
)
VERBS = (*dict.fromkeys(verb for verb, _, _ in _RUNS), "explain")


def commands(checkout: Path, verb: str | None = None) -> Iterator[list[str]]:
    """Yield the arguments of each run of one verb, or of all verbs, on the inputs of a checkout."""
    for name, arguments, patterns in _RUNS:
        if verb in (None, name):
            formats = formats_of(checkout, name)
            for path in sorted({path for pattern in patterns for path in checkout.glob(pattern)}):
                run = [name, *arguments.format(path.relative_to(checkout).as_posix()).split()]
                yield from ([*run, *options] for options in formats)
    if verb in (None, "explain"):
        for name, page in (("derive", "rules"), ("review", "review-rules")):
            for rule in _IDS.findall((checkout / f"docs/{page}.md").read_text("utf-8")):
                yield [name, "--explain", rule]


def formats_of(checkout: Path, verb: str) -> list[list[str]]:
    """Return the options for every format in the help of a verb, with as few runs as possible."""
    run = [sys.executable, "-m", "taskrole", verb, "--help"]
    result = subprocess.run(run, env=_environment(checkout), cwd=checkout, capture_output=True, text=True, check=True)
    listed = _FORMATS.search(result.stdout)
    if listed is None:
        return [[]]
    formats = re.sub(r"\s", "", listed.group(1)).split("|")
    output = _OUTPUT.search(result.stdout)
    named = [format_ for format_ in formats if output and format_ in re.split(r"[\s,;]+", output.group(1))]
    written = [] if output is None else named or formats[1:]
    first, *others = [format_ for format_ in formats if format_ not in written]
    outputs = [argument for format_ in written for argument in ("--output", f"{format_}={WRITTEN}/{format_}")]
    return [["--format", first, *outputs], *(["--format", format_] for format_ in others)]


def run_all(checkout: Path, inputs: Path, runs: Sequence[Sequence[str]], folder: Path) -> None:
    """Run commands of a checkout in a new folder with copies of the inputs; run N writes to `folder/runs/N`."""
    for name in filter(lambda name: (inputs / name).is_dir(), INPUTS):
        shutil.copytree(inputs / name, folder / name)
    numbered = [[argument.replace(WRITTEN, f"runs/{index}") for argument in run] for index, run in enumerate(runs)]
    for index in range(len(runs)):
        (folder / f"runs/{index}").mkdir(parents=True)
    subprocess.run(
        [sys.executable, str(WORKER), "runs"],
        input=json.dumps(numbered).encode(),
        env=_environment(checkout),
        cwd=folder,
        check=True,
    )


def _environment(checkout: Path) -> Mapping[str, str]:
    """Return the environment of a run, without variables of an account or a CI job."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_", "CI"))}
    return {**kept, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}


def differences(before: Path, after: Path, lines: int) -> Iterator[str]:
    """Yield a unified diff, of at most `lines` lines, of each file that differs between two folders."""
    paths = {path.relative_to(folder) for folder in (before, after) for path in folder.rglob("*") if path.is_file()}
    for path in sorted(paths):
        old, new = (_text(folder, path).splitlines() for folder in (before, after))
        if old != new:
            diff = list(difflib.unified_diff(old, new, f"before/{path}", f"after/{path}", lineterm=""))
            yield "\n".join([*diff[:lines], *([f"… {len(diff) - lines} more lines"] if len(diff) > lines else [])])


def _text(folder: Path, path: Path) -> str:
    file = folder / path
    return file.read_text("utf-8", "backslashreplace").replace(str(folder), "FOLDER") if file.is_file() else ""


def compare(before: Path, after: Path, runs: Sequence[Sequence[str]], lines: int = 20) -> Iterator[str]:
    """Run commands in both checkouts; yield each that differs, with its diffs."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = [Path(temporary).resolve() / name for name in ("before", "after")]
        for checkout, folder in zip((before, after), folders, strict=True):
            run_all(checkout, before, runs, folder)
        for index, run in enumerate(runs):
            diffs = list(differences(folders[0] / f"runs/{index}", folders[1] / f"runs/{index}", lines))
            if diffs:
                yield "\n".join([f"$ taskrole {shlex.join(run)}", *diffs])


def main() -> int:
    """Compare the two checkouts in the arguments; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--verb", choices=VERBS, help="only the runs of this verb")
    parser.add_argument("--lines", type=int, default=20, help="lines of each diff; default: 20")
    options = parser.parse_args()
    before, after = options.before.resolve(), options.after.resolve()
    runs = list(commands(before, options.verb))
    different = 0
    for difference in compare(before, after, runs, options.lines):
        different += 1
        sys.stdout.write(f"{difference}\n")
    sys.stdout.write(f"{len(runs)} commands, {different} with differences\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
