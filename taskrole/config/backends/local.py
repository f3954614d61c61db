"""State in a local file, next to cdktf.json.

Source: https://developer.hashicorp.com/terraform/language/backend/local
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import Field

from taskrole.config.backends.backend import Backend, BackendSettings
from taskrole.config.value_checks import rule
from taskrole.errors import quote


def _check_state_path(text: str) -> str | None:
    """Check the path of a local state file: relative and inside the project."""
    path = PurePosixPath(text)
    if text.strip() and text.isprintable() and not path.is_absolute() and ".." not in path.parts:
        return None
    return f"the path of a local state must be relative and inside of the project; got {quote(text)}"


class LocalBackendSettings(BackendSettings):
    """State in a local file."""

    type: Literal["local"]
    path: Annotated[str, rule(_check_state_path)] | None = Field(
        None, description="Relative to the folder of cdktf.json. Default: terraform.STACK.tfstate"
    )


BACKEND = Backend(
    settings=LocalBackendSettings,
    defaults={"path": "terraform.{stack}.tfstate"},
    state=("path",),
    paths=("path",),
)
