"""The CDKTF app: roles.yaml in, Terraform out. `cdktf synth`, `cdktf deploy` and `python main.py` run it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from taskrole.config import load_config
from taskrole.errors import TaskroleError


def main() -> int:
    """Synthesise every stack of roles.yaml, or of the file that TASKROLE_CONFIG names, into cdktf.out."""
    try:
        config = load_config(Path(os.environ.get("TASKROLE_CONFIG", "roles.yaml")))
    except TaskroleError as error:
        return error.exit_code
    # Only now: these start Node, which a mistake in roles.yaml need not wait for.
    from stacks.engine import App
    from stacks.role_stack import RoleStack

    app = App()
    for stack in config.stacks:
        RoleStack(app, stack)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
