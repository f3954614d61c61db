"""Finds test files that run other programs: the command line, Terraform, Node, a browser, an embedded AWS.

`make test-fast` leaves them out. They are recognised by their imports, direct or through other test modules.
"""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType

# CDKTF runs Node; the others run given programs, or servers.
_RUNNERS = ("subprocess", "jsii", "cdktf", "constructs", "taskrole_cdktf", "stacks", "main", "taskrole.local")


@cache
def runs_programs(name: str) -> bool:
    """Return whether an imported test module, or a test module that it uses, can run a program."""
    names = {_module_of(value) for value in vars(sys.modules[name]).values()} - {name}
    return any(used == runner or used.startswith(f"{runner}.") for used in names for runner in _RUNNERS) or any(
        runs_programs(used) for used in names if used.startswith("tests.") and used in sys.modules
    )


def _module_of(value: object) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""
