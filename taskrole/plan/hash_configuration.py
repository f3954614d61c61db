"""The part of a configuration that decides what an apply does, beyond the values that a plan knows already.

Terraform writes which resources and variables an expression refers to, but no local values, and no dynamic blocks.
Where an expression refers to a local value, every variable of its module and every output of the modules called there
counts: any of them can be behind it. The same holds for blocks that a plan has and the configuration does not show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from taskrole.plan.model import Change

_INDEX = r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]'
_INDEXES = re.compile(_INDEX)
_STEPS = re.compile(r"[\w-]+|" + _INDEX)
# Of a resource that is referred to as a whole, such as `aws_sqs_queue.q[each.key]`.
_NAMES = ("arn", "id", "name")

# Kind, module address without indexes, names.
Node: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class ConfiguredResource:
    """A resource that an apply changes or reads: which one, and its attributes that are unknown, wholly or in part.

    `blocks` are those of the attributes that are lists of blocks, known in part, each with how many blocks there are.
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


def decisive_configuration(
    resources: Iterable[ConfiguredResource],
    configuration: Mapping[str, Any],
    variables: Mapping[str, Any],
    changes: Iterable[Change],
) -> list[tuple[Node, Any]]:
    """Return the parts of a configuration that decide what happens to resources: each with its name and its content."""
    walker = _Walker(configuration, variables, changes)
    for resource in set(resources):
        walker.resource(resource)
    return walker.parts()


@dataclass(frozen=True)
class _Owner:
    """The resource or module call that an expression belongs to, for what `each` and `count` in it mean."""

    node: Node = ()
    body: Mapping[str, Any] = field(default_factory=dict)


class _Walker:
    def __init__(
        self, configuration: Mapping[str, Any], variables: Mapping[str, Any], changes: Iterable[Change]
    ) -> None:
        self._variables = variables
        self._changes = changes
        self._instances: dict[tuple[str, bool, str, str], list[Change]] | None = None
        self._bodies = dict(_bodies(configuration.get("root_module")))
        self._calls = {
            _inside(module, name): call for module, body in self._bodies.items() for name, call in _calls(body)
        }
        self._resources = {
            (module, one.get("mode") == "data", str(one.get("type")), str(one.get("name"))): one
            for module, body in self._bodies.items()
            for one in _mappings(body.get("resources"))
        }
        providers = configuration.get("provider_config")
        self._providers = providers if isinstance(providers, Mapping) else {}
        self._parts: dict[Node, Any] = {}
        self._waiting: list[tuple[Any, str, _Owner]] = []

    def parts(self) -> list[tuple[Node, Any]]:
        """Return what has been collected, with everything that it leads to."""
        while self._waiting:
            expression, module, owner = self._waiting.pop()
            self._follow(expression, module, owner)
        return list(self._parts.items())

    def resource(self, resource: ConfiguredResource) -> None:
        """Add what decides about a resource."""
        module = _without_indexes(resource.module)
        key = (module, resource.is_data, resource.type, resource.name)
        named = (module, "data" if resource.is_data else "managed", resource.type, resource.name)
        configured = self._resources.get(key, {})
        self._provider(named, resource, configured.get("provider_config_key"))
        expressions = configured.get("expressions")
        expressions = expressions if isinstance(expressions, Mapping) else {}
        owner = _Owner(named, configured)
        unknown = expressions.keys() if resource.is_everything_unknown else expressions.keys() & resource.unknown
        for attribute in sorted(unknown):
            self._add(("expression", *named, attribute), expressions[attribute], module, owner)
        if any(_is_hidden(expressions.get(name), count) for name, count in resource.blocks):
            self._locals(module)
        if resource.runs_provisioners and configured.get("provisioners"):
            self._add(("provisioners", *named), configured["provisioners"], module, owner)

    def _add(self, node: Node, content: Any, module: str, owner: _Owner = _Owner()) -> None:
        if node not in self._parts:
            self._parts[node] = content
            self._waiting.append((content, module, owner))

    def _provider(self, named: Node, resource: ConfiguredResource, key: Any) -> None:
        keys = list(self._provider_keys(resource.provider, key))
        self._parts[("provider of", *named)] = keys
        for one in keys:
            provider = self._providers[one]
            module = _without_indexes(str(provider.get("module_address", "")))
            content = {name: provider.get(name) for name in ("full_name", "name", "alias", "expressions")}
            self._add(("provider", one), content, module)

    def _provider_keys(self, full_name: str, key: Any) -> Iterator[str]:
        """Yield the key of a resource's provider configuration; of one that is not known, all of its provider."""
        module, _, name = str(key).rpartition(":") if isinstance(key, str) else ("", "", "")
        while name:
            candidate = f"{module}:{name}" if module else name
            if isinstance(self._providers.get(candidate), Mapping):
                yield candidate
                return
            if not module:
                break
            # A module that configures no provider of its own has that of the module which calls it.
            module = module.rpartition("module.")[0].rstrip(".")
        for candidate in sorted(self._providers):
            provider = self._providers[candidate]
            if isinstance(provider, Mapping) and provider.get("full_name", full_name) == full_name:
                yield candidate

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
                self._outputs(_inside(module, names[0]), names[1:2], references, text)
            elif head == "data" and len(names) >= 2:
                self._value(module, (True, names[0], names[1]), names[2:3], references, text)
            elif names and "_" in head:
                self._value(module, (False, head, names[0]), names[1:2], references, text)

    def _variable(self, module: str, name: str) -> None:
        declared = self._bodies.get(module, {}).get("variables")
        declaration = declared.get(name) if isinstance(declared, Mapping) else None
        default = declaration.get("default") if isinstance(declaration, Mapping) else None
        if not module:
            given = self._variables.get(name)
            self._parts["variable", "", name] = given.get("value") if isinstance(given, Mapping) else default
            return
        call = self._calls.get(module, {})
        expressions = call.get("expressions")
        expression = expressions.get(name) if isinstance(expressions, Mapping) else None
        content = default if expression is None else expression
        self._add(("variable", module, name), content, _outer(module), _Owner(("call", module), call))

    def _locals(self, module: str) -> None:
        if ("locals", module) in self._parts:
            return
        self._parts["locals", module] = True
        declared = self._bodies.get(module, {}).get("variables")
        names = set(declared) if isinstance(declared, Mapping) else set()
        for name in sorted(names if module else names | self._variables.keys()):
            self._variable(module, name)
        for name, _ in _calls(self._bodies.get(module, {})):
            self._outputs(_inside(module, name), [], [], "")

    def _outputs(self, module: str, names: list[str], references: list[str], text: str) -> None:
        """Add an output of a module; all of them where a reference names the module alone."""
        if not names and _is_beginning(text, references):
            return
        outputs = self._bodies.get(module, {}).get("outputs")
        outputs = outputs if isinstance(outputs, Mapping) else {}
        for name in names or sorted(outputs):
            output = outputs.get(name)
            if isinstance(output, Mapping):
                self._add(("output", module, name), output.get("expression"), module)

    def _value(
        self, module: str, resource: tuple[bool, str, str], names: list[str], references: list[str], text: str
    ) -> None:
        """Add what is known of a resource that the plan leaves alone; what it changes is in the hash by itself."""
        if not names and _is_beginning(text, references):
            return
        if self._instances is None:
            self._instances = {}
            for change in self._changes:
                key = (_without_indexes(change.module), change.is_data, change.type, change.name)
                self._instances.setdefault(key, []).append(change)
        for change in self._instances.get((module, *resource), []):
            values = change.after or {}
            for name in names or (sorted(values) if change.is_data else _NAMES):
                # What is sensitive here is often a token that is another one in every plan.
                if not change.is_touched and not change.is_deferred and not change.is_hidden(name):
                    self._parts["value", change.address, name] = values.get(name)


def _references(content: Any) -> list[str]:
    """Return the references in an expression, or in blocks of them."""
    found: dict[str, None] = {}
    waiting = [content]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            references = value.get("references")
            if isinstance(references, list):
                found |= {one: None for one in references if isinstance(one, str)}
            waiting += [part for part in value.values() if part is not references]
        elif isinstance(value, list):
            waiting += value
    return list(found)


def _is_hidden(expression: Any, count: int) -> bool:
    """Return whether some of so many blocks are not in the configuration: dynamic ones are left out of it."""
    return expression is None or (isinstance(expression, list) and len(expression) != count)


def _is_beginning(text: str, references: list[str]) -> bool:
    """Return whether a reference is the beginning of another: Terraform lists both."""
    return bool(text) and any(one.startswith((f"{text}.", f"{text}[")) for one in references)


def _bodies(root: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    waiting = [("", root)]
    while waiting:
        module, body = waiting.pop()
        if isinstance(body, Mapping):
            yield module, body
            waiting += [(_inside(module, name), call.get("module")) for name, call in _calls(body)]


def _calls(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    calls = body.get("module_calls")
    pairs = calls.items() if isinstance(calls, Mapping) else ()
    return [(name, call) for name, call in pairs if isinstance(call, Mapping)]


def _mappings(values: Any) -> list[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _inside(module: str, name: str) -> str:
    return f"{module}.module.{name}" if module else f"module.{name}"


def _outer(module: str) -> str:
    return module.rpartition("module.")[0].rstrip(".")


def _without_indexes(module: str) -> str:
    return _INDEXES.sub("", module) if "[" in module else module
