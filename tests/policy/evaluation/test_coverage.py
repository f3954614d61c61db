"""Tests whether a role allows a call: allowed, missing or unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.grant import conditions_of
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.coverage import Coverage, Judge
from taskrole.policy.evaluation.evaluate import Request, evaluate
from taskrole.policy.match import compile_glob
from tests.amount import amount
from tests.check.scenarios import DB, GROUP, KEY, allow, deny

READ = "secretsmanager:GetSecretValue"
MAIL = DB.replace("db-Ab12Cd", "mail")
STREAMS = f"{GROUP}:log-stream:web/web/*"
VIA = {"StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}}


def role(*statements: Any, version: str = "2012-10-17", **more: Any) -> EffectiveRole:
    return EffectiveRole("r", (Policy("own", "inline", {"Version": version, "Statement": list(statements)}),), **more)


def judge(subject: EffectiveRole, action: str, pattern: str, **more: Any) -> Coverage:
    return Judge(subject).judge(Call(action, action, pattern, **more))


@pytest.mark.parametrize(
    ("statements", "pattern", "answer"),
    [
        ([allow(READ, DB)], DB, "allowed"),
        ([allow("SecretsManager:Get*", "*")], DB, "allowed"),
        ([allow("*", "*")], DB, "allowed"),
        ([], DB, "denied"),
        ([allow(READ, f"{DB}:password::")], DB, "denied"),
        ([allow(READ, DB), deny("*", DB)], DB, "denied"),
        ([allow(READ, f"{MAIL}-??????")], f"{MAIL}-??????", "allowed"),
        ([allow(READ, f"{MAIL}-*")], f"{MAIL}-??????", "allowed"),
        ([allow(READ, f"{MAIL}*")], f"{MAIL}-??????", "allowed"),
        ([allow(READ, f"{MAIL}-?????")], f"{MAIL}-??????", "denied"),
        ([allow(READ, f"{MAIL}-Ab12Cd")], f"{MAIL}-??????", "unknown"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, f"{MAIL}-Ab12Cd")], f"{MAIL}-??????", "unknown"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, f"{MAIL}-*")], f"{MAIL}-??????", "denied"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, "*:secret:ecs-sc!*")], f"{MAIL}-??????", "allowed"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": f"{MAIL}-*"}], f"{MAIL}-??????", "denied"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": f"{MAIL}-A*"}], f"{MAIL}-??????", "unknown"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": DB}], f"{MAIL}-??????", "allowed"),
        ([{"Effect": "Deny", "Action": READ, "NotResource": DB}, allow("*", "*")], f"{MAIL}-??????", "denied"),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], f"{MAIL}-??????", "allowed"),
        ([allow(READ, "arn:aws:secretsmanager:${aws:RequestedRegion}:*")], f"{MAIL}-??????", "unknown"),
        ([{"Effect": "Allow", "Action": READ}], f"{MAIL}-??????", "unknown"),
        (["nonsense"], f"{MAIL}-??????", "unknown"),
    ],
)
def test_a_secret_may_be_read(statements: list[Any], pattern: str, answer: str) -> None:
    assert judge(role(*statements), READ, pattern).answer == answer


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        (STREAMS, "allowed"),
        (f"{GROUP}:*", "allowed"),
        (f"{GROUP}:log-stream:*", "allowed"),
        (f"{GROUP}*", "allowed"),
        (GROUP, "denied"),
        (f"{GROUP}:log-stream:web/other/*", "denied"),
        (f"{GROUP}:log-stream:web/web/0123", "unknown"),
    ],
)
def test_the_streams_of_a_container_may_be_written(resource: str, answer: str) -> None:
    assert judge(role(allow("logs:PutLogEvents", resource)), "logs:PutLogEvents", STREAMS).answer == answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ({}, "allowed"),
        (VIA, "allowed"),
        ({"StringLike": {"kms:ViaService": "ssm.*.amazonaws.com"}}, "allowed"),
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, "denied"),
        ({"StringNotEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}}, "denied"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "unknown"),
        ({"StringEquals": {"kms:NoSuchThing": "x"}}, "unknown"),
    ],
)
def test_a_key_may_be_used_through_parameter_store(condition: dict[str, Any], answer: str) -> None:
    subject = role(allow("kms:Decrypt", KEY, Condition=condition))
    context = {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}

    assert judge(subject, "kms:Decrypt", KEY, conditions=conditions_of(VIA), context=context).answer == answer


@pytest.mark.parametrize(
    ("own", "asked", "answer"),
    [("es:ESHttpPost", "arn:aws:es:eu-west-1:111122223333:domain/d/*", "allowed"), ("es:ESHttpGet", "*", "denied")],
)
def test_a_resource_with_a_star_is_a_pattern(own: str, asked: str, answer: str) -> None:
    assert judge(role(allow(own, "*:domain/*")), "es:ESHttpPost", asked).answer == answer


def test_an_action_without_resources_is_allowed_only_on_a_star() -> None:
    action = "ecr:GetAuthorizationToken"

    assert judge(role(allow(action, "*")), action, "*").answer == "allowed"
    assert judge(role(allow(action, "arn:aws:ecr:*:*:repository/*")), action, "*").answer == "denied"


@pytest.mark.parametrize(
    ("boundary", "answer"),
    [
        ([allow("*", "*")], "allowed"),
        ([allow("secretsmanager:*", f"{MAIL}-*")], "allowed"),
        ([allow("secretsmanager:*", f"{MAIL}-Ab12Cd")], "unknown"),
        ([allow("s3:*", "*")], "denied"),
    ],
)
def test_a_boundary_limits_the_role(boundary: list[Any], answer: str) -> None:
    subject = role(allow(READ, "*"), boundary=policy_document(boundary))

    assert judge(subject, READ, f"{MAIL}-??????").answer == answer


def test_an_unknown_policy_may_allow_and_deny() -> None:
    unknown = {"unknown_policies": ("policy p is not read here",)}

    assert judge(role(**unknown), READ, DB) == Coverage(
        "unknown", "no known statement allows it, and policy p is not read here"
    )
    assert judge(role(allow(READ, DB), **unknown), READ, DB).answer == "unknown"
    assert judge(role(deny(READ, DB), **unknown), READ, DB).answer == "denied"


def test_an_unknown_boundary_can_only_deny() -> None:
    unknown = {"boundary_problem": "the boundary is not known"}

    assert judge(role(**unknown), READ, DB).answer == "denied"
    assert judge(role(allow(READ, DB), **unknown), READ, DB).answer == "unknown"


def test_a_partly_known_boundary_denies_by_its_known_part() -> None:
    known = {"boundary": policy_document([deny(READ, DB)]), "boundary_problem": "the rest is not known"}

    assert judge(role(allow(READ, "*"), **known), READ, DB).answer == "denied"
    assert judge(role(allow(READ, "*"), **known), READ, f"{MAIL}-Ab12Cd").answer == "unknown"


def test_a_boundary_denies_despite_an_unknown_policy() -> None:
    subject = role(unknown_policies=("policy p is not read here",), boundary=policy_document([allow("s3:*", "*")]))

    assert judge(subject, READ, DB) == Coverage("denied", "the permissions boundary does not allow it")


@pytest.mark.parametrize(
    "statements", [[allow(READ, DB)], [allow(READ, f"{DB}:password::")], [deny(READ, DB), allow(READ, "*")]]
)
def test_a_reason_does_not_quote_a_sensitive_policy(statements: list[Any]) -> None:
    open_, hidden = (judge(role(*statements, is_hidden=is_hidden), READ, DB) for is_hidden in (False, True))

    assert open_.answer == hidden.answer
    assert "own" in open_.reason or DB in open_.reason
    assert "own" not in hidden.reason
    assert DB not in hidden.reason


def test_calls_in_two_regions_have_separate_results() -> None:
    in_one = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    one_judge = Judge(role(allow(READ, "*", Condition=in_one)))

    answers = [
        one_judge.judge(Call(READ, READ, DB, context={"aws:RequestedRegion": region})).answer
        for region in ("eu-west-1", "us-east-1")
    ]

    assert answers == ["allowed", "denied"]


def test_an_incomplete_arn_does_not_prove_a_pattern() -> None:
    assert judge(role(allow(READ, "arn:aws:secretsmanager")), READ, f"{MAIL}-??????").answer == "unknown"


def test_the_old_version_has_no_variables() -> None:
    name = DB.replace("db-", "${$}-")

    assert judge(role(allow(READ, name), version="2008-10-17"), READ, DB.replace("db-", "${$}-")).answer == "denied"
    assert judge(role(allow(READ, name)), READ, name).answer == "allowed"


PATTERNS = st.text("ab?*", min_size=1, max_size=4)
STATEMENTS = st.lists(
    st.builds(
        lambda effect, resource, negated: {
            "Effect": effect,
            "Action": READ,
            ("NotResource" if negated else "Resource"): resource,
        },
        st.sampled_from(["Allow", "Allow", "Deny"]),
        PATTERNS,
        st.booleans(),
    ),
    max_size=4,
)


@settings(max_examples=amount(300))
@given(STATEMENTS, PATTERNS, st.text("ab", max_size=5))
def test_the_result_on_a_pattern_holds_for_every_matching_text(statements: Any, pattern: str, text: str) -> None:
    if not compile_glob(pattern).matches(text):
        return
    subject = role(*statements)

    coverage = judge(subject, READ, pattern)

    outcome = evaluate(subject.policies, Request(READ, text, complete=True)).outcome
    assert coverage.answer == "unknown" or (coverage.answer == "allowed") == (outcome == "allow")
