"""The configuration that determines what an apply does, beyond the values already known in a plan.

Terraform records which resources and variables an expression refers to, but not local values or dynamic blocks. If an
expression refers to a local value, every variable of the module and every output of the modules it calls is included,
because any of them may define it. The same applies to planned blocks that the configuration does not contain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.plan.addresses import INDEX, inner_module, outer_module, without_indexes
from taskrole.plan.configuration_index import ConfigurationIndex
from taskrole.plan.model import Change

_STEPS = re.compile(r"[^.\[\]]+|" + INDEX)
# A resource that is referred to as a whole, such as `aws_sqs_queue.q[each.key]`.
_NAMES = ("arn", "id", "name")

# Kind, module address without indexes, and names.
_Node: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class ConfiguredResource:
    """A resource that an apply changes or reads, with its attributes that are at least partly unknown.

    `blocks` are the partly unknown attributes that are lists of blocks, each with the number of blocks.
    """

    module: str
    is_data: bool
    type: str
    name: str
    provider: str
    unknown: frozenset[str] = frozenset()
    blocks: frozenset[tuple[str, int]] = frozenset()
    is_everything_unknown: bool = False
    runs_provisioners: bool = False


@dataclass(frozen=True)
class _Owner:
    """The resource or module call of an expression, which defines `each` and `count` in it."""

    node: _Node = ()
    body: Mapping[str, Any] = field(default_factory=dict)


_NO_OWNER = _Owner()


class DecisiveConfiguration:
    """Collects the configuration that determines resources, and everything it refers to.

    `reached` are the resources that the plan changes or reads, by address, with the attributes referred to. With
    `guesses_locals`, everything that may define a local value is included.
    """

    def __init__(self, index: ConfigurationIndex, *, guesses_locals: bool = True) -> None:
        self.reached: dict[str, tuple[Change, set[str]]] = {}
        self._index = index
        self._guesses_locals = guesses_locals
        self._parts: dict[_Node, Any] = {}
        self._waiting: list[tuple[Any, str, _Owner]] = []

    def parts(self) -> list[tuple[_Node, Any]]:
        """Return the collected parts, each with its name and content."""
        while self._waiting:
            expression, module, owner = self._waiting.pop()
            self._follow(expression, module, owner)
        return list(self._parts.items())

    def add_resource(self, resource: ConfiguredResource) -> None:
        """Add everything that determines a resource: its provider, its provisioners, and its unknown values."""
        self.add_values(resource)
        named, configured = self._configured(resource)
        keys = list(self._index.provider_keys(resource.provider, configured.get("provider_config_key")))
        self._parts[("provider of", *named)] = keys
        for key in keys:
            provider = self._index.providers[key]
            module = without_indexes(str(provider.get("module_address", "")))
            content = {name: provider.get(name) for name in ("full_name", "name", "alias", "expressions")}
            self._add(("provider", key), content, module)
        if resource.runs_provisioners and configured.get("provisioners"):
            content = configured["provisioners"]
            self._add(("provisioners", *named), content, named[0], _Owner(named, configured))

    def add_values(self, resource: ConfiguredResource) -> None:
        """Add the expressions of a resource's unknown values."""
        named, configured = self._configured(resource)
        expressions = configured.get("expressions")
        expressions = expressions if isinstance(expressions, Mapping) else {}
        owner = _Owner(named, configured)
        unknown = expressions.keys() if resource.is_everything_unknown else expressions.keys() & resource.unknown
        for attribute in sorted(unknown):
            self._add(("expression", *named, attribute), expressions[attribute], named[0], owner)
        if any(_is_hidden(expressions.get(name), count) for name, count in resource.blocks):
            self._locals(named[0])

    def _configured(self, resource: ConfiguredResource) -> tuple[_Node, Mapping[str, Any]]:
        module = without_indexes(resource.module)
        named = (module, "data" if resource.is_data else "managed", resource.type, resource.name)
        return named, self._index.resources.get((module, resource.is_data, resource.type, resource.name), {})

    def _add(self, node: _Node, content: Any, module: str, owner: _Owner = _NO_OWNER) -> None:
        if node not in self._parts:
            self._parts[node] = content
            self._waiting.append((content, module, owner))

    def _follow(self, content: Any, module: str, owner: _Owner) -> None:
        references = _references(content)
        for text in references:
            steps = _STEPS.findall(text)
            head, names = steps[0] if steps else "", [step for step in steps[1:] if not step.startswith("[")]
            if head in ("each", "count"):
                key = "for_each_expression" if head == "each" else "count_expression"
                self._add((key, *owner.node), owner.body.get(key), module)
            elif head == "var" and names:
                self._variable(module, names[0])
            elif head == "local":
                self._locals(module)
            elif head == "module" and names:
                self._outputs(inner_module(module, names[0]), names[1:2], references, text)
            elif head == "data" and len(names) >= 2:
                self._value(module, (True, names[0], names[1]), names[2:3], references, text)
            elif names and "_" in head:
                self._value(module, (False, head, names[0]), names[1:2], references, text)

    def _variable(self, module: str, name: str) -> None:
        declaration = self._index.declared(module).get(name)
        default = declaration.get("default") if isinstance(declaration, Mapping) else None
        if not module:
            given = self._index.variables.get(name)
            self._parts["variable", "", name] = given.get("value") if isinstance(given, Mapping) else default
            return
        call = self._index.calls.get(module, {})
        expressions = call.get("expressions")
        expression = expressions.get(name) if isinstance(expressions, Mapping) else None
        content = default if expression is None else expression
        self._add(("variable", module, name), content, outer_module(module)[0], _Owner(("call", module), call))

    def _locals(self, module: str) -> None:
        if ("locals", module) in self._parts or not self._guesses_locals:
            return
        self._parts["locals", module] = True
        names = set(self._index.declared(module)) | (set() if module else set(self._index.variables))
        for name in sorted(names):
            self._variable(module, name)
        for called in self._index.called(module):
            self._outputs(called, [], [], "")

    def _outputs(self, module: str, names: list[str], references: list[str], text: str) -> None:
        """Add an output of a module; all outputs if a reference names only the module."""
        if not names and _is_beginning(text, references):
            return
        outputs = self._index.outputs(module)
        for name in names or sorted(outputs):
            output = outputs.get(name)
            if isinstance(output, Mapping):
                self._add(("output", module, name), output.get("expression"), module)

    def _value(
        self, module: str, resource: tuple[bool, str, str], names: list[str], references: list[str], text: str
    ) -> None:
        """Add the known values of a resource that the plan does not change; changed ones are in `reached`."""
        if not names and _is_beginning(text, references):
            return
        for change in self._index.instances.get((module, *resource), []):
            if change.is_touched or change.is_deferred:
                self.reached.setdefault(change.address, (change, set()))[1].update(names or _NAMES)
                continue
            values = change.after or {}
            for name in names or (sorted(values) if change.is_data else _NAMES):
                # Sensitive values are often tokens, which differ in every plan.
                if not change.is_hidden(name):
                    self._parts["value", change.address, name] = values.get(name)


def _references(content: Any) -> list[str]:
    """Return the references in an expression or in nested blocks."""
    references: dict[str, None] = {}
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            own = value.get("references")
            if isinstance(own, list):
                references |= {reference: None for reference in own if isinstance(reference, str)}
            waiting += [part for part in value.values() if part is not own]
        elif isinstance(value, list):
            waiting += value
    return list(references)


def _is_hidden(expression: Any, count: int) -> bool:
    """Return whether the configuration has fewer than `count` blocks: it omits dynamic ones."""
    return expression is None or (isinstance(expression, list) and len(expression) != count)


def _is_beginning(text: str, references: list[str]) -> bool:
    """Return whether a reference is a prefix of another; Terraform lists both."""
    return bool(text) and any(reference.startswith((f"{text}.", f"{text}[")) for reference in references)
