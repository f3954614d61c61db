"""What is known of a value that is unknown: enough of it that another value, as far as one can see, is another text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from taskrole.canonical_json import canonical_json
from taskrole.plan.configuration import Configuration
from taskrole.plan.decisive_configuration import ConfiguredResource, DecisiveConfiguration
from taskrole.plan.model import Change


class KnownParts:
    """Finds what is known of the unknown values of a plan."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    @cached_property
    def has_several_providers(self) -> bool:
        """Whether any provider is configured more than once: with other aliases, or in modules."""
        providers = self._configuration.index.providers.values()
        names = [str(provider.get("full_name", provider.get("name"))) for provider in providers]
        return len(set(names)) < len(names)

    def provider_keys(self, change: Change) -> list[str]:
        """Return the keys of the provider configurations that can be a resource's; one, if it is configured."""
        key = self._configuration.resource(change).get("provider_config_key")
        return list(self._configuration.index.provider_keys(change.provider, key))

    def digest(self, address: str, attribute: str) -> str:
        """Return the sha256 of what is known of an attribute: its known part, its expression, and what leads there.

        That is the variables, arguments and outputs it refers to, the documents that are read during the apply, as far
        as they are known, and the names of the resources that the plan makes. Of a local value only its name is known.
        Empty for what is no resource of the plan.
        """
        change = self._configuration.at(address)
        if change is None:
            return ""
        walk = DecisiveConfiguration(self._configuration.index, guesses_locals=False)
        walk.add_values(_configured(change, attribute))
        seen: dict[str, Any] = {}
        parts = walk.parts()
        while waiting := [resource for address, resource in sorted(walk.reached.items()) if address not in seen]:
            for reached, names in waiting:
                seen[reached.address] = _known(reached, names)
                if reached.is_deferred:
                    walk.add_values(_configured(reached))
            parts = walk.parts()
        mask = change.unknown.get(attribute) if isinstance(change.unknown, Mapping) else change.unknown
        known = [(change.after or {}).get(attribute), mask, sorted(map(canonical_json, parts)), seen]
        return hashlib.sha256(canonical_json(known).encode()).hexdigest()


def _configured(change: Change, attribute: str = "") -> ConfiguredResource:
    return ConfiguredResource(
        change.module,
        change.is_data,
        change.type,
        change.name,
        change.provider,
        frozenset({attribute}),
        is_everything_unknown=not attribute,
    )


def _known(change: Change, names: set[str]) -> dict[str, Any]:
    values = change.after or {}
    return {
        name: values[name]
        for name in (values if change.is_deferred else names | {"name", "name_prefix", "bucket"})
        if values.get(name) is not None
    }
