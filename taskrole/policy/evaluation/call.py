"""A call whose resource may be a pattern: what a task asks of its role, as far as it is known before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from taskrole.grant import Condition
from taskrole.policy.catalogue.actions import details
from taskrole.policy.match import has_wildcard
from taskrole.policy.patterns import tokens

ContextValues = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Call:
    """An action on a resource, made under conditions that hold of every such request.

    `pattern` is the resource as a policy would name it. `resource` is the one text that it stands for, None where it
    stands for many: for a secret whose suffix is not known, or a container's log streams. `asked` is the action as
    the grant names it, which can be a pattern. Of a context key that is not in `context` nothing is known.
    """

    action: str
    asked: str
    pattern: str
    conditions: tuple[Condition, ...] = ()
    context: ContextValues = field(default_factory=dict, compare=False, hash=False)

    @cached_property
    def resource(self) -> str | None:
        """The text that the pattern stands for, or None."""
        if self.pattern == "*":
            return None if _has_resources(self.action) else "*"
        if "${" not in self.pattern:
            return None if has_wildcard(self.pattern) else self.pattern
        parts = tokens(self.pattern)
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(parts) else None


def _has_resources(action: str) -> bool:
    """Return whether an action has resource types; of an unknown action it is taken to have some."""
    try:
        return bool(details(action)["resourceTypes"])
    except KeyError:
        return True
