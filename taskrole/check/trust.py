"""Evaluates a role's trust policy for the request that ECS makes to assume the role.

The principal of the request is ecs-tasks.amazonaws.com. Its context has aws:SourceAccount and aws:SourceArn. AWS
documents only that `arn:P:ecs:R:A:*` matches aws:SourceArn, and that specifying a cluster is not supported.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taskrole.arns import ECS_TASKS_PRINCIPAL, Context, all_ecs_arn
from taskrole.errors import quote, shortened
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.principals import principals_of_kind
from taskrole.policy.documents.statements import Document, as_list
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.coverage import Coverage
from taskrole.policy.evaluation.evaluate import Request, evaluate
from taskrole.policy.patterns import contains, overlaps

_NAME = "trust policy"
_ACTION = "sts:AssumeRole"
_SOURCE_ARN = "aws:sourcearn"
_OPERATORS = ("arnequals", "arnlike", "stringequals", "stringlike")
# `cluster/*` does not match: AWS does not document whether requests of ECS do.
_OF_CLUSTER = re.compile(r"arn:[^:]*:ecs:[^:]*:[^:]*:cluster/(?!\*\Z)")


def judge_trust(role: EffectiveRole, context: Context) -> Coverage:
    """Return whether ECS can assume a role for tasks in this region and account."""
    if role.trust is None:
        return Coverage("unknown", role.trust_problem or "its trust policy is unknown")
    request = Request(_ACTION, "*", _request_context(context))
    most, least = (
        evaluate([Policy(_NAME, "inline", _of_ecs(role.trust, context, at_most=at_most))], request)
        for at_most in (True, False)
    )
    if least.outcome == "allow":
        return Coverage("allowed", least.because.removesuffix("."))
    if most.outcome == "deny":
        return Coverage("denied", _reason(role.trust, context))
    doubt = next((decision for decision in (most, least) if decision.outcome == "cannot tell"), None)
    if doubt:
        named = f"{quote(_ACTION)} on {quote('*')}"
        return Coverage("unknown", doubt.because.removesuffix(".").replace(named, "it"))
    return Coverage(
        "unknown",
        f"its condition on aws:SourceArn is narrower than {all_ecs_arn(context)}, the one that AWS documents",
    )


def _request_context(context: Context) -> dict[str, str | tuple[str, ...]]:
    return {
        "aws:SourceAccount": context.account or "",
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": ECS_TASKS_PRINCIPAL,
        "sts:ExternalId": (),
        "aws:MultiFactorAuthPresent": (),
    }


def _of_ecs(trust: Document, context: Context, *, at_most: bool) -> Document:
    """Return the statements that name ECS, as a role's policy; malformed ones are kept, and evaluate to unknown."""
    statements = trust.get("Statement") if isinstance(trust, Mapping) else None
    if not isinstance(statements, (list, tuple, Mapping)):
        return trust
    return {
        **trust,
        "Statement": [
            converted
            for statement in as_list(statements)
            for converted in _statement(statement, context, at_most=at_most)
        ],
    }


def _statement(statement: Any, context: Context, *, at_most: bool) -> Iterator[Any]:
    if not isinstance(statement, Mapping):
        yield statement
        return
    principal = statement.get("Principal")
    rest = {key: value for key, value in statement.items() if key != "Principal"}
    if principal == "*" or principal is None or not isinstance(principal, Mapping):
        # AWS does not document whether `*` includes services: keeping the Principal makes the result unknown.
        yield {**statement, "Resource": "*"}
        return
    if ECS_TASKS_PRINCIPAL not in principals_of_kind(statement, "Service"):
        return
    condition = rest.get("Condition")
    if isinstance(condition, Mapping):
        wide = at_most == (rest.get("Effect") == "Allow")
        met = _source_arns(condition, context, wide=wide)
        if met is None:
            return
        rest["Condition"] = met
    yield {**rest, "Resource": "*"}


def _source_arns(condition: Mapping[str, Any], context: Context, *, wide: bool) -> dict[str, Any] | None:
    """Return a Condition without the aws:SourceArn tests that are met; None if one is not met."""
    ecs = all_ecs_arn(context)
    left: dict[str, Any] = {}
    for operator, pairs in condition.items():
        kept = dict(pairs) if isinstance(pairs, Mapping) else pairs
        if isinstance(kept, dict) and str(operator).lower().removesuffix("ifexists") in _OPERATORS:
            for key in [key for key in kept if isinstance(key, str) and key.lower() == _SOURCE_ARN]:
                if not any(_could_be_ecs(value, ecs, wide=wide) for value in as_list(kept.pop(key))):
                    return None
        if kept != {}:
            left[operator] = kept
    return left


def _could_be_ecs(value: Any, ecs: str, *, wide: bool) -> bool:
    """Return whether a value of aws:SourceArn matches requests of ECS: some of them if `wide`, otherwise all."""
    if not isinstance(value, str) or _OF_CLUSTER.match(value):
        return False
    return overlaps(value, ecs) if wide else contains(value, ecs)


def _reason(trust: Document, context: Context) -> str:
    statements = [statement for statement in as_list(trust["Statement"]) if isinstance(statement, Mapping)]
    allowed = [statement for statement in statements if statement.get("Effect") == "Allow"]
    services = sorted({service for statement in allowed for service in _services(statement)})
    if ECS_TASKS_PRINCIPAL in services:
        conditions = [
            statement.get("Condition") for statement in allowed if ECS_TASKS_PRINCIPAL in _services(statement)
        ]
        what = f"in account {context.account}, region {context.region}"
        cluster = next((value for condition in conditions for value in _clusters(condition)), None)
        if cluster:
            return (
                "its condition on aws:SourceArn is a cluster, which ECS does not support; write"
                f" {all_ecs_arn(context)}; got {quote(cluster)}"
            )
        return (
            f"its conditions are not met by tasks {what}: {quote(conditions[0])}" if any(conditions) else "it is denied"
        )
    named = f"it trusts {shortened(', '.join(services), 300)}" if services else "it trusts no service"
    return f"{ECS_TASKS_PRINCIPAL} cannot assume it; {named}"


def _clusters(condition: Any) -> Iterator[str]:
    """Yield the clusters among the aws:SourceArn values of a Condition."""
    for pairs in condition.values() if isinstance(condition, Mapping) else ():
        for key, values in pairs.items() if isinstance(pairs, Mapping) else ():
            if str(key).lower() == _SOURCE_ARN:
                yield from (value for value in as_list(values) if isinstance(value, str) and _OF_CLUSTER.match(value))


def _services(statement: Mapping[str, Any]) -> list[str]:
    return [service for service in principals_of_kind(statement, "Service") if isinstance(service, str)]
