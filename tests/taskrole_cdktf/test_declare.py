"""Tests a role declared in Python: the same Role as from roles.yaml, and the same checks."""

from __future__ import annotations

import pytest

from taskrole.config.load import parse_config
from taskrole.config.model import RoleSettings
from taskrole.errors import InputError
from taskrole_cdktf.declare import RoleArguments, declare_role

SAME_IN_YAML = """\
version: 1
stacks:
  s:
    region: cn-north-1
    account: "111122223333"
    roles:
      web-execution:
        kind: execution
        path: /ecs/
        description: Pulls and logs
        tags: {team: core}
        max_session_duration: 7200
        permissions_boundary: arn:aws-cn:iam::111122223333:policy/Boundary
        trust: {conditions: full, principals: {service: [events.amazonaws.com]}}
        exclusive: true
        policy_delivery: managed
        managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]
        statements:
          - {Sid: Read, Effect: Allow, Action: ["s3:GetObject"], Resource: "arn:aws-cn:s3:::assets/*"}
"""


def test_a_declared_role_equals_the_role_of_roles_yaml() -> None:
    (from_yaml,) = parse_config(SAME_IN_YAML.encode(), "roles.yaml").stacks[0].roles

    declared = declare_role(
        "web-execution",
        kind="execution",
        region="cn-north-1",
        account="111122223333",
        path="/ecs/",
        description="Pulls and logs",
        tags={"team": "core"},
        max_session_duration=7200,
        permissions_boundary="arn:aws-cn:iam::111122223333:policy/Boundary",
        trust={"conditions": "full", "principals": {"service": ("events.amazonaws.com",)}},
        exclusive=True,
        policy_delivery="managed",
        managed_policies=("service-role/AmazonECSTaskExecutionRolePolicy",),
        statements=(
            {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws-cn:s3:::assets/*"},
        ),
    )

    assert declared == from_yaml


def test_declared_roles_have_trust_policies_of_their_own() -> None:
    web, worker = (declare_role(name, kind="execution", region="eu-west-1", trust="off") for name in ("web", "worker"))

    assert web.trust == worker.trust
    web.trust["Statement"].append("changed by an app")
    assert "changed by an app" not in worker.trust["Statement"]


def test_every_setting_of_roles_yaml_is_an_argument() -> None:
    assert RoleArguments.__annotations__.keys() | {"kind"} == RoleSettings.model_fields.keys()


def test_all_problems_are_reported_at_once_with_their_arguments() -> None:
    with pytest.raises(InputError) as raised:
        declare_role(
            "web execution",
            kind="task",
            region="eu-west-9",
            managed_policies=["CloudwatchLogFullAccess"],
            statements=[{"Effect": "Allow", "Action": "s3", "Resource": "*"}],
            managed_policy=[],  # type: ignore[call-arg]
        )

    assert str(raised.value).splitlines() == [
        "role web execution: a role's name must be letters, digits and _+=,.@-; got ' ' in 'web execution'",
        "role web execution: trust: full needs the account; set account, or trust: off",
        "role web execution: managed_policies[0]: no AWS managed policy is named 'CloudwatchLogFullAccess'; "
        "did you mean 'CloudWatchLogsFullAccess'?",
        "role web execution: managed_policy: unknown key 'managed_policy'; did you mean managed_policies?",
        "role web execution: region: unknown region 'eu-west-9'; nearest are eu-west-3, eu-west-2, eu-west-1; "
        "for a newer region, set partition too",
        "role web execution: statements[0].Action: an action must be service:Action, such as s3:GetObject; got 's3'",
    ]


def test_an_account_given_as_a_number_is_refused() -> None:
    with pytest.raises(InputError, match="role web: account: must be text; got"):
        declare_role("web", kind="task", region="eu-west-1", account=11122223333)  # type: ignore[arg-type]
