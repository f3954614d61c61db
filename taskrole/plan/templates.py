"""Evaluates texts with `${…}`: replaces each expression with the text or the one reference that it is proved to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from taskrole.errors import printable
from taskrole.plan.addresses import AddressIndex, AddressStep, reference_steps
from taskrole.plan.configuration import Configuration, Reference, longest
from taskrole.plan.model import Change
from taskrole.plan.proofs import AttributePointer, known_text, proved_reference
from taskrole.policy.policy_variables import variables_end

_MOST_NAMED = 3
_TOKEN = re.compile(r"\$\$\{|%%\{|\$\{([^}]*)\}|%\{")
# After the last `}`, no expression can end.
_TOKEN_BEHIND = re.compile(r"\$\$\{|%%\{|%\{")
# Attributes that contain a resource name: other values may contain wildcards.
_NAMES_OF_RESOURCES = frozenset({"arn", "bucket", "id", "key_id", "name", "repository_url", "unique_id", "url"})


def resolved_text(text: str, module: str, configuration: Configuration, *, index: AddressIndex = None) -> str | None:
    """Return a template's text with known values substituted; None if an unknown value is not a name.

    An unknown name becomes `${aws_kms_key.main.arn}`, with the address in the whole plan.
    """
    problems: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        token, expression = match[0], match[1] if match.lastindex else None
        if token in ("$${", "%%{"):
            return token[1:]
        value = _value(expression.strip(), module, configuration, index) if expression is not None else None
        if value is None:
            problems.append(token)
        return token if value is None else value

    end = variables_end(text)
    resolved = _TOKEN.sub(replacement, text[:end]) + _TOKEN_BEHIND.sub(replacement, text[end:])
    return None if problems else resolved


def _value(expression: str, module: str, configuration: Configuration, index: AddressIndex) -> str | None:
    """Return the text that an expression in a template evaluates to, or the reference that it is proved to be."""
    steps = reference_steps(expression)
    pointer = proved_reference(steps, module, index, configuration) if steps else None
    text = known_text(pointer)
    if isinstance(pointer, AttributePointer):
        if not _is_name(pointer.attribute):
            return None
        return f"${{{pointer.change.address}.{pointer.attribute}}}" if text is None else text
    if text is not None:
        return text
    # The plan may not list the resource; a plain reference still refers to nothing else.
    is_plain = len(steps) == (4 if steps and steps[0].name == "data" else 3) and all(
        step.index is None for step in steps
    )
    if is_plain and "_" in steps[-3].name and _is_name(steps[-1].name) and not _instances(steps, module, configuration):
        return f"${{{f'{module}.{expression}' if module else expression}}}"
    return None


def _is_name(attribute: str) -> bool:
    return attribute in _NAMES_OF_RESOURCES


def _instances(steps: tuple[AddressStep, ...], module: str, configuration: Configuration) -> list[Change]:
    type_, name, attribute = steps[-3:]
    return configuration.instances(Reference(module, type_.name, name.name, attribute.name, is_data=len(steps) == 4))


def reference_names(expression: Mapping[str, Any]) -> list[str]:
    """Return the references of an expression, without duplicates."""
    references = expression.get("references")
    return (
        longest(reference for reference in references if isinstance(reference, str))
        if isinstance(references, list)
        else []
    )


def referred_names(expression: Mapping[str, Any]) -> str:
    """Return the references of an expression as the end of a clause; empty without references."""
    names = reference_names(expression)
    more = ", …" if len(names) > _MOST_NAMED else ""
    return f"; it refers to {', '.join(map(printable, names[:_MOST_NAMED]))}{more}" if names else ""
