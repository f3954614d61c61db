"""A request, and what is known of its context.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html#intro-structure-request
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Request:
    """One call: an action such as `s3:GetObject`, the ARN it is made on, and its context keys.

    The resource is `*` where the action knows no resource types. Action and resource are taken literally: a `*` in
    them is that character, so that only a policy's own wildcards match it, and the answer speaks of no other
    resource.

    Keys of the context are compared ignoring case; a tuple holds the values of a multivalued key, and an empty one
    says that the key is absent. Of a key that `context` leaves out, `complete` says whether it is absent from the
    request too; otherwise it may be there, and what depends on it cannot be told.
    """

    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    complete: bool = False


class ContextKeys:
    """The context of a request as conditions and policy variables ask for it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._absent: tuple[str, ...] | None = () if request.complete else None

    # Made when first asked for: most statements have neither conditions nor variables.
    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for key, value in self._request.context.items():
            values = (value,) if isinstance(value, str) else tuple(value)
            # One key spelled in two ways is one key, of all their values.
            found[key.lower()] = found.get(key.lower(), ()) + values
        return found

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key in lower case: none when it is absent, None when it is not known."""
        return self._values.get(key, self._absent)
