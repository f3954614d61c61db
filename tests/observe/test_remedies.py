"""Tests fixes of a denied call: lines for roles.yaml that allow it, a statement, or changes by others."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from taskrole.grant import RoleKind
from taskrole.observe.declared_denials import DeclaredRoles
from taskrole.observe.denied_calls import DeniedCall, denied_calls
from taskrole.observe.explanations import Explanation, Remedy
from taskrole.observe.remedies import explain
from tests.observe.test_denials import CALLS, CLAUSES

SESSION = "arn:aws:sts::111122223333:assumed-role/{role}/0f9c1a2b3c4d5e6f708192a3b4c5d6e7"
FOREIGN_KEY = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
STACK = """\
version: 1
stacks:
  shop:
    region: eu-west-1
    account: "111122223333"
    roles:
"""


def denied(action: str, on: str, clause: str, role: str = "orders-task") -> DeniedCall:
    """Return the call of a message in the form of AWS."""
    parts = [f"User: {SESSION.format(role=role)} is not authorized to perform: {action}", on, clause]
    (call,) = denied_calls(" ".join(filter(None, parts)).replace("{action}", action))
    return call


def explained(action: str, resource: str, clause: str, role: str = "orders-task") -> Explanation:
    return explain(denied(action, f"on resource: {resource}", clause, role))


def lines_of(explanation: Explanation) -> list[Remedy]:
    return [remedy for remedy in explanation.remedies if remedy.lines]


def write_roles(folder: Path, kind: RoleKind, lines: str) -> Path:
    """Write a roles.yaml of a role with the proposed lines."""
    key, rest = lines.split("\n", 1)
    config = folder / "roles.yaml"
    config.write_text(STACK + textwrap.indent(f"{key}\n  kind: {kind}\n{rest}", " " * 6), "utf-8")
    return config


@pytest.mark.parametrize(
    ("spelled", "_action", "on", "resource"), CALLS, ids=[f"{case[1]} {case[2]}" for case in CALLS]
)
@pytest.mark.parametrize("kind", ["task", "execution"])
def test_the_proposed_lines_in_roles_yaml_allow_the_call(
    spelled: str, _action: str, on: str, resource: str, kind: RoleKind, tmp_path: Path
) -> None:
    call = denied(spelled, on, CLAUSES[0][0], role=f"orders-{kind}")

    (remedy,) = lines_of(explain(call))

    config = write_roles(tmp_path, kind, remedy.lines)
    declared = DeclaredRoles(config, "shop", "").judge(call)
    assert remedy.to_fill_in is (resource == "")
    assert declared.is_allowed is (resource != "")
    assert (
        all(isinstance(remedy, Remedy) and not remedy.lines for remedy in explain(call, declared).remedies)
        or not resource
    )


def test_lines_for_an_unnamed_resource_have_a_placeholder() -> None:
    (remedy,) = lines_of(explain(denied("kms:Decrypt", "on this resource", CLAUSES[0][0])))

    assert "key/KEY_ID" in remedy.lines
    assert remedy.to_fill_in


def test_a_role_of_unknown_kind_gets_lines_for_both_kinds() -> None:
    remedies = lines_of(explained("sqs:SendMessage", QUEUE, CLAUSES[0][0], role="orders"))

    assert ["grants:" in remedy.lines for remedy in remedies] == [True, False]
    assert ["statements:" in remedy.lines for remedy in remedies] == [False, True]


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("with an explicit deny in a service control policy", "service control policy"),
        ("because no service control policy allows the {action} action", "service control policy"),
        ("with an explicit deny in a resource control policy", "resource control policy"),
        ("because no session policy allows the {action} action", "session policy"),
        ("with an explicit deny in an identity-based policy", "Deny statement"),
        ("with an explicit deny in a permissions boundary", "Deny statement"),
        ("with an explicit deny in a resource-based policy", "Deny statement"),
        ("with an explicit deny in a VPC endpoint policy", "Deny statement"),
        ("with an explicit deny", "Deny statement"),
    ],
)
def test_without_a_fix_in_roles_yaml_no_line_is_proposed(clause: str, words: str) -> None:
    explanation = explained("sqs:SendMessage", QUEUE, clause)

    (remedy,) = explanation.remedies
    assert words in remedy.sentence
    assert (remedy.lines, remedy.statement, remedy.required) == ("", None, None)


def test_the_denying_policy_is_named() -> None:
    arn = "arn:aws:organizations::444455556666:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4"

    explanation = explained("sqs:SendMessage", QUEUE, f"with an explicit deny in a service control policy: {arn}")

    assert arn in explanation.remedies[0].sentence
    assert arn in explanation.why
    assert explanation.is_ours is False


def test_the_owner_of_a_key_in_another_account_gets_the_statement() -> None:
    explanation = explained("kms:Decrypt", FOREIGN_KEY, "because no resource-based policy allows the {action} action")

    (remedy,) = explanation.remedies
    assert remedy.required is not None
    assert (remedy.required.account, remedy.required.service) == ("444455556666", "kms")
    assert remedy.required.statement == {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:role/orders-task"},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    assert explanation.is_ours is False


def test_a_role_of_another_account_is_opened_by_its_trust_policy() -> None:
    role = "arn:aws:iam::444455556666:role/reports"

    explanation = explained("sts:AssumeRole", role, "because no role trust policy allows the {action} action")

    (remedy,) = explanation.remedies
    assert remedy.required is not None
    assert (remedy.required.service, remedy.required.resource) == ("trust", role)
    assert "Resource" not in remedy.required.statement


def test_in_another_account_both_sides_must_allow_the_call() -> None:
    explanation = explained("kms:Decrypt", FOREIGN_KEY, CLAUSES[0][0])

    assert [bool(remedy.lines) for remedy in explanation.remedies] == [True, False]
    assert explanation.remedies[1].required is not None


def test_the_boundary_gets_a_statement_and_the_role_its_lines() -> None:
    explanation = explained("sqs:SendMessage", QUEUE, "because no permissions boundary allows the {action} action")

    boundary, role = explanation.remedies
    assert boundary.statement == {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": QUEUE}
    assert "sqs:SendMessage" in role.lines
    assert explanation.is_ours is True


def test_the_endpoint_gets_a_statement_that_gateways_accept() -> None:
    explanation = explained(
        "s3:GetObject", '"arn:aws:s3:::orders/a"', "because no VPC endpoint policy allows the {action} action"
    )

    (remedy,) = explanation.remedies
    assert remedy.statement is not None
    assert remedy.statement["Principal"] == "*"
    assert remedy.statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/orders-task"}
    }


@pytest.mark.parametrize(
    "clause", [clause for clause, _, _ in CLAUSES], ids=[clause or "bare" for clause, _, _ in CLAUSES]
)
def test_every_reason_has_an_explanation_and_a_fix(clause: str) -> None:
    for spelled, _, on, _ in CALLS:
        explanation = explain(denied(spelled, on, clause))

        assert explanation.why
        assert explanation.remedies


def test_a_failure_with_another_cause_needs_no_policy() -> None:
    (call,) = denied_calls("unable to retrieve secret from asm: There is a connection issue between the task and x")

    explanation = explain(call)

    assert not explanation.is_denied
    assert explanation.remedies == ()


def test_an_encoded_message_leads_to_the_command_that_decodes_it() -> None:
    text = "You are not authorized to perform this operation. Encoded authorization failure message: " + "a-B_c" * 9
    (call,) = denied_calls(text)

    assert "decode-authorization-message" in " ".join(explain(call).notes)


@pytest.mark.parametrize("name", ["on", "1task", "a: b", "x#y", "- x", "tâche", "a'b", "*x"])
def test_the_name_of_a_role_is_quoted_for_yaml(name: str) -> None:
    from taskrole.observe.role_lines import role_lines
    from taskrole.yaml_reader import read_yaml

    lines = role_lines(name, "task", ["sqs:SendMessage"], [QUEUE], "was denied")

    assert lines.isascii()
    assert list(read_yaml(lines.encode(), "x").data) == [name]
