"""Tests EcsTaskRoles in an app: exact policies that refer to the resources of the app."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskrole.errors import InputError
from taskrole_cdktf import EcsTaskRoles, engine

from cdktf import Fn, TerraformVariable  # isort: skip
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecr_repository import EcrRepository
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter

REGION, ACCOUNT = "eu-west-1", "111122223333"
REMOTE_STATE = "cross-stack-reference-input-shared"


@pytest.fixture
def app(tmp_path: Path) -> Any:
    return engine.App(outdir=str(tmp_path / "out"))


@pytest.fixture
def stack(app: Any) -> Any:
    return new_stack(app, "web")


def new_stack(app: Any, name: str) -> Any:
    stack = engine.TerraformStack(app, name)
    engine.AwsProvider(stack, "aws", region=REGION, allowed_account_ids=[ACCOUNT])
    return stack


def container(**fields: Any) -> dict[str, Any]:
    return {"name": "web", "image": "public.ecr.aws/nginx/nginx:1", **fields}


def secrets(*sources: str) -> list[dict[str, str]]:
    return [{"name": f"S{index}", "valueFrom": source} for index, source in enumerate(sources)]


def policies(stack: Any) -> dict[str, Any]:
    """Return the policies of the roles of a stack by Terraform name: the resources of each action."""
    synthesised = json.loads(engine.Testing.synth(stack, True))["resource"].get("aws_iam_role_policy", {})
    by_action: dict[str, Any] = {}
    for name, policy in synthesised.items():
        for statement in json.loads(policy["policy"])["Statement"]:
            actions = statement["Action"]
            for action in [actions] if isinstance(actions, str) else actions:
                by_action.setdefault(name, {}).setdefault(action, []).append(statement["Resource"])
    return by_action


def test_secrets_repositories_and_log_groups_of_the_app_become_references(stack: Any) -> None:
    repository = EcrRepository(stack, "repository", name="web")
    secret = SecretsmanagerSecret(stack, "secret", name="web")
    parameter = SsmParameter(stack, "parameter", name="/web", type="SecureString", value="x")
    group = CloudwatchLogGroup(stack, "group", name="/web")
    log = {"awslogs-group": group.name, "awslogs-region": REGION, "awslogs-stream-prefix": "p"}

    EcsTaskRoles(
        stack,
        "roles",
        task_definition={
            "family": "web",
            "containerDefinitions": [
                container(
                    image=f"{repository.repository_url}:1",
                    secrets=secrets(f"{secret.arn}:password::", parameter.name),
                    logConfiguration={"logDriver": "awslogs", "options": log},
                )
            ],
        },
    )

    assert policies(stack) == {
        "web-execution_grants": {
            "ecr:GetAuthorizationToken": ["*"],
            "ecr:BatchGetImage": ["${aws_ecr_repository.repository.arn}"],
            "ecr:GetDownloadUrlForLayer": ["${aws_ecr_repository.repository.arn}"],
            "secretsmanager:GetSecretValue": ["${aws_secretsmanager_secret.secret.arn}"],
            "ssm:GetParameters": ["${aws_ssm_parameter.parameter.arn}"],
            "logs:CreateLogStream": ["${aws_cloudwatch_log_group.group.arn}:log-stream:p/web/*"],
            "logs:PutLogEvents": ["${aws_cloudwatch_log_group.group.arn}:log-stream:p/web/*"],
        }
    }


def test_data_and_json_text_give_the_same_roles(app: Any) -> None:
    documents = []
    for name, as_given in (("a", lambda data: data), ("b", json.dumps)):
        stack = new_stack(app, name)
        secret = SecretsmanagerSecret(stack, "secret", name="web")
        definition = as_given([container(secrets=secrets(secret.arn))])
        EcsTaskRoles(stack, "roles", name="web", task_definition=definition)
        documents.append(engine.Testing.synth(stack, True))

    assert documents[0] == documents[1]
    assert "${aws_secretsmanager_secret.secret.arn}" in documents[0]


def test_a_file_is_read_in_any_form_with_references_as_values(stack: Any, tmp_path: Path) -> None:
    secret = SecretsmanagerSecret(stack, "secret", name="web")
    file = tmp_path / "task.yaml"
    file.write_text(
        "family: shop\ncontainerDefinitions:\n"
        "  - {name: web, image: nginx, secrets: [{name: S, valueFrom: '${SECRET}'}]}\n"
    )

    EcsTaskRoles(stack, "roles", task_definition=file, values={"SECRET": secret.arn})

    assert policies(stack) == {
        "shop-execution_grants": {"secretsmanager:GetSecretValue": ["${aws_secretsmanager_secret.secret.arn}"]}
    }


def test_the_key_of_a_secret_of_the_app_needs_no_option(stack: Any) -> None:
    key = KmsKey(stack, "key")
    secret = SecretsmanagerSecret(stack, "secret", name="web", kms_key_id=key.key_id)

    roles = EcsTaskRoles(stack, "roles", name="web", task_definition=[container(secrets=secrets(secret.arn))])

    assert policies(stack)["web-execution_grants"]["kms:Decrypt"] == ["${aws_kms_key.key.arn}"]
    assert [finding.code for finding in roles.findings if finding.severity != "note"] == []


def test_a_key_with_an_unknown_arn_gives_a_warning(stack: Any) -> None:
    secret = SecretsmanagerSecret(stack, "secret", name="web", kms_key_id="alias/shop")

    roles = EcsTaskRoles(stack, "roles", name="web", task_definition=[container(secrets=secrets(secret.arn))])

    warnings = [entry.data for entry in roles.node.metadata]
    assert warnings == [
        "aws_secretsmanager_secret.secret is encrypted with 'alias/shop', whose ARN is unknown; set it in the option"
        " kms_keys"
    ]


def test_the_owner_of_a_bucket_of_the_app_is_a_condition(stack: Any) -> None:
    bucket = S3Bucket(stack, "bucket")
    files = [{"type": "s3", "value": f"{bucket.arn}/web.env"}]

    EcsTaskRoles(stack, "roles", name="web", task_definition=[container(environmentFiles=files)])

    synthesised = json.loads(engine.Testing.synth(stack, True))["resource"]["aws_iam_role_policy"]
    statements = json.loads(synthesised["web-execution_grants"]["policy"])["Statement"]
    objects = next(statement for statement in statements if statement["Action"] == "s3:GetObject")
    assert objects["Resource"] == "${aws_s3_bucket.bucket.arn}/web.env"
    assert ACCOUNT in json.dumps(objects["Condition"])


def test_grants_and_options_may_refer_to_resources_too(stack: Any) -> None:
    bucket, key = S3Bucket(stack, "bucket"), KmsKey(stack, "key")
    outside = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:old-AbCdEf"

    EcsTaskRoles(
        stack,
        "roles",
        name="web",
        task_definition=[container(secrets=secrets(outside))],
        grants=[{"actions": ["s3:PutObject"], "resources": [f"{bucket.arn}/*"]}],
        options={"kms_keys": {outside: key.arn}},
    )

    granted = policies(stack)
    assert granted["web-task_grants"] == {"s3:PutObject": ["${aws_s3_bucket.bucket.arn}/*"]}
    assert granted["web-execution_grants"]["kms:Decrypt"] == ["${aws_kms_key.key.arn}"]


def test_a_resource_of_another_stack_is_a_cross_stack_reference(app: Any, tmp_path: Path) -> None:
    shared, stack = new_stack(app, "shared"), new_stack(app, "web")
    repository = EcrRepository(shared, "repository", name="web")

    image = f"{repository.repository_url}:1"
    EcsTaskRoles(stack, "roles", name="web", task_definition=[container(image=image)])
    app.synth()

    terraform = json.loads((tmp_path / "out/stacks/web/cdk.tf.json").read_text())
    policy = terraform["resource"]["aws_iam_role_policy"]["web-execution_grants"]["policy"]
    output = "cross-stack-output-aws_ecr_repositoryrepositoryarn"
    assert f"${{data.terraform_remote_state.cross-stack-reference-input-shared.outputs.{output}}}" in policy


def test_a_resource_is_in_the_region_of_its_provider(stack: Any) -> None:
    other = engine.AwsProvider(stack, "other", alias="other", region="us-east-1")
    key = KmsKey(stack, "key", provider=other)
    secret = SecretsmanagerSecret(stack, "secret", name="web", kms_key_id=key.arn, provider=other)

    EcsTaskRoles(stack, "roles", name="web", task_definition=[container(secrets=secrets(secret.arn))])

    synthesised = engine.Testing.synth(stack, True)
    assert "secretsmanager.us-east-1.amazonaws.com" in synthesised
    assert "secretsmanager.eu-west-1.amazonaws.com" not in synthesised


def test_the_arns_and_policies_are_those_of_both_roles(stack: Any) -> None:
    roles = EcsTaskRoles(
        stack,
        "roles",
        name="web",
        task_definition=[container()],
        grants=[{"actions": ["sns:Publish"], "resources": [f"arn:aws:sns:{REGION}:{ACCOUNT}:news"]}],
        path="/ecs/",
        tags={"team": "shop"},
    )
    engine.TerraformOutput(stack, "execution", value=roles.execution_role_arn)
    engine.TerraformOutput(stack, "task", value=roles.task_role_arn)

    synthesised = json.loads(engine.Testing.synth(stack, True))
    assert {name: output["value"] for name, output in synthesised["output"].items()} == {
        "execution": "${aws_iam_role.web-execution.arn}",
        "task": "${aws_iam_role.web-task.arn}",
    }
    assert len(roles.policies) == 1
    for role in synthesised["resource"]["aws_iam_role"].values():
        assert (role["path"], role["tags"]) == ("/ecs/", {"team": "shop"})


def test_a_boundary_and_values_of_tags_may_be_references(app: Any) -> None:
    shared, stack = new_stack(app, "shared"), new_stack(app, "web")
    boundary = IamPolicy(shared, "boundary", policy="{}")
    queue = SqsQueue(stack, "queue")
    bucket = S3Bucket(stack, "bucket")

    EcsTaskRoles(
        stack,
        "roles",
        name="web",
        task_definition=[container()],
        grants=[{"actions": ["sqs:SendMessage"], "resources": [queue.arn]}],
        policy_delivery="managed",
        permissions_boundary=boundary.arn,
        tags={"team": "shop", "stage": variable(stack), "bucket": f"of {bucket.arn}"},
    )

    resources = synthesised(app, "web")["resource"]
    assert set(resources["aws_iam_role"]) == {"web-execution", "web-task"}
    (output,) = synthesised(app, "shared")["output"]
    for role in resources["aws_iam_role"].values():
        assert role["permissions_boundary"] == f"${{data.terraform_remote_state.{REMOTE_STATE}.outputs.{output}}}"
    tags = {"bucket": "of ${aws_s3_bucket.bucket.arn}", "stage": "${var.stage}", "team": "shop"}
    tagged = [*resources["aws_iam_role"].values(), *resources["aws_iam_policy"].values()]
    assert [resource["tags"] for resource in tagged] == [tags] * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            lambda stack: {"permissions_boundary": IamPolicy(stack, "boundary", policy="{}").name},
            "web/roles: permissions_boundary: must be the ARN of a policy; got ${aws_iam_policy.boundary.name}",
        ),
        (
            lambda stack: {"tags": {variable(stack): "x"}},
            "web/roles: tags: must have keys that are known before the apply; got ${var.stage}",
        ),
        (
            lambda _: {"permissions_boundary": "${aws_iam_policy.boundary.arn}"},
            "role web-execution: permissions_boundary: ",
        ),
        (lambda stack: {"tags": {"a": variable(stack), "A": "x"}}, "role web-execution: tags: "),
    ],
)
def test_wrong_boundaries_and_tags_are_refused(
    stack: Any, arguments: Callable[[Any], dict[str, Any]], message: str
) -> None:
    with pytest.raises(InputError) as raised:
        EcsTaskRoles(stack, "roles", name="web", task_definition=[container()], **arguments(stack))

    assert message in str(raised.value)
    assert "TfToken" not in str(raised.value)


def synthesised(app: Any, stack: str) -> dict[str, Any]:
    app.synth()
    return json.loads((Path(app.outdir) / "stacks" / stack / "cdk.tf.json").read_text())


def variable(stack: Any) -> str:
    return str(TerraformVariable(stack, "stage", type="string").string_value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            lambda _: {"task_definition": [container()]},
            "web/roles: name: must be given, for the names of the roles: the family is not in the task definition",
        ),
        (
            lambda stack: {
                "task_definition": {"family": f"{variable(stack)}-web", "containerDefinitions": [container()]}
            },
            "web/roles: name: must be given, for the names of the roles: the family is known only after the apply",
        ),
        (
            lambda stack: {"name": "web", "task_definition": [container(secrets=secrets(variable(stack)))]},
            "contains the placeholder '${var.stage}'; grants can be derived only from references to",
        ),
        (
            lambda _: {"name": "web", "task_definition": Fn.jsonencode([container()])},
            "task_definition: must be data, JSON text or the path of a file; got '${",
        ),
        (lambda _: {"name": "web", "task_definition": "none.json"}, "none.json: no such file or folder"),
        (lambda _: {"name": "w" * 60, "task_definition": [container()]}, "must be 1 to 64 characters long"),
        (
            lambda _: {"name": "web", "task_definition": [container()], "options": {"kms_key": {}}},
            "unknown key 'kms_key'; did you mean kms_keys?",
        ),
        (
            lambda _: {"name": "web", "task_definition": [container()], "grants": [{"actions": ["s3:*"]}]},
            "grants[0]",
        ),
    ],
)
def test_invalid_arguments_are_refused(stack: Any, arguments: Callable[[Any], dict[str, Any]], message: str) -> None:
    with pytest.raises(InputError) as raised:
        EcsTaskRoles(stack, "roles", **arguments(stack))

    assert message in str(raised.value)
    assert "TfToken" not in str(raised.value)


def test_a_stack_without_region_and_account_is_refused(app: Any) -> None:
    stack = engine.TerraformStack(app, "web")
    engine.AwsProvider(stack, "aws")

    with pytest.raises(InputError) as raised:
        EcsTaskRoles(stack, "roles", name="web", task_definition=[container()])

    assert str(raised.value).splitlines() == [
        "web/roles: account: is not known; pass account=, or name one account in allowed_account_ids of the stack's"
        " AwsProvider",
        "web/roles: region: is not known; pass region=, or set region of the stack's AwsProvider",
    ]


def test_given_region_and_account_need_no_provider(app: Any) -> None:
    stack = engine.TerraformStack(app, "web")

    EcsTaskRoles(stack, "roles", name="web", task_definition=[container()], region="cn-north-1", account="444455556666")

    assert "arn:aws-cn:ecs:cn-north-1:444455556666:*" in engine.Testing.synth(stack)


def test_tuples_are_read_as_lists_and_other_objects_are_refused(stack: Any) -> None:
    EcsTaskRoles(stack, "roles", name="web", task_definition=(container(secrets=()),))

    with pytest.raises(InputError, match="web/other: must contain only JSON data"):
        EcsTaskRoles(stack, "other", name="other", task_definition=[container(command=[object()])])
