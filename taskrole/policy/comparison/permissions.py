"""What statements allow and deny, as sets that can be held against one another.

A permission is one statement without its Sid. `covers` is a proof: it says yes only where every request to which the
one applies is a request to which the other applies. It is exact for literal texts and for the wildcards of one
pattern; several patterns that only together take in another are not seen to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from taskrole.errors import BadValueError, shown
from taskrole.grant import Condition, Effect, conditions_of
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.reading import read_once
from taskrole.policy.documents.statements import Document, as_list, statements_of
from taskrole.policy.match import action_pattern, has_wildcard, single_stars
from taskrole.policy.pattern_index import PatternIndex
from taskrole.policy.patterns import OPEN, contains, overlaps, without_variables
from taskrole.policy.resource_arns import completed_arn

# The longest document that is read, in characters. The IAM API takes 131,072, but AWS's own are longer:
# AWSSupportServiceRolePolicy has 152,297. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
LONGEST_DOCUMENT = 196_608

# Stands where a policy exists of which the text is not known.
UNKNOWN: Document = {"Statement": []}

_VERSIONS = {"2008-10-17": False, "2012-10-17": True}
_PARTS = {"Version", "Statement"}
_VALUES = (str, bool, int, float)
_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


@dataclass(frozen=True, order=True)
class Names:
    """Actions in lower case, or ARNs: those that fit one of the patterns, or (`negated`) those that fit none."""

    patterns: tuple[str, ...]
    negated: bool = False

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """What has to be covered, piece by piece."""
        return (self,) if self.negated else self.patterns

    @property
    def is_everything(self) -> bool:
        """Whether it takes in every text."""
        return not self.negated and "*" in self.patterns

    def covers(self, member: Member) -> bool:
        """Tell whether all of a member is proved to be in this set."""
        if isinstance(member, Names):
            if not self.negated:
                return self.is_everything
            return all(member.takes_in(pattern) for pattern in self.patterns)
        if self.negated:
            return _is_complete(member) and not any(
                overlaps(pattern, member) or not _is_complete(pattern) for pattern in self.patterns
            )
        return self.takes_in(member)

    def takes_in(self, text: str) -> bool:
        """Return whether all that a pattern stands for is proved to fit one of the patterns of this set."""
        return text in self._all or (
            bool(self._open.patterns)
            and _is_complete(text)
            and any(contains(pattern, text) for pattern in self._open.possible(text))
        )

    def covered_of(self, inner: Names) -> Sequence[int]:
        """Return the indexes of those members of another set that are proved to be in this one."""
        if self.negated or inner.negated:
            return [index for index, member in enumerate(inner.members) if self.covers(member)]
        named = self._all
        if named.issuperset(inner.patterns):
            return range(len(inner.patterns))
        is_open = bool(self._open.patterns)
        return [
            index for index, member in enumerate(inner.patterns) if member in named or (is_open and self.covers(member))
        ]

    @cached_property
    def services(self) -> frozenset[str] | None:
        """Which prefixes its actions can have; None when any."""
        if self.negated or self.is_everything:
            return None
        return frozenset(one.partition(":")[0] for one in self.patterns)

    @property
    def beginnings(self) -> Iterator[str]:
        """The plain texts that its patterns begin with, of those that take in more than themselves."""
        return (OPEN.split(pattern, maxsplit=1)[0] for pattern in self._open.patterns)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.patterns)

    @cached_property
    def _open(self) -> PatternIndex:
        """Patterns that take in more than themselves."""
        return PatternIndex([one for one in self.patterns if (has_wildcard(one) or "${" in one) and _is_complete(one)])


@lru_cache(maxsize=65_536)
def _is_complete(pattern: str) -> bool:
    """Return whether a pattern is no ARN that lacks fields: nothing but its own text is proved to be within one."""
    return completed_arn(pattern) == pattern


# A member of a set: one pattern, or all that the patterns of NotAction or NotResource leave.
Member: TypeAlias = str | Names


@dataclass(frozen=True, order=True)
class Permission:
    """What one statement allows or denies."""

    effect: Effect
    actions: Names
    resources: Names
    conditions: tuple[Condition, ...]


def read_permissions(documents: Iterable[Document]) -> tuple[list[Permission], list[str]]:
    """Return what documents allow and deny, and what of them cannot be read, a clause each."""
    permissions: list[Permission] = []
    problems: list[str] = []
    for document in documents:
        found, unread = read_once(document, _read)
        permissions += found
        problems += unread
    return permissions, problems


def everything_allowed() -> Permission:
    """Return the permission of all actions on all resources: what the lack of a boundary is."""
    anything = Names(("*",))
    return Permission("Allow", anything, anything, ())


def covered(inner: Permission, outer: Permission) -> tuple[Sequence[int], int] | None:
    """Return which members of the inner permission the outer one is proved to apply to, or None for none.

    Indexes of actions, and a number whose bits are indexes of resources. Effects are not looked at.
    """
    one, other = inner.actions.services, outer.actions.services
    if one is not None and other is not None and one.isdisjoint(other):
        return None
    if not implies(inner.conditions, outer.conditions):
        return None
    actions = outer.actions.covered_of(inner.actions)
    if not actions:
        return None
    resources = _bits(outer.resources.covered_of(inner.resources), len(inner.resources.members))
    return (actions, resources) if resources else None


def _bits(indexes: Sequence[int], length: int) -> int:
    """Return a number whose bits are indexes below a length."""
    if len(indexes) == length:
        return (1 << length) - 1
    return sum(1 << index for index in indexes)


def _read(document: Document) -> tuple[list[Permission], list[str]]:
    if document is UNKNOWN:
        return [], ["a policy is not known"]
    problem = _unreadable(document)
    if problem:
        return [], [problem]
    variables = _VERSIONS[document.get("Version", "2008-10-17")]
    permissions: list[Permission] = []
    problems: list[str] = []
    for number, statement in enumerate(statements_of(document), 1):
        read = _permission_or_problem(statement, variables=variables)
        if isinstance(read, Permission):
            permissions.append(read)
        else:
            problems.append(f"statement {number} {read}")
    return permissions, problems


def _unreadable(document: Any) -> str | None:
    if not isinstance(document, Mapping) or not isinstance(document.get("Statement"), (list, Mapping)):
        return "a policy is no JSON object with a Statement"
    version = document.get("Version", "2008-10-17")
    if not isinstance(version, str) or version not in _VERSIONS:
        return f"a policy's Version is {shown(version)}, which IAM does not know"
    if _is_short(document):
        return None
    try:
        length = len(json.dumps(document, separators=(",", ":")))
    except (RecursionError, TypeError, ValueError):
        return "a policy is nested too deeply, or no JSON"
    return (
        f"a policy has {length:,} characters; {LONGEST_DOCUMENT:,} are read at most"
        if length > LONGEST_DOCUMENT
        else None
    )


def _is_short(document: Mapping[str, Any]) -> bool:
    """Return whether a document is seen at once to be JSON of fewer characters than are read.

    False where its elements are anything but texts and lists of text.
    """
    length = 0
    for statement in as_list(document["Statement"]):
        if not isinstance(statement, dict) or not statement.keys() <= _ELEMENTS:
            return False
        # For the names of elements, and what is around each value.
        length += 10
        for value in statement.values():
            if isinstance(value, str):
                length += len(value)
                continue
            text = _joined(value) if isinstance(value, list) else None
            if text is None:
                return False
            length += len(text) + 1
    # A character takes up to twelve in JSON.
    return document.keys() <= _PARTS and length * 12 < LONGEST_DOCUMENT


def _permission_or_problem(statement: Any, *, variables: bool) -> Permission | str:
    try:
        return _permission(statement, variables=variables)
    except ValueError as problem:
        return str(problem)


def _permission(statement: Any, *, variables: bool) -> Permission:
    """Return what a statement allows or denies; raises ValueError, a clause about it, where that cannot be told."""
    if not isinstance(statement, Mapping):
        raise BadValueError("is no JSON object")
    if unknown := sorted(map(str, statement.keys() - _ELEMENTS)):
        raise BadValueError(f"has an element that a role's policies do not have: {shown(unknown[0])}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise BadValueError(f"has an Effect other than Allow and Deny: {shown(statement.get('Effect'))}")
    actions, no_actions = _element(statement, "Action")
    resources, no_resources = _element(statement, "Resource")
    conditions = _conditions(statement.get("Condition", {}))
    if not variables:
        resources = set(map(without_variables, resources))
        conditions = tuple((operator, key, tuple(map(without_variables, one))) for operator, key, one in conditions)
    return Permission(
        statement["Effect"],
        Names(tuple(sorted(set(map(_action, actions)))), no_actions),
        Names(tuple(sorted(resources)), no_resources),
        conditions,
    )


def _element(statement: Mapping[str, Any], name: str) -> tuple[set[str], bool]:
    present = [form for form in (name, f"Not{name}") if form in statement]
    if len(present) != 1:
        raise BadValueError(f"must have either {name} or Not{name}")
    values = as_list(statement[present[0]])
    text = _joined(values)
    if text is None:
        raise BadValueError(f"has a {present[0]} that is not text or a list of text")
    return set(map(single_stars, values)) if "**" in text else set(values), present[0] != name


def _joined(values: Sequence[Any]) -> str | None:
    """Return texts as one, a character between them; None where there is none, or one is no text."""
    try:
        return " ".join(values) if values else None
    except TypeError:
        return None


def _conditions(block: Any) -> tuple[Condition, ...]:
    readable = isinstance(block, Mapping) and all(
        isinstance(pairs, Mapping)
        and all(isinstance(one, _VALUES) for value in pairs.values() for one in as_list(value))
        for pairs in block.values()
    )
    if not readable:
        raise BadValueError("has a Condition that is not operators of keys of texts")
    return conditions_of(block)


def _action(text: str) -> str:
    action = action_pattern(text)
    service, colon, name = action.partition(":")
    if action == "*":
        return action
    if not colon or not service or ":" in name or has_wildcard(service):
        raise BadValueError(f"names an action that is not service:name or *: {shown(text)}")
    return action
