"""Tests small plans of real Terraform that give access in ways that are easily overlooked: none passes."""

from __future__ import annotations

import pytest

from taskrole.review.report import Report
from taskrole.review.review import ReviewOptions, review
from taskrole.review.settings import ReviewSettings
from tests.review.cases import PLANS, TODAY

UNSEEN = PLANS / "unseen"
GATE = ReviewOptions(require_approval="broadening", today=TODAY)

BROADENS = (
    "a01_shared_policy_edit",
    "a02_dynamic_inline",
    "a25_root_plus_role",
    "b09_data_policy_child_module",
    "b16_managed_null_deny_detached",
    "b17_principal_tag",
    "b42_dynamic_inline_small",
    "multi-account.2-prod-widened",
    "x26_boundary_external_policy_edit",
    "x27_policy_edit_shared_attached12",
)
UNRESOLVED = (
    "a03_local_role",
    "a06_policy_arn_trick",
    "a33_output_local",
    "a42_module_map_role",
    "b05_data_role_id_deferred",
    "b07_replace_doc_deferred",
    "b08b_concat_doc_and_bucket",
    "h2_hash_doc_star",
    "j_dup_action",
    "j_dup_statement",
)
NAMED = (
    "a40_local_exec",
    "x13_awscc_role",
    "x16_s3_bucket_policy",
    "x18_secret_policy",
    "x19_ecr_sqs_sns_lambda_perm",
    "x22_scp_detached",
    "x24_external_data",
)


def reviewed(name: str) -> Report:
    return review(UNSEEN / f"{name}.json", None, GATE)


@pytest.mark.parametrize("name", BROADENS)
def test_a_broadening_plan_is_blocked(name: str) -> None:
    report = reviewed(name)
    assert report.verdict == "broadens"
    assert report.blocked


@pytest.mark.parametrize("name", UNRESOLVED)
def test_an_unknown_value_is_blocked_and_named(name: str) -> None:
    report = reviewed(name)
    assert report.verdict == "unresolved"
    assert report.unresolved
    assert report.blocked


@pytest.mark.parametrize("name", ["a03_local_role", "a33_output_local"])
def test_a_policy_with_an_unknown_role_has_its_own_row(name: str) -> None:
    [role] = [role for role in reviewed(name).roles if not role.is_known]
    assert any(row.actions == ("*",) and row.resources == ("*",) for row in role.added)


@pytest.mark.parametrize("name", NAMED)
def test_an_unreviewed_change_is_named_by_type_and_address(name: str) -> None:
    report = reviewed(name)
    assert {entry.address for entry in report.not_reviewed} | {value.address for value in report.unresolved}


def test_a_merged_condition_broadens_or_is_unresolved() -> None:
    report = reviewed("b13_dup_condition_deferred")
    assert report.verdict in ("broadens", "unresolved")
    assert report.blocked


def test_a_boundary_removed_by_hand_is_an_error() -> None:
    report = reviewed("d1_boundary_removed_by_hand_refresh_only")
    assert [finding.severity for finding in report.findings] == ["error"]
    assert report.blocked


def test_a_changed_identity_provider_is_reported_once() -> None:
    report = reviewed("x15_saml_provider_metadata")
    assert [(finding.code, finding.severity) for finding in report.findings] == [("TR-TRUST-PROVIDER", "warning")]
    assert report.accounting.explained == 1
    assert report.not_reviewed == ()


def test_a_changed_identity_provider_is_not_reviewed_if_its_rule_is_off() -> None:
    settings = ReviewSettings(severities={"TR-TRUST-PROVIDER": "off"})
    report = review(UNSEEN / "x15_saml_provider_metadata.json", settings, GATE)
    assert report.findings == ()
    assert [entry.address for entry in report.not_reviewed] == ["aws_iam_saml_provider.o"]


def test_every_case_is_tested() -> None:
    others = {
        "b13_dup_condition_deferred",
        "d1_boundary_removed_by_hand_refresh_only",
        "x01b_ecs_task_role_swap_small",
        "x03_lambda_role_swap",
        "x06_ecs_service_to_other_taskdef",
        "x15_saml_provider_metadata",
        "x25_cognito_unauth_role",
    }
    assert {path.stem for path in UNSEEN.glob("*.json")} == {*BROADENS, *UNRESOLVED, *NAMED, *others}
