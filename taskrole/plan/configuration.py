"""The configuration in a plan: the expression of each attribute, and the resources it refers to.

For JSON configurations, which CDKTF generates, the plan contains the text of each attribute with its `${…}`
(`constant_value`). For native configurations, it contains only the references, which lead through variables and module
outputs to resources. A reference is a candidate; taskrole.plan.proofs decides whether it is the value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Protocol

from taskrole.dataclass import dataclass
from taskrole.plain_data import as_mapping
from taskrole.plan.addresses import (
    AddressIndex,
    AddressStep,
    OwnIndex,
    inner_module,
    outer_module,
    without_indexes,
)
from taskrole.plan.configuration_index import ConfigurationIndex, key_of
from taskrole.plan.model import Change, Plan, mappings


class SourceExpressions(Protocol):
    """The expressions in the configuration files, each as a template: `${aws_iam_role.web.arn}`.

    A result is None if the files do not define it exactly once. `module` is an address without indexes.
    """

    def value(self, change: Change, *path: str | int) -> str | list[str] | None:
        """Return the expression of a resource's attribute: a template, or a list of them."""

    def argument(self, module: str, name: str) -> str | None:
        """Return the argument that a module call sets for a variable."""

    def output(self, module: str, name: str) -> str | None:
        """Return the expression of a module output."""

    def local(self, module: str, name: str) -> str | None:
        """Return the expression of a local value of a module."""

    def is_dynamic(self, change: Change, block: str) -> bool | None:
        """Return whether a resource has a dynamic block of this name; None if its files are unknown."""


@dataclass(frozen=True)
class Reference:
    """A resource attribute that an expression refers to; without an index, that of all instances."""

    module: str
    type: str
    name: str
    attribute: str
    index: str | int | OwnIndex | None = None
    is_data: bool = False


@dataclass(frozen=True)
class Configuration:
    """The configuration and the changes of a plan, for resolving references to resources."""

    plan: Plan
    source: SourceExpressions | None = None

    def expression(self, change: Change, attribute: str) -> Mapping[str, Any]:
        """Return the `constant_value` or `references` of a resource's attribute; empty if it is not set."""
        return as_mapping(self._expressions(change).get(attribute))

    def blocks(self, change: Change, name: str) -> list[Mapping[str, Any]]:
        """Return the expressions of nested blocks, such as the statements of a policy document."""
        return list(mappings(self._expressions(change).get(name)))

    def is_set(self, change: Change, attribute: str) -> bool:
        """Return whether the configuration of a resource sets an attribute or has a nested block."""
        return attribute in self._expressions(change)

    def resource(self, change: Change) -> Mapping[str, Any]:
        """Return the configuration of a resource; empty if it is not in the configuration."""
        return self.index.resources.get(key_of(change), {})

    def resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield all resources and data sources, each with its module address, which has no indexes."""
        for module, body in self.index.bodies.items():
            for resource in mappings(body.get("resources")):
                yield module, resource

    def provider_key(self, change: Change) -> str:
        """Return the key of a resource's provider configuration, such as `aws.prod`; empty if unknown."""
        return str(self.resource(change).get("provider_config_key", ""))

    def providers(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return the expressions of all configurations of the provider hashicorp/NAME by key."""
        bodies = {key: body for key, body in self.index.providers.items() if _is_provider(body, name)}
        return {key: as_mapping(body.get("expressions")) for key, body in bodies.items()}

    def may_hide_unknown(self, change: Change) -> bool:
        """Return whether a dynamic block of a new resource, which plans omit, may iterate over an unknown list.

        Terraform lists every attribute that a change depends on, including those that only dynamic blocks refer to. If
        all of them are known, except those of the resource itself, no dynamic block iterates over an unknown list.
        """
        return any(self._is_open(*relevant) for relevant in self.plan.relevant if relevant[0] != change.address)

    def _is_open(self, address: str, attribute: str) -> bool:
        resource = self.at(address)
        if resource is None or not attribute:
            return True
        if not (resource.is_touched or resource.is_deferred):
            return False
        value = (resource.after or {}).get(attribute)
        return resource.is_unknown(attribute) or not isinstance(value, str)

    def _expressions(self, change: Change) -> Mapping[str, Any]:
        return as_mapping(self.resource(change).get("expressions"))

    def template(self, change: Change, attribute: str) -> str | None:
        """Return the text of an attribute with its `${…}`, from a JSON configuration or the configuration files."""
        text = self.expression(change, attribute).get("constant_value")
        if isinstance(text, str):
            return text
        template = self.source.value(change, attribute) if self.source else None
        is_proof = isinstance(template, str) and self._agrees([template], self.expression(change, attribute))
        return template if is_proof and isinstance(template, str) else None

    def templates(self, change: Change, *path: str | int) -> list[str] | None:
        """Return the texts of a list such as `("statement", 0, "resources")`, with their `${…}`; None for no list."""
        expression: Any = self._expressions(change)
        for step in path:
            expression = _stepped(expression, step)
        expression = as_mapping(expression)
        texts = expression.get("constant_value")
        if texts is None and self.source:
            template = self.source.value(change, *path)
            texts = template if isinstance(template, list) and self._agrees(template, expression) else None
        is_list = isinstance(texts, list) and all(isinstance(text, str) for text in texts)
        return list(texts) if is_list and texts is not None else None

    def each_value(self, change: Change, *path: str) -> str | None:
        """Return the template of `each.value` for a resource, if the configuration files define it literally."""
        if self.source is None or not isinstance(change.index, str):
            return None
        template = self.source.value(change, "for_each", change.index, *path)
        return template if isinstance(template, str) else None

    def argument(self, module: str, name: str) -> str | None:
        """Return the template of an argument of a module call."""
        expression = self.given(module, name)
        return self._text(expression, self.source.argument(without_indexes(module), name) if self.source else None)

    def output(self, module: str, name: str) -> str | None:
        """Return the template of an output of a module instance."""
        expression = self.outputs(module).get(name)
        return self._text(
            expression if isinstance(expression, Mapping) else None,
            self.source.output(without_indexes(module), name) if self.source else None,
        )

    def local(self, module: str, name: str) -> str | None:
        """Return the template of a local value, which only the configuration files contain."""
        return self.source.local(without_indexes(module), name) if self.source else None

    def _text(self, expression: Mapping[str, Any] | None, template: str | None) -> str | None:
        if expression is None:
            return None
        text = expression.get("constant_value")
        if isinstance(text, str):
            return text
        return template if template is not None and self._agrees([template], expression) else None

    def _agrees(self, templates: list[str], expression: Mapping[str, Any]) -> bool:
        """Return whether the files match the plan: every reference in the plan occurs in a text."""
        references = expression.get("references")
        named = longest(text for text in references if isinstance(text, str)) if isinstance(references, list) else []
        return bool(named) and all(any(_is_in(name, text) for text in templates) for name in named)

    def instances(self, reference: Reference, index: AddressIndex = None) -> list[Change]:
        """Return the resources that a reference names; `index` is that of the referring resource."""
        key = (reference.module, reference.is_data, reference.type, reference.name)
        instances = self._instances.get(key, [])
        wanted = index if isinstance(reference.index, OwnIndex) else reference.index
        if wanted is not None:
            return [instance for instance in instances if instance.index == wanted]
        return instances

    def at(self, address: str) -> Change | None:
        """Return the resource with an address, or None."""
        return self._by_address.get(address)

    def module_sources(self, module: str) -> list[str]:
        """Return the sources of the module calls that lead to a module, outermost first; empty for the root module."""
        sources: list[str] = []
        while module:
            outer, call = outer_module(module)
            if call is None:
                break
            sources.append(str(self._call(module).get("source", "")))
            module = outer
        return sources[::-1]

    def given(self, module: str, name: str) -> Mapping[str, Any] | None:
        """Return the expression of an argument of a module call; None if it is not set."""
        expression = as_mapping(self._call(module).get("expressions")).get(name)
        return expression if isinstance(expression, Mapping) else None

    def outputs(self, module: str) -> Mapping[str, Any]:
        """Return the expressions of a module instance's outputs by name."""
        outputs = self.index.outputs(without_indexes(module)) if module else {}
        return {name: body.get("expression") for name, body in outputs.items() if isinstance(body, Mapping)}

    def repetition(self, change: Change) -> list[Mapping[str, Any]]:
        """Return the expression of a resource's count or for_each."""
        return _repetition(self.resource(change))

    def module_repetition(self, module: str) -> list[Mapping[str, Any]]:
        """Return the expression of a module call's count or for_each."""
        return _repetition(self._call(module))

    def _call(self, module: str) -> Mapping[str, Any]:
        """Return the call of a module instance; empty for the root module."""
        return self.index.calls.get(without_indexes(module), {})

    def module_instances(self, module: str, call: AddressStep, index: AddressIndex = None) -> list[str]:
        """Return the addresses of the module instances that a reference names."""
        wanted = index if isinstance(call.index, OwnIndex) else call.index
        if wanted is not None:
            return [inner_module(module, call.name, wanted)]
        known = self._modules.get((module, call.name), ())
        return sorted(known) or [inner_module(module, call.name)]

    @cached_property
    def index(self) -> ConfigurationIndex:
        """The parts of the configuration by address."""
        return ConfigurationIndex(self.plan.configuration, self.plan.variables, self.plan.changes)

    @cached_property
    def _by_address(self) -> dict[str, Change]:
        return {change.address: change for change in self.plan.changes}

    @cached_property
    def _modules(self) -> Mapping[tuple[str, str], set[str]]:
        """Module instances with resources, by the calling module's address and the name of the call."""
        modules: dict[tuple[str, str], set[str]] = {}
        for address in {change.module for change in self.plan.changes}:
            module = address
            while module:
                outer, call = outer_module(module)
                if call is None:
                    break
                modules.setdefault((outer, call.name), set()).add(module)
                module = outer
        return modules

    @cached_property
    def _instances(self) -> dict[tuple[str, bool, str, str], list[Change]]:
        instances: dict[tuple[str, bool, str, str], list[Change]] = {}
        for change in self.plan.changes:
            instances.setdefault((change.module, change.is_data, change.type, change.name), []).append(change)
        return instances


def longest(texts: Iterable[str]) -> list[str]:
    """Return references without those that are a prefix of another; Terraform lists both."""
    every = list(dict.fromkeys(texts))
    ordered = sorted(every)
    return [text for text in every if not any(_begins_another(f"{text}{end}", ordered) for end in ".[")]


def _begins_another(prefix: str, ordered: list[str]) -> bool:
    place = bisect_left(ordered, prefix)
    return place < len(ordered) and ordered[place].startswith(prefix)


def _stepped(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping) and isinstance(step, str):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _repetition(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        expression
        for key in ("for_each_expression", "count_expression")
        if isinstance(expression := body.get(key), Mapping)
    ]


def _is_provider(body: Mapping[str, Any], name: str) -> bool:
    full = body.get("full_name")
    return full.endswith(f"/hashicorp/{name}") if isinstance(full, str) else body.get("name") == name


def _is_in(reference: str, name: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(reference)}(?![\w-])", name) is not None
