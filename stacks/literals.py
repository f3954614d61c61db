"""Text that Terraform must take literally, whatever it holds."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.errors import TaskroleError, shown

# CDKTF would replace it by a value of its own, even behind an escape.
_TOKEN = "${TfToken["  # noqa: S105 -- no password


def literal(text: str) -> str:
    """Return text that Terraform reads as itself: `${` and `%{`, which begin its expressions, escaped.

    Raises TaskroleError for text that CDKTF would take for one of its own tokens.
    Source: https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    if _TOKEN in text:
        raise TaskroleError(f"text must not hold {_TOKEN}, which CDKTF replaces; got {shown(text)}")
    return text.replace("${", "$${").replace("%{", "%%{")


def literals(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return a map whose keys and values Terraform reads as they are."""
    return {literal(key): literal(value) for key, value in pairs.items()}
