"""Kills a writer at every call that changes the disk, each in its own run, and checks the files that are left.

    python -m tests.proof.kill_points [--share 1] [NAME]…

A run is a fork of this process that kills itself by SIGKILL before the call, or in the middle of a write. Then
every file must be complete, the state of Terraform must exist, and the next run must end like an unkilled one.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from taskrole.cli import _taskrole
from taskrole.files import folder as folder_module
from taskrole.files import keep_private
from taskrole.files import write as write_module
from taskrole.live.adopted_file import Adopted, write_adopted
from taskrole.live.least_privilege_file import LeastPrivilegeFiles, write_roles

ROLES = """\
version: 1
stacks:
  s:
    region: eu-west-1
    account: "111122223333"
    roles:
      web:
        kind: execution
        managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
"""
MORE_ROLES = f"{ROLES}      job:\n        kind: task\n        trust: off\n"
CALLS = ("write", "fsync", "rename", "replace", "mkdir", "link", "unlink", "remove", "rmdir", "chmod", "chown")
STATE = {"terraform.tfstate": "{}\n", ".terraform/providers/x": "provider\n", "modules/s/x.tfstate": "{}\n"}
MEMORY = Path("/dev/shm")  # noqa: S108 -- where it takes no time to wait for the disk
Tree = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A writer: the preparation of its folder, its run, the files it may leave before and after, and those to keep."""

    prepare: Callable[[], None]
    run: Callable[[], Any]
    kept: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False  # all files change at once
    can_exchange: bool = True
    has_own_folder: bool = False  # which its reader cleans


def verb(*arguments: str) -> Callable[[], Any]:
    """Return a run of a verb in this process."""
    return lambda: _taskrole.main(list(arguments), standalone_mode=False)


def files(**contents: str) -> Callable[[], None]:
    """Return a function that writes files; their names have `__` for a dot."""

    def prepare() -> None:
        for name, text in contents.items():
            Path(name.replace("__", ".")).write_text(text, "utf-8")

    return prepare


def exported() -> None:
    """Write roles.yaml, an export of an earlier version, and a state in it."""
    files(roles__yaml=ROLES)()
    verb("export", "--to", "x/out")()
    for name, text in STATE.items():
        path = Path("x/out", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    files(roles__yaml=MORE_ROLES)()


def adopt(content: bytes | None) -> Callable[[], None]:
    """Return a run of adopt after the account is read."""
    return lambda: _unless_done(Path("roles.yaml"), content)


def _unless_done(path: Path, content: bytes | None) -> None:
    if not path.exists() or path.read_bytes() == content:
        write_adopted(path, Adopted(MORE_ROLES, "s", (), (), (), (), content))


def audit() -> None:
    """Write the file of `audit --write-roles`, unless it exists."""
    if not Path("roles.yaml").exists():
        documents = {name: f'{{"family": "{name}"}}\n' * 50 for name in ("a.json", "b.json")}
        write_roles(Path("roles.yaml"), LeastPrivilegeFiles(MORE_ROLES, documents, (), ()))


EXPORT = verb("export", "--to", "x/out")
IN_FOLDER = {f"x/out/{name}": text for name, text in STATE.items()}
CASES = {
    "export": Case(exported, EXPORT, IN_FOLDER, is_whole=True),
    "export without exchange": Case(exported, EXPORT, IN_FOLDER, is_whole=True, can_exchange=False),
    "export to a new folder": Case(files(roles__yaml=ROLES), EXPORT, is_whole=True),
    "export --force": Case(exported, verb("export", "--to", "x/out", "--root", "--force"), IN_FOLDER, is_whole=True),
    "lock": Case(files(roles__yaml=MORE_ROLES, grants__lock__json="old\n"), verb("lock")),
    "schema": Case(lambda: None, verb("schema", "--write", "s.json")),
    "adopt": Case(files(roles__yaml=ROLES), adopt(ROLES.encode())),
    "adopt without exchange": Case(files(roles__yaml=ROLES), adopt(ROLES.encode()), can_exchange=False),
    "adopt into a new file": Case(lambda: None, adopt(None)),
    "adopt into a new file without exchange": Case(lambda: None, adopt(None), can_exchange=False),
    "audit --write-roles": Case(lambda: None, audit),
    "answers": Case(files(f="old\n"), lambda: keep_private(Path("f"), "new\n"), has_own_folder=True),
}


def violations(name: str, share: float = 1) -> tuple[int, list[str]]:
    """Return the number of calls at which a case was killed, and the problems of each."""
    case = CASES[name]
    home = Path.cwd()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        prepared = Path(folder, "prepared")
        prepared.mkdir()
        try:
            os.chdir(prepared)
            with redirect_stdout(StringIO()):
                case.prepare()
            before = tree()
            with _copy_of(prepared):
                count = fork(case, 0)
                assert count > 0, Path("../log").read_text()
                after = tree()
            # From the end, where files are renamed.
            calls = range(count, 0, -min(count, round(1 / share)))
            wrong = [
                f"{name}, call {n}: {problem}" for n in calls for problem in _killed(case, prepared, n, before, after)
            ]
        finally:
            os.chdir(home)
    return len(calls), wrong


def _killed(case: Case, prepared: Path, n: int, before: Tree, after: Tree) -> Iterator[str]:
    with _copy_of(prepared):
        if fork(case, n) != -signal.SIGKILL:
            yield "was not killed"
        left = tree()
        seen = _without_leftovers(left)
        yield from (
            f"{name} is neither old nor new" for name in seen if seen[name] not in (before.get(name), after.get(name))
        )
        yield from (f"{name} is lost" for name, text in case.kept.items() if text not in _anywhere(left, name))
        is_aside = not case.can_exchange and not any(name.startswith("x/out/") for name in seen)
        if case.is_whole and seen not in (before, after) and not is_aside:
            yield "some files are old and some new"
        if not case.is_whole:
            yield from (f"{name} was removed" for name in before if name not in seen)
        calls = fork(case, 0)
        if calls < 0:
            yield f"the next run fails: {Path('../log').read_text()}"
        # Without a further write, temporary files stay until the next write to that place.
        final = tree() if calls and not case.has_own_folder else _without_leftovers(tree())
        if final != after:
            yield f"the next run leaves {sorted(set(final) ^ set(after)) or 'other content'}"


def _without_leftovers(files: Tree) -> Tree:
    return {name: text for name, text in files.items() if not re.search(r"\.taskrole-(file|private|new|old)-", name)}


def _anywhere(left: Tree, name: str) -> list[str]:
    """Return the contents of a file of the folder, or of its copy that a killed run moved aside."""
    inner = name.removeprefix("x/out/")
    return [text for path, text in left.items() if path == name or path.endswith(f"/{inner}")]


@contextmanager
def _copy_of(prepared: Path) -> Iterator[None]:
    """Work in a copy of a folder, with space for a log beside it."""
    with tempfile.TemporaryDirectory(dir=prepared.parent) as folder:
        shutil.copytree(prepared, Path(folder, "work"))
        os.chdir(Path(folder, "work"))
        yield
        os.chdir(prepared)


def tree() -> Tree:
    """Return the files below the working folder, and their contents."""
    return {str(path): path.read_text("utf-8") for path in sorted(Path().rglob("*")) if path.is_file()}


def fork(case: Case, n: int) -> int:
    """Run a case in a child that kills itself at the n-th call; 0: never. Return the calls, or a negative status."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_child(case, n, writing)
    os.close(writing)
    with os.fdopen(reading) as stream:
        output = stream.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return int(output) if code == 0 else min(code, -code)


def _be_child(case: Case, n: int, writing: int) -> None:
    write = os.write
    log = os.open("../log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        calls = _disturb(n, can_exchange=case.can_exchange)
        case.run()
        sys.stdout.flush()
        write(writing, str(calls[0]).encode())
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 -- the child of a fork must end here
        write(log, repr(error).encode())
        os._exit(1)


def _disturb(n: int, *, can_exchange: bool) -> list[int]:
    """Wrap the calls that change the disk; return their number so far, as a list of one."""
    calls = [0]

    def wrapped(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def count(*arguments: Any, **named: Any) -> Any:
            if (name == "write" and arguments[0] < 3) or (name == "open" and not arguments[1] & os.O_CREAT):
                return call(*arguments, **named)
            calls[0] += 1
            if calls[0] == n:
                if name == "write":
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return count

    for name in (*CALLS, "open"):
        setattr(os, name, wrapped(getattr(os, name), name))
    for module, name in ((write_module, "exchange"), (write_module, "rename_to_new"), (folder_module, "exchange")):
        setattr(module, name, wrapped(getattr(module, name), name) if can_exchange else lambda *_: False)
    return calls


def main(arguments: list[str]) -> int:
    """Print the problems of the cases of these names, or of all."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.kill_points")
    parser.add_argument("names", nargs="*", choices=[*CASES, []], metavar="NAME", help="default: all")
    parser.add_argument("--share", type=float, default=1.0, help="of the calls; default: all")
    given = parser.parse_args(arguments)
    broken = False
    for name in given.names or CASES:
        count, wrong = violations(name, given.share)
        broken |= bool(wrong)
        sys.stdout.write(f"{name}: {count} calls, {len(wrong)} wrong\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in wrong[:20])
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
