"""Statements as sets of actions, resources and conditions that can be compared.

A permission is a statement without its Sid. `covers` is a proof: it is True only if the outer permission applies to
every request that the inner one applies to. It is exact for literal texts and single patterns. A pattern that only
several others together cover counts as not covered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, quote
from taskrole.grant import Condition, Effect, conditions_of
from taskrole.policy.comparison.condition_implication import implies
from taskrole.policy.comparison.reading import read_once
from taskrole.policy.documents.statements import Document, as_list, statements_of
from taskrole.policy.match import action_pattern, has_wildcard, single_stars
from taskrole.policy.pattern_index import PatternIndex
from taskrole.policy.patterns import OPEN, contains, overlaps, without_variables
from taskrole.policy.resource_arns import completed_arn

# In characters. The IAM API accepts 131,072, but AWS's own policies are longer:
# AWSSupportServiceRolePolicy has 152,297. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
LONGEST_DOCUMENT = 196_608

# Stands for an unknown policy document.
UNKNOWN: Document = {"Statement": []}

_VERSIONS = {"2008-10-17": False, "2012-10-17": True}
_PARTS = {"Version", "Statement"}
_VALUES = (str, bool, int, float)
_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


@dataclass(frozen=True, order=True)
class Names:
    """A set of lower-case actions, or of ARNs: those that match any of the patterns or, if `negated`, none."""

    patterns: tuple[str, ...]
    negated: bool = False

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The parts that are covered one by one."""
        return (self,) if self.negated else self.patterns

    @property
    def is_everything(self) -> bool:
        """Whether the set contains every text."""
        return not self.negated and "*" in self.patterns

    def covers(self, member: Member) -> bool:
        """Return whether a member is proved to be entirely in this set."""
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
        """Return whether a pattern is proved to be within one of the patterns of this set."""
        return text in self._all or (
            bool(self._open.patterns)
            and _is_complete(text)
            and any(contains(pattern, text) for pattern in self._open.possible(text))
        )

    def covered_of(self, inner: Names) -> Sequence[int]:
        """Return the indexes of the members of another set that are proved to be in this one."""
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
        """The service prefixes of its actions; None for any."""
        if self.negated or self.is_everything:
            return None
        return frozenset(pattern.partition(":")[0] for pattern in self.patterns)

    @property
    def beginnings(self) -> Iterator[str]:
        """The literal beginnings of its patterns that have wildcards or variables."""
        return (OPEN.split(pattern, maxsplit=1)[0] for pattern in self._open.patterns)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.patterns)

    @cached_property
    def _open(self) -> PatternIndex:
        """Its patterns with wildcards or variables."""
        text = "".join(self.patterns)
        if not (has_wildcard(text) or "${" in text):
            return _NO_PATTERNS
        return PatternIndex(
            [
                pattern
                for pattern in self.patterns
                if (has_wildcard(pattern) or "${" in pattern) and _is_complete(pattern)
            ]
        )


_NO_PATTERNS = PatternIndex(())


@lru_cache(maxsize=65_536)
def _is_complete(pattern: str) -> bool:
    """Return whether a pattern is not an incomplete ARN, which is proved to contain only its own text."""
    return completed_arn(pattern) == pattern


# A member of a set: a pattern, or everything that the patterns of NotAction or NotResource do not match.
Member: TypeAlias = str | Names


@dataclass(frozen=True, order=True)
class Permission:
    """What one statement allows or denies."""

    effect: Effect
    actions: Names
    resources: Names
    conditions: tuple[Condition, ...]


def read_permissions(documents: Iterable[Document]) -> tuple[list[Permission], list[str]]:
    """Return the permissions in documents, and a clause for each part that cannot be read."""
    permissions: list[Permission] = []
    problems: list[str] = []
    for document in documents:
        readable, unread = read_once(document, _read)
        permissions += readable
        problems += unread
    return permissions, problems


def everything_allowed() -> Permission:
    """Return the permission for all actions on all resources, which is what having no boundary means."""
    anything = Names(("*",))
    return Permission("Allow", anything, anything, ())


def covered(inner: Permission, outer: Permission) -> tuple[Sequence[int], int] | None:
    """Return the members of the inner permission that the outer one is proved to cover, or None for none.

    Indexes of actions, and a number whose bits are indexes of resources. Effects are ignored.
    """
    services, outer_services = inner.actions.services, outer.actions.services
    if services is not None and outer_services is not None and services.isdisjoint(outer_services):
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
    return sum(map((1).__lshift__, indexes))


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
        return "a policy is not a JSON object with a Statement"
    version = document.get("Version", "2008-10-17")
    if not isinstance(version, str) or version not in _VERSIONS:
        return f"a policy's Version is {quote(version)}, not {' or '.join(_VERSIONS)}"
    if _is_short(document):
        return None
    try:
        length = len(json.dumps(document, separators=(",", ":")))
    except (RecursionError, TypeError, ValueError):
        return "a policy is nested too deeply, or is not JSON"
    return (
        f"a policy has {length:,} characters; {LONGEST_DOCUMENT:,} are read at most"
        if length > LONGEST_DOCUMENT
        else None
    )


def _is_short(document: Mapping[str, Any]) -> bool:
    """Return whether a document is certainly JSON of fewer characters than the limit, without encoding it.

    False if its elements are not texts and lists of text.
    """
    length = 0
    for statement in as_list(document["Statement"]):
        if not isinstance(statement, dict) or not statement.keys() <= _ELEMENTS:
            return False
        # Room for element names and for the punctuation around values.
        length += 10
        for value in statement.values():
            if isinstance(value, str):
                length += len(value)
                continue
            text = _joined(value) if isinstance(value, list) else None
            if text is None:
                return False
            length += len(text) + 1
    # JSON encodes a character in up to twelve characters.
    return document.keys() <= _PARTS and length * 12 < LONGEST_DOCUMENT


def _permission_or_problem(statement: Any, *, variables: bool) -> Permission | str:
    try:
        return _permission(statement, variables=variables)
    except ValueError as problem:
        return str(problem)


def _permission(statement: Any, *, variables: bool) -> Permission:
    """Return a statement as a permission; raises BadValueError, with a clause about it, if it is malformed."""
    if not isinstance(statement, Mapping):
        raise BadValueError("is not a JSON object")
    if unknown := sorted(map(str, statement.keys() - _ELEMENTS)):
        raise BadValueError(f"has an element that a role's policies do not have: {quote(unknown[0])}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise BadValueError(f"has an Effect other than Allow and Deny: {quote(statement.get('Effect'))}")
    actions, no_actions = _element(statement, "Action")
    resources, no_resources = _element(statement, "Resource")
    conditions = _conditions(statement.get("Condition", {}))
    if not variables:
        resources = set(map(without_variables, resources))
        conditions = tuple(
            (operator, key, tuple(map(without_variables, values))) for operator, key, values in conditions
        )
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
    """Return texts joined with spaces; None if there are none, or a value is not text."""
    try:
        return " ".join(values) if values else None
    except TypeError:
        return None


def _conditions(block: Any) -> tuple[Condition, ...]:
    readable = isinstance(block, Mapping) and all(
        isinstance(pairs, Mapping)
        and all(isinstance(item, _VALUES) for value in pairs.values() for item in as_list(value))
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
        raise BadValueError(f"names an action that is not service:name or *: {quote(text)}")
    return action
