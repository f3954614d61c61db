"""The CDKTF app: roles.yaml in, Terraform out. `cdktf synth`, `cdktf deploy` and `python main.py` run it."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from taskrole.config import Config, load_config
from taskrole.errors import TaskroleError, ToolError, printable


def main() -> int:
    """Synthesise every stack of roles.yaml, or of the file that TASKROLE_CONFIG names, into cdktf.out."""
    try:
        config = load_config(Path(os.environ.get("TASKROLE_CONFIG") or "roles.yaml"))
        for warning in (notice for stack in config.stacks for notice in stack.notices if notice.severity == "warning"):
            print(warning, file=sys.stderr)
        synthesise(config)
    except TaskroleError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def synthesise(config: Config) -> None:
    """Write the Terraform of all stacks. Raises ToolError when Node or the disk does not play along."""
    # Only now: these start Node, which a mistake in roles.yaml need not wait for.
    from stacks.engine import App, CdktfError
    from stacks.role_stack import RoleStack

    try:
        app = App()
        for stack in config.stacks:
            RoleStack(app, stack)
        app.synth()
    except CdktfError as error:
        raise ToolError(f"CDKTF cannot write the Terraform: {printable(str(error).partition(chr(10))[0])}") from error


if __name__ == "__main__":
    # A run is over before there is garbage worth looking for; with the look at its end it would be a tenth longer.
    gc.disable()
    code = main()
    gc.freeze()
    sys.exit(code)
