"""The option `--kms-key [NAME=]ARN` of several verbs."""

from __future__ import annotations

from collections.abc import Iterable

import click

# The same as in taskdef.features.keys, which takes longer to load than a small review.
_EVERYTHING = "*"


def named_keys(given: Iterable[str]) -> dict[str, str]:
    """Return keys by the names of what they encrypt; `*` is all. Raises click.BadParameter."""
    keys: dict[str, str] = {}
    for text in given:
        name, equals, key = text.rpartition("=")
        if (equals and not name) or not key:
            raise click.BadParameter(f"must be NAME=ARN or ARN; got {text!r}", param_hint="--kms-key")
        keys[name or _EVERYTHING] = key
    return keys
