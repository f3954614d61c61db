"""Runs two writers of the same folder or file at once: no change is lost, and one may be refused.

    python -m tests.proof.two_writers (export | adopt) [ROUNDS] [FIRST]

`adopt` needs an account: that of AWS_ENDPOINT_URL, or an embedded AWS of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from tests.proof.kill_points import IN_FOLDER, MEMORY, ROLES, STATE, exported, tree, verb

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}'
)
ADOPTED = ("alpha", "beta")
OWN_ROLES = ROLES.replace("111122223333", "123456789012")  # moto's account
REFUSALS = ("was changed meanwhile", "is writing in")
LATEST_SAVE = 1.0  # seconds after adopt began
Outcome = tuple[int, str]


def export_violations(rounds: Iterable[int]) -> list[str]:
    """Return the rounds of two exports into the same folder with a lost state or a mixed folder."""
    kinds = [verb("export", "--to", "x/out"), verb("export", "--to", "x/out", "--format", "json")]
    with _folder():
        with redirect_stdout(StringIO()):
            exported()
        whole = []
        for kind in kinds:
            at_once([kind])
            whole.append(tree())
        return [f"round {n}: {problem}" for n in rounds for problem in _export_round(n, kinds, whole)]


def _export_round(n: int, kinds: list[Callable[[], Any]], whole: list[dict[str, str]]) -> Iterator[str]:
    outcomes = at_once(kinds, delays=(0, random.Random(n).random() / 50))
    yield from _refusals(outcomes)
    left = tree()
    yield from (f"{name} is lost" for name, text in IN_FOLDER.items() if left.get(name) != text)
    if left not in whole:
        yield f"the folder is neither's: {sorted(left)}"
        for name in STATE:
            Path("x/out", name).parent.mkdir(parents=True, exist_ok=True)
            Path("x/out", name).write_text(STATE[name])


def adopt_violations(rounds: Iterable[int]) -> list[str]:
    """Return the rounds of two adopts into the same file, or of an adopt and an editor, that lose a role or a save."""
    with _account(), _folder():
        return [f"round {n}: {problem}" for n in rounds for problem in (*_adopt_round(n), *_editor_round(n))]


def _adopt_round(n: int) -> Iterator[str]:
    Path("roles.yaml").write_text(OWN_ROLES)
    outcomes = at_once([verb("adopt", name) for name in ADOPTED], delays=(0, random.Random(n).random() / 50))
    yield from _refusals(outcomes)
    text = Path("roles.yaml").read_text()
    for name, (code, _) in zip(ADOPTED, outcomes, strict=True):
        if code == 0 and f"      {name}:\n" not in text:
            yield f"role {name} is lost"
    if not text.startswith(OWN_ROLES):
        yield "what was in the file is changed"


def _editor_round(n: int) -> Iterator[str]:
    Path("roles.yaml").write_text(OWN_ROLES)
    comment = f"# saved in round {n}\n"

    def save() -> None:
        Path("roles.yaml").write_text(OWN_ROLES + comment)

    delays = (0, random.Random(n).random() * LATEST_SAVE)
    adopted, _ = at_once([verb("adopt", ADOPTED[0]), save], delays=delays)
    yield from _refusals([adopted])
    if comment not in Path("roles.yaml").read_text():
        yield "the save is lost"


def _refusals(outcomes: list[Outcome]) -> Iterator[str]:
    for code, text in outcomes:
        if code != 0 and not any(refusal in text for refusal in REFUSALS):
            yield f"a writer ended with {code}: {text}"
    if all(code for code, _ in outcomes):
        yield "both writers were refused"
    yield from (f"{name} is left" for name in tree() if ".taskrole-file-" in name or ".taskrole-new-" in name)


def at_once(runs: list[Callable[[], Any]], delays: tuple[float, ...] = (0,)) -> list[Outcome]:
    """Run each in its own process, started together; return their exit codes and output."""
    reading, writing = os.pipe()
    logs = [Path(f"../log-{number}") for number in range(len(runs))]
    children = []
    for run, delay, log in zip(runs, delays, logs, strict=True):
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # ends when the last other end of the pipe is closed
            time.sleep(delay)
            _be_writer(run, log)
        children.append(child)
    os.close(reading)
    os.close(writing)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return [(code, log.read_text()) for code, log in zip(codes, logs, strict=True)]


def _be_writer(run: Callable[[], Any], log: Path) -> None:
    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        result = run()
        code = result if isinstance(result, int) else 0
    except BaseException as error:  # noqa: BLE001 -- the child of a fork must end here
        os.write(2, repr(error).encode())
    finally:
        sys.stdout.flush()
        os._exit(code)


@contextmanager
def _folder() -> Iterator[None]:
    home = Path.cwd()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        Path(folder, "work").mkdir()
        os.chdir(Path(folder, "work"))
        try:
            yield
        finally:
            os.chdir(home)


@contextmanager
def _account() -> Iterator[None]:
    """Provide an account with the roles to adopt."""
    import boto3

    from taskrole.local.environment import environment
    from taskrole.local.server import down, up

    with tempfile.TemporaryDirectory() as folder:
        before = dict(os.environ)
        own = Path(folder) if "AWS_ENDPOINT_URL" not in before else None
        try:
            if own:
                os.environ.update(environment(os.environ, up(own)[0]))
            iam = boto3.client("iam", region_name="eu-west-1")
            for name in ADOPTED:
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
            yield
            for name in ADOPTED:
                iam.delete_role(RoleName=name)
        finally:
            if own:
                down(own)
            os.environ.clear()
            os.environ.update(before)


KINDS = {"export": export_violations, "adopt": adopt_violations}


def main(arguments: list[str]) -> int:
    """Print the problems of two writers."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.two_writers")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("rounds", type=int, nargs="?", default=10)
    parser.add_argument("first", type=int, nargs="?", default=0)
    given = parser.parse_args(arguments)
    wrong = KINDS[given.kind](range(given.first, given.first + given.rounds))
    sys.stdout.write(f"{given.kind}: {given.rounds} rounds, {len(wrong)} wrong\n")
    sys.stdout.writelines(f"  {problem}\n" for problem in wrong[:20])
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
