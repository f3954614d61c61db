"""The exact IAM roles that ECS tasks need, as Terraform.

The names in `__all__` are the public API, described with examples in docs/api.md. Each is imported on first use.
Everything else in this package may change in any version.
"""

__version__ = "0.1.0"

# Like typing's own, without the cost of importing typing.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from taskrole.api import (
        check_tasks,
        parse_task_definition,
        policy_text,
        read_task_definitions,
        resolve_context,
        review_plan,
    )
    from taskrole.arns import Context
    from taskrole.check.report import CheckReport
    from taskrole.config.load import load_config
    from taskrole.config.resolve import Config, StackSpec
    from taskrole.derived import derived_roles
    from taskrole.errors import InputError, TaskroleError
    from taskrole.finding import Finding
    from taskrole.grant import Grant
    from taskrole.policy.documents.policy import Policy
    from taskrole.policy.effective_role import EffectiveRole
    from taskrole.review.report import Report as ReviewReport
    from taskrole.review.review import ReviewOptions
    from taskrole.role import Role
    from taskrole.taskdef.derive import Derivation, derive
    from taskrole.taskdef.document import TaskDocument
    from taskrole.taskdef.options import Options

__all__ = [
    "CheckReport",
    "Config",
    "Context",
    "Derivation",
    "EffectiveRole",
    "Finding",
    "Grant",
    "InputError",
    "Options",
    "Policy",
    "ReviewOptions",
    "ReviewReport",
    "Role",
    "StackSpec",
    "TaskDocument",
    "TaskroleError",
    "check_tasks",
    "derive",
    "derived_roles",
    "load_config",
    "parse_task_definition",
    "policy_text",
    "read_task_definitions",
    "resolve_context",
    "review_plan",
]

# The module of each name of the public API.
_SOURCES = {
    "CheckReport": "taskrole.check.report:CheckReport",
    "Config": "taskrole.config.resolve:Config",
    "Context": "taskrole.arns:Context",
    "Derivation": "taskrole.taskdef.derive:Derivation",
    "EffectiveRole": "taskrole.policy.effective_role:EffectiveRole",
    "Finding": "taskrole.finding:Finding",
    "Grant": "taskrole.grant:Grant",
    "InputError": "taskrole.errors:InputError",
    "Options": "taskrole.taskdef.options:Options",
    "Policy": "taskrole.policy.documents.policy:Policy",
    "ReviewOptions": "taskrole.review.review:ReviewOptions",
    "ReviewReport": "taskrole.review.report:Report",
    "Role": "taskrole.role:Role",
    "StackSpec": "taskrole.config.resolve:StackSpec",
    "TaskDocument": "taskrole.taskdef.document:TaskDocument",
    "TaskroleError": "taskrole.errors:TaskroleError",
    "check_tasks": "taskrole.api:check_tasks",
    "derive": "taskrole.taskdef.derive:derive",
    "derived_roles": "taskrole.derived:derived_roles",
    "load_config": "taskrole.config.load:load_config",
    "parse_task_definition": "taskrole.api:parse_task_definition",
    "policy_text": "taskrole.api:policy_text",
    "read_task_definitions": "taskrole.api:read_task_definitions",
    "resolve_context": "taskrole.api:resolve_context",
    "review_plan": "taskrole.api:review_plan",
}


def __getattr__(name: str) -> "Any":
    """Import a name of the public API on first use: https://peps.python.org/pep-0562/."""
    if name not in _SOURCES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    problem = importlib.import_module("taskrole.python_version").python_problem()
    if problem:
        raise ImportError(problem)
    module, _, attribute = _SOURCES[name].partition(":")
    value = globals()[name] = getattr(importlib.import_module(module), attribute)
    return value


def __dir__() -> "list[str]":
    return sorted({*globals(), *__all__})
