"""Tests that the roles of a task are exact where policies are enforced: derived, deployed, assumed and used.

The calls of the task succeed, their neighbours get AccessDenied. ministack differs from IAM in three cases. Two go
to its policy simulator with the ARN that IAM uses: ssm:GetParameters (it evaluates `*`) and writing to a log stream (it
leaves out the stream). The third is kms:ViaService: no service of its calls KMS, and its simulator takes no context; so
the direct call is denied, and the same statement without its condition matches the key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws
from tests.e2e.project import Project

ROLES = """\
    version: 1
    stacks:
      s:
        region: eu-west-1
        account: "111122223333"
        roles:
          api-execution:
            kind: execution
            trust: {principals: {aws: ["111122223333"]}}
            task_definitions: [api.json]
            options:
              kms_keys: {KMS_SECRET: KEY}
          api-task:
            kind: task
            trust: {principals: {aws: ["111122223333"]}}
            task_definitions: [api.json]
            options:
              ecs_exec: {}
            grants:
              - {actions: ["s3:GetObject"], resources: "arn:aws:s3:::api-data/in/*"}
              - {actions: ["dynamodb:GetItem"], resources: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}
"""
DIGEST = f"sha256:{'0' * 64}"


class Api:
    """The deployed roles of the task, clients with their sessions, and the existing resources."""

    def __init__(self, aws: EnforcingAws, made: dict[str, str], roles: dict[str, str]) -> None:
        self.aws, self.made, self.roles = aws, made, roles
        self.credentials = {kind: aws.assume(arn) for kind, arn in roles.items()}

    def client(self, role: str, service: str) -> Any:
        return self.aws.client(service, self.credentials[role])

    def simulate(self, role: str, action: str, resource: str) -> str:
        (result,) = self.aws.client("iam").simulate_principal_policy(
            PolicySourceArn=self.roles[role], ActionNames=[action], ResourceArns=[resource]
        )["EvaluationResults"]
        return result["EvalDecision"]


@pytest.fixture(scope="module")
def api(enforced: tuple[EnforcingAws, dict[str, str]], terraform: str, tmp_path_factory: pytest.TempPathFactory) -> Api:
    aws, variables = enforced
    made = _make_what_is_there(aws)
    project = Project(tmp_path_factory.mktemp("api"), variables, terraform)
    key = made["key"]
    project.write(ROLES.replace("KMS_SECRET", made["secret/kms"]).replace("KEY", key))
    (project.folder / "api.json").write_text(json.dumps(_task_definition(made)))
    project.deploy()
    assert not project.has_changes()
    outputs = project.output_values()
    return Api(aws, made, {"execution": outputs["api-execution_arn"], "task": outputs["api-task_arn"]})


def _make_what_is_there(aws: EnforcingAws) -> dict[str, str]:
    made = {}
    secrets, s3, ecr, kms = (aws.client(name) for name in ("secretsmanager", "s3", "ecr", "kms"))
    for name in ("full", "full-extra1", "part", "part-longer", "kms"):
        made[f"secret/{name}"] = secrets.create_secret(Name=f"api/{name}", SecretString='{"key": "x"}')["ARN"]
    for bucket in ("api-settings", "api-data", "api-data-other"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key in ("api.env", "api.env2", "in/1", "out/1"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    for repository in ("shop/api", "shop/api2", "shop"):
        ecr.create_repository(repositoryName=repository)
    made["key"] = kms.create_key()["KeyMetadata"]["Arn"]
    for table in ("orders", "orders2"):
        aws.client("dynamodb").create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    return made


def _task_definition(made: dict[str, str]) -> dict[str, Any]:
    log = {"awslogs-group": "/api", "awslogs-region": REGION, "awslogs-stream-prefix": "run"}
    return {
        "family": "api",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [
            {
                "name": "api",
                "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/api:1@{DIGEST}",
                "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::api-settings/api.env"}],
                "secrets": [
                    {"name": "FULL", "valueFrom": f"{made['secret/full']}:key::"},
                    {"name": "PART", "valueFrom": made["secret/part"].rpartition("-")[0]},
                    {"name": "KMS", "valueFrom": made["secret/kms"]},
                    {"name": "PARAMETER", "valueFrom": "/api/parameter"},
                ],
                "logConfiguration": {"logDriver": "awslogs", "options": log},
            }
        ],
    }


def secret(name: str) -> Callable[[Api], object]:
    return lambda api: api.client("execution", "secretsmanager").get_secret_value(SecretId=api.made[f"secret/{name}"])


def image(repository: str) -> Callable[[Api], object]:
    return lambda api: api.client("execution", "ecr").batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": "1"}]
    )


def layer(repository: str) -> Callable[[Api], object]:
    return lambda api: api.client("execution", "ecr").get_download_url_for_layer(
        repositoryName=repository, layerDigest=DIGEST
    )


def s3_object(role: str, bucket: str, key: str) -> Callable[[Api], object]:
    return lambda api: api.client(role, "s3").get_object(Bucket=bucket, Key=key)


def item(table: str) -> Callable[[Api], object]:
    return lambda api: api.client("task", "dynamodb").get_item(TableName=table, Key={"id": {"S": "1"}})


NEEDED = {
    "the registry's token": lambda api: api.client("execution", "ecr").get_authorization_token(),
    "the image's manifest": image("shop/api"),
    "the image's layers": layer("shop/api"),
    "a secret by its ARN": secret("full"),
    "a secret by its ARN without suffix": secret("part"),
    "a secret with a key of its own": secret("kms"),
    "the environment file": s3_object("execution", "api-settings", "api.env"),
    "where its bucket is": lambda api: api.client("execution", "s3").get_bucket_location(Bucket="api-settings"),
    "the application's objects": s3_object("task", "api-data", "in/1"),
    "the application's table": item("orders"),
}
DENIED = {
    "an image of a longer name": image("shop/api2"),
    "an image of a shorter name": image("shop"),
    "layers of a longer name": layer("shop/api2"),
    "a secret that looks like the secret with a suffix": secret("full-extra1"),
    "a secret of a longer name": secret("part-longer"),
    "listing secrets": lambda api: api.client("execution", "secretsmanager").list_secrets(),
    "changing the secret": lambda api: api.client("execution", "secretsmanager").put_secret_value(
        SecretId=api.made["secret/full"], SecretString="y"
    ),
    "another object": s3_object("execution", "api-settings", "api.env2"),
    "listing the bucket": lambda api: api.client("execution", "s3").list_objects_v2(Bucket="api-settings"),
    "writing the environment file": lambda api: api.client("execution", "s3").put_object(
        Bucket="api-settings", Key="api.env", Body=b"y"
    ),
    "pushing an image": lambda api: api.client("execution", "ecr").initiate_layer_upload(repositoryName="shop/api"),
    "the key without the service": lambda api: api.client("execution", "kms").decrypt(
        CiphertextBlob=api.aws.client("kms").encrypt(KeyId=api.made["key"], Plaintext=b"x")["CiphertextBlob"],
        KeyId=api.made["key"],
    ),
    "the application's objects, by the agent": s3_object("execution", "api-data", "in/1"),
    "the agent's secret, by the application": lambda api: api.client("task", "secretsmanager").get_secret_value(
        SecretId=api.made["secret/full"]
    ),
    "objects elsewhere in the bucket": s3_object("task", "api-data", "out/1"),
    "objects of a bucket with a longer name": s3_object("task", "api-data-other", "in/1"),
    "a table of a longer name": item("orders2"),
    "writing to the table": lambda api: api.client("task", "dynamodb").put_item(
        TableName="orders", Item={"id": {"S": "1"}}
    ),
}


@pytest.mark.parametrize("call", NEEDED.values(), ids=NEEDED)
def test_the_calls_of_the_task_succeed(api: Api, call: Callable[[Api], object]) -> None:
    call(api)


@pytest.mark.parametrize("call", DENIED.values(), ids=DENIED)
def test_other_calls_are_denied(api: Api, call: Callable[[Api], object]) -> None:
    with pytest.raises(ClientError) as caught:
        call(api)

    assert caught.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")


PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/api/parameter"
STREAM = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/api:log-stream:run/api/0123456789abcdef"
SIMULATED = [
    ("execution", "ssm:GetParameters", PARAMETER, "allowed"),
    ("execution", "ssm:GetParameters", f"{PARAMETER}s", "implicitDeny"),
    ("execution", "ssm:GetParametersByPath", PARAMETER, "implicitDeny"),
    ("execution", "logs:CreateLogStream", STREAM, "allowed"),
    ("execution", "logs:PutLogEvents", STREAM, "allowed"),
    ("execution", "logs:PutLogEvents", STREAM.replace("/api:", "/api2:"), "implicitDeny"),
    ("execution", "logs:PutLogEvents", STREAM.replace("run/api/", "run/other/"), "implicitDeny"),
    ("execution", "logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/api", "implicitDeny"),
    ("task", "ssmmessages:OpenDataChannel", "*", "allowed"),
    ("execution", "ssmmessages:OpenDataChannel", "*", "implicitDeny"),
    ("task", "logs:PutLogEvents", STREAM, "implicitDeny"),
]


@pytest.mark.parametrize(("role", "action", "resource", "decision"), SIMULATED)
def test_calls_that_the_endpoint_does_not_evaluate_are_simulated(api: Api, role, action, resource, decision) -> None:
    assert api.simulate(role, action, resource) == decision


def test_the_statement_for_the_key_fits_it_but_for_the_condition_that_the_service_calls(api: Api) -> None:
    iam = api.aws.client("iam")
    (name,) = iam.list_role_policies(RoleName="api-execution")["PolicyNames"]
    document = iam.get_role_policy(RoleName="api-execution", PolicyName=name)["PolicyDocument"]
    (statement,) = [statement for statement in document["Statement"] if statement["Action"] == "kms:Decrypt"]
    assert statement.pop("Condition") == {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}
    trust = iam.get_role(RoleName="api-execution")["Role"]["AssumeRolePolicyDocument"]
    arn = iam.create_role(RoleName="unconditioned", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    without = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="unconditioned", PolicyName="kms", PolicyDocument=without)
    sealed = api.aws.client("kms").encrypt(KeyId=api.made["key"], Plaintext=b"x")["CiphertextBlob"]

    opened = api.aws.client("kms", api.aws.assume(arn)).decrypt(CiphertextBlob=sealed, KeyId=api.made["key"])

    assert opened["Plaintext"] == b"x"
