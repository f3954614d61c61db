"""State in HCP Terraform or Terraform Enterprise.

Source: https://developer.hashicorp.com/terraform/language/block/terraform#cloud
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from taskrole.config.backends.backend import Backend, BackendSettings
from taskrole.config.value_checks import rule
from taskrole.errors import quote


def _check_cloud_name(name: str) -> str | None:
    """Check the name of an organization or workspace in HCP Terraform."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,90}", name):
        return None
    return f"must be 1 to 90 letters, digits, - and _; got {quote(name)}"


def _check_hostname(name: str) -> str | None:
    """Check a host name, without scheme and path."""
    if re.fullmatch(
        r"(?=.{1,253}(:\d+)?$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?(:\d+)?", name
    ):
        return None
    return f"must be a host name, without a scheme or path; got {quote(name)}"


class CloudBackendSettings(BackendSettings):
    """State in HCP Terraform or Terraform Enterprise."""

    type: Literal["cloud"]
    organization: Annotated[str, rule(_check_cloud_name)]
    workspace: Annotated[str, rule(_check_cloud_name)] | None = Field(None, description="Default: the stack's name")
    project: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    hostname: Annotated[str, rule(_check_hostname)] = Field("app.terraform.io", description="Default: app.terraform.io")


def _arguments(settings: CloudBackendSettings) -> dict[str, Any]:
    workspace = {"name": settings.workspace, "project": settings.project}
    return {
        "hostname": settings.hostname,
        "organization": settings.organization,
        "workspaces": {name: value for name, value in workspace.items() if value is not None},
    }


BACKEND = Backend(
    settings=CloudBackendSettings,
    defaults={"workspace": "{stack}"},
    state=("hostname", "organization", "workspace"),
    hints={"workspaces": "use workspace: NAME"},
    arguments=_arguments,
)
