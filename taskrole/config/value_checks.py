"""The rules for single values in roles.yaml: each check returns None, or a message with the rule and the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from taskrole.arns import ACCOUNT, ACCOUNT_FORM, aws_managed_policy_arn, parse_arn, parse_policy_arn
from taskrole.errors import quote
from taskrole.nearest import nearest
from taskrole.partitions import host_suffix_pattern
from taskrole.policy.catalogue.managed import (
    SERVICE_LINKED_PATH,
    managed_policy_names,
    nearest_managed_policy,
    snapshot_date,
)
from taskrole.policy.documents.schema import is_scalar

# How roles.yaml spells AWS's List, Read, Write, Tagging and Permissions management.
LEVEL_WORDS = ("list", "read", "write", "tagging", "permissions-management")
LONGEST_SENTENCE = 200


def rule(check: Callable[[Any], str | None]) -> AfterValidator:
    """Return a validator from a check that returns None or a message, or raises ValueError with a message."""

    def validate(value: Any) -> Any:
        try:
            problem = check(value)
        except ValueError as error:
            problem = str(error)
        if problem is not None:
            raise PydanticCustomError("rule", "{problem}", {"problem": problem})
        return value

    return AfterValidator(validate)


def check_account(text: str) -> str | None:
    """Check an account."""
    return None if ACCOUNT.fullmatch(text) else f"an account must be {ACCOUNT_FORM} in quotes; got {quote(text)}"


def check_managed_policy(text: str) -> str | None:
    """Check a managed policy: an ARN, or the name with path of an AWS managed policy."""
    if text.startswith("arn:"):
        arn = parse_policy_arn(text)
        name = arn.resource.removeprefix("policy/")
        if arn.account == "aws" and name in managed_policy_names():
            return f"must be {quote(name)}, which works in every partition; got {quote(text)}"
        return None
    if text.startswith(SERVICE_LINKED_PATH):
        return f"can be attached to a service-linked role only; got {quote(text)}"
    if text in managed_policy_names():
        return None
    near = nearest_managed_policy(text)
    if near:
        return f"no AWS managed policy is named {quote(text)}; did you mean {quote(near)}?"
    newer = aws_managed_policy_arn("aws", "NAME")
    return (
        f"no AWS managed policy is named {quote(text)}; for a policy newer than {snapshot_date()}, or a "
        f"customer managed policy, use the ARN, such as {newer}"
    )


def check_principal_arn(text: str) -> str | None:
    """Check an AWS principal of a trust policy: the ARN of a role, user, session or account, without wildcards."""
    if ACCOUNT.fullmatch(text):
        return None
    arn = parse_arn(text)
    if arn.service == "iam" and re.fullmatch(r"root|(role|user)/[\x21-\x29\x2b-\x7e]+", arn.resource):
        return None
    if arn.service == "sts" and re.fullmatch(r"assumed-role/[\x21-\x29\x2b-\x7e]+", arn.resource):
        return None
    return f"must be the ARN of a role, user or account, without wildcards; got {quote(text)}"


def check_service_principal(text: str) -> str | None:
    """Check a service principal, such as `events.amazonaws.com`."""
    if re.fullmatch(rf"[a-z0-9-]+(\.[a-z0-9-]+)*\.{host_suffix_pattern()}", text):
        return None
    return f"must be a service principal, such as events.amazonaws.com; got {quote(text)}"


def check_action(text: str) -> str | None:
    """Check an action: `service:Action`, with * and ? as wildcards in the action."""
    if text == "*" or re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9*?]+", text):
        return None
    return f"an action must be service:Action, such as s3:GetObject; got {quote(text)}"


def check_access_level(name: str) -> str | None:
    """Check an access level, in the spelling of roles.yaml."""
    if name in LEVEL_WORDS:
        return None
    near = nearest(name.lower().replace("_", "-"), LEVEL_WORDS)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"must be one of {', '.join(LEVEL_WORDS)}; got {quote(name)}{hint}"


def check_sentence(text: str) -> str | None:
    """Check a comment: one line of printable characters."""
    if 1 <= len(text) <= LONGEST_SENTENCE and text.isprintable():
        return None
    return f"must be a line of 1 to {LONGEST_SENTENCE} printable characters; got {quote(text)}"


def check_task_definition_path(text: str) -> str | None:
    """Check the path or pattern of task definitions: relative, of printable characters."""
    if not text.strip() or not text.isprintable():
        return f"must be the path of a file or a pattern, such as tasks/*.json; got {quote(text)}"
    if PurePosixPath(text).is_absolute() or text.startswith("~"):
        return f"must be relative to the folder of roles.yaml, so that it works on every machine; got {quote(text)}"
    return None


def check_values_path(text: str) -> str | None:
    """Check the path of a values file: relative, of printable characters."""
    if not text.strip() or not text.isprintable():
        return f"must be the path of a file, such as values.yaml; got {quote(text)}"
    if PurePosixPath(text).is_absolute() or text.startswith("~"):
        return f"must be relative to the folder of roles.yaml, so that it works on every machine; got {quote(text)}"
    return None


def check_resource(text: str) -> str | None:
    """Check a resource: `*`, or an ARN with or without wildcards and policy variables."""
    if text == "*":
        return None
    if not text.isprintable() or max(text, default="") > "\xff":
        return f"characters in a policy must be at most U+00FF; replace each other character by ?; got {quote(text)}"
    if re.fullmatch(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", text):
        return None
    return f"a resource must be * or an ARN of six parts; got {quote(text)}"


def check_conditions(conditions: Mapping[str, Any]) -> str | None:
    """Check a Condition: {operator: {key: value or values}}."""
    # Imported late: a roles.yaml without conditions does not need the evaluator.
    from taskrole.policy.conditions.operators import OPERATORS

    for operator, pairs in conditions.items():
        plain = re.sub(r"^(ForAllValues|ForAnyValue):", "", operator).removesuffix("IfExists")
        if plain not in OPERATORS and operator != "Null":
            return f"unknown condition operator {quote(operator)}; must be one of {', '.join(sorted(OPERATORS))}, Null"
        if not isinstance(pairs, Mapping) or not pairs:
            return f"{operator} must be a mapping of condition keys to values; got {quote(pairs)}"
        for key, value in pairs.items():
            values = value if isinstance(value, list) else [value]
            if not values or not all(map(is_scalar, values)):
                return f"{operator}: {key} must be a value or a list of values, with finite numbers; got {quote(value)}"
            if any(isinstance(item, str) and re.search(r"[^\t\n\r\x20-\xff]", item) for item in values):
                return f"characters in a policy must be at most U+00FF; got {quote(value)}"
    return None


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _schema_of_one_or_many(schema: dict[str, Any]) -> None:
    items = schema.pop("items")
    schema.pop("type")
    minimum = schema.pop("minItems")
    schema["anyOf"] = [items, {"type": "array", "items": items, "minItems": minimum}]


def _one_or_many_of(check: Callable[[str], str | None], **schema: Any) -> Any:
    return Annotated[
        list[Annotated[str, rule(check), Field(json_schema_extra=schema)]],
        BeforeValidator(_one_or_many),
        Field(min_length=1, json_schema_extra=_schema_of_one_or_many),
    ]


Region = Annotated[str, Field(min_length=1, description="An AWS region, such as eu-west-1.")]
AccessLevels = _one_or_many_of(check_access_level, enum=[*LEVEL_WORDS])
Actions = _one_or_many_of(check_action)
Resources = _one_or_many_of(check_resource)
ConditionBlock = Annotated[dict[str, Any], rule(check_conditions)]
