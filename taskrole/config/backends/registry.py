"""All backends of roles.yaml. To add one, add a file in this package and its name here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union

from pydantic import Field

from taskrole.config.backends.backend import Backend, BackendSettings

# Terraform's backend names; the module of each name defines BACKEND.
NAMES = ("local", "s3", "cloud")

BACKENDS: Mapping[str, Backend] = {name: import_module(f"taskrole.config.backends.{name}").BACKEND for name in NAMES}

if TYPE_CHECKING:
    AnyBackend: TypeAlias = BackendSettings
else:
    AnyBackend = Annotated[
        Union[tuple(backend.settings for backend in BACKENDS.values())],  # noqa: UP007 -- made at run time
        Field(discriminator="type", description="Where Terraform keeps its state. Default: local"),
    ]


def backend_of(settings: BackendSettings) -> Backend:
    """Return the backend of settings."""
    return BACKENDS[settings.type]


def backend_in(data: Any) -> Backend | None:
    """Return the backend of settings that are not validated yet, or None if they do not name one."""
    named = data.get("type") if isinstance(data, Mapping) else None
    return BACKENDS.get(named) if isinstance(named, str) else None
