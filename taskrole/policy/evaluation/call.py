"""A call whose resource may be a pattern, since parts of it may be unknown before a task runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property

from taskrole.dataclass import dataclass
from taskrole.grant import Condition
from taskrole.policy.catalogue.actions import details
from taskrole.policy.match import has_wildcard
from taskrole.policy.patterns import tokens

ContextValues = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Call:
    """An action on a resource, under conditions that are true for every such request.

    `pattern` is the resource in policy syntax. `resource` is the literal text that it matches; None if it matches
    many, such as a secret with an unknown suffix or the log streams of a container. `asked` is the action as the grant
    names it, which can be a pattern. A context key that is not in `context` is unknown.
    """

    action: str
    asked: str
    pattern: str
    conditions: tuple[Condition, ...] = ()
    context: ContextValues = field(default_factory=dict, compare=False, hash=False)

    @cached_property
    def resource(self) -> str | None:
        """The only text that the pattern matches, or None."""
        if self.pattern == "*":
            return None if _has_resources(self.action) else "*"
        if "${" not in self.pattern:
            return None if has_wildcard(self.pattern) else self.pattern
        parts = tokens(self.pattern)
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(parts) else None


def _has_resources(action: str) -> bool:
    """Return whether an action has resource types; True for an unknown action."""
    try:
        return bool(details(action)["resourceTypes"])
    except KeyError:
        return True
