"""Tests the counts of effective actions and of excess permissions."""

from __future__ import annotations

import json
import time
from dataclasses import astuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.grant import Grant, conditions_of
from taskrole.policy.catalogue.access_levels import ACCESS_LEVELS
from taskrole.policy.catalogue.actions import all_actions, database_version
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.comparison.compare import UNKNOWN
from taskrole.policy.documents.build import build_policies
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.policy.evaluation.excess import excess
from tests.amount import amount
from tests.expected_files import assert_expected
from tests.policy_documents import allow
from tests.policy_documents import policy_document as document

WORKSHOP = (
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonEC2ContainerRegistryReadOnly",
    "CloudWatchLogsFullAccess",
    "SecretsManagerReadWrite",
)
DB = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/db-AbCdEf"
MAIL = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/mail-AbCdEf"
IMAGE = "arn:aws:ecr:eu-central-1:123456789012:repository/web"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/web"


def grant(actions, resources, conditions=(), effect="Allow") -> Grant:
    return Grant("execution", "R", tuple(actions), tuple(resources), "/x", "because", "doc", conditions, effect)


NEEDED = [
    grant(["ecr:GetAuthorizationToken"], ["*"]),
    grant(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], [IMAGE]),
    grant(["logs:CreateLogStream", "logs:PutLogEvents"], [f"{GROUP}:log-stream:web/app/*"]),
    grant(["secretsmanager:GetSecretValue"], [DB, MAIL]),
    grant(["ssm:GetParameters"], ["arn:aws:ssm:eu-central-1:123456789012:parameter/web/flags"]),
    grant(["s3:GetObject"], ["arn:aws:s3:::settings/web.env"]),
    grant(["s3:GetBucketLocation"], ["arn:aws:s3:::settings"]),
]


def of_policy(name: str):
    policy = managed_policy(name)
    assert policy is not None
    return policy.document


# As of this version of the action database; another version may have other actions.
DATABASE = "0.1.202610271"


@pytest.mark.parametrize(
    ("name", "actions", "on_everything", "levels"),
    [
        (WORKSHOP[0], 6, 6, {"Read": 4, "Write": 2}),
        (WORKSHOP[1], 12, 12, {"Read": 10, "List": 2}),
        (
            WORKSHOP[2],
            138,
            138,
            {"Write": 68, "Tagging": 4, "Permissions management": 2, "List": 35, "Read": 29},
        ),
        (WORKSHOP[3], 53, 45, {"Write": 17, "Tagging": 4, "Permissions management": 4, "Read": 15, "List": 13}),
        ("AmazonEC2ContainerRegistryPullOnly", 4, 4, {"Read": 3, "Write": 1}),
        ("AmazonSSMReadOnlyAccess", 84, 84, None),
        ("AmazonFSxReadOnlyAccess", 13, 13, None),
    ],
)
def test_actions_of_managed_policies_are_counted(name, actions, on_everything, levels) -> None:
    assert database_version() == DATABASE, "count again with the new database"

    effective = effective_actions([of_policy(name)])

    assert (len(effective.actions), len(effective.on_everything)) == (actions, on_everything)
    assert levels is None or effective.by_level == levels
    assert (effective.unknown, effective.unresolved) == ((), ())


def test_the_four_policies_of_the_workshop_exceed_the_needs_of_a_task() -> None:
    four = effective_actions(map(of_policy, WORKSHOP))
    [policy] = build_policies(NEEDED, kind="inline", base_name="web")
    exact = effective_actions([policy.document])

    assert (len(four.actions), len(four.on_everything)) == (203, 195)
    assert (len(exact.actions), sorted(exact.on_everything)) == (9, ["ecr:GetAuthorizationToken"])


@pytest.mark.parametrize(
    ("statements", "actions", "everywhere"),
    [
        ([allow("s3:GetObject", "arn:aws:s3:::b/*")], {"s3:GetObject"}, set()),
        ([allow(["s3:getobject", "s3:PutObject"], ["arn:aws:s3:::b/*", "*"])], *[{"s3:GetObject", "s3:PutObject"}] * 2),
        ([allow("s3:GetObject", "**")], *[{"s3:GetObject"}] * 2),
        ([{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b"}], *[{"s3:GetObject"}] * 2),
        ([allow(["s3:GetObject", "s3:PutObject"]), allow("s3:Put*") | {"Effect": "Deny"}], *[{"s3:GetObject"}] * 2),
        ([allow("s3:GetObject"), allow("s3:*", "arn:aws:s3:::b/*") | {"Effect": "Deny"}], *[{"s3:GetObject"}] * 2),
        (
            [allow("s3:GetObject"), allow("*", Condition={"Bool": {"aws:x": "true"}}) | {"Effect": "Deny"}],
            *[{"s3:GetObject"}] * 2,
        ),
        ([allow("s3:GetObject"), {"Effect": "Deny", "NotAction": "s3:Put*", "Resource": "*"}], set(), set()),
    ],
)
def test_allowed_actions_are_counted_in_total_and_on_every_resource(statements, actions, everywhere) -> None:
    effective = effective_actions([document(*statements)])

    assert (effective.actions, effective.on_everything) == (actions, everywhere)


def test_a_boundary_removes_actions_that_it_does_not_allow() -> None:
    effective = effective_actions(
        [document(allow(["s3:GetObject", "s3:PutObject", "iam:PassRole"]))],
        document(allow("s3:*", "arn:aws:s3:::b/*"), allow("s3:GetObject")),
    )

    assert effective.actions == {"s3:GetObject", "s3:PutObject"}
    assert effective.on_everything == {"s3:GetObject"}


def test_unknown_and_unreadable_policies_are_reported() -> None:
    effective = effective_actions([document(allow(["s3:NoSuch", "s3:GetObject"])), UNKNOWN])

    assert (effective.unknown, effective.unresolved) == (("s3:nosuch",), ("a policy is not known",))


def test_everything_is_every_known_action() -> None:
    assert effective_actions([of_policy("AdministratorAccess")]).on_everything == all_actions()


def test_the_excess_of_the_workshop_role_is_counted_with_the_worst_level_first() -> None:
    report = excess(map(of_policy, WORKSHOP), NEEDED)

    assert list(report.counts) == list(ACCESS_LEVELS)
    # All 203 but the token, which is needed on every resource: the sums of the policies above, less one Read.
    assert sum(report.counts.values()) == 202
    assert report.counts == {"Permissions management": 6, "Write": 85, "Tagging": 8, "Read": 53, "List": 50}
    examples = {level: [[*astuple(row), row.because] for row in rows[:3]] for level, rows in report.by_level.items()}
    assert_expected("policy/workshop-excess.json", json.dumps(examples, indent=2) + "\n")


VIA = conditions_of({"StringEquals": {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}})
READ = "secretsmanager:GetSecretValue"


@pytest.mark.parametrize(
    ("allowed", "needed", "because"),
    [
        (allow(READ, DB), [grant([READ], [DB])], None),
        (allow(READ, DB), [grant([READ], ["*"])], None),
        (allow(READ, [DB, MAIL]), [grant([READ], ["arn:aws:secretsmanager:*:*:secret:prod/*"])], None),
        (allow(READ.upper(), DB), [grant([READ], [DB])], None),
        (allow(READ), [grant([READ], [DB, MAIL])], "allowed on *, needed on 2 resources"),
        (allow(READ), [grant([READ], [DB])], f"allowed on *, needed on {DB}"),
        (allow(READ, [DB, MAIL]), [grant([READ], [DB])], f"allowed on {MAIL}, needed on {DB}"),
        (allow(READ, MAIL), [], f"allowed on {MAIL}, not needed"),
        (allow(READ, MAIL), [grant([READ], [MAIL], effect="Deny")], f"allowed on {MAIL}, not needed"),
        (allow("kms:Decrypt", "k"), [grant(["kms:Decrypt"], ["k"], VIA)], "allowed on k without the conditions"),
        (
            allow("kms:Decrypt", "k", Condition={"StringEquals": {"kms:ViaService": "ssm.eu-central-1.amazonaws.com"}}),
            [grant(["kms:Decrypt"], ["k"], VIA)],
            None,
        ),
        (
            {"Effect": "Allow", "Action": READ, "NotResource": DB},
            [grant([READ], [MAIL])],
            f"allowed on all but {DB}, needed on {MAIL}",
        ),
        ({"Effect": "Allow", "Action": READ, "NotResource": DB}, [grant([READ], ["*"])], None),
    ],
)
def test_excess_is_permissions_beyond_the_needs(allowed, needed, because) -> None:
    rows = excess([document(allowed)], needed).excess

    assert [row.because[: len(because)] for row in rows] == ([] if because is None else [because])


def test_denied_permissions_are_not_excess() -> None:
    assert excess([document(allow("s3:*"), allow("s3:*") | {"Effect": "Deny"})], []).excess == ()


@settings(max_examples=amount(50))
@given(st.lists(st.sampled_from(NEEDED), max_size=5))
def test_policies_built_from_grants_have_no_excess(grants) -> None:
    policies = build_policies(grants, kind="inline", base_name="p")

    assert excess([policy.document for policy in policies], grants).excess == ()


def test_the_excess_of_an_administrator_is_counted_fast() -> None:
    effective_actions([of_policy("AdministratorAccess")])

    started = time.process_time()
    report = excess([of_policy("AdministratorAccess")], NEEDED)

    assert len(report.excess) == len(all_actions()) - 1
    assert time.process_time() - started < 3, "0.3 s on two cores of 2026"
