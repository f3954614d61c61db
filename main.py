"""The CDKTF app: generates Terraform from roles.yaml. Run `cdktf synth`, `cdktf deploy` or `python main.py`."""

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from taskrole.config import Config


def main(arguments: "Sequence[str]" = ()) -> int:
    """Write the Terraform of every stack of roles.yaml into cdktf.out, and return the exit code."""
    # Before importing modules whose syntax an old Python does not support.
    from taskrole.python_version import require_python

    require_python()
    path = os.environ.get("TASKROLE_CONFIG") or "roles.yaml"
    if arguments:
        path = parse(arguments, path)

    from taskrole.config import load_config
    from taskrole.errors import TaskroleError
    from taskrole.output.visible import gated

    try:
        config = load_config(Path(path))
        for warning in (
            finding for stack in config.stacks for finding in stack.findings if finding.severity == "warning"
        ):
            print(gated(str(warning)), file=sys.stderr)
        synthesise(config)
    except TaskroleError as error:
        print(gated(str(error)), file=sys.stderr)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the last resort
        # Imported late: it imports the command line.
        from taskrole.cli.last_resort import report_unexpected

        return report_unexpected(error)
    return 0


def parse(arguments: "Sequence[str]", path: str) -> str:
    """Return the file in `--config`, by default `path`. Exits after --help and for unknown arguments."""
    # Imported late: `cdktf` passes no arguments.
    import argparse

    parser = argparse.ArgumentParser(
        description="Write the Terraform of every stack into cdktf.out, or into the folder that CDKTF_OUTDIR names. "
        "`npx cdktf deploy` runs this file; docs/state.md describes how to deploy.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--config", metavar="PATH", default=path, help=f"declares stacks and roles; env TASKROLE_CONFIG; now {path}"
    )
    try:
        return str(parser.parse_args(arguments).config)
    except SystemExit as end:
        # As with every command of taskrole, a usage error is 1.
        sys.exit(bool(end.code))


def synthesise(config: "Config") -> None:
    """Write the Terraform of all stacks. Raises ToolError if Node does not run or a file cannot be written."""
    # Imported late: these start Node, which takes time, and errors in roles.yaml are reported before it.
    from stacks.role_stack import RoleStack
    from taskrole.errors import ToolError, printable
    from taskrole.output.progress import terminal_progress
    from taskrole_cdktf.engine import App, CdktfError

    try:
        app = App()
        with terminal_progress():
            for stack in config.stacks:
                RoleStack(app, stack)
        app.synth()
    except CdktfError as error:
        raise ToolError(f"CDKTF cannot write the Terraform: {printable(str(error).partition(chr(10))[0])}") from error


if __name__ == "__main__":
    # Garbage collection and pydantic plugins would make a run a fifth slower.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = main(sys.argv[1:])
    gc.freeze()
    sys.exit(code)
