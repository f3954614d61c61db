"""A copy of a configuration in which the real terraform plans and applies its steps."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.post_apply.state import State, read_state
from tests.e2e.project import run

CONFIGURATIONS = Path(__file__).parent / "configurations"
_STEP = "step-"


@dataclass(frozen=True)
class Workspace:
    """The folder of a configuration. A folder `step-2` is copied over it for the second step.

    `attached` is the variable of a running provider; a configuration with aliases starts its own.
    """

    folder: Path
    variables: dict[str, str]
    program: str
    attached: dict[str, str] = field(default_factory=dict)

    def lay(self, name: str, step: int) -> None:
        """Copy the files of a step into the folder; the first step is the configuration itself."""
        source = CONFIGURATIONS / name
        if step == 1:
            shutil.copytree(source, self.folder, ignore=lambda _, names: [n for n in names if n.startswith(_STEP)])
            self._terraform("init")
        else:
            shutil.copytree(source / f"{_STEP}{step}", self.folder, dirs_exist_ok=True)
            self._terraform("get")

    def plan(self) -> bytes:
        """Return the plan in JSON, as `terraform show` prints it."""
        self._terraform("plan", "-out=plan.bin")
        return self._terraform("show", "-json", "plan.bin").encode()

    def apply(self) -> State:
        """Apply the plan file, and return the new state."""
        self._terraform("apply", "plan.bin")
        return read_state(self.folder / "terraform.tfstate")

    def _terraform(self, command: str, *arguments: str) -> str:
        options = [] if command == "show" else ["-no-color"]
        variables = self.variables if self._has_aliases else {**self.variables, **self.attached}
        return run(
            [self.program, f"-chdir={self.folder}", command, *options, *arguments], self.folder, variables
        ).stdout

    @property
    def _has_aliases(self) -> bool:
        return any("alias" in file.read_text("utf-8") for file in self.folder.rglob("*.tf*") if file.is_file())


def steps_of(name: str) -> int:
    """Return the number of steps of a configuration."""
    return 1 + sum(1 for _ in (CONFIGURATIONS / name).glob(f"{_STEP}*"))
