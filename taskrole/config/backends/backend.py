"""A backend: its keys in roles.yaml, their defaults, and the resulting Terraform arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeVar, get_args

from taskrole.config.settings import Settings
from taskrole.dataclass import dataclass


class BackendSettings(Settings):
    """The keys of a backend; each subclass has a literal `type`: Terraform's name of the backend."""

    type: str


_Settings = TypeVar("_Settings", bound=BackendSettings)


def set_keys(settings: BackendSettings) -> dict[str, Any]:
    """Return the keys that have a value."""
    values: dict[str, Any] = settings.model_dump(exclude={"type"}, exclude_none=True)
    return values


def _no_problems(_: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Backend:
    """A kind of storage for Terraform state.

    `settings` is the model of its keys. `defaults` are the values of unset keys, where `{stack}` and `{region}` are
    replaced by those of the stack. `state` are the keys that identify a state; the last one differs between stacks.
    `paths` are the keys with the path of a file, relative to the project. `problems` yields (key, message) for keys
    that contradict each other. `hints` are the fixes for keys that users know from Terraform. `versions` are the oldest
    versions of Terraform that support a key. `arguments` returns Terraform's arguments by name and in order.
    """

    settings: type[BackendSettings]
    defaults: Mapping[str, str]
    state: tuple[str, ...]
    paths: tuple[str, ...] = ()
    problems: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]] = _no_problems
    hints: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    arguments: Callable[[Any], dict[str, Any]] = set_keys

    def resolved(self, settings: _Settings, stack: str, region: str) -> _Settings:
        """Return settings completed with the defaults for a stack, so that each stack has its own state."""
        unset = (key for key in self.defaults if not getattr(settings, key))
        return settings.model_copy(update={key: self._default(key, stack, region) for key in unset})

    def identity(self, data: Mapping[str, Any], stack: str, region: str) -> tuple[str, ...]:
        """Return what identifies the state of a stack, from settings that are not validated yet."""
        return tuple(str(data.get(key) or self._default(key, stack, region)) for key in self.state)

    def _default(self, key: str, stack: str, region: str) -> Any:
        if key in self.defaults:
            return self.defaults[key].format(stack=stack, region=region)
        return self.settings.model_fields[key].default

    def files(self, settings: BackendSettings) -> list[str]:
        """Return the paths of files, relative to the project."""
        return [path for key in self.paths if (path := getattr(settings, key))]

    def terraform(self, settings: BackendSettings, locate: Callable[[str], str]) -> dict[str, Any]:
        """Return Terraform's arguments for resolved settings; `locate` maps paths in the project to those to write."""
        values = self.arguments(settings)
        return {key: locate(value) if key in self.paths else value for key, value in values.items()}

    def oldest_terraform(self, settings: BackendSettings) -> str | None:
        """Return the Terraform version constraint that settings require, or None if every version supports them."""
        return next((version for key, version in self.versions.items() if getattr(settings, key)), None)

    def sections(self) -> Iterator[tuple[type[Settings], str | None]]:
        """Yield the models of the backend and of its keys that are mappings, each with its key or None."""
        yield self.settings, None
        for key, info in self.settings.model_fields.items():
            for kind in get_args(info.annotation):
                if isinstance(kind, type) and issubclass(kind, Settings):
                    yield kind, key
