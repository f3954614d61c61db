"""Configures the CDKTF backend of a stack from roles.yaml."""

from __future__ import annotations

import inspect
from typing import Any

from taskrole.config.backends.backend import BackendSettings
from taskrole.config.backends.registry import backend_of
from taskrole_cdktf.engine import NamedCloudWorkspace, TerraformStack, backend_class
from taskrole_cdktf.literals import unevaluated

# Terraform runs in cdktf.out/stacks/STACK; a state belongs beside cdktf.json, where nothing cleans up.
_PROJECT = "../../.."
# CDK Terrain has an argument for it too, which only apps that target Terraform 1.10 can set.
_ALWAYS_OVERRIDDEN = frozenset({"use_lockfile"})


def add_backend(stack: TerraformStack, settings: BackendSettings) -> None:
    """Give a stack the backend of resolved settings."""
    backend = backend_class(settings.type)
    values = backend_of(settings).terraform(settings, lambda path: f"{_PROJECT}/{path}")
    arguments = {name: _unevaluated(value) for name, value in values.items()}
    if "workspaces" in arguments:
        arguments["workspaces"] = NamedCloudWorkspace(**arguments["workspaces"])
    known = {*inspect.signature(backend.__init__).parameters} - _ALWAYS_OVERRIDDEN
    added = backend(stack, **{name: value for name, value in arguments.items() if name in known})
    # Terraform knows arguments that CDKTF does not: https://github.com/hashicorp/terraform-cdk/issues/3889
    for name, value in arguments.items():
        if name not in known:
            added.add_override(name, value)


def _unevaluated(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unevaluated(item) for name, item in value.items()}
    return unevaluated(value) if isinstance(value, str) else value
