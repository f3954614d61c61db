"""Checks for statements that allow too much or never match."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.finding import Finding
from taskrole.nearest import nearest
from taskrole.plan.role_policies import Attached
from taskrole.policy.catalogue.actions import actions_of, expand, is_service, known_action, services
from taskrole.policy.catalogue.condition_keys import has_condition_key
from taskrole.policy.catalogue.resource_types import (
    literal_arns,
    resource_type_set,
    resource_types,
    supports_resource,
)
from taskrole.policy.documents.statements import as_list, statements_of
from taskrole.policy.match import has_wildcard
from taskrole.policy.patterns import OPEN
from taskrole.review.causes import names_action
from taskrole.review.rules.own_policies import OwnPolicies
from taskrole.review.rules.rule import ReviewRule
from taskrole.review.rules.statement_rules import (
    EVERY_ACTION,
    EVERY_ACTION_OF_SERVICE,
    EVERY_RESOURCE,
    LOG_ARN,
    MISMATCH,
    NOT_ACTION,
    NOT_RESOURCE,
    PASS_ROLE,
    SECRET_TAIL,
    UNKNOWN_ACTION,
    UNKNOWN_KEY,
    UNKNOWN_SERVICE,
    VIA_SERVICE,
)

# A condition on any of these keys limits an action on `*` to some resources.
_NARROWING_KEYS = re.compile(
    r"aws:resource(tag/.*|account|org.*)|[a-z0-9-]+:resourcetag/.*|ecs:cluster|secretsmanager:secretid|ssm:resourcetag/.*",
    re.IGNORECASE,
)
# Every bucket, object or secret: at most a type precedes the asterisk.
_ALL_OF_A_TYPE = re.compile(
    r"\*|arn:[^:]*:(s3:::\*(/\*)?|(?!s3:|sqs:|sns:)[a-z0-9-]+:[^:]*:[^:]*:([a-z-]+[:/])?\*|s[qn]s:[^:]*:[^:]*:\*)"
)
_SECRET_TAIL = re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:[^:]+:.*")
_COLONS_OF_SECRET = 6
_LOG_GROUP = re.compile(r"arn:[^:]*:logs:[^:]*:[^:]*:log-group:[^:*]+")
_STREAM_ACTIONS = frozenset({"logs:createlogstream", "logs:putlogevents"})


@dataclass(frozen=True)
class AllowStatement:
    """An Allow statement, with its policy and role."""

    own: OwnPolicies
    policy: Attached
    number: int
    source: Mapping[str, Any]

    @property
    def address(self) -> str:
        """The address that findings refer to."""
        return self.policy.address or self.own.judged.role.address

    @property
    def place(self) -> str:
        """The name of the statement in messages."""
        sid = self.source.get("Sid")
        named = f"statement {sid}" if isinstance(sid, str) and sid else f"statement {self.number}"
        return f"{named} of policy {self.policy.name}"

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions of Action; none for a statement with NotAction."""
        return _texts(self.source.get("Action"))

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """The resources of Resource; none for a statement with NotResource."""
        return _texts(self.source.get("Resource"))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The condition keys."""
        block = self.source.get("Condition")
        pairs = block.values() if isinstance(block, Mapping) else ()
        return tuple(str(key) for pair in pairs if isinstance(pair, Mapping) for key in pair)

    def has_key(self, key: str) -> bool:
        """Return whether the statement has a condition on a key."""
        return any(condition_key.lower() == key.lower() for condition_key in self.keys)

    def finding(self, rule: ReviewRule, message: str, *actions: str, resources: tuple[str, ...] = ()) -> Finding:
        """Return a finding about the statement."""
        return rule.finding(
            self.address, f"{self.place} {message}", actions=actions, resources=resources, policy=self.policy
        )


def statements(own: OwnPolicies) -> Iterator[AllowStatement]:
    """Yield the Allow statements of a role's policies."""
    for policy in own.policies:
        document = policy.document
        for number, source in enumerate(statements_of(document) if document is not None else (), 1):
            if isinstance(source, Mapping) and source.get("Effect") == "Allow":
                yield AllowStatement(own, policy, number, source)


def check_statements(own: OwnPolicies) -> Iterator[Finding]:
    """Yield findings about the Allow statements of a role's policies."""
    for statement in statements(own):
        yield from _negated(statement)
        yield from _actions(statement)
        yield from _wildcard_resources(statement)
        yield from _resources(statement)
        yield from _conditions(statement)
        yield from _keys_of_kms(statement)


def _negated(statement: AllowStatement) -> Iterator[Finding]:
    if "NotAction" in statement.source:
        named = ", ".join(_texts(statement.source["NotAction"]))
        yield statement.finding(NOT_ACTION, f"allows all actions except {named}")
    if "NotResource" in statement.source:
        named = ", ".join(_texts(statement.source["NotResource"]))
        yield statement.finding(
            NOT_RESOURCE, f"allows {', '.join(statement.actions)} on all resources except {named}", *statement.actions
        )


def _actions(statement: AllowStatement) -> Iterator[Finding]:
    for action in statement.actions:
        service, colon, name = action.partition(":")
        if action in ("*", "*:*"):
            yield statement.finding(EVERY_ACTION, "allows every action", action, resources=statement.resources)
        elif not colon:
            yield statement.finding(UNKNOWN_ACTION, f"names {quote(action)}, which is not service:action", action)
        elif not is_service(service):
            near = nearest(service.lower(), services())
            hint = f"; did you mean {near[0]}?" if near else ""
            yield statement.finding(
                UNKNOWN_SERVICE, f"names {quote(action)}, but no service has the prefix {quote(service)}{hint}", action
            )
        elif name == "*":
            count = len(actions_of(service))
            yield statement.finding(EVERY_ACTION_OF_SERVICE, f"allows all {count} actions of {service}", action)
        elif not expand([action]):
            hint = _nearest(action)
            yield statement.finding(
                UNKNOWN_ACTION, f"names {quote(action)}, which {service} does not have{hint}", action
            )
    if any(names_action(action, "iam:PassRole") for action in statement.actions) and not statement.has_key(
        "iam:PassedToService"
    ):
        on = ", ".join(statement.resources[:3])
        yield statement.finding(
            PASS_ROLE, f"allows to pass {on} to any service", "iam:PassRole", resources=statement.resources
        )


@lru_cache(maxsize=4_096)
def _nearest(action: str) -> str:
    service = action.partition(":")[0].lower()
    known = {name.lower(): name for name in actions_of(service)}
    near = nearest(action.lower(), known, cutoff=0.75)
    return f"; did you mean {known[near[0]]}?" if near else ""


def _wildcard_resources(statement: AllowStatement) -> Iterator[Finding]:
    wide = tuple(resource for resource in statement.resources if "*" in resource and _ALL_OF_A_TYPE.fullmatch(resource))
    if not wide or any(_NARROWING_KEYS.fullmatch(key) for key in statement.keys):
        return
    narrowable = tuple(action for action in statement.actions if _has_resource_types(action))
    if narrowable:
        named = ", ".join(narrowable[:4]) + (f" and {len(narrowable) - 4} more" if len(narrowable) > 4 else "")
        yield statement.finding(EVERY_RESOURCE, f"allows {named} on {', '.join(wide)}", *narrowable, resources=wide)


@lru_cache(maxsize=16_384)
def _has_resource_types(pattern: str) -> bool:
    if pattern in ("*", "*:*"):
        return True
    return any(resource_types(action) for action in expand([pattern]))


def _resources(statement: AllowStatement) -> Iterator[Finding]:
    reported = set()
    has_tails = False
    for resource in statement.resources:
        # Both patterns are slow to reject.
        if resource.count(":") > _COLONS_OF_SECRET and _SECRET_TAIL.fullmatch(resource):
            has_tails = True
            reported.add(resource)
            named = resource.split(":", 7)
            message = f"names {resource}, which never matches; the secret is {':'.join(named[:7])}"
            yield statement.finding(SECRET_TAIL, message, resources=(resource,))
        elif ":logs:" in resource and _LOG_GROUP.fullmatch(resource):
            actions = tuple(action for action in statement.actions if action.lower() in _STREAM_ACTIONS)
            if actions and not _covers_streams(statement, resource):
                reported.add(resource)
                message = f"allows {', '.join(actions)} on {resource}, which never matches; write {resource}:*"
                yield statement.finding(LOG_ARN, message, *actions, resources=(resource,))
    rest = (
        tuple(resource for resource in statement.resources if resource not in reported)
        if reported
        else statement.resources
    )
    if rest and not has_tails:
        yield from _mismatches(statement, rest)


def _covers_streams(statement: AllowStatement, group: str) -> bool:
    return any(other.startswith(group) and other != group for other in statement.resources)


def _mismatches(statement: AllowStatement, resources: tuple[str, ...]) -> Iterator[Finding]:
    known = {action for action in statement.actions if not has_wildcard(action) and known_action(action)}
    # One action for each set of resource types.
    alike = {resource_type_set(action): action for action in known}
    supported = {types: _supported(action, resources) for types, action in alike.items()}
    for action in statement.actions:
        if action in known and not supported[resource_type_set(action)]:
            where = "only on *" if not resource_types(action) else f"on {_types(action)}"
            message = f"allows {action} on {', '.join(resources[:3])}; AWS checks it {where}"
            yield statement.finding(MISMATCH, message, action, resources=resources)
    if len(known) == len(statement.actions) and len(resources) > 1:
        checked = frozenset().union(*supported.values())
        for resource in resources if not checked.issuperset(resources) else ():
            if resource not in checked:
                message = f"names {resource}, which does not apply to any of its actions"
                yield statement.finding(MISMATCH, message, *statement.actions, resources=(resource,))


def _supported(action: str, resources: tuple[str, ...]) -> frozenset[str]:
    """Return the resources that an action can apply to."""
    literal = literal_arns(action)
    return frozenset(
        [
            resource
            for resource in resources
            if literal.fullmatch(resource) or (OPEN.search(resource) and _supports(action, resource))
        ]
    )


def _supports(action: str, resource: str) -> bool:
    """Return the result of supports_resource, which is slow for patterns; cached by the form of the resource."""
    shape = _other_words(action).sub("x", resource)
    return _supports_shape(action, shape) or supports_resource(action, resource)


_WORD = re.compile(r"[A-Za-z0-9]+")


@lru_cache(maxsize=16_384)
def _other_words(action: str) -> re.Pattern[str]:
    """Return a pattern of all words except those in the ARNs of an action's resource types."""
    templates = [re.sub(r"\$\{[^}]+\}", " ", resource_type.arn) for resource_type in resource_types(action)]
    words = sorted({word for template in templates for word in _WORD.findall(template)})
    kept = f"(?!(?:{'|'.join(words)})(?![A-Za-z0-9]))" if words else ""
    return re.compile(f"(?<![A-Za-z0-9]){kept}[A-Za-z0-9]+")


@lru_cache(maxsize=65_536)
def _supports_shape(action: str, shape: str) -> bool:
    return supports_resource(action, shape)


def _types(action: str) -> str:
    return ", ".join(sorted({resource_type.name for resource_type in resource_types(action)}))


def _conditions(statement: AllowStatement) -> Iterator[Finding]:
    known = [action for action in statement.actions if not has_wildcard(action) and known_action(action)]
    if not known or len(known) != len(statement.actions):
        return
    for key in statement.keys:
        if not any(has_condition_key(action, key) for action in known):
            yield statement.finding(
                UNKNOWN_KEY, f"has a condition on {key}, which none of its actions supports", *known
            )


def _keys_of_kms(statement: AllowStatement) -> Iterator[Finding]:
    if not any(
        names_action(action, "kms:Decrypt") for action in statement.actions if action.lower().startswith("kms:")
    ):
        return
    if statement.has_key("kms:ViaService") or not statement.own.is_execution:
        return
    on = ", ".join(statement.resources[:3])
    yield statement.finding(
        VIA_SERVICE, f"allows kms:Decrypt on {on} without kms:ViaService", "kms:Decrypt", resources=statement.resources
    )


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and set(map(type, value)) == {str}:
        return tuple(value)
    return tuple(text for text in as_list(value) if isinstance(text, str)) if value is not None else ()
