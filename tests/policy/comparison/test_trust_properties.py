"""Tests that a narrowing or neutral change of a trust policy lets no new principal assume the role.

Compares with a small model of IAM: callers with or without an identity policy of their own, principals, one condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.policy.comparison.trust import compare_trust
from tests.amount import amount

OWN, OTHER = "111122223333", "444455556666"
ECS = "ecs-tasks.amazonaws.com"
IDP = f"arn:aws:iam::{OWN}:oidc-provider/gitlab.com"
ARNS = [f"arn:aws:iam::{account}:{name}" for account in (OWN, OTHER) for name in ("role/a", "user/b")]
VALUES = ("x", "y", "z")


@dataclass(frozen=True)
class Caller:
    kind: str
    name: str
    has_identity_policy: bool
    value: str


CALLERS = [
    Caller(kind, name, has_identity_policy, value)
    for kind, names in (("AWS", ARNS), ("Service", [ECS]), ("Federated", [IDP]))
    for name in names
    for has_identity_policy in (False, True)
    for value in VALUES
]

PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": OWN},
        {"AWS": f"arn:aws:iam::{OTHER}:root"},
        {"AWS": [OTHER, ARNS[0]]},
        *({"AWS": arn} for arn in ARNS),
        {"Service": ECS},
        {"Federated": IDP},
        {"Service": ECS, "AWS": [ARNS[0], ARNS[2]]},
    ]
)
CONDITIONS = st.sampled_from([None, {"StringEquals": {"k": "x"}}, {"StringEquals": {"k": ["x", "y"]}}])


def statement(effect: str, principal: Any, condition: Any) -> dict[str, Any]:
    body = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole"}
    return {**body, "Condition": condition} if condition else body


STATEMENTS = st.builds(statement, st.sampled_from(["Allow", "Allow", "Deny"]), PRINCIPALS, CONDITIONS)
TRUSTS = st.lists(STATEMENTS, max_size=3).map(lambda statements: {"Version": "2012-10-17", "Statement": statements})


def names(principal: Any) -> list[tuple[str, str]]:
    if principal == "*":
        return [("AWS", "*")]
    return [
        (kind, name)
        for kind, values in principal.items()
        for name in (values if isinstance(values, list) else [values])
    ]


def applies(statement: dict[str, Any], caller: Caller) -> bool:
    account = caller.name.split(":")[4] if caller.kind == "AWS" else ""
    delegates = account and (caller.has_identity_policy or statement["Effect"] == "Deny")
    matched = any(
        kind == caller.kind
        and (name in ("*", caller.name) or (delegates and name in (account, f"arn:aws:iam::{account}:root")))
        for kind, name in names(statement["Principal"])
    )
    wanted = statement.get("Condition", {}).get("StringEquals", {}).get("k", VALUES)
    return matched and caller.value in (wanted if isinstance(wanted, (list, tuple)) else [wanted])


def may_assume(trust: dict[str, Any], caller: Caller) -> bool:
    if caller.kind == "AWS" and OWN not in caller.name and not caller.has_identity_policy:
        return False  # a principal of another account always needs an identity policy
    effects = {statement["Effect"] for statement in trust["Statement"] if applies(statement, caller)}
    return effects == {"Allow"}


@settings(max_examples=amount(300))
@given(TRUSTS, TRUSTS)
def test_a_narrowing_change_lets_no_new_principal_assume_the_role(before: Any, after: Any) -> None:
    verdict = compare_trust(before, after, OWN).verdict

    new = [caller for caller in CALLERS if may_assume(after, caller) and not may_assume(before, caller)]

    assert not new or verdict == "broadens"
