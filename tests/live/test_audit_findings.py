"""Tests findings that need a whole account, on invented accounts: shared roles, ECS Exec, hostile names."""

from __future__ import annotations

import json
from typing import Any

from taskrole.arns import Context
from taskrole.live.account import Account, EcsService
from taskrole.live.audit import audit
from taskrole.live.audit_finding_report import audit_findings
from taskrole.live.audit_html import audit_html
from taskrole.live.audit_json import audit_json
from taskrole.live.audit_model import Audit
from taskrole.live.audit_text import audit_lines
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import policy_document
from taskrole.role import Role, trust_policy
from taskrole.taskdef import Options
from taskrole.taskdef.features.keys import AWS_OWNED, EVERYTHING

ACCOUNT = "111122223333"
CONTEXT = Context("aws", "eu-west-1", ACCOUNT)
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf"


def role(name: str, *actions: str) -> Role:
    statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
    policies = (Policy("own", "inline", policy_document(statements)),) if actions else ()
    return Role(name, "execution", trust_policy("off", CONTEXT), name=name, policies=policies)


def audited(tasks: dict[str, dict[str, Any]], *roles: Role, exec_on: frozenset[str] = frozenset()) -> Audit:
    """Audit an account with a service for each task definition, whose secrets have AWS managed keys."""
    arns = {name: f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{name}:1" for name in tasks}
    definitions = {
        arns[name]: {"family": name, "containerDefinitions": [], **definition} for name, definition in tasks.items()
    }
    services = tuple(EcsService(f"c/{name}", (arn,), name in exec_on) for name, arn in arns.items())
    by_arn = {key: role for role in roles for key in (role.arn(CONTEXT) or "", role.name or "")}
    return audit(Account(CONTEXT, ("c",), services, definitions, by_arn, {}), Options(kms_keys={EVERYTHING: AWS_OWNED}))


def task(execution: str = "", of_task: str = "", secret: str = "", image: str = "nginx") -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:role/"
    roles = {"executionRoleArn": execution, "taskRoleArn": of_task}
    secrets = [{"name": "S", "valueFrom": secret}] if secret else []
    return {
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": image, "secrets": secrets}],
        **{key: f"{arn}{name}" for key, name in roles.items() if name},
    }


def codes(audit: Audit) -> list[str]:
    return [finding.code for finding in audit.findings]


def test_families_with_the_same_needs_may_share_a_role() -> None:
    reading = role("one", "secretsmanager:GetSecretValue")

    same = audited({"a": task("one", "", SECRET), "b": task("one", "", SECRET)}, reading)
    different = audited({"a": task("one", "", SECRET), "b": task("one")}, reading)

    assert codes(same) == []
    assert codes(different) == ["AUDIT-SHARED"]


def test_a_role_of_ecs_and_of_an_application_is_reported_once() -> None:
    report = audited({"a": task("one"), "b": task("", "one"), "c": task("other", "other")}, role("one"), role("other"))

    assert codes(report) == ["AUDIT-BOTH", "AUDIT-BOTH"]
    assert "the task role of b:1:" in report.findings[0].message


def test_ecs_exec_is_needed_by_task_roles_of_services_that_enable_it() -> None:
    channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    able = role("able", *(f"ssmmessages:{channel}" for channel in channels))
    tasks = {"off": task("", "bare"), "on": task("", "bare"), "able": task("", "able")}

    report = audited(tasks, role("bare"), able, exec_on=frozenset({"on", "able"}))

    missing = {role.file: role.count("MISSING") for role in report.report.roles if role.kind == "task"}
    assert missing == {"off:1": 0, "on:1": 1, "able:1": 0}
    # Permissions of ECS Exec are not excess.
    assert {excess.subject.name: excess.count for excess in report.report.excesses} == {"able": 0, "bare": 0}
    assert {task.name: task.starts for task in report.tasks} == dict.fromkeys(("able:1", "off:1", "on:1"), "yes")


def test_a_role_may_be_given_by_name() -> None:
    report = audited({"a": {**task("", "", SECRET), "executionRoleArn": "one"}}, role("one", "secretsmanager:*"))

    assert (codes(report), report.count("yes")) == ([], 1)
    assert [role.name for role in report.roles] == ["one"]


def test_a_partly_readable_task_definition_is_unknown() -> None:
    report = audited({"a": task("one", "", SECRET), "b": task("one", "", "not: an arn\x00")}, role("one", "*"))

    assert {task.name: task.starts for task in report.tasks} == {"a:1": "yes", "b:1": "unknown"}
    (audited_role,) = report.roles
    assert audited_role.exact is None
    assert "b:1 /containerDefinitions/0/secrets/0/valueFrom" in audited_role.open


def test_an_unneeded_managed_policy_has_no_replacement() -> None:
    attached = Role(
        "one",
        "execution",
        trust_policy("off", CONTEXT),
        name="one",
        attachments=("arn:aws:iam::aws:policy/SecretsManagerReadWrite",),
    )

    (audited_role,) = audited({"a": task("one")}, attached).roles

    assert [(replacement.policy, replacement.sids) for replacement in audited_role.replacements] == [
        ("SecretsManagerReadWrite", ())
    ]
    assert audited_role.exact is None


HOSTILE = "</code><script>alert(1)</script>\x1b[31m\u202e"


def test_hostile_values_of_an_account_have_no_effect_in_a_report() -> None:
    named = role(HOSTILE)
    report = audited({HOSTILE: {**task("", "", SECRET, HOSTILE), "executionRoleArn": HOSTILE}}, named)

    page, text, data = audit_html(report), "\n".join(audit_lines(report)), audit_json(report)

    assert page.count("<script") == 1  # the page's own
    assert "<script>alert" not in page
    assert "\u202e" not in page + text
    assert "<script>" in text
    assert data.isascii()
    json.loads(data)


def test_formats_of_findings_name_the_task_definition_and_the_role() -> None:
    reader = role("reader", "secretsmanager:GetSecretValue", "s3:GetObject")
    report = audit_findings(audited({"a": task("reader", "", SECRET), "b": task("gone")}, reader))

    assert [(finding.code, finding.source) for finding in report.findings if finding.severity == "error"] == [
        ("AUDIT-GONE", f"role arn:aws:iam::{ACCOUNT}:role/gone"),
    ]
    assert ("EXCESS", "role reader") in [(finding.code, finding.source) for finding in report.findings]
    assert report.summary[0] == "2 task definitions: 1 start, 1 do not start, 0 may not start."
