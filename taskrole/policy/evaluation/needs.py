"""An index of needed resources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from taskrole.dataclass import dataclass
from taskrole.grant import Condition
from taskrole.policy.pattern_index import PatternIndex
from taskrole.policy.patterns import contains

_LOG_GROUP = ":log-group:"


@dataclass(frozen=True, order=True)
class Scope:
    """A resource or pattern, with conditions."""

    resource: str
    conditions: tuple[Condition, ...]


class NeedIndex:
    """Needed scopes, indexed by resource."""

    def __init__(self, needs: Sequence[Scope]) -> None:
        self._by_resource: dict[str, list[Scope]] = defaultdict(list)
        self._by_group: dict[str, list[Scope]] = defaultdict(list)
        for need in needs:
            self._by_resource[need.resource].append(need)
            group, separator, _ = need.resource.partition(":log-stream:")
            if separator or _LOG_GROUP in need.resource:
                self._by_group[group].append(need)
        self._everything = [resource for resource in self._by_resource if not resource.strip("*")]
        self._patterns = PatternIndex(list(self._by_resource))

    def on_everything(self) -> Sequence[Scope]:
        """Return the needs on `*`."""
        return self._by_resource.get("*", ())

    def covering(self, resource: str) -> Iterator[Scope]:
        """Yield the needs whose resource contains a resource or pattern.

        All streams of a needed log group count as needed, as in AWS's own examples:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        """
        # Only `*` contains `*`.
        possible = self._everything if resource == "*" else self._patterns.possible(resource)
        for pattern in possible:
            if contains(pattern, resource):
                yield from self._by_resource[pattern]
        for ending in (":*", ":log-stream:*"):
            if resource.endswith(ending):
                yield from self._by_group.get(resource.removesuffix(ending), ())
