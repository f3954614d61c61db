"""The configuration in a plan: what an attribute was written as, and which resources it refers to.

For configurations in JSON, as CDKTF writes them, Terraform repeats the text of an attribute with its `${…}` in it
(`constant_value`); for native ones it only names the references. References lead through variables and outputs of
modules to the resources behind them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from taskrole.plan.model import Change, Plan

_DEEPEST = 16
_STEP = re.compile(r'([A-Za-z_][\w-]*)(?:\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\])?(?:\.|$)')
_MODULE = re.compile(r"module\.([^.\[]+)(\[[^\]]*\])?(?:\.|$)")


@dataclass(frozen=True)
class Reference:
    """An attribute of resources that an expression refers to; without an index of all its instances."""

    module: str
    type: str
    name: str
    attribute: str
    index: str | int | None = None
    is_data: bool = False


@dataclass(frozen=True)
class Configuration:
    """The configuration of a plan together with its changes, by which references find their resources."""

    plan: Plan

    def expression(self, change: Change, attribute: str) -> Mapping[str, Any]:
        """Return how an attribute of a resource was written: `constant_value`, `references`; empty if it was not."""
        expression = self._expressions(change).get(attribute)
        return expression if isinstance(expression, Mapping) else {}

    def blocks(self, change: Change, name: str) -> list[Mapping[str, Any]]:
        """Return how the blocks of a resource were written, such as the statements of a policy document."""
        return list(_mappings(self._expressions(change).get(name)))

    def is_set(self, change: Change, attribute: str) -> bool:
        """Tell whether a resource's configuration says anything about an attribute, or a block."""
        return attribute in self._expressions(change)

    def resource(self, change: Change) -> Mapping[str, Any]:
        """Return the configuration of a resource; empty where the configuration has none of that name."""
        return self._resources.get((_without_indexes(change.module), change.is_data, change.type, change.name), {})

    def resources(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield all resources and data sources with the address of their module, which is without indexes."""
        for module, body in self._bodies:
            for resource in _mappings(body.get("resources")):
                yield module, resource

    def _expressions(self, change: Change) -> Mapping[str, Any]:
        expressions = self.resource(change).get("expressions")
        return expressions if isinstance(expressions, Mapping) else {}

    def template(self, change: Change, attribute: str) -> str | None:
        """Return the text of an attribute with its `${…}`, for configurations in JSON."""
        text = self.expression(change, attribute).get("constant_value")
        return text if isinstance(text, str) else None

    def referred(self, change: Change, attribute: str, type_: str) -> list[tuple[Change, str]]:
        """Return the resources of a type that an attribute refers to, and which attribute of each.

        Of a resource with count or for_each the one with the change's own index, where the expression uses that; else
        all.
        """
        expression = self.expression(change, attribute)
        index = change.index if _uses_index(expression) else None
        found = [
            (one, reference.attribute)
            for reference in self.references(expression.get("references"), change.module)
            if reference.type == type_
            for one in self.instances(reference, index)
        ]
        return list({(one.address, name): (one, name) for one, name in found}.values())

    def references(self, texts: Any, module: str, depth: int = 0) -> Iterator[Reference]:
        """Yield what a list of references leads to, seen from a module."""
        if not isinstance(texts, list) or depth > _DEEPEST:
            return
        for text in longest(one for one in texts if isinstance(one, str)):
            yield from self._lead(text, module, depth)

    def instances(self, reference: Reference, index: str | int | None) -> list[Change]:
        """Return the resources that a reference names; `index` is the one of whatever refers to them."""
        key = (reference.module, reference.is_data, reference.type, reference.name)
        found = self._instances.get(key, [])
        if reference.index is not None:
            return [one for one in found if one.index == reference.index]
        return [one for one in found if one.index == index] or found if index is not None else found

    def at(self, address: str) -> Change | None:
        """Return the resource of an address, or None."""
        return self._by_address.get(address)

    def module_sources(self, module: str) -> list[str]:
        """Return where the calls that lead to a module say it is, outermost first; nothing for the root."""
        sources: list[str] = []
        outer = ""
        for name, _ in _MODULE.findall(module):
            call = self._calls.get((outer, name))
            sources.append(str(call.get("source", "")) if call else "")
            outer = f"{outer}.module.{name}" if outer else f"module.{name}"
        return sources

    def _lead(self, text: str, module: str, depth: int) -> Iterator[Reference]:
        steps = _steps(text)
        if not steps:
            return
        (first, index), rest = steps[0], steps[1:]
        if first == "var" and rest:
            yield from self._variable(rest[0][0], module, depth)
        elif first == "module" and rest:
            yield from self._output(rest[0], rest[1:], module, depth)
        elif first == "data" and len(rest) >= 2:
            yield Reference(module, rest[0][0], rest[1][0], _attribute(rest[2:]), rest[1][1], is_data=True)
        elif rest and index is None and "_" in first:
            yield Reference(module, first, rest[0][0], _attribute(rest[1:]), rest[0][1])

    def _variable(self, name: str, module: str, depth: int) -> Iterator[Reference]:
        """Follow a variable to what the calling module gives for it."""
        outer, _, call = _split_module(module)
        called = self._calls.get((_without_indexes(outer), call))
        expressions = called.get("expressions") if called else None
        expression = expressions.get(name) if isinstance(expressions, Mapping) else None
        if isinstance(expression, Mapping):
            yield from self.references(expression.get("references"), outer, depth + 1)

    def _output(
        self, call: tuple[str, str | int | None], rest: list[tuple[str, str | int | None]], module: str, depth: int
    ) -> Iterator[Reference]:
        """Follow an output into the called module."""
        if not rest:
            return
        called = self._calls.get((_without_indexes(module), call[0]))
        inner = called.get("module") if called else None
        outputs = inner.get("outputs") if isinstance(inner, Mapping) else None
        output = outputs.get(rest[0][0]) if isinstance(outputs, Mapping) else None
        expression = output.get("expression") if isinstance(output, Mapping) else None
        if not isinstance(expression, Mapping):
            return
        for instance in self._module_instances(module, *call):
            yield from self.references(expression.get("references"), instance, depth + 1)

    def _module_instances(self, module: str, call: str, index: str | int | None) -> list[str]:
        prefix = f"{module}.module.{call}" if module else f"module.{call}"
        if index is not None:
            return [f"{prefix}[{json.dumps(index)}]"]
        pattern = re.compile(rf"{re.escape(prefix)}(\[[^\]]*\])?")
        return sorted({one for one in self._modules if pattern.fullmatch(one)}) or [prefix]

    @cached_property
    def _by_address(self) -> dict[str, Change]:
        return {change.address: change for change in self.plan.changes}

    @cached_property
    def _modules(self) -> frozenset[str]:
        return frozenset(change.module for change in self.plan.changes)

    @cached_property
    def _instances(self) -> dict[tuple[str, bool, str, str], list[Change]]:
        found: dict[tuple[str, bool, str, str], list[Change]] = {}
        for change in self.plan.changes:
            found.setdefault((change.module, change.is_data, change.type, change.name), []).append(change)
        return found

    @cached_property
    def _resources(self) -> dict[tuple[str, bool, str, str], Mapping[str, Any]]:
        return {
            (module, resource.get("mode") == "data", str(resource.get("type")), str(resource.get("name"))): resource
            for module, body in self._bodies
            for resource in _mappings(body.get("resources"))
        }

    @cached_property
    def _calls(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {(module, name): call for module, body in self._bodies for name, call in _calls(body)}

    @cached_property
    def _bodies(self) -> list[tuple[str, Mapping[str, Any]]]:
        """All modules of the configuration by their addresses without indexes; the root's is empty."""
        bodies = []
        waiting = [("", self.plan.configuration.get("root_module"))]
        while waiting:
            module, body = waiting.pop()
            if isinstance(body, Mapping):
                bodies.append((module, body))
                for name, call in _calls(body):
                    waiting.append((f"{module}.module.{name}" if module else f"module.{name}", call.get("module")))
        return bodies


def _calls(body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    calls = body.get("module_calls")
    return (
        [(name, call) for name, call in calls.items() if isinstance(call, Mapping)]
        if isinstance(calls, Mapping)
        else []
    )


def _mappings(values: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _uses_index(expression: Mapping[str, Any]) -> bool:
    references = expression.get("references")
    return isinstance(references, list) and not {"count.index", "each.key", "each.value"}.isdisjoint(
        one for one in references if isinstance(one, str)
    )


def longest(texts: Iterable[str]) -> list[str]:
    """Return references without those that only name the beginning of another: Terraform lists both."""
    every = list(dict.fromkeys(texts))
    return [one for one in every if not any(other.startswith((f"{one}.", f"{one}[")) for other in every)]


def _steps(text: str) -> list[tuple[str, str | int | None]]:
    steps: list[tuple[str, str | int | None]] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None:
            return []
        name, key, number = found.groups()
        steps.append((name, int(number) if number else None if key is None else json.loads(f'"{key}"')))
        position = found.end()
    return steps


def _attribute(steps: list[tuple[str, str | int | None]]) -> str:
    return steps[0][0] if steps else ""


def _without_indexes(module: str) -> str:
    return ".".join(f"module.{name}" for name, _ in _MODULE.findall(module)) if "[" in module else module


def _split_module(module: str) -> tuple[str, str, str]:
    """Return the address of the calling module, this one's own with its index, and the name of the call."""
    calls = list(_MODULE.finditer(module))
    if not calls:
        return "", "", ""
    last = calls[-1]
    return module[: last.start()].rstrip("."), module, last.group(1)
