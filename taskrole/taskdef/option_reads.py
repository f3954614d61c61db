"""Records which options are read, and finds options that are equal in several sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any


class OptionReads:
    """Options that record the names of the fields that are read, in `names`."""

    def __init__(self, options: object) -> None:
        self.options = options
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(self.options, name)


def equal_options(variants: Sequence[Any]) -> frozenset[str]:
    """Return the names of the options that have the same value in all variants, each of them an Options."""
    first, *others = variants
    names = (field.name for field in fields(first))
    return frozenset(
        name for name in names if all(getattr(options, name) == getattr(first, name) for options in others)
    )
