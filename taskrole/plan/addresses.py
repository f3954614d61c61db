"""Parses Terraform addresses and references: modules, resources, and indexes with any for_each key.

A key is in quotes with HCL's escapes and can itself contain brackets, dots and quotes.
Source: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError

# The index of an instance; None without count and for_each.
AddressIndex: TypeAlias = "str | int | None"

# An index in brackets, with any content.
INDEX = r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]'
# Terraform allows letters of all scripts; combining marks are letters only after another letter.
_NAME = r"[^\W\d](?:[\w-]|[^\x00-\x7f])*"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_STEP = re.compile(rf"({_NAME})((?:\[(?:{_QUOTED}|\d+|count\.index|each\.key)\])?)(?:\.|$)", re.DOTALL)
_MODULE = re.compile(rf"module\.({_NAME})((?:\[(?:{_QUOTED}|\d+)\])?)(?:\.|$)", re.DOTALL)
_INDEXES = re.compile(INDEX, re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_LONGEST_NUMBER = 18


@dataclass(frozen=True)
class OwnIndex:
    """The index of the referring resource: `[count.index]` or `[each.key]`."""


@dataclass(frozen=True)
class AddressStep:
    """A name in an address or reference, with its index."""

    name: str
    index: str | int | OwnIndex | None = None


@dataclass(frozen=True)
class ModuleStep:
    """A module call in the address of a module instance."""

    name: str
    index: str | int | None = None


def reference_steps(text: str) -> tuple[AddressStep, ...]:
    """Return the steps of a reference such as `aws_iam_role.web["a.b"].name`; empty if it is not a plain reference."""
    steps: list[AddressStep] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return ()
        try:
            steps.append(AddressStep(match.group(1), _index(match.group(2))))
        except ValueError:
            return ()
        position = match.end()
    return () if text.endswith(".") else tuple(steps)


def module_steps(address: str) -> tuple[ModuleStep, ...]:
    """Return the module calls at the start of a module or resource address."""
    return tuple(step for step, _ in _modules(address))


def module_of(address: str) -> str:
    """Return the address of the module of a resource; empty for the root module."""
    end = 0
    for _, end in _modules(address):  # noqa: B007 -- the last end counts
        pass
    return address[:end].rstrip(".")


def without_indexes(module: str) -> str:
    """Return the address of a module in the configuration, which has no indexes."""
    return _INDEXES.sub("", module) if "[" in module else module


def outer_module(module: str) -> tuple[str, ModuleStep | None]:
    """Return the calling module's address and the call of a module instance; None for the root module."""
    outer, last, begin = "", None, 0
    for step, end in _modules(module):
        outer, last, begin = module[:begin].rstrip("."), step, end
    return outer, last


def inner_module(outer: str, call: str, index: AddressIndex = None) -> str:
    """Return the address of a module instance, given its calling module, call and index."""
    suffix = "" if index is None else f"[{index}]" if isinstance(index, int) else f"[{quote_key(index)}]"
    return f"{outer}.module.{call}{suffix}" if outer else f"module.{call}{suffix}"


def quote_key(key: str) -> str:
    """Return a for_each key in quotes, escaped as in Terraform addresses."""
    escaped = (
        key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped.replace("${", "$${").replace("%{", "%%{")}"'


def _modules(address: str) -> Iterator[tuple[ModuleStep, int]]:
    position = 0
    while match := _MODULE.match(address, position):
        try:
            index = _index(match.group(2))
        except ValueError:
            return
        position = match.end()
        yield ModuleStep(match.group(1), None if isinstance(index, OwnIndex) else index), position


def _index(text: str) -> str | int | OwnIndex | None:
    """Return the index between brackets. Raises ValueError if it is not a valid index."""
    inner = text[1:-1]
    if not inner:
        return None
    if inner in ("count.index", "each.key"):
        return OwnIndex()
    if not inner.startswith('"'):
        if len(inner) > _LONGEST_NUMBER:
            raise BadValueError("an index of too many digits")
        return int(inner)
    plain = _ESCAPE.sub(_character, inner[1:-1])
    return plain.replace("$${", "${").replace("%%{", "%{")


def _character(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code is None:
        return _LETTERS.get(match.group(3), match.group(3))
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else match.group()
