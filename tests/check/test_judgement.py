"""One call and one role: allowed, missing, or not to be told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.check.calls import Call
from taskrole.check.judgement import Judge, Judgement
from taskrole.check.subject import Subject
from taskrole.grant import conditions_of
from taskrole.policy.documents.statements import policy_document
from taskrole.policy.evaluation.evaluate import Request, evaluate
from taskrole.policy.match import compile_glob
from taskrole.role import Policy
from tests.check.scenarios import DB, GROUP, KEY, allow, deny

READ = "secretsmanager:GetSecretValue"
MAIL = DB.replace("db-Ab12Cd", "mail")
STREAMS = f"{GROUP}:log-stream:web/web/*"
VIA = {"StringEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}}


def role(*statements: Any, version: str = "2012-10-17", **more: Any) -> Subject:
    return Subject("r", (Policy("own", "inline", {"Version": version, "Statement": list(statements)}),), **more)


def judge(subject: Subject, action: str, pattern: str, **more: Any) -> Judgement:
    return Judge(subject).judge(Call(action, action, pattern, **more))


@pytest.mark.parametrize(
    ("statements", "pattern", "status"),
    [
        ([allow(READ, DB)], DB, "OK"),
        ([allow("SecretsManager:Get*", "*")], DB, "OK"),
        ([allow("*", "*")], DB, "OK"),
        ([], DB, "MISSING"),
        ([allow(READ, f"{DB}:password::")], DB, "MISSING"),
        ([allow(READ, DB), deny("*", DB)], DB, "MISSING"),
        ([allow(READ, f"{MAIL}-??????")], f"{MAIL}-??????", "OK"),
        ([allow(READ, f"{MAIL}-*")], f"{MAIL}-??????", "OK"),
        ([allow(READ, f"{MAIL}*")], f"{MAIL}-??????", "OK"),
        ([allow(READ, f"{MAIL}-?????")], f"{MAIL}-??????", "MISSING"),
        ([allow(READ, f"{MAIL}-Ab12Cd")], f"{MAIL}-??????", "CANNOT TELL"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, f"{MAIL}-Ab12Cd")], f"{MAIL}-??????", "CANNOT TELL"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, f"{MAIL}-*")], f"{MAIL}-??????", "MISSING"),
        ([allow(READ, f"{MAIL}-*"), deny(READ, "*:secret:ecs-sc!*")], f"{MAIL}-??????", "OK"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": f"{MAIL}-*"}], f"{MAIL}-??????", "MISSING"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": f"{MAIL}-A*"}], f"{MAIL}-??????", "CANNOT TELL"),
        ([{"Effect": "Allow", "Action": READ, "NotResource": DB}], f"{MAIL}-??????", "OK"),
        ([{"Effect": "Deny", "Action": READ, "NotResource": DB}, allow("*", "*")], f"{MAIL}-??????", "MISSING"),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], f"{MAIL}-??????", "OK"),
        ([allow(READ, "arn:aws:secretsmanager:${aws:RequestedRegion}:*")], f"{MAIL}-??????", "CANNOT TELL"),
        ([{"Effect": "Allow", "Action": READ}], f"{MAIL}-??????", "CANNOT TELL"),
        (["nonsense"], f"{MAIL}-??????", "CANNOT TELL"),
    ],
)
def test_reading_a_secret(statements: list[Any], pattern: str, status: str) -> None:
    assert judge(role(*statements), READ, pattern).status == status


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (STREAMS, "OK"),
        (f"{GROUP}:*", "OK"),
        (f"{GROUP}:log-stream:*", "OK"),
        (f"{GROUP}*", "OK"),
        (GROUP, "MISSING"),
        (f"{GROUP}:log-stream:web/other/*", "MISSING"),
        (f"{GROUP}:log-stream:web/web/0123", "CANNOT TELL"),
    ],
)
def test_writing_to_the_streams_of_a_container(resource: str, status: str) -> None:
    assert judge(role(allow("logs:PutLogEvents", resource)), "logs:PutLogEvents", STREAMS).status == status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({}, "OK"),
        (VIA, "OK"),
        ({"StringLike": {"kms:ViaService": "ssm.*.amazonaws.com"}}, "OK"),
        ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, "MISSING"),
        ({"StringNotEquals": {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}}, "MISSING"),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "CANNOT TELL"),
        ({"StringEquals": {"kms:NoSuchThing": "x"}}, "CANNOT TELL"),
    ],
)
def test_decrypting_by_way_of_parameter_store(condition: dict[str, Any], status: str) -> None:
    subject = role(allow("kms:Decrypt", KEY, Condition=condition))
    context = {"kms:ViaService": "ssm.eu-west-1.amazonaws.com"}

    assert judge(subject, "kms:Decrypt", KEY, conditions=conditions_of(VIA), context=context).status == status


@pytest.mark.parametrize(
    ("own", "asked", "status"),
    [("es:ESHttpPost", "arn:aws:es:eu-west-1:111122223333:domain/d/*", "OK"), ("es:ESHttpGet", "*", "MISSING")],
)
def test_a_resource_with_a_star_is_all_that_it_stands_for(own: str, asked: str, status: str) -> None:
    assert judge(role(allow(own, "*:domain/*")), "es:ESHttpPost", asked).status == status


def test_an_action_without_resources_is_allowed_on_a_star_only() -> None:
    action = "ecr:GetAuthorizationToken"

    assert judge(role(allow(action, "*")), action, "*").status == "OK"
    assert judge(role(allow(action, "arn:aws:ecr:*:*:repository/*")), action, "*").status == "MISSING"


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        ([allow("*", "*")], "OK"),
        ([allow("secretsmanager:*", f"{MAIL}-*")], "OK"),
        ([allow("secretsmanager:*", f"{MAIL}-Ab12Cd")], "CANNOT TELL"),
        ([allow("s3:*", "*")], "MISSING"),
    ],
)
def test_a_boundary_limits(boundary: list[Any], status: str) -> None:
    subject = role(allow(READ, "*"), boundary=policy_document(boundary))

    assert judge(subject, READ, f"{MAIL}-??????").status == status


def test_a_policy_that_is_not_known_leaves_open_what_it_may_allow_and_deny() -> None:
    unknown = {"unknown": ("policy p is not read here",)}

    assert judge(role(**unknown), READ, DB) == Judgement(
        "CANNOT TELL", "no known statement allows it, and policy p is not read here"
    )
    assert judge(role(allow(READ, DB), **unknown), READ, DB).status == "CANNOT TELL"
    assert judge(role(deny(READ, DB), **unknown), READ, DB).status == "MISSING"


def test_a_boundary_that_is_not_known_can_only_take_away() -> None:
    unknown = {"boundary_problem": "the boundary is not known"}

    assert judge(role(**unknown), READ, DB).status == "MISSING"
    assert judge(role(allow(READ, DB), **unknown), READ, DB).status == "CANNOT TELL"


def test_the_old_version_has_no_variables() -> None:
    name = DB.replace("db-", "${$}-")

    assert judge(role(allow(READ, name), version="2008-10-17"), READ, DB.replace("db-", "${$}-")).status == "MISSING"
    assert judge(role(allow(READ, name)), READ, name).status == "OK"


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


@settings(max_examples=300)
@given(STATEMENTS, PATTERNS, st.text("ab", max_size=5))
def test_no_verdict_on_a_pattern_is_wrong_of_any_text_that_fits(statements: Any, pattern: str, text: str) -> None:
    if not compile_glob(pattern).matches(text):
        return
    subject = role(*statements)

    found = judge(subject, READ, pattern)

    outcome = evaluate(subject.policies, Request(READ, text, complete=True)).outcome
    assert found.status == "CANNOT TELL" or (found.status == "OK") == (outcome == "allow")
