"""Candidate resources of an expression: those that its references lead to, through variables and module outputs.

A candidate is not proof of the value: see taskrole.plan.proofs. Each reference of a module is followed once, so the
work is linear in the size of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.plan.addresses import AddressStep, outer_module, reference_steps
from taskrole.plan.configuration import Configuration, Reference, longest
from taskrole.plan.model import Change

_INSTANCE_KEYS = frozenset({"count.index", "each.key", "each.value"})


def referred(change: Change, attribute: str, type_: str, configuration: Configuration) -> list[tuple[Change, str]]:
    """Return the resources of a type that an attribute may refer to, each with the referenced attribute.

    For `each.value`, these are the resources in the for_each of the resource or its module. A resource with count or
    for_each yields all its instances.
    """
    texts = _names(configuration.expression(change, attribute))
    if not _INSTANCE_KEYS.isdisjoint(texts):
        texts += [name for expression in configuration.repetition(change) for name in _names(expression)]
    resources = [
        (resource, reference.attribute)
        for reference in references(texts, change.module, configuration)
        if reference.type == type_
        for resource in configuration.instances(reference)
    ]
    return list({(resource.address, name): (resource, name) for resource, name in resources}.values())


def references(texts: Iterable[str], module: str, configuration: Configuration) -> Iterator[Reference]:
    """Yield the resources that references lead to from a module."""
    waiting = [(text, module) for text in reversed(longest(texts))]
    followed: set[tuple[str, str]] = set()
    while waiting:
        text, place = waiting.pop()
        if (text, place) in followed:
            continue
        followed.add((text, place))
        steps = reference_steps(text)
        if not steps:
            continue
        first, rest = steps[0], steps[1:]
        if first.name == "var" and rest:
            waiting += reversed(_of_variable(rest[0].name, place, configuration))
        elif first.name == "module" and rest:
            waiting += reversed(_of_output(rest[0], rest[1:], place, configuration))
        elif first.name == "data" and len(rest) >= 2:
            yield Reference(place, rest[0].name, rest[1].name, _attribute(rest[2:]), rest[1].index, is_data=True)
        elif rest and first.index is None and "_" in first.name:
            yield Reference(place, first.name, rest[0].name, _attribute(rest[1:]), rest[0].index)


def _of_variable(name: str, module: str, configuration: Configuration) -> list[tuple[str, str]]:
    """Return the references in the argument that the calling module sets for a variable."""
    outer, call = outer_module(module)
    expression = configuration.given(module, name)
    if expression is None or call is None:
        return []
    texts = _names(expression)
    if not _INSTANCE_KEYS.isdisjoint(texts):
        texts += [text for repetition in configuration.module_repetition(module) for text in _names(repetition)]
    return [(text, outer) for text in longest(texts)]


def _of_output(
    call: AddressStep, rest: tuple[AddressStep, ...], module: str, configuration: Configuration
) -> list[tuple[str, str]]:
    """Return the references in an output of a called module."""
    if not rest:
        return []
    return [
        (text, instance)
        for instance in configuration.module_instances(module, call)
        if isinstance(expression := configuration.outputs(instance).get(rest[0].name), Mapping)
        for text in longest(_names(expression))
    ]


def _names(expression: Mapping[str, Any]) -> list[str]:
    references = expression.get("references")
    return [name for name in references if isinstance(name, str)] if isinstance(references, list) else []


def _attribute(steps: tuple[AddressStep, ...]) -> str:
    return steps[0].name if steps else ""
