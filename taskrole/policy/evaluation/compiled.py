"""The statements of a policy, compiled so that checking whether one applies to a request is fast.

IAM rejects malformed documents, but policies are also read from files. A malformed part never raises: its result is
unknown, so it neither allows anything nor is ignored.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.policy.conditions.compile import CompiledCondition, compile_conditions
from taskrole.policy.conditions.operators import Matcher, text_matcher
from taskrole.policy.conditions.three_valued import Truth, Unknown, all_of, any_of, negate
from taskrole.policy.evaluation.request import ContextKeys
from taskrole.policy.match import Glob, action_pattern, compile_glob, has_wildcard
from taskrole.policy.patterns import without_variables
from taskrole.policy.resource_arns import ARN_FIELDS, completed_arn

VERSIONS = ("2008-10-17", "2012-10-17")
VERSION_WITHOUT_VARIABLES = "2008-10-17"

_KNOWN = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_EFFECTS = ("Allow", "Deny")


@dataclass(frozen=True)
class ActionTest:
    """Action or NotAction. `services` are the prefixes of its actions, None for any."""

    negated: bool
    everything: bool
    literals: frozenset[str]
    globs: tuple[Glob, ...]
    doubts: tuple[tuple[Glob, Unknown], ...]
    services: frozenset[str] | None

    def cover(self, action: str) -> Truth:
        """Return whether the statement applies to an action, in lower case."""
        covered: Truth = self.everything or action in self.literals or any(glob.matches(action) for glob in self.globs)
        if covered is False:
            covered = any_of(doubt for glob, doubt in self.doubts if glob.matches(action))
        return negate(covered) if self.negated else covered


@dataclass(frozen=True)
class ResourceTest:
    """Resource or NotResource; `patterns` are its values in the syntax of version 2012-10-17.

    `completed` are the ARNs with missing fields, completed with `*`; whether IAM evaluates them this way is uncertain.
    """

    negated: bool
    everything: bool
    literals: frozenset[str]
    matchers: tuple[Matcher, ...]
    patterns: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()

    def cover(self, resource: str, keys: ContextKeys) -> Truth:
        """Return whether the statement applies to a resource."""
        covered: Truth = self.everything or resource in self.literals
        if covered is False and self.matchers:
            covered = any_of(matcher(resource, keys) for matcher in self.matchers)
        return negate(covered) if self.negated else covered


@dataclass(frozen=True)
class CompiledStatement:
    """A statement with its policy's name and its number from 1; `effect` is None if it is neither Allow nor Deny.

    `variables` is True if its policy's version supports policy variables.
    """

    policy: str
    number: int
    source: Mapping[str, Any] | None
    effect: str | None
    actions: ActionTest | Unknown
    resources: ResourceTest | Unknown
    conditions: tuple[CompiledCondition, ...]
    doubts: tuple[Unknown, ...]
    variables: bool = True

    @property
    def title(self) -> str:
        """The statement's name in messages."""
        sid = self.source.get("Sid") if self.source else None
        named = f"statement {quote(sid)}" if isinstance(sid, str) and sid else f"statement {self.number}"
        return f"{named} of {quote(self.policy)}"

    def covers_action(self, action: str) -> Truth:
        """Return whether the statement's Action or NotAction covers an action, in lower case."""
        return self.actions if isinstance(self.actions, Unknown) else self.actions.cover(action)

    def covers_rest(self, resource: str, keys: ContextKeys) -> Truth:
        """Return whether the statement applies to a resource in a context, regardless of the action."""
        return all_of(self._truths(resource, keys))

    def _truths(self, resource: str, keys: ContextKeys) -> Iterator[Truth]:
        yield self.resources if isinstance(self.resources, Unknown) else self.resources.cover(resource, keys)
        yield from self.doubts
        for condition in self.conditions:
            yield condition.holds(keys)


def compile_statements(policy: str, document: object) -> tuple[CompiledStatement, ...]:
    """Return the statements of a policy; a malformed document becomes one statement whose effect is unknown."""
    if not isinstance(document, Mapping):
        return (_broken(policy, 0, None, f"the policy must be an object; got {type(document).__name__}"),)
    version = document.get("Version", VERSION_WITHOUT_VARIABLES)
    if version not in VERSIONS:
        return (_broken(policy, 0, None, f"Version must be one of {', '.join(VERSIONS)}"),)
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, (list, tuple)):
        return (_broken(policy, 0, None, f"Statement must be a list; got {type(statements).__name__}"),)
    variables = version != VERSION_WITHOUT_VARIABLES
    return tuple(
        _compile(policy, number, statement, variables=variables) for number, statement in enumerate(statements, 1)
    )


def _compile(policy: str, number: int, source: object, *, variables: bool) -> CompiledStatement:
    if not isinstance(source, Mapping):
        return _broken(policy, number, None, f"a statement must be an object; got {type(source).__name__}")
    effect = source.get("Effect")
    doubts = []
    if effect not in _EFFECTS:
        effect = None
        doubts.append(Unknown("Effect must be Allow or Deny"))
    unknown = sorted(str(key) for key in source if not isinstance(key, str) or key not in _KNOWN)
    if unknown:
        doubts.append(Unknown(f"{quote(unknown[0])} is not an element of a role's policy"))
    return CompiledStatement(
        policy,
        number,
        source,
        effect,
        _actions(source),
        _resources(source, variables=variables),
        compile_conditions(source["Condition"], variables=variables) if "Condition" in source else (),
        tuple(doubts),
        variables,
    )


def _broken(policy: str, number: int, source: Mapping[str, Any] | None, why: str) -> CompiledStatement:
    doubt = Unknown(why)
    return CompiledStatement(policy, number, source, None, doubt, doubt, (), ())


def _element(source: Mapping[str, Any], name: str) -> tuple[bool, tuple[str, ...]] | Unknown:
    """Return whether the Not form of an element is used, and its values."""
    present = [form for form in (name, f"Not{name}") if form in source]
    if len(present) != 1:
        return Unknown(f"a statement must have either {name} or Not{name}")
    given = source[present[0]]
    values = given if isinstance(given, (list, tuple)) else (given,)
    if not values or not all(isinstance(value, str) for value in values):
        return Unknown(f"{present[0]} must be text or a list of text, and not empty")
    return present[0] != name, tuple(values)


def _actions(source: Mapping[str, Any]) -> ActionTest | Unknown:
    """Return a statement's actions; they ignore case, and only the part after the prefix has wildcards.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    """
    element = _element(source, "Action")
    if isinstance(element, Unknown):
        return element
    negated, values = element
    everything, literals, globs, doubts, services = False, set(), [], [], set()
    for value in values:
        action = action_pattern(value)
        service, colon, name = action.partition(":")
        if action == "*":
            everything = True
        elif not colon or ":" in name:
            doubts.append((compile_glob("*"), Unknown(f"{quote(value)} is not an action; must be service:name or *")))
        elif has_wildcard(service):
            doubts.append((compile_glob(action), Unknown(f"{quote(value)} has a wildcard in its service prefix")))
        elif has_wildcard(name):
            globs.append(compile_glob(action))
            services.add(service)
        else:
            literals.add(action)
            services.add(service)
    anywhere = negated or everything or doubts
    return ActionTest(
        negated,
        everything,
        frozenset(literals),
        tuple(globs),
        tuple(doubts),
        None if anywhere else frozenset(services),
    )


def _resources(source: Mapping[str, Any], *, variables: bool) -> ResourceTest | Unknown:
    """Return a statement's resources: they are case-sensitive, and wildcards span colons.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    element = _element(source, "Resource")
    if isinstance(element, Unknown):
        return element
    negated, values = element
    plain = frozenset(value for value in values if _is_plain(value, variables=variables))
    patterns = values if variables else tuple(map(without_variables, values))
    return ResourceTest(
        negated,
        "*" in values,
        plain,
        tuple(
            _resource_matcher(value, variables=variables, negated=negated)
            for value in values
            if value not in plain and value != "*"
        ),
        patterns,
        tuple(completed for value in patterns if (completed := completed_arn(value)) != value),
    )


def _is_plain(value: str, *, variables: bool) -> bool:
    return not has_wildcard(value) and not (variables and "${" in value) and completed_arn(value) == value


def _resource_matcher(value: str, *, variables: bool, negated: bool) -> Matcher:
    matcher = text_matcher(value, variables=variables)
    completed = completed_arn(value)
    if completed != value:
        return _incomplete_arn_matcher(value, matcher, text_matcher(completed, variables=variables))
    if not variables or "${" not in ":".join(value.split(":", ARN_FIELDS - 1)[:-1]):
        return matcher
    doubt = Unknown(f"{quote(value)} has a variable before its fifth colon, where AWS allows none")
    return lambda resource, keys: False if not negated and matcher(resource, keys) is False else doubt


def _incomplete_arn_matcher(value: str, as_written: Matcher, completed: Matcher) -> Matcher:
    doubt = Unknown(f"{quote(value)} has fewer than the six fields of an ARN")

    def matches(resource: str, keys: ContextKeys) -> Truth:
        is_outside = as_written(resource, keys) is False and completed(resource, keys) is False
        return False if is_outside else doubt

    return matches
