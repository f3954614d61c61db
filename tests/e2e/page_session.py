"""A shell that runs the commands of a page one after the other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from tests.e2e.project import ROOT, Project

# The files of this repository in a project; roles.yaml is that of the page.
_SHARED = ("cdktf.json", "main.py", "node_modules", "stacks")
# The reader of the page answers yes, and may be offline.
_CDKTF = """\
#!/bin/sh
verb=$1; shift
case $verb in deploy) set -- "$@" --auto-approve;; esac
case $verb in deploy|diff) set -- "$@" --skip-provider-lock;; esac
exec node_modules/.bin/cdktf "$verb" "$@"
"""
_PROGRAMS = {
    "taskrole": f'#!/bin/sh\nexec {sys.executable} -m taskrole "$@"\n',
    "cdktf": _CDKTF,
    "npx": '#!/bin/sh\nexec "$@"\n',
    "python": f'#!/bin/sh\nexec {sys.executable} "$@"\n',
}


class Session:
    """A project with the programs of the pages; the working folder and variables are kept between commands."""

    def __init__(self, project: Project) -> None:
        own = project.with_own_provider()
        self.folder = own.folder
        programs = self.folder / ".venv/bin"
        programs.mkdir(parents=True)
        for name, text in _PROGRAMS.items():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        for name in _SHARED:
            (self.folder / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "examples", self.folder / "examples")
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._variables = {**own.variables, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "NO_COLOR": "1"}
        self._kept = self.folder / ".session"
        self._kept.write_text(f"cd {self.folder}\n")

    def run(self, command: str, *, ok: tuple[int, ...] = (0,), **variables: str) -> str:
        """Run a command by bash, with `yes` on its standard input, and return its output."""
        script = (
            f'. "{self._kept}"\n{command}\ncode=$?\n{{ export -p; echo "cd \'$PWD\'"; }} >"{self._kept}"\nexit $code'
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment(variables),
            input="yes\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode in ok, f"{command} gave {done.returncode}\n{done.stdout}"
        return done.stdout

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        return {**self._variables, **variables}
