"""Run many commands of the taskrole on PYTHONPATH, each in a fork of one process with its modules loaded.

    python tools/run_commands.py FOLDER < runs.json

runs.json is a list of lists of arguments. The exit code, standard output and standard error of run N are written to
FOLDER/N/output.txt.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path


def load() -> None:
    """Import every module of taskrole, except those whose optional packages are missing."""
    package = importlib.import_module("taskrole")
    for module in pkgutil.walk_packages(package.__path__, "taskrole.", onerror=lambda _: None):
        if not module.name.endswith(".__main__"):
            try:
                importlib.import_module(module.name)
            except ImportError:
                continue


def run(arguments: Sequence[str], out: Path, err: Path) -> int:
    """Run a command in a child process with its output in two files, and return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for path, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["taskrole", *arguments]
    os._exit(_exit_code())


def _exit_code() -> int:
    code: object = 0
    try:
        runpy.run_module("taskrole", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 -- reported like any other end
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


def main() -> None:
    """Run the commands of standard input one after another."""
    # The folder of this file must not hide modules of the checkout.
    sys.path.pop(0)
    runs = json.load(sys.stdin)
    load()
    gc.freeze()
    for index, arguments in enumerate(runs):
        folder = Path(sys.argv[1], str(index))
        out, err = folder / "out", folder / "err"
        code = run(arguments, out, err)
        parts = (
            f"exit code {code}",
            out.read_text("utf-8", "backslashreplace"),
            err.read_text("utf-8", "backslashreplace"),
        )
        (folder / "output.txt").write_text("\n".join(parts), "utf-8")
        out.unlink()
        err.unlink()


if __name__ == "__main__":
    main()
