"""Tests Terraform addresses: familiar names for the policies of a role, and no address twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.config.load import parse_config
from taskrole.errors import InputError
from taskrole.export.module import build_module
from tests.stacks.test_stack_documents import synthesised

HEAD = """\
version: 1
stacks:
  s:
    region: eu-west-1
    account: "111122223333"
    roles:
"""
STATEMENTS = '[{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]'
POLICY = f"{{Version: '2012-10-17', Statement: {STATEMENTS}}}"
GRANTS = '[{access: read, resources: "arn:aws:s3:::assets/*"}]'
MANY = ", ".join(f"arn:aws:s3:::a-bucket-with-a-long-name-{number:04}/and/a/folder/*" for number in range(260))


def own(name: str, *settings: str) -> str:
    return f"      {name}: {{kind: task, {', '.join(settings)}}}\n"


def managed(*settings: str) -> tuple[str, ...]:
    return ("policy_delivery: managed", *settings)


ROLES: dict[str, tuple[str, set[str]]] = {
    "a policy of grants": (
        own("web", *managed(f"grants: {GRANTS}")),
        {"aws_iam_policy.web_grants", "aws_iam_role_policy_attachment.web_grants"},
    ),
    "a policy of statements": (
        own("web", *managed(f"statements: {STATEMENTS}")),
        {"aws_iam_policy.web_permissions", "aws_iam_role_policy_attachment.web_permissions"},
    ),
    "a name that IAM completes": (
        own("web", "name_prefix: svc-", *managed(f"statements: {STATEMENTS}")),
        {"aws_iam_policy.web_permissions", "aws_iam_role_policy_attachment.web_permissions"},
    ),
    "a name that is not an identifier": (
        own("web.v1", *managed(f"statements: {STATEMENTS}")),
        {"aws_iam_policy.web_v1_378af7_permissions", "aws_iam_role_policy_attachment.web_v1_378af7_permissions"},
    ),
    "more grants than fit into a policy": (
        own("web", f"grants: [{{access: read, resources: [{MANY}]}}]"),
        {
            f"{kind}.web_grants-{number}"
            for kind in ("aws_iam_policy", "aws_iam_role_policy_attachment")
            for number in (1, 2, 3, 4)
        },
    ),
    "the policy's name inline": (
        own("web", f"inline_policies: {{web-grants: {POLICY}}}"),
        {"aws_iam_role_policy.web_web-grants"},
    ),
    "an inline policy with the name of an attached one": (
        own(
            "web",
            f"inline_policies: {{CloudWatchLogsFullAccess: {POLICY}, grants-1: {POLICY}}}",
            *managed(f"statements: {STATEMENTS}", "managed_policies: [CloudWatchLogsFullAccess]"),
        ),
        {
            "aws_iam_policy.web_permissions",
            "aws_iam_role_policy.web_CloudWatchLogsFullAccess",
            "aws_iam_role_policy.web_grants-1",
            "aws_iam_role_policy_attachment.web_CloudWatchLogsFullAccess",
            "aws_iam_role_policy_attachment.web_permissions",
        },
    ),
    "roles with a common prefix in any case": (
        "".join(own(name, f"name_prefix: {name}{case}-", *managed(f"grants: {GRANTS}", f"statements: {STATEMENTS}"))
                for case, names in enumerate((("a", "a_b", "a_b-grants", "a_grants"), ("A", "A_B"))) for name in names),
        {
            f"{kind}.{role}_{policy}"
            for kind in ("aws_iam_policy", "aws_iam_role_policy_attachment")
            for role in ("a", "a_b", "a_b-grants", "a_grants", "A", "A_B")
            for policy in ("grants", "permissions")
        },
    ),
    "a policy of others by the name of the role's own": (
        own("a", *managed(f"grants: {GRANTS}", 'managed_policies: ["arn:aws:iam::111122223333:policy/a-grants"]')),
        {
            "aws_iam_policy.a_grants",
            "aws_iam_role_policy_attachment.a_customer_a-grants",
            "aws_iam_role_policy_attachment.a_grants",
        },
    ),
}  # fmt: skip


def of_terraform(terraform: Any) -> set[str]:
    return {f"{kind}.{name}" for kind, named in terraform["resource"].items() for name in named}


@pytest.mark.parametrize(("roles", "addresses"), ROLES.values(), ids=ROLES)
def test_policies_of_a_role_have_these_addresses(roles: str, addresses: set[str], tmp_path: Path) -> None:
    (spec,) = parse_config(f"{HEAD}{roles}".encode(), "roles.yaml").stacks

    in_terraform = of_terraform(synthesised(spec, tmp_path))

    assert {address for address in in_terraform if not address.startswith("aws_iam_role.")} == addresses
    # The handed-over module has every resource at the same address, and none twice.
    assert sorted(build_module(spec).addresses) == sorted(in_terraform)


def test_an_exclusive_role_names_its_policies_by_their_addresses(tmp_path: Path) -> None:
    roles = own("web", "exclusive: true", *managed(f"grants: {GRANTS}"))
    (spec,) = parse_config(f"{HEAD}{roles}".encode(), "roles.yaml").stacks

    synthesised_text = json.dumps(synthesised(spec, tmp_path))

    assert "${aws_iam_role_policy_attachment.web_grants.policy_arn}" in synthesised_text


TAKEN: dict[str, tuple[str, tuple[str, ...], str]] = {
    "grants": ("grants", (f"grants: {GRANTS}",), "grants"),
    "grants in several policies": ("grants-2", (f"grants: {GRANTS}",), "grants-2"),
    "statements": ("permissions", managed(f"statements: {STATEMENTS}"), "permissions"),
}


@pytest.mark.parametrize(("policy", "settings", "owned"), TAKEN.values(), ids=TAKEN)
@pytest.mark.parametrize("is_first", [True, False])
def test_an_attachment_at_the_address_of_a_policy_of_another_role_is_refused(
    policy: str, settings: tuple[str, ...], owned: str, is_first: bool
) -> None:
    roles = [
        own("web", f'managed_policies: ["arn:aws:iam::111122223333:policy/{policy}"]'),
        own("web_customer", *settings),
    ]

    with pytest.raises(InputError) as caught:
        parse_config(f"{HEAD}{''.join(roles if is_first else reversed(roles))}".encode(), "roles.yaml")

    assert str(caught.value).partition("managed_policies[0]: ")[2] == (
        f"would get the Terraform address of policy {owned} of role web_customer, web_customer_{owned}; rename one role"
    )


@pytest.mark.parametrize("name", ["grants", "grants-1", "grants-20"])
def test_an_inline_policy_with_the_name_of_a_policy_of_grants_is_refused(name: str) -> None:
    roles = own("web", f"grants: {GRANTS}", f"inline_policies: {{{name}: {POLICY}}}")

    with pytest.raises(InputError, match=f"{name}: is the name of the policy that taskrole makes from grants"):
        parse_config(f"{HEAD}{roles}".encode(), "roles.yaml")


def test_statements_in_an_inline_policy_take_no_address_from_an_attachment(tmp_path: Path) -> None:
    roles = own("web", 'managed_policies: ["arn:aws:iam::111122223333:policy/permissions"]')
    roles += own("web_customer", f"statements: {STATEMENTS}")
    (spec,) = parse_config(f"{HEAD}{roles}".encode(), "roles.yaml").stacks

    in_terraform = of_terraform(synthesised(spec, tmp_path))

    assert {
        "aws_iam_role_policy.web_customer_permissions",
        "aws_iam_role_policy_attachment.web_customer_permissions",
    } <= in_terraform
