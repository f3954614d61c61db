"""Tests that derived roles fit their tasks, for all tasks: no missing and no excess permissions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from taskrole.check import Assignment, CheckReport, check_tasks
from taskrole.derived import derived_roles
from taskrole.grant import ROLE_KINDS
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document, statements_of
from taskrole.role import Role
from taskrole.sources.declared import configured_role
from taskrole.taskdef import Derivation, Options, derive
from taskrole.taskdef.features.keys import AWS_OWNED, EVERYTHING
from taskrole.taskdef.read import parse_document
from tests.proof.generated import Case, generate_case

SEEDS = range(60)


def case_of(seed: int) -> Case:
    case = generate_case(seed, documents=1 + seed % 3)
    return replace(case, options=nothing_left_open(case.options))


def nothing_left_open(options: Options) -> Options:
    """Return options with the keys of secrets, and with suffixes read both ways.

    Secrets of Service Connect are not denied: with that option a role denies them even if a task names one.
    """
    return replace(
        options,
        deny_service_connect_secrets=False,
        kms_keys={EVERYTHING: AWS_OWNED, **options.kms_keys},
        ambiguous_secret_suffix=options.ambiguous_secret_suffix or "both",
    )


def derivation(case: Case) -> Derivation:
    documents = [parse_document(data, f"{index}.json") for index, data in enumerate(case.documents)]
    return derive(documents, case.context, case.options)


def check(case: Case, roles: tuple[Role, ...]) -> CheckReport:
    documents = [parse_document(data, f"{index}.json") for index, data in enumerate(case.documents)]
    subjects = {role.kind: configured_role(role, case.context) for role in roles}
    assignments = [
        Assignment(document.file, kind, subject) for kind, subject in subjects.items() for document in documents
    ]
    return check_tasks(documents, case.context, dict.fromkeys(ROLE_KINDS, case.options), assignments)


@pytest.mark.parametrize("seed", SEEDS)
def test_derived_roles_have_neither_missing_nor_excess_permissions(seed: int) -> None:
    case = case_of(seed)

    report = check(case, derived_roles(derivation(case)))

    # A repository named like a pull-through cache may be one.
    possible = {need.grant.resources for need in report.derivation.possible}
    lacking = [item for role in report.roles for item in role.items if item.status != "OK"]
    assert [item for item in lacking if item.status == "MISSING" or item.resources not in possible] == []
    assert [excess.report.excess for excess in report.excesses if excess.count] == []


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if seed % 6 == 0])
def test_a_derived_role_without_a_statement_lacks_its_permissions(seed: int) -> None:
    case = case_of(seed)
    roles = derived_roles(derivation(case))

    for role in roles:
        for policy in role.policies:
            statements = statements_of(policy.document)
            for index, removed in enumerate(statements):
                rest = policy_document([*statements[:index], *statements[index + 1 :]])
                less = replace(role, policies=(Policy(policy.name, policy.kind, rest),))
                others = tuple(other for other in roles if other.kind != role.kind)
                if len(role.policies) > 1 or _has_no_call(removed):
                    continue

                report = check(case, (less, *others))

                assert report.count("MISSING") + report.count("unknown") > 0, removed


def _has_no_call(statement) -> bool:
    return statement["Action"] == "ecr:BatchCheckLayerAvailability"
