"""Escapes text that Terraform must take literally."""

from __future__ import annotations

import re
from collections.abc import Mapping

from taskrole.config.tokens import TOKEN
from taskrole.errors import TaskroleError, quote


def literal(text: str) -> str:
    """Return text escaped for an argument, which Terraform evaluates.

    `${` and `%{` begin expressions and are escaped. A carriage return hides such an escape from Terraform's JSON
    parser, so it is written as an expression, including preceding dollars, which would escape the expression.

    Raises TaskroleError for text that CDKTF would take for one of its own tokens. Source:
    https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    escaped = unevaluated(text).replace("${", "$${").replace("%{", "%%{")
    return re.sub(r"(\$*)\r", r'${"\1\\r"}', escaped) if "\r" in escaped else escaped


def literals(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return a map with escaped keys and values."""
    return {literal(key): literal(value) for key, value in pairs.items()}


def unevaluated(text: str) -> str:
    """Return text for a place that Terraform does not evaluate, such as backends and descriptions of outputs.

    Raises TaskroleError for text that CDKTF would take for one of its own tokens.
    Source: https://developer.hashicorp.com/terraform/language/syntax/json#block-type-specific-exceptions
    """
    if TOKEN in text:
        raise TaskroleError(f"text must not contain {TOKEN}, which CDKTF replaces; got {quote(text)}")
    return text
