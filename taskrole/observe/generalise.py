"""Generalises many ARNs to a prefix: `N` or more that differ only at the end become `prefix*`.

Only the resource name is shortened, at a separator and never completely, so the service, region, account and type stay
exact. The bucket of an S3 object also stays exact, because a bucket with a similar name may belong to another account.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from taskrole.dataclass import dataclass
from taskrole.policy.match import has_wildcard
from taskrole.policy.policy_variables import remove_variables

# Where names are cut: every separator at the beginning and the last ones, so that long names need little memory.
_STEPS = re.compile("[/:]")
_OTHERS = re.compile("[-_.]")
_MOST_STEPS, _MOST_OTHERS = 24, 8
_FIELDS = 5  # The number of colons before the resource part of an ARN.


@dataclass(frozen=True)
class Prefix:
    """A pattern `prefix*`, and the resources that it replaces.

    `kind` is their kind if AWS creates a new one each time (`task`), or empty if they were generalised.
    """

    pattern: str
    resources: tuple[str, ...]
    kind: str = ""


# The resources by possible prefix.
NamesByKey: TypeAlias = Mapping[str, Collection[str]]


def index_of(resources: Iterable[str]) -> NamesByKey:
    """Return resources by their possible prefixes, which is the slowest step."""
    below: dict[str, set[str]] = defaultdict(set)
    for resource in resources:
        for cut in _cuts(resource):
            below[resource[:cut]].add(resource)
    return below


def generalise(resources: Collection[str], least: int, index: NamesByKey | None = None) -> Mapping[str, Prefix | None]:
    """Return the resources with each `least` or more that share a prefix replaced by it, longest prefixes first.

    Unchanged resources map to None. Many prefixes can in turn become one prefix. `index` is the result of `index_of`,
    if already computed.
    """
    below = index_of(resources) if index is None else index
    current: dict[str, tuple[str, ...]] = {resource: (resource,) for resource in resources}
    replaced: dict[str, str] = {}
    for prefix in sorted((prefix for prefix, members in below.items() if len(members) >= least), key=_longest_first):
        members = {_final(member, replaced) for member in below[prefix]}
        if len(members) < least:
            continue
        pattern = f"{prefix}*"
        current[pattern] = tuple(sorted(resource for member in members for resource in current.pop(member)))
        replaced |= dict.fromkeys(members, pattern)
    return {
        pattern: None if stands_for == (pattern,) else Prefix(pattern, stands_for)
        for pattern, stands_for in sorted(current.items())
    }


def _longest_first(prefix: str) -> tuple[int, str]:
    return -len(prefix), prefix


def _final(resource: str, replaced: Mapping[str, str]) -> str:
    """Return the pattern that replaces a resource."""
    while resource in replaced:
        resource = replaced[resource]
    return resource


def _cuts(resource: str) -> Iterator[int]:
    """Yield the positions, each after a separator, where the name in an ARN can be cut."""
    start, is_named = _name_start(resource)
    if start is None:
        return
    if is_named:
        yield start
    # An escaped character, such as `${*}`, never contains a separator.
    begin = start if is_named else start + 1
    end = len(resource) - 1
    steps = [match.end() for match in _STEPS.finditer(resource, begin, end)]
    others = [match.end() for match in _OTHERS.finditer(resource, begin, end)]
    yield from steps[:_MOST_STEPS]
    yield from others[-_MOST_OTHERS:]


def _name_start(resource: str) -> tuple[int | None, bool]:
    """Return the start of the part of an ARN that can be cut, or None, and whether a part precedes it."""
    fields = resource.split(":", _FIELDS)
    if len(fields) <= _FIELDS or has_wildcard(remove_variables(resource)):
        return None, False
    name = fields[_FIELDS]
    start = len(resource) - len(name)
    if fields[2] == "s3" and not fields[4]:
        slash = name.find("/")
        return (None, False) if slash < 0 else (start + slash + 1, True)
    separator = _STEPS.search(name, 1)
    return start + (separator.end() if separator else 0), False
