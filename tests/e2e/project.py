"""A project in its own folder: its roles.yaml and the files made from it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stacks.role_stack import RoleStack
from taskrole.config import load_config
from taskrole_cdktf.engine import App
from tests.forked import run_taskrole

ROOT = Path(__file__).parent.parent.parent
# The variable with which Terraform uses a running provider.
ATTACH = "TF_REATTACH_PROVIDERS"


@dataclass
class Project:
    """A roles.yaml and all files made from it."""

    folder: Path
    variables: dict[str, str]
    terraform_program: str
    stack: str = "s"

    def with_own_provider(self) -> Project:
        """Return the project with a Terraform that starts its own provider, as outside of tests.

        Its folder must be initialised like this too: `terraform init` does not install an attached provider.
        """
        return replace(self, variables={name: value for name, value in self.variables.items() if name != ATTACH})

    @property
    def stack_folder(self) -> Path:
        return self.folder / "cdktf.out" / "stacks" / self.stack

    def write(self, text: str) -> None:
        (self.folder / "roles.yaml").write_text(textwrap.dedent(text), encoding="utf-8")

    def synth(self) -> None:
        """Write the stacks as main.py does, but in this process, whose Node is running."""
        app = App(outdir=str(self.folder / "cdktf.out"))
        for stack in load_config(self.folder / "roles.yaml").stacks:
            RoleStack(app, stack)
        app.synth()

    def run_main(self) -> None:
        """Write the stacks with main.py, whose start takes a second of processor time."""
        run([sys.executable, str(ROOT / "main.py")], self.folder, self.variables)

    def terraform(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        command = [self.terraform_program, f"-chdir={self.stack_folder}", *arguments]
        return run(command, self.folder, self.variables, ok)

    def deploy(self) -> str:
        """Synthesise, initialise and apply; return the output of the apply."""
        self.synth()
        self.terraform("init", "-no-color")
        return self.terraform("apply", "-no-color", "-auto-approve").stdout

    def apply(self) -> str:
        """Synthesise and apply what needs no other initialisation; return the output of the apply."""
        self.synth()
        return self.terraform("apply", "-no-color", "-auto-approve").stdout

    def has_changes(self) -> bool:
        return self.terraform("plan", "-no-color", "-detailed-exitcode", ok=(0, 2)).returncode == 2

    def taskrole(
        self, *arguments: str | Path, ok: tuple[int, ...] = (0,), stdin: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        return ended_well(run_taskrole(arguments, self.folder, self.variables, stdin=stdin, timeout=300), ok)

    def output_values(self) -> dict[str, Any]:
        outputs = json.loads(self.terraform("output", "-json").stdout)
        return {name: output["value"] for name, output in outputs.items()}


def run(
    command: list[str], folder: Path, variables: Mapping[str, str], ok: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=folder, env=dict(variables), capture_output=True, text=True, check=False, timeout=300
    )
    return ended_well(done, ok)


def ended_well(done: subprocess.CompletedProcess[str], ok: tuple[int, ...]) -> subprocess.CompletedProcess[str]:
    assert done.returncode in ok, f"{done.args} gave {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
