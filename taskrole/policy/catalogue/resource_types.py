"""Resource types: on which ARNs an action can be allowed, and the actions of an access level on an ARN.

An ARN is told by its form. A variable of a form holds `/` and `:` as log groups and secrets do, but not the character
that a longer form of the same service has next: `b/k` is no bucket, since `b/` begins the ARN of an object.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from taskrole.policy.catalogue.access_levels import AccessLevel, access_level
from taskrole.policy.catalogue.actions import actions_of, database, details, is_service
from taskrole.policy.patterns import OPEN, Any0, Any1, Token, Tokens, overlap_tokens, tokens

# As AWS writes them in ARNs and, in two ways, in condition keys.
_VARIABLE = re.compile(r"\$\{[^}]+\}|<[^>]+>")

# Actions on a log group name it in two ways, and the making of one in a third, all covered by `:*` and the plain form:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
_ALSO_NAMED = {("logs", "log-group"): (":*", ":log-stream:")}
_ALSO_ALLOWED = {("logs", "log-group"): ":*"}


@dataclass(frozen=True)
class ResourceType:
    """A resource type of an action, whether the action needs one each time, the form of its ARN, its condition keys."""

    name: str
    required: bool
    arn: str
    condition_keys: frozenset[str]


@dataclass(frozen=True)
class LevelActions:
    """The actions of one access level that apply to ARNs of some resource types.

    `elsewhere` maps those of which AWS lists other types as required too to the names of these: a call may need
    both, or one of them.
    `without_resource` are the service's actions of this level that know no resource type, so that they could be
    allowed on `*` only: a person decides on them.
    """

    actions: tuple[str, ...]
    without_resource: tuple[str, ...]
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@lru_cache(maxsize=32_768)
def resource_types(action: str) -> tuple[ResourceType, ...]:
    """Return the resource types of an action, none where it can be allowed on `*` only; KeyError if unknown."""
    service = action.partition(":")[0].lower()
    return tuple(
        ResourceType(found["name"], found["required"], *_arn_and_keys(service, found["name"]))
        for found in details(action)["resourceTypes"]
    )


@lru_cache(maxsize=16_384)
def resource_type_set(action: str) -> tuple[str, frozenset[str]]:
    """Return the service of an action and the names of its resource types; KeyError for an unknown action."""
    return action.partition(":")[0].lower(), frozenset(one.name for one in resource_types(action))


def supports_resource(action: str, arn: str) -> bool:
    """Tell whether an action can ever be made on what this ARN or pattern names; KeyError for an unknown action."""
    if arn == "*":
        return True
    if not OPEN.search(arn):
        return literal_arns(action).fullmatch(arn) is not None
    service, names = resource_type_set(action)
    pattern = tokens(arn)
    return any(overlap_tokens(form, pattern) for name in names for form in _forms(service)[name])


def literal_arns(action: str) -> re.Pattern[str]:
    """Return what matches the ARNs, without wildcards, that an action can be made on; KeyError if it is unknown."""
    return _expression(*resource_type_set(action))


@lru_cache(maxsize=4_096)
def _expression(service: str, names: frozenset[str]) -> re.Pattern[str]:
    """Return what matches the ARNs, without wildcards, of some resource types of a service."""
    forms = sorted({"".join(map(_expression_of, form)) for name in names for form in _forms(service)[name]})
    return re.compile("|".join(forms) if forms else "(?!)", re.DOTALL)


def _expression_of(token: Token) -> str:
    """Return a part of a form as a part of a regular expression. Variables end before what follows: none backtracks."""
    if isinstance(token, str):
        return re.escape(token)
    but = "".join(map(re.escape, sorted(getattr(token, "but", ()))))
    return (f"[^{but}]" if but else ".") + ("" if isinstance(token, Any1) else "*")


@lru_cache(maxsize=16_384)
def resource_type_names(service: str, arn: str) -> tuple[str, ...]:
    """Return the types of a service whose form an ARN has; its wildcards stand for a part of a variable each."""
    if not is_service(service):
        return ()
    return tuple(name for name, expression in _expressions(service.lower()) if expression.fullmatch(arn))


@cache
def _expressions(service: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, _expression(service, frozenset((name,)))) for name in _forms(service))


def arns_to_allow(service: str, types: Iterable[str], arn: str) -> tuple[str, ...]:
    """Return an ARN of some types of a service in each form that actions on these are checked with, sorted."""
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
        elif not {one.name for one in possible}.isdisjoint(types):
            applying.append(action)
            others = tuple(sorted(one.name for one in possible if one.required and one.name not in types))
            if others:
                elsewhere[action] = others
    return LevelActions(tuple(applying), tuple(without), elsewhere)


def arn_form(template: str, excluded: frozenset[str] = frozenset()) -> Tokens:
    """Return a template such as `arn:${Partition}:s3:::${BucketName}` as a pattern.

    A variable is at least one character long and does not hold the one that follows it; the last one, when nothing
    follows it, holds none of the `excluded`.
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
    """Return which characters follow this template where others of its service go on."""
    start = _VARIABLE.sub("${}", template)
    others = (_VARIABLE.sub("${}", one) for one in templates)
    return frozenset(one[len(start)] for one in others if one.startswith(start) and len(one) > len(start))


def _other_arns(service: str, types: Iterable[str], arn: str) -> Iterator[str]:
    for name in types:
        suffix = _ALSO_ALLOWED.get((service, name))
        if suffix:
            yield arn.removesuffix(suffix)
            yield f"{arn.removesuffix(suffix)}{suffix}"


def _arn_and_keys(service: str, name: str) -> tuple[str, frozenset[str]]:
    found = database().resources.get_resource_type_details(service, name)
    return found["arn"], frozenset(found.get("conditionKeys", ()))


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
