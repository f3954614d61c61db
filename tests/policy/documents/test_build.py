"""Tests building policies from grants: exactly the grants, few named statements, within the quotas."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from taskrole.grant import Grant, conditions_of
from taskrole.policy.documents.build import (
    PolicyTextError,
    PolicyTooLargeError,
    build_policies,
    merge_grants,
    statement_grants,
)
from taskrole.policy.documents.statements import (
    LARGEST_MANAGED_POLICY,
    as_list,
    canonical,
    policy_size,
    policy_text,
    statements_of,
)
from tests.expected_files import assert_expected

ECR = "arn:aws:ecr:eu-central-1:123456789012:repository"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret"
LOGS = "arn:aws:logs:eu-central-1:123456789012:log-group"


def grant(actions, resources, *, source="/x", rule="R-1", conditions=(), effect="Allow") -> Grant:
    return Grant("execution", rule, tuple(actions), tuple(resources), source, "because", "doc", conditions, effect)


def secret(number: int, name: str = "prod/service/database") -> Grant:
    return grant(
        ["secretsmanager:GetSecretValue"], [f"{SECRET}:{name}{number:05d}-AbCdEf"], source=f"/secrets/{number}"
    )


def via(service: str):
    return conditions_of({"StringEquals": {"kms:ViaService": f"{service}.eu-central-1.amazonaws.com"}})


WEB = [
    grant(["ecr:GetAuthorizationToken"], ["*"], rule="IMG-1"),
    grant(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [f"{ECR}/web"], rule="IMG-2"),
    grant(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [f"{ECR}/proxy"], rule="IMG-2"),
    grant(
        ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"],
        [f"{ECR}/hub/redis"],
        rule="IMG-6",
    ),
    grant(["secretsmanager:GetSecretValue"], [f"{SECRET}:web/db-AbCdEf"], rule="SM-1"),
    grant(["secretsmanager:GetSecretValue"], [f"{SECRET}:web/mail-??????"], rule="SM-2"),
    grant(["secretsmanager:GetSecretValue"], [f"{SECRET}:web/db-AbCdEf"], rule="SM-1", source="/other"),
    grant(["ssm:GetParameters"], ["arn:aws:ssm:eu-central-1:123456789012:parameter/web/flags"], rule="SSM-1"),
    grant(["kms:Decrypt"], ["arn:aws:kms:eu-central-1:123456789012:key/k"], conditions=via("secretsmanager")),
    grant(["kms:Decrypt"], ["arn:aws:kms:eu-central-1:123456789012:key/k"], conditions=via("ssm")),
    grant(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{LOGS}:/web:log-stream:web/app/*"], rule="LOG-1"),
    grant(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{LOGS}:/web:log-stream:web/proxy/*"], rule="LOG-1"),
    grant(["logs:CreateLogGroup"], [f"{LOGS}:/web", f"{LOGS}:/web:log-stream:"], rule="LOG-3"),
    grant(["s3:GetObject"], ["arn:aws:s3:::settings/web.env"], rule="S3-1"),
    grant(["s3:GetBucketLocation"], ["arn:aws:s3:::settings"], rule="S3-2"),
    grant(["s3:GetObject"], ["arn:aws:s3:::certificates/*"], rule="FL-2"),
    grant(["elasticfilesystem:ClientMount"], ["arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-1"]),
    grant(["ssmmessages:OpenDataChannel", "ssmmessages:OpenControlChannel"], ["*"], rule="EXE-1"),
    grant(["dynamodb:Query", "dynamodb:GetItem"], ["arn:aws:dynamodb:eu-central-1:123456789012:table/orders"]),
    grant(["dynamodb:DeleteTable"], ["*"], effect="Deny"),
]


def test_the_grants_of_a_web_task_become_one_document_with_named_statements() -> None:
    [policy] = build_policies(WEB, kind="inline", base_name="web")

    assert (policy.name, policy.kind) == ("web", "inline")
    assert_expected("policy/web.json", policy_text(policy.document) + "\n")


def test_without_grants_there_is_no_policy() -> None:
    assert build_policies([], kind="inline", base_name="web") == ()


ACTIONS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:getobject", "ecr:BatchGetImage", "*", "s3:Get*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", f"{ECR}/web", "arn:aws:s3:::b/k*"])
CONDITIONS = st.sampled_from([(), via("s3"), via("ssm"), (*via("s3"), *conditions_of({"Bool": {"aws:x": True}}))])
GRANTS = st.lists(
    st.builds(
        grant,
        st.lists(ACTIONS, min_size=1, max_size=3),
        st.lists(RESOURCES, min_size=1, max_size=3),
        source=st.sampled_from(["/a", "/b"]),
        conditions=CONDITIONS,
        effect=st.sampled_from(["Allow", "Deny"]),
    ),
    max_size=8,
)


def triples(grants):
    return {(g.effect, a, r, tuple(sorted(g.conditions))) for g in grants for a in g.actions for r in g.resources}


def document_triples(policies):
    return {
        (statement["Effect"], action, resource, conditions_of(statement.get("Condition", {})))
        for policy in policies
        for statement in statements_of(policy.document)
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    }


@given(GRANTS)
def test_the_policies_contain_exactly_the_triples_of_the_grants(grants) -> None:
    policies = build_policies(grants, kind="inline", base_name="p")

    assert document_triples(policies) == triples(grants)


@given(GRANTS, st.randoms(use_true_random=False))
def test_the_policies_do_not_depend_on_order_or_grouping_of_the_grants(grants, random) -> None:
    single = [
        grant([action], [resource], source=g.source, conditions=g.conditions, effect=g.effect)
        for g in grants
        for action in g.actions
        for resource in g.resources
    ]
    random.shuffle(single)

    assert build_policies(single, kind="inline", base_name="p") == build_policies(grants, kind="inline", base_name="p")


@given(GRANTS)
def test_documents_are_canonical(grants) -> None:
    for policy in build_policies(grants, kind="inline", base_name="p"):
        assert json.dumps(canonical(policy.document)) == json.dumps(policy.document)


@given(GRANTS)
def test_sids_are_letters_and_digits_and_unique_in_a_policy(grants) -> None:
    for policy in build_policies(grants, kind="inline", base_name="p"):
        sids = [statement["Sid"] for statement in policy.document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)


@given(GRANTS)
def test_each_statement_lists_its_grants(grants) -> None:
    policies = build_policies(grants, kind="inline", base_name="p")

    for statements in statement_grants(policies, grants).values():
        for statement in statements:
            assert triples([statement]) <= triples(statement.grants)
            assert set(statement.grants) == {g for g in grants if triples([statement]) & triples([g])}
            assert list(statement.grants) == sorted(set(statement.grants))
    made = {
        g
        for in_policy in statement_grants(policies, grants).values()
        for made_statement in in_policy
        for g in made_statement.grants
    }
    assert made == {g for g in grants if g.actions and g.resources}


def test_conditions_that_are_not_json_are_refused() -> None:
    twice = (("StringEquals", "aws:x", ("a",)), ("StringEquals", "aws:x", ("b",)))

    with pytest.raises(ValueError, match="a key twice"):
        merge_grants([grant(["s3:GetObject"], ["*"], conditions=twice)])


@pytest.mark.parametrize("text", ["arn:aws:s3:::b/日本.env", "arn:aws:s3:::b/\x07", "arn:aws:s3:::b/\ud800"])
def test_characters_that_iam_refuses_are_refused_and_escaped(text: str) -> None:
    with pytest.raises(PolicyTextError, match=r"^web: a policy can have characters up to U\+00FF; got U\+") as caught:
        build_policies([grant(["s3:GetObject"], [text])], kind="inline", base_name="web")

    assert "\x07" not in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize(("inline_used", "kind"), [(0, "inline"), (10_240 - 1000, "managed")])
def test_the_size_of_other_inline_policies_counts(inline_used: int, kind: str) -> None:
    grants = [secret(number) for number in range(20)]

    [policy] = build_policies(grants, kind="inline", base_name="p", inline_used=inline_used)

    assert (policy.name, policy.kind) == ("p", kind)


def test_an_inline_policy_is_split_at_the_exact_quota() -> None:
    grants = [secret(number) for number in range(100)]
    [whole] = build_policies(grants, kind="inline", base_name="p")
    spare = 10_240 - policy_size(whole.document)

    [fits] = build_policies(grants, kind="inline", base_name="p", inline_used=spare)
    parts = build_policies(grants, kind="inline", base_name="p", inline_used=spare + 1)

    assert fits == whole
    assert [(policy.name, policy.kind) for policy in parts] == [("p-1", "managed"), ("p-2", "managed")]


MANY = st.integers(90, 600)


@settings(max_examples=20)
@given(MANY, st.sampled_from(["inline", "managed"]))
def test_split_policies_fit_and_contain_exactly_the_triples(count: int, kind) -> None:
    grants = [*WEB, *(secret(number) for number in range(count))]

    policies = build_policies(grants, kind=kind, base_name="p")

    assert len(policies) > 1
    assert [policy.name for policy in policies] == [f"p-{number}" for number in range(1, len(policies) + 1)]
    assert all(policy.kind == "managed" for policy in policies)
    assert all(policy_size(policy.document) <= LARGEST_MANAGED_POLICY for policy in policies)
    assert document_triples(policies) == triples(grants)


@settings(max_examples=20)
@given(st.integers(100, 600), st.integers(1000, 99_999))
def test_another_grant_changes_few_policies_of_many(count: int, extra: int) -> None:
    grants = [*WEB, *(secret(number) for number in range(count))]

    before = build_policies(grants, kind="inline", base_name="p")
    after = build_policies([*grants, secret(extra)], kind="inline", base_name="p")

    # Another policy moves only its share of the triples.
    assume(len(before) == len(after))
    moved = document_triples(before) - {t for b, a in zip(before, after, strict=True) for t in both(b, a)}
    assert len(moved) <= 2


def both(first, other):
    return document_triples([first]) & document_triples([other])


def test_a_statement_with_too_many_actions_is_split_by_actions() -> None:
    actions = [f"ec2:{'Describe' * 6}{number:04d}" for number in range(250)]
    grants = [grant(actions, [f"arn:aws:ec2:eu-central-1:123456789012:instance/i-{n}" for n in range(3)])]

    policies = build_policies(grants, kind="managed", base_name="p")

    assert all(policy_size(policy.document) <= LARGEST_MANAGED_POLICY for policy in policies)
    assert document_triples(policies) == triples(grants)
    for policy in policies:
        sids = [statement["Sid"] for statement in policy.document["Statement"]]
        assert len(set(sids)) == len(sids)


def test_grants_above_the_quota_are_an_error_with_the_excess() -> None:
    grants = [secret(number) for number in range(250)]
    size = len(json.dumps([g.resources[0] for g in grants], separators=(",", ":")))

    with pytest.raises(PolicyTooLargeError) as caught:
        build_policies(grants, kind="inline", base_name="payments-exec", attachments=18)

    # The excess, up to the rest of each of the two policies.
    room = 2 * LARGEST_MANAGED_POLICY
    assert size - room <= caught.value.excess <= size - room + 2 * 300
    assert str(caught.value).startswith(f"payments-exec: needs {caught.value.excess} characters more than a role")
    assert caught.value.exit_code == 1


def test_a_condition_that_is_too_large_for_any_policy_is_an_error() -> None:
    conditions = conditions_of({"StringEquals": {"aws:x": [f"{n}" * 30 for n in range(1000)]}})

    with pytest.raises(PolicyTooLargeError):
        build_policies([grant(["s3:GetObject"], ["*"], conditions=conditions)], kind="inline", base_name="p")


def test_a_thousand_grants_are_built_fast() -> None:
    grants = [secret(number) for number in range(1000)]
    build_policies(grants[:500], kind="inline", base_name="p")

    started = time.process_time()
    build_policies(grants, kind="inline", base_name="p")

    assert time.process_time() - started < 0.6, "0.05 s on two cores of 2026"
