"""Terraform as data: blocks, attributes and values, which hcl.py and terraform_json.py format in the two syntaxes.

A plain `str` is literal text, which is escaped; expressions have types of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from taskrole.dataclass import dataclass


@dataclass(frozen=True)
class Expression:
    """An expression in Terraform's native syntax: `var.region`, `aws_iam_role.web.arn`."""

    text: str


@dataclass(frozen=True)
class Word:
    """An HCL expression without quotes that is not evaluated: a type constraint, or the address in a `moved` block."""

    text: str


@dataclass(frozen=True)
class TextTemplate:
    """Text with embedded values."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True)
class FunctionCall:
    """A Terraform function call."""

    function: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True)
class Noted:
    """A list item with a comment; `title` identifies the item if the comment cannot be next to it."""

    value: Value
    title: str
    lines: tuple[str, ...]


# The value of an attribute, including lists and maps.
_Single: TypeAlias = bool | int | float | str | Expression | Word | TextTemplate | FunctionCall | Noted | None
Value: TypeAlias = _Single | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True)
class Attribute:
    """`name = value`, with an optional comment above."""

    name: str
    value: Value
    comment: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """`kind "label" … { body }`, with an optional comment above."""

    kind: str
    labels: tuple[str, ...]
    body: tuple[Attribute | Block, ...]
    comment: tuple[str, ...] = ()


def expressions(term: Block | Attribute | Value) -> Iterator[str]:
    """Yield all expressions in a block, attribute or value."""
    return (node.text for node in _walk(term) if isinstance(node, Expression))


def notes(term: Attribute) -> Iterator[str]:
    """Yield the comments of all list items in an attribute, each line with the item's title."""
    for node in _walk(term):
        if isinstance(node, Noted):
            yield from (f"{node.title}: {line}" if node.title else line for line in node.lines)


def _walk(term: Block | Attribute | Value) -> Iterator[Block | Attribute | Value]:
    """Yield a term and all terms in it, in source order."""
    waiting = [term]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(_inner(current)))


def _inner(term: Block | Attribute | Value) -> Sequence[Block | Attribute | Value]:
    inner: Sequence[Block | Attribute | Value] = ()
    # The most frequent terms first, which contain no others.
    if isinstance(term, (str, Expression)):
        pass
    elif isinstance(term, Block):
        inner = term.body
    elif isinstance(term, (Attribute, Noted)):
        inner = (term.value,)
    elif isinstance(term, TextTemplate):
        inner = term.parts
    elif isinstance(term, FunctionCall):
        inner = term.arguments
    elif isinstance(term, Mapping):
        inner = tuple(term.values())
    elif isinstance(term, (list, tuple)):
        inner = term
    return inner
