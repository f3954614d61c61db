"""Indexes the configuration in a plan by address: modules, module calls, resources, providers, and instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeAlias

from taskrole.plain_data import as_mapping
from taskrole.plan.addresses import inner_module, outer_module, without_indexes
from taskrole.plan.model import Change, mappings

# Module address without indexes, whether it is a data source, type, and name.
ResourceKey: TypeAlias = tuple[str, bool, str, str]


class ConfigurationIndex:
    """Looks up parts of a configuration; parts whose structure is not Terraform's are omitted."""

    def __init__(
        self, configuration: Mapping[str, Any], variables: Mapping[str, Any], changes: Iterable[Change]
    ) -> None:
        self.variables = variables
        self._configuration = configuration
        self._changes = changes

    @cached_property
    def bodies(self) -> dict[str, Mapping[str, Any]]:
        """All modules by address without indexes; the root module's address is empty."""
        bodies = {}
        waiting = [("", self._configuration.get("root_module"))]
        while waiting:
            module, body = waiting.pop()
            if isinstance(body, Mapping):
                bodies[module] = body
                waiting += [(inner_module(module, name), call.get("module")) for name, call in _calls(body)]
        return bodies

    @cached_property
    def calls(self) -> dict[str, Mapping[str, Any]]:
        """The calls of all modules, by the address of the called module."""
        return {inner_module(module, name): call for module, body in self.bodies.items() for name, call in _calls(body)}

    @cached_property
    def resources(self) -> dict[ResourceKey, Mapping[str, Any]]:
        """The configured resources."""
        return {
            (module, resource.get("mode") == "data", str(resource.get("type")), str(resource.get("name"))): resource
            for module, body in self.bodies.items()
            for resource in mappings(body.get("resources"))
        }

    @cached_property
    def providers(self) -> dict[str, Mapping[str, Any]]:
        """The provider configurations by key, such as `aws.prod` or `module.app:aws`."""
        providers = self._configuration.get("provider_config")
        pairs = providers.items() if isinstance(providers, Mapping) else ()
        return {key: provider for key, provider in pairs if isinstance(provider, Mapping)}

    @cached_property
    def instances(self) -> dict[ResourceKey, list[Change]]:
        """All instances of each resource of the plan."""
        instances: dict[ResourceKey, list[Change]] = {}
        for change in self._changes:
            instances.setdefault(key_of(change), []).append(change)
        return instances

    def declared(self, module: str) -> Mapping[str, Any]:
        """Return the variables that a module declares."""
        return as_mapping(self.bodies.get(module, {}).get("variables"))

    def outputs(self, module: str) -> Mapping[str, Any]:
        """Return the outputs of a module."""
        return as_mapping(self.bodies.get(module, {}).get("outputs"))

    def called(self, module: str) -> list[str]:
        """Return the addresses of the modules that a module calls."""
        return [inner_module(module, name) for name, _ in _calls(self.bodies.get(module, {}))]

    def provider_keys(self, full_name: str, key: Any) -> Iterator[str]:
        """Yield the key of a resource's provider configuration; if it is unknown, those of all configurations."""
        module, _, name = str(key).rpartition(":") if isinstance(key, str) else ("", "", "")
        while name:
            candidate = f"{module}:{name}" if module else name
            if candidate in self.providers:
                yield candidate
                return
            if not module:
                break
            # A module without a provider configuration inherits that of the calling module.
            module, _ = outer_module(module)
        for candidate in sorted(self.providers):
            if self.providers[candidate].get("full_name", full_name) == full_name:
                yield candidate


def key_of(change: Change) -> ResourceKey:
    """Return the key of the resource whose instance a change is."""
    return without_indexes(change.module), change.is_data, change.type, change.name


def _calls(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the module calls in a module body by name."""
    return [(name, call) for name, call in as_mapping(body.get("module_calls")).items() if isinstance(call, Mapping)]
