"""Constructs for the IAM roles of ECS tasks, for any CDKTF app. Documented in docs/cdktf.md.

The names in `__all__` are the public API, each imported on first use. The first construct imports CDKTF without the
start-up cost of the AWS provider's own package (fast_start.py): import the constructs before that package.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from taskrole_cdktf.declare import declare_role
    from taskrole_cdktf.role import EcsRole
    from taskrole_cdktf.task_roles import EcsTaskRoles

__all__ = ["EcsRole", "EcsTaskRoles", "declare_role"]

_SOURCES = {
    "EcsRole": "taskrole_cdktf.role",
    "EcsTaskRoles": "taskrole_cdktf.task_roles",
    "declare_role": "taskrole_cdktf.declare",
}


def __getattr__(name: str) -> Any:
    """Import a name of the public API on first use: https://peps.python.org/pep-0562/."""
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = globals()[name] = getattr(importlib.import_module(_SOURCES[name]), name)
    return value
