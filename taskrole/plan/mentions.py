"""Finds the values at a path in a resource's attributes, before or after a plan, or their expressions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.plan.configuration import Configuration, longest
from taskrole.plan.documents import Side
from taskrole.plan.json_stream import too_deep
from taskrole.plan.model import Change
from taskrole.plan.workload_types import FILLED_IN

_EXPRESSION = frozenset({"constant_value", "references"})


@dataclass(frozen=True)
class Mention:
    """A value at a path. `attribute` is the path, including the key if it leads into a map.

    `value` is None if it is known only after the apply. `template` is then its text in the configuration, with its
    `${…}`, and `references` are the references in the configuration.
    """

    attribute: str
    value: Any
    template: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Node:
    """A node in a resource's attributes: its value, Terraform's mask of unknown values, and its expression."""

    value: Any
    mask: Any = False
    tree: Any = None
    references: tuple[str, ...] = ()

    def child(self, key: str) -> _Node:
        """Return the child node of a key."""
        mask = self.mask if self.mask is True else _get(self.mask, key) or False
        return _node(_get(self.value, key), mask, _get(self.tree, key), self.references)

    def elements(self) -> list[_Node] | None:
        """Return the elements of a list; None for other values."""
        if not isinstance(self.value, list) and not isinstance(self.mask, list):
            return None
        values, masks = (part if isinstance(part, list) else [] for part in (self.value, self.mask))
        length = max(len(values), len(masks))
        trees = self.tree if isinstance(self.tree, list) and len(self.tree) == length else [None] * length
        values, masks = values + [None] * length, masks + [False] * length
        return [
            _node(values[number], self.mask if self.mask is True else masks[number], trees[number], self.references)
            for number in range(length)
        ]

    def parsed(self) -> _Node:
        """Return the node's text parsed as JSON."""
        return _Node(_parsed(self.value), self.mask, _parsed(self.tree), self.references)


def mentions(change: Change, path: str, side: Side, configuration: Configuration) -> list[Mention]:
    """Return the values at a path of a resource (see workload_types), before or after; null values are omitted.

    An unknown attribute that the provider computes and the configuration does not set is omitted.
    """
    values = change.before if side == "before" else change.after
    if values is None:
        return []
    steps = path.split(".")
    name = steps[0].removesuffix("{}")
    if side == "before":
        return list(_walk(steps, _Node(values), path))
    unknown = change.unknown
    if (change.type, path) in FILLED_IN and not configuration.is_set(change, name):
        unknown = {}
    node = _Node(values, unknown, {name: _written(change, name, configuration)})
    return list(_walk(steps, node, path))


def _written(change: Change, name: str, configuration: Configuration) -> Any:
    template = configuration.template(change, name)
    if template is not None:
        return {**configuration.expression(change, name), "constant_value": template}
    return configuration.expression(change, name) or configuration.blocks(change, name)


def _walk(steps: list[str], node: _Node, path: str, *, is_json: bool = False) -> Iterator[Mention]:
    elements = node.elements()
    if elements is not None:
        for element in elements:
            yield from _walk(steps, element, path, is_json=is_json)
        return
    if not steps:
        yield from _leaves(node, path)
        return
    key = steps[0].removesuffix("{}")
    if is_json:
        # The providers parse their JSON as Go does, which ignores case.
        known = node.tree if node.mask is True else node.value
        keys = [name for name in known if name.lower() == key.lower()] if isinstance(known, Mapping) else [key]
        if not keys:
            return
        key = keys[-1]
    below = node.child(key)
    if steps[0].endswith("{}"):
        below, is_json = below.parsed(), True
    yield from _walk(steps[1:], below, path, is_json=is_json)


def _leaves(node: _Node, path: str) -> Iterator[Mention]:
    trees = [tree for tree in (node.value, node.mask) if isinstance(tree, Mapping)]
    if trees:
        for key in dict.fromkeys(key for tree in trees for key in tree):
            yield from _leaves(node.child(key), f"{path}.{key}")
    elif node.mask is True:
        template = node.tree if isinstance(node.tree, str) else ""
        if template and "${" not in template and "%{" not in template:
            yield Mention(path, template)
        else:
            yield Mention(path, None, template, tuple(longest(node.references)))
    elif node.value not in (None, "", []):
        yield Mention(path, node.value)


def _node(value: Any, mask: Any, tree: Any, references: tuple[str, ...]) -> _Node:
    if isinstance(tree, Mapping) and tree and _EXPRESSION.issuperset(tree):
        names = tree.get("references")
        references = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
        return _Node(value, mask, tree.get("constant_value"), references)
    return _Node(value, mask, tree, references)


def _get(tree: Any, key: str) -> Any:
    return tree.get(key) if isinstance(tree, Mapping) else None


def _parsed(text: Any) -> Any:
    try:
        data = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    return None if too_deep(data) else data
