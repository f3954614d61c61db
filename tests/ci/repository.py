"""Another repository: its base branch, a proposed branch, and a clone as in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROLES = """\
version: 1
stacks:
  production:
    region: eu-west-1
    account: "123456789012"
    roles:
      web:
        kind: execution
        managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
"""
# Python imports modules of these names from the working folder, unless it is isolated.
MODULES = ("json", "pip", "taskrole", "venv", "click", "yaml", "sitecustomize", "usercustomize")


class Repository:
    """A clone on the branch `proposed`, whose `main` is the base, with files of both."""

    def __init__(self, folder: Path, base: Mapping[str, str], proposed: Mapping[str, str] | None = None) -> None:
        self.folder, self.temporary = folder / "clone", folder / "temporary"
        self.temporary.mkdir()
        origin = folder / "origin"
        git(folder, "init", "--quiet", "--initial-branch=main", str(origin))
        self._commit(origin, base)
        git(origin, "checkout", "--quiet", "-b", "proposed")
        self._commit(origin, proposed or {})
        # A user who can push a branch can also push tags: no tag is taken for the base branch.
        git(origin, "tag", "refs/remotes/origin/main")
        git(folder, "clone", "--quiet", "--branch=proposed", str(origin), str(self.folder))

    def _commit(self, folder: Path, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message=files")

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a job: only PATH and the settings of packages from this process."""
        kept = {name: value for name, value in os.environ.items() if name.lower().startswith(("pip_", "ssl_"))}
        path = f"{self.temporary / 'bin'}:{os.environ['PATH']}"
        return {**kept, "PATH": path, "HOME": str(self.temporary), "RUNNER_TEMP": str(self.temporary)}

    def put_taskrole(self, folder: str) -> None:
        """Copy taskrole of this checkout into a temporary folder, like an installation."""
        program = self.temporary / folder / "taskrole"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(
            f"#!{sys.executable} -I\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from taskrole.cli import main\nsys.exit(main())\n"
        )
        program.chmod(0o755)


def modules_that_tell(marker: Path) -> dict[str, str]:
    """Return files that write a marker when Python imports one of them."""
    return {f"{name}.py": f"open({str(marker)!r}, 'w').close()\n" for name in MODULES}


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
