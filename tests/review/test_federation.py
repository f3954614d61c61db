"""Tests identity providers that roles trust: whose tokens are accepted, and providers that a plan changes."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.finding import Finding
from taskrole.review.review import ReviewOptions
from taskrole.review.rules.oidc_issuers import SHARED_ISSUERS
from tests.review.cases import ECS_TRUST, NOTHING, TODAY, change, plan_of, policy, reviewed, role_change

A = "123456789012"
GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
CODES = ("TR-TRUST-OIDC", "TR-TRUST-SAML", "TR-TRUST-PROVIDER")
SHARED, PRIVATE, SAML = "TR-TRUST-OIDC-ANYBODY", "TR-TRUST-OIDC-ANY-SUBJECT", "TR-TRUST-SAML"


def provider(host: str) -> str:
    return f"arn:aws:iam::{A}:oidc-provider/{host}"


def by(name: str, condition: Any = None, action: Any = "sts:AssumeRoleWithWebIdentity", **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Federated": name}, "Action": action, "Condition": condition, **more}
    return {key: value for key, value in statement.items() if value is not None}


def findings(statement: Any, before: Any = NOTHING, *beside: Any, **more: Any) -> list[Finding]:
    after = policy(statement)
    actions = ["create"] if before is NOTHING else None
    plan = plan_of(role_change(before, after, actions, **more), *beside)
    return [finding for finding in reviewed(plan).findings if finding.code.startswith(CODES)]


def codes(statement: Any, *beside: Any) -> list[str]:
    return [finding.code for finding in findings(statement, NOTHING, *beside)]


AUD = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}


def sub(value: Any, operator: str = "StringLike", host: str = GITHUB, claim: str = "sub") -> dict[str, Any]:
    return {**AUD, operator: {f"{host}:{claim}": value}}


@pytest.mark.parametrize(
    "condition",
    [
        None,
        AUD,
        sub("*"),
        sub("repo:*"),
        sub("repo:*/*"),
        sub("repo:*/app:*"),
        sub("repo:acme*"),
        sub("repo:acme-?/app:*"),
        sub("repo:${aws:PrincipalTag/owner}/app:*"),
        sub("repo:${aws:PrincipalTag/owner}/app", "StringEquals"),
        sub(["repo:acme/app:*", "repo:*"]),
        sub("repo:acme/app:*", "ForAllValues:StringLike"),
        sub("repo:acme/app:*", "StringLikeIfExists"),
        sub("repo:evil/app:*", "StringNotLike"),
        {"Null": {f"{GITHUB}:sub": "false"}},
        sub("acme", "StringEquals", claim="repository_owner"),
        sub("repo:acme/app:*", host="gitlab.com"),
    ],
    ids=str,
)
def test_github_without_an_organization_in_the_subject_is_an_error(condition: Any) -> None:
    reported = findings(by(provider(GITHUB), condition))

    assert [(finding.code, finding.severity) for finding in reported] == [(SHARED, "error")]


@pytest.mark.parametrize(
    "condition",
    [
        sub("repo:acme/*"),
        sub("repo:acme/app:*"),
        sub("repo:acme@1/app@2:*"),
        sub("repo:acme/app:ref:refs/heads/main", "StringEquals"),
        sub(["repo:acme/a:*", "repo:acme/b:*"], "ForAnyValue:StringLike"),
        sub("repository_owner:acme:*"),
        sub("job_workflow_ref:acme/flows/.github/*"),
        {**sub("repo:*"), "StringEquals": {f"{GITHUB}:repository_owner_id": "1"}},
        {"stringlike": {f"{GITHUB.upper()}:SUB": "repo:acme/*"}},
    ],
    ids=str,
)
def test_github_with_an_organization_in_the_subject_is_fine(condition: Any) -> None:
    assert codes(by(provider(GITHUB), condition)) == []


def test_the_message_names_the_missing_condition() -> None:
    host = f"{GITHUB}:sub"
    for condition, end in ((AUD, f"it has no condition on {host}"), (sub("repo:*"), f"it requires {host} repo:*")):
        (finding,) = findings(by(provider(GITHUB), condition))
        assert finding.message == f"anyone with a token of {GITHUB} can assume role web: {end}"


@pytest.mark.parametrize(
    ("host", "condition", "code"),
    [
        ("gitlab.com", sub("project_path:acme/*", host="gitlab.com"), None),
        ("gitlab.com", sub("project_path:*", host="gitlab.com"), SHARED),
        ("gitlab.com", None, SHARED),
        ("app.terraform.io", sub("organization:acme:project:*", host="app.terraform.io"), None),
        ("app.terraform.io", sub("organization:*:project:x:*", host="app.terraform.io"), SHARED),
        ("agent.buildkite.com", sub("organization:acme:*", host="agent.buildkite.com"), None),
        ("oidc.vercel.com", sub("https://vercel.com/acme", "StringEquals", "oidc.vercel.com", "aud"), None),
        ("oidc.vercel.com", sub("owner:acme:project:x:*", host="oidc.vercel.com"), SHARED),
        (EKS, sub("system:serviceaccount:shop:web", "StringEquals", EKS), None),
        (EKS, sub("system:serviceaccount:shop:*", host=EKS), None),
        (EKS, sub("system:serviceaccount:*", host=EKS), PRIVATE),
        (EKS, sub("system:serviceaccount:*:web", host=EKS), PRIVATE),
        (EKS, None, PRIVATE),
        ("gitlab.acme.example", sub("project_path:*", host="gitlab.acme.example"), PRIVATE),
        ("gitlab.acme.example", sub("project_path:shop/*", host="gitlab.acme.example"), None),
        (f"{GITHUB}/acme", sub("repo:*", host=f"{GITHUB}/acme"), PRIVATE),
        ("api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc", None, PRIVATE),
    ],
)
def test_other_providers_are_evaluated_by_their_url(host: str, condition: Any, code: str | None) -> None:
    assert codes(by(provider(host), condition)) == ([code] if code else [])


@pytest.mark.parametrize(
    ("name", "claim"),
    [
        ("cognito-identity.amazonaws.com", "aud"),
        ("accounts.google.com", "aud"),
        ("graph.facebook.com", "app_id"),
        ("www.amazon.com", "app_id"),
    ],
)
def test_providers_that_iam_knows_by_name_need_their_audience(name: str, claim: str) -> None:
    amr = {"ForAnyValue:StringLike": {f"{name}:amr": "authenticated"}}

    assert codes(by(name, amr)) == [SHARED]
    assert codes(by(name, {"StringEquals": {f"{name}:{claim}": "eu-central-1:pool"}, **amr})) == []
    assert codes(by(name, {"StringLike": {f"{name}:{claim}": "*"}})) == [SHARED]


@pytest.mark.parametrize("host", sorted(SHARED_ISSUERS))
def test_every_shared_provider_without_a_condition_is_an_error(host: str) -> None:
    assert codes(by(host if host == "*" else provider(host))) == [SHARED]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (["sts:AssumeRoleWithWebIdentity", "sts:TagSession"], [SHARED]),
        ("sts:*", [SHARED]),
        ("sts:TagSession", []),
        ("sts:AssumeRole", []),
    ],
)
def test_only_statements_that_let_a_token_in_count(action: Any, expected: list[str]) -> None:
    assert codes(by(provider(GITHUB), AUD, action)) == expected


def test_not_action_allows_the_actions_that_it_does_not_name() -> None:
    for named, expected in (("sts:TagSession", [SHARED]), ("sts:AssumeRoleWithWebIdentity", [])):
        assert codes({**by(provider(GITHUB), AUD, None), "NotAction": named}) == expected


def test_a_deny_statement_lets_no_token_in() -> None:
    assert codes(by(provider(GITHUB), Effect="Deny")) == []


def test_a_saml_provider_is_a_note() -> None:
    arn = f"arn:aws:iam::{A}:saml-provider/okta"

    reported = findings(by(arn, {"StringEquals": {"SAML:aud": "x"}}, "sts:AssumeRoleWithSAML"))

    assert [(finding.code, finding.severity, finding.message) for finding in reported] == [
        (SAML, "note", f"users of {arn} can assume role web")
    ]


def test_a_provider_of_the_same_plan_is_known_by_its_url() -> None:
    address = "aws_iam_openid_connect_provider.ci"
    reference = f"${{{address}.arn}}"
    made = [change(address, ["create"], None, {"url": f"https://{host}"}) for host in (GITHUB, EKS)]

    assert codes(by(reference, sub("repo:*")), made[0]) == [SHARED]
    assert codes(by(reference, sub("repo:acme/*")), made[0]) == []
    assert codes(by(reference), made[1]) == [PRIVATE]


def test_an_unknown_provider_may_be_a_shared_provider() -> None:
    reference = "${aws_iam_openid_connect_provider.ci.arn}"

    assert codes(by(reference)) == [SHARED]
    assert codes(by(reference, sub("repo:*"))) == [SHARED]
    assert codes(by(reference, sub("system:serviceaccount:a:b", "StringEquals", EKS))) == []


def test_a_role_that_the_plan_leaves_alone_does_not_block() -> None:
    statement = by(provider(GITHUB), AUD)
    options = ReviewOptions(include_unchanged=True, today=TODAY)

    for before, touched in ((policy(statement), False), (ECS_TRUST, True)):
        report = reviewed(plan_of(role_change(before, policy(statement))), options=options)
        assert [finding.touched for finding in report.findings if finding.code == SHARED] == [touched]


def test_a_finding_on_a_sensitive_trust_policy_names_only_the_rule() -> None:
    role = role_change(NOTHING, policy(by(provider(GITHUB))), ["create"])
    role["change"]["after_sensitive"] = {"assume_role_policy": True}

    (finding,) = [finding for finding in reviewed(plan_of(role)).findings if finding.code == SHARED]

    assert GITHUB not in finding.message


@pytest.mark.parametrize("kind", ["aws_iam_openid_connect_provider", "aws_iam_saml_provider"])
def test_a_changed_provider_is_reported_with_the_roles_that_trust_it(kind: str) -> None:
    arn = f"arn:aws:iam::{A}:saml-provider/okta"
    metadata = [{"arn": arn, "saml_metadata_document": text} for text in ("old", "new")]
    role = role_change(policy(by(arn)), policy(by(arn)))

    (finding,) = [
        finding
        for finding in reviewed(plan_of(role, change(f"{kind}.x", ["update"], *metadata))).findings
        if finding.code == "TR-TRUST-PROVIDER"
    ]

    assert finding.severity == "warning"
    assert finding.message == f"{kind}.x is changed; roles of this plan that trust it: web"


@pytest.mark.parametrize(
    ("actions", "before", "after"),
    [
        (["create"], None, {"a": "1"}),
        (["delete"], {"a": "1"}, None),
        (["no-op"], {"a": "1"}, {"a": "1"}),
        (["update"], {"tags": {}}, {"tags": {"a": "1"}}),
    ],
)
def test_a_changed_provider_that_lets_no_more_tokens_in_is_not_reported(
    actions: list[str], before: Any, after: Any
) -> None:
    report = reviewed(plan_of(change("aws_iam_saml_provider.x", actions, before, after)))

    assert [finding.code for finding in report.findings] == []


@pytest.mark.parametrize(
    "condition", ["x", 5, [], [{}], {"a": 1}, {"StringLike": "x"}, {"StringEquals": {"x": {}}}], ids=repr
)
def test_a_trust_policy_with_a_malformed_condition_is_unresolved(condition: Any) -> None:
    report = reviewed(plan_of(role_change(NOTHING, policy(by(provider(GITHUB), condition)), ["create"])))

    assert report.verdict == "unresolved"
    assert "assume_role_policy" in {value.attribute for value in report.unresolved}


def test_an_empty_condition_is_no_condition() -> None:
    assert codes(by(provider(GITHUB), {})) == [SHARED]
