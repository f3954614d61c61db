"""Resource types: the ARNs that an action can be allowed on, and the actions of an access level on an ARN.

The format of an ARN determines its type. A variable of a format can contain `/` and `:`, as in log groups and secrets,
but not the character that follows it in a longer format of the same service: `b/k` is not a bucket, since the ARN of
an object begins with `b/`.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cache, lru_cache

from taskrole.dataclass import dataclass
from taskrole.policy.catalogue.access_levels import AccessLevel, access_level
from taskrole.policy.catalogue.actions import actions_of, database, details, is_service
from taskrole.policy.patterns import OPEN, Any0, Any1, Token, Tokens, overlap_tokens, tokens

# Variables in ARNs, and in condition keys, which use two notations.
_VARIABLE = re.compile(r"\$\{[^}]+\}|<[^>]+>")

# Actions on a log group use two forms of its ARN, and CreateLogGroup a third; `:*` and the plain form cover all:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
_ALSO_NAMED = {("logs", "log-group"): (":*", ":log-stream:")}
_ALSO_ALLOWED = {("logs", "log-group"): ":*"}


@dataclass(frozen=True)
class ResourceType:
    """A resource type of an action, whether it is required, its ARN format and its condition keys."""

    name: str
    required: bool
    arn: str
    condition_keys: frozenset[str]


@dataclass(frozen=True)
class LevelActions:
    """The actions of one access level that apply to ARNs of some resource types.

    `elsewhere` maps actions for which AWS lists other required types to the names of these types: a call may need both,
    or one of them. `without_resource` are the service's actions of this level without resource types, which can be
    allowed on `*` only.
    """

    actions: tuple[str, ...]
    without_resource: tuple[str, ...]
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=32_768)
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """Return an action's resource types; none if it can only be allowed on `*`. KeyError for an unknown action."""
    service = action.partition(":")[0].lower()
    return tuple(
        ResourceType(record["name"], record["required"], *_arn_and_keys(service, record["name"]))
        for record in details(action)["resourceTypes"]
    )


@lru_cache(maxsize=16_384)
def resource_type_set(action: str) -> tuple[str, frozenset[str]]:
    """Return the service of an action and the names of its resource types; KeyError for an unknown action."""
    return action.partition(":")[0].lower(), frozenset(resource_type.name for resource_type in resource_types(action))


def supports_resource(action: str, arn: str) -> bool:
    """Return whether an action can apply to an ARN or pattern; KeyError for an unknown action."""
    if arn == "*":
        return True
    if not OPEN.search(arn):
        return literal_arns(action).fullmatch(arn) is not None
    service, names = resource_type_set(action)
    pattern = tokens(arn)
    return any(overlap_tokens(form, pattern) for name in names for form in _forms(service)[name])


def literal_arns(action: str) -> re.Pattern[str]:
    """Return a regular expression for the literal ARNs that an action can apply to; KeyError for an unknown action."""
    return _expression(*resource_type_set(action))


@lru_cache(maxsize=4_096)
def _expression(service: str, names: frozenset[str]) -> re.Pattern[str]:
    """Return a regular expression for the literal ARNs of some resource types of a service."""
    forms = sorted({"".join(map(_expression_of, form)) for name in names for form in _forms(service)[name]})
    return re.compile("|".join(forms) if forms else "(?!)", re.DOTALL)


def _expression_of(token: Token) -> str:
    """Return a token as a regular expression. A variable excludes the character after it, so nothing backtracks."""
    if isinstance(token, str):
        return re.escape(token)
    but = "".join(map(re.escape, sorted(getattr(token, "but", ()))))
    return (f"[^{but}]" if but else ".") + ("" if isinstance(token, Any1) else "*")


@lru_cache(maxsize=16_384)
def resource_type_names(service: str, arn: str) -> tuple[str, ...]:
    """Return the types of a service whose ARN format an ARN has; its wildcards count as part of a variable."""
    if not is_service(service):
        return ()
    return tuple(name for name, expression in _expressions(service.lower()) if expression.fullmatch(arn))


@cache
def _expressions(service: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, _expression(service, frozenset((name,)))) for name in _forms(service))


def arns_to_allow(service: str, types: Iterable[str], arn: str) -> tuple[str, ...]:
    """Return all forms of an ARN that IAM checks actions on these types with, sorted."""
    return tuple(sorted({arn, *_other_arns(service.lower(), types, arn)}))


@lru_cache(maxsize=1_024)
def actions_at_level(service: str, level: AccessLevel, types: tuple[str, ...]) -> LevelActions:
    """Return the actions of an access level that apply to ARNs of some resource types of a service."""
    applying, without, elsewhere = [], [], {}
    for action in actions_of(service):
        if access_level(action) != level:
            continue
        possible = resource_types(action)
        if not possible:
            without.append(action)
        elif not {resource_type.name for resource_type in possible}.isdisjoint(types):
            applying.append(action)
            others = tuple(
                sorted(
                    resource_type.name
                    for resource_type in possible
                    if resource_type.required and resource_type.name not in types
                )
            )
            if others:
                elsewhere[action] = others
    return LevelActions(tuple(applying), tuple(without), elsewhere)


def arn_form(template: str, excluded: frozenset[str] = frozenset()) -> Tokens:
    """Return a template such as `arn:${Partition}:s3:::${BucketName}` as a pattern.

    A variable matches at least one character, but not the character that follows it; a variable at the end matches none
    of the `excluded` characters.
    """
    form: list[Token] = []
    position = 0
    for variable in _VARIABLE.finditer(template):
        form += template[position : variable.start()]
        position = variable.end()
        but = frozenset(template[position]) if position < len(template) else excluded
        form += (Any1(but), Any0(but))
    return (*form, *template[position:])


def _next_characters(template: str, templates: Iterable[str]) -> frozenset[str]:
    """Return the characters with which longer templates of the service continue this one."""
    start = _VARIABLE.sub("${}", template)
    others = (_VARIABLE.sub("${}", other) for other in templates)
    return frozenset(other[len(start)] for other in others if other.startswith(start) and len(other) > len(start))


def _other_arns(service: str, types: Iterable[str], arn: str) -> Iterator[str]:
    for name in types:
        suffix = _ALSO_ALLOWED.get((service, name))
        if suffix:
            yield arn.removesuffix(suffix)
            yield f"{arn.removesuffix(suffix)}{suffix}"


def _arn_and_keys(service: str, name: str) -> tuple[str, frozenset[str]]:
    record = database().resources.get_resource_type_details(service, name)
    return record["arn"], frozenset(record.get("conditionKeys", ()))


@cache
def _forms(service: str) -> dict[str, tuple[Tokens, ...]]:
    names = database().resources.get_resource_types_for_service(service)
    arns = {name: _arn_and_keys(service, name)[0] for name in names}
    return {
        name: (
            arn_form(arn, _next_characters(arn, arns.values())),
            *(arn_form(f"{arn}{suffix}", frozenset(":")) for suffix in _ALSO_NAMED.get((service, name), ())),
        )
        for name, arn in arns.items()
    }
