"""A request and its context keys.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html#intro-structure-request
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from taskrole.dataclass import dataclass


@dataclass(frozen=True)
class Request:
    """One call: an action such as `s3:GetObject`, the ARN it is made on, and its context keys.

    The resource is `*` if the action has no resource types. Action and resource are literal: a `*` in them is just a
    character, which only a policy's wildcards match.

    Context keys ignore case; a tuple contains the values of a multivalued key, an empty tuple marks an absent key.
    A key that is not in `context` is absent if `complete`, and unknown otherwise.
    """

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    complete: bool = False


class ContextKeys:
    """The context of a request, for lookup by conditions and policy variables."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._absent: tuple[str, ...] | None = () if request.complete else None

    # Lazy: most statements have neither conditions nor variables.
    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        by_key: dict[str, tuple[str, ...]] = {}
        for key, value in self._request.context.items():
            values = (value,) if isinstance(value, str) else tuple(value)
            # Keys that differ only in case are the same key.
            by_key[key.lower()] = by_key.get(key.lower(), ()) + values
        return by_key

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key in lower case: an empty tuple if it is absent, None if it is unknown."""
        return self._values.get(key, self._absent)
