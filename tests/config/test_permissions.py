"""Tests the permissions of a role from task_definitions, options, grants and deny."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from taskrole.config import Config, load_config
from taskrole.config.options import pointed_keys
from taskrole.config.options_model import options_model, to_options
from taskrole.errors import InputError
from taskrole.policy.documents.statements import policy_size
from taskrole.role import Role
from taskrole.taskdef import EcsExec, FireLens, Options
from taskrole.taskdef.options import Compatibility, ExecLogging, SecretSuffix, Sidecar
from taskrole.yaml_reader import Tree, read_yaml

STACK = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a task definition; the role files of a test are in a folder beside it."""
    write_task(tmp_path / "tasks/web.json")
    return tmp_path


def write_task(path: Path, **container: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    container_definition = {"name": "web", "image": f"{IMAGE}/{path.stem}:1", **container}
    path.write_text(json.dumps({"family": path.stem, "containerDefinitions": [container_definition]}))


def configured(folder: Path, roles: dict[str, Any]) -> Config:
    path = folder / "roles.yaml"
    path.write_text(STACK + "".join(f"      {key}: {json.dumps(role)}\n" for key, role in roles.items()))
    return load_config(path)


def only_role(folder: Path, **settings: Any) -> Role:
    (role,) = configured(folder, {"web": settings}).stacks[0].roles
    return role


def test_a_role_gets_the_permissions_of_its_kind_that_its_task_definitions_need(project: Path) -> None:
    role = only_role(project, kind="execution", task_definitions=["tasks/web.json"])

    (policy,) = role.policies
    assert (policy.name, policy.kind) == ("grants", "inline")
    assert policy.document == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "GetRegistryToken", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {
                "Sid": "PullImages",
                "Effect": "Allow",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/web",
            },
        ],
    }
    assert {(grant.rule, grant.file) for grant in role.grants} == {
        ("IMG-1", "tasks/web.json"),
        ("IMG-2", "tasks/web.json"),
    }


def test_a_folder_may_have_any_form_and_other_files(project: Path) -> None:
    properties = "{ContainerDefinitions: [{Name: a, Image: !Ref I}]}"
    template = f"Resources: {{Job: {{Type: AWS::ECS::TaskDefinition, Properties: {properties}}}}}"
    (project / "tasks/template.yml").write_text(template)
    (project / "tasks/package.json").write_text("{}")
    settings = {"kind": "execution", "task_definitions": ["tasks"], "values": {"I": f"{IMAGE}/job:1"}}

    (stack,) = configured(project, {"web": settings}).stacks

    assert "tasks/template.yml#Job" in {grant.file for grant in stack.roles[0].grants}
    assert [finding.code for finding in stack.findings if "package.json" in str(finding)] == ["NOT-READ"]


@pytest.mark.parametrize(("kind", "services"), [("execution", {"ecr"}), ("task", {"firehose"})])
def test_the_grants_of_a_role_depend_on_its_kind(project: Path, kind: str, services: set[str]) -> None:
    options = {"Name": "firehose", "region": "eu-west-1", "delivery_stream": "logs"}
    router = {"firelensConfiguration": {"type": "fluentbit"}}
    write_task(project / "tasks/web.json", logConfiguration={"logDriver": "awsfirelens", "options": options}, **router)

    role = only_role(project, kind=kind, task_definitions=["tasks"])

    assert {action.partition(":")[0] for grant in role.grants for action in grant.actions} == services
    assert {grant.role for grant in role.grants} == {kind}


@pytest.mark.parametrize("patterns", [["tasks/*.json"], ["tasks"], ["tasks/web.json", "./tasks/api.json", "tasks/*"]])
def test_several_task_definitions_are_merged_into_one_role(project: Path, patterns: list[str]) -> None:
    write_task(project / "tasks/api.json")

    role = only_role(project, kind="execution", task_definitions=patterns)

    pull = role.policies[0].document["Statement"][1]
    assert [arn.rpartition("/")[2] for arn in pull["Resource"]] == ["api", "web"]


def test_task_definitions_may_be_beside_the_folder_within_the_project(project: Path) -> None:
    (project / "cdktf.json").write_text("{}")
    (project / "infra").mkdir()

    role = only_role(project / "infra", kind="execution", task_definitions=["../tasks/*.json"])

    assert role.policies
    assert {grant.file for grant in role.grants} == {"../tasks/web.json"}


def test_the_folder_may_be_named_like_a_pattern(project: Path) -> None:
    pattern_folder = project / "a[b]*"
    pattern_folder.mkdir()
    write_task(pattern_folder / "tasks/odd[1].json", image=f"{IMAGE}/odd:1")

    assert only_role(pattern_folder, kind="execution", task_definitions=["tasks/*.json", "tasks/odd[1].json"]).policies


def test_options_apply_to_all_task_definitions_of_the_role(project: Path) -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000"
    write_task(project / "tasks/web.json", secrets=[{"name": "A", "valueFrom": f"{SECRET}:db-AbCdEf"}])

    role = only_role(project, kind="execution", task_definitions=["tasks"], options={"kms_keys": {"db": key}})

    assert [
        statement["Resource"]
        for statement in role.policies[0].document["Statement"]
        if statement["Action"] == "kms:Decrypt"
    ] == [key]


def test_statements_are_unchanged_beside_derived_grants(project: Path) -> None:
    statement = {"Sid": "Mine", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}

    role = only_role(project, kind="execution", task_definitions=["tasks"], statements=[statement])

    assert [policy.name for policy in role.policies] == ["grants", "permissions"]
    assert role.policies[1].document["Statement"] == [statement]


def test_an_access_level_grants_on_each_arn_the_actions_that_apply_to_it(project: Path) -> None:
    grant = {"access": ["read", "list"], "resources": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"], "because": "pictures"}

    role = only_role(project, kind="task", grants=[grant])

    on = {statement["Resource"]: statement["Action"] for statement in role.policies[0].document["Statement"]}
    assert {"s3:GetBucketLocation", "s3:ListBucket"} <= set(on["arn:aws:s3:::b"])
    assert {"s3:GetObject", "s3:GetObjectVersion"} <= set(on["arn:aws:s3:::b/*"])
    assert set(on["arn:aws:s3:::b"]).isdisjoint(on["arn:aws:s3:::b/*"])
    assert not [action for actions in on.values() for action in actions if "Put" in action or "Delete" in action]
    assert {(grant.rule, grant.source, grant.because) for grant in role.grants} == {("GRANTS", "grants:/0", "pictures")}


def test_single_actions_are_granted_instead_of_a_level(project: Path) -> None:
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"

    role = only_role(
        project, kind="task", grants=[{"actions": ["dynamodb:PutItem", "dynamodb:GetItem"], "resources": table}]
    )

    (statement,) = role.policies[0].document["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["dynamodb:GetItem", "dynamodb:PutItem"], table)


def test_a_named_action_without_resources_is_granted_on_all(project: Path) -> None:
    role = only_role(project, kind="task", grants=[{"actions": "s3:ListAllMyBuckets", "resources": "*"}])

    (statement,) = role.policies[0].document["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("s3:ListAllMyBuckets", "*")


def test_deny_takes_levels_actions_and_patterns(project: Path) -> None:
    deny = [{"access": "tagging", "actions": "s3:Delete*", "resources": "arn:aws:s3:::b/*"}]

    role = only_role(project, kind="execution", deny=deny)

    (statement,) = role.policies[0].document["Statement"]
    assert statement["Effect"] == "Deny"
    assert {"s3:Delete*", "s3:PutObjectTagging"} <= set(statement["Action"])


def test_missing_calls_of_the_application_are_noted_only_without_grants(project: Path) -> None:
    settings = {"kind": "task", "task_definitions": ["tasks"]}
    granted = {**settings, "grants": [{"actions": "s3:GetObject", "resources": "arn:aws:s3:::b/*"}]}

    bare, given = (
        configured(project, {"web": role_settings}).stacks[0].findings for role_settings in (settings, granted)
    )

    assert [finding.source for finding in bare if finding.code == "APPLICATION"] == ["stacks.s.roles.web"]
    assert [finding for finding in given if finding.code == "APPLICATION"] == []


def test_findings_are_reported_once_for_all_roles_that_share_a_task_definition(project: Path) -> None:
    shared = {"task_definitions": ["tasks/web.json"]}
    write_task(project / "tasks/web.json", image=f"{IMAGE}/web:{{{{tag}}}}")

    findings = (
        configured(project, {"a": {"kind": "execution", **shared}, "b": {"kind": "task", **shared}}).stacks[0].findings
    )

    assert [finding.file for finding in findings if finding.code == "PLACEHOLDER"] == [str(project / "tasks/web.json")]


def test_statements_for_other_accounts_name_this_role(project: Path) -> None:
    write_task(project / "tasks/web.json", image="444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1")

    roles = {"exec": {"kind": "execution", "path": "/ecs/", "task_definitions": ["tasks"]}}
    (required,) = configured(project, roles).stacks[0].required_elsewhere

    assert required.statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:role/ecs/exec"}


def test_the_task_role_alone_needs_no_statement_in_another_account(project: Path) -> None:
    write_task(project / "tasks/web.json", image="444455556666.dkr.ecr.eu-west-1.amazonaws.com/web:1")

    assert (
        configured(project, {"web": {"kind": "task", "task_definitions": ["tasks"]}}).stacks[0].required_elsewhere == ()
    )


def many_secrets(count: int) -> list[dict[str, str]]:
    return [{"name": f"S{number}", "valueFrom": f"{SECRET}:{number:060}-AbCdEf"} for number in range(count)]


@pytest.mark.parametrize(
    ("delivery", "secrets", "names"),
    [
        ("inline", 1, {"grants": "inline"}),
        ("managed", 1, {"web-grants": "managed"}),
        ("inline", 90, {"web-grants-1": "managed", "web-grants-2": "managed", "web-grants-3": "managed"}),
    ],
)
def test_policies_are_delivered_as_set_and_within_limits(
    project: Path, delivery: str, secrets: int, names: dict[str, str]
) -> None:
    write_task(project / "tasks/web.json", secrets=many_secrets(secrets))

    role = only_role(project, kind="execution", policy_delivery=delivery, task_definitions=["tasks"])

    assert {policy.name: policy.kind for policy in role.policies} == names
    assert all(policy_size(policy.document) <= 6_144 for policy in role.policies)


def test_statements_and_derived_grants_share_the_quota_of_inline_policies(project: Path) -> None:
    write_task(project / "tasks/web.json", secrets=many_secrets(40))
    resources = [f"arn:aws:s3:::{'b' * 60}/{number:04}" for number in range(60)]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources}

    alone = only_role(project, kind="execution", task_definitions=["tasks"])
    beside = only_role(project, kind="execution", task_definitions=["tasks"], statements=[statement])

    assert [policy.kind for policy in alone.policies] == ["inline"]
    assert [policy.kind for policy in beside.policies] == ["managed", "inline"]


OptionsSettings = options_model()
EcsExecSettings = next(filter(None, get_args(OptionsSettings.model_fields["ecs_exec"].annotation)))
FireLensSettings = OptionsSettings.model_fields["firelens"].annotation


def test_the_options_are_those_of_the_derivation() -> None:
    for settings, options in ((OptionsSettings, Options), (EcsExecSettings, EcsExec), (FireLensSettings, FireLens)):
        assert list(settings.model_fields) == [field.name for field in fields(options)]
    assert to_options(OptionsSettings.model_validate({})) == Options()


@pytest.mark.parametrize(
    ("model", "field", "allowed"),
    [
        (OptionsSettings, "sidecars", Sidecar),
        (OptionsSettings, "compat", Compatibility),
        (OptionsSettings, "ambiguous_secret_suffix", SecretSuffix),
        (EcsExecSettings, "logging", ExecLogging),
    ],
)
def test_the_values_of_options_are_those_of_the_derivation(model: Any, field: str, allowed: Any) -> None:
    annotation = model.model_fields[field].annotation
    is_inner = field in ("sidecars", "compat", "ambiguous_secret_suffix")
    words = get_args(get_args(annotation)[0]) if is_inner else get_args(annotation)

    assert words == get_args(allowed)


@pytest.mark.parametrize(
    "key", ["aws-owned", "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"]
)
def test_a_key_given_as_text_applies_to_all_secrets_and_parameters(key: str) -> None:
    options = to_options(OptionsSettings.model_validate({"kms_keys": key}))

    assert options == Options(kms_keys={"*": key})


def test_options_of_roles_yaml_are_converted() -> None:
    given = {
        "pull_through_prefixes": {"111122223333.eu-west-1": ["hub"]},
        "compat": ["gmsa"],
        "ecs_exec": {"logging": "default"},
        "firelens": {"templated_values": True},
    }

    assert to_options(OptionsSettings.model_validate(given)) == Options(
        pull_through_prefixes={"111122223333.eu-west-1": ("hub",)},
        compat=("gmsa",),
        ecs_exec=EcsExec(logging="default"),
        firelens=FireLens(templated_values=True),
    )


@pytest.mark.parametrize(
    ("pointer", "keys"),
    [
        ("/kms_keys/a/b", ("kms_keys", "a/b")),
        ("/kms_keys/a~1b", ("kms_keys", "a/b")),
        ("/kms_keys/a", ("kms_keys", "a")),
        ("/kms_keys/c", ("kms_keys",)),
        ("/efs_root_access", ("efs_root_access",)),
        ("/ecs_exec/logging", ("ecs_exec", "logging")),
        ("", ()),
    ],
)
def test_a_pointer_into_options_has_a_line_in_the_file(pointer: str, keys: tuple[str, ...]) -> None:
    tree: Tree = read_yaml(b"kms_keys: {a: k, a/b: k}\nefs_root_access: []\necs_exec: {logging: none}\n", "f")

    assert pointed_keys(pointer, tree) == keys


def test_families_select_task_definitions_of_a_file(project: Path) -> None:
    definitions = [
        {"family": name, "containerDefinitions": [{"name": "a", "image": f"{IMAGE}/{name}:1"}]}
        for name in ("api", "web")
    ]
    (project / "both.json").write_text(json.dumps(definitions))

    role = only_role(project, kind="execution", task_definitions=["both.json"], families=["web"])

    resources = {resource for grant in role.grants for resource in grant.resources}
    assert resources == {"*", "arn:aws:ecr:eu-west-1:111122223333:repository/web"}


def test_an_unknown_family_is_refused_with_the_nearest_name(project: Path) -> None:
    with pytest.raises(InputError, match=r"families: no task definition is called 'wep'; did you mean web") as error:
        only_role(project, kind="execution", task_definitions=["tasks/*.json"], families=["wep"])

    assert len(error.value.problems) == 1
