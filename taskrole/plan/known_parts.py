"""The known parts of unknown values, which distinguish one unknown value from another in approval keys."""

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
    """Collects the known parts of a plan's unknown values."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration

    @cached_property
    def has_several_providers(self) -> bool:
        """Whether any provider has more than one configuration: several aliases, or configurations in modules."""
        providers = self._configuration.index.providers.values()
        names = [str(provider.get("full_name", provider.get("name"))) for provider in providers]
        return len(set(names)) < len(names)

    def provider_keys(self, change: Change) -> list[str]:
        """Return the keys of the provider configurations that a resource may have: one, if it is configured."""
        key = self._configuration.resource(change).get("provider_config_key")
        return list(self._configuration.index.provider_keys(change.provider, key))

    def digest(self, address: str, attribute: str) -> str:
        """Return the sha256 of the known parts of an attribute: values, expression, and what the expression refers to.

        These are the variables, arguments and outputs it refers to, the known parts of documents that are read during
        the apply, and the names of resources that the plan creates. Of a local value, only its name is known. Empty if
        the address is not a resource of the plan.
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
