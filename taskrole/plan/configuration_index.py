"""The configuration in a plan by address: its modules, the calls of them, resources, providers, and their instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeAlias

from taskrole.plain_data import as_mapping
from taskrole.plan.addresses import inner_module, outer_module, without_indexes
from taskrole.plan.model import Change, mappings

# Module address without indexes, whether it is a data source, type, name.
ResourceKey: TypeAlias = tuple[str, bool, str, str]


class ConfigurationIndex:
    """Finds the parts of a configuration; whatever has another shape than Terraform writes is not there."""

    def __init__(
        self, configuration: Mapping[str, Any], variables: Mapping[str, Any], changes: Iterable[Change]
    ) -> None:
        self.variables = variables
        self._configuration = configuration
        self._changes = changes

    @cached_property
    def bodies(self) -> dict[str, Mapping[str, Any]]:
        """All modules by their addresses without indexes; that of the root module is empty."""
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
        """The calls of all modules, by the address of the module that is called."""
        return {inner_module(module, name): call for module, body in self.bodies.items() for name, call in _calls(body)}

    @cached_property
    def resources(self) -> dict[ResourceKey, Mapping[str, Any]]:
        """The resources as they are configured."""
        return {
            (module, resource.get("mode") == "data", str(resource.get("type")), str(resource.get("name"))): resource
            for module, body in self.bodies.items()
            for resource in mappings(body.get("resources"))
        }

    @cached_property
    def providers(self) -> dict[str, Mapping[str, Any]]:
        """The configurations of providers, by keys such as `aws.prod` or `module.app:aws`."""
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
        """Yield the key of a resource's provider configuration; of one that is not known, all of its provider."""
        module, _, name = str(key).rpartition(":") if isinstance(key, str) else ("", "", "")
        while name:
            candidate = f"{module}:{name}" if module else name
            if candidate in self.providers:
                yield candidate
                return
            if not module:
                break
            # A module that configures no provider of its own has that of the module which calls it.
            module, _ = outer_module(module)
        for candidate in sorted(self.providers):
            if self.providers[candidate].get("full_name", full_name) == full_name:
                yield candidate


def key_of(change: Change) -> ResourceKey:
    """Return the key of the resource that a change is an instance of."""
    return without_indexes(change.module), change.is_data, change.type, change.name


def _calls(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the calls of modules in the body of a module, with their names."""
    return [(name, call) for name, call in as_mapping(body.get("module_calls")).items() if isinstance(call, Mapping)]
