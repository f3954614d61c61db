"""An emulated AWS with an organization, whose accounts each run a service in the region of the caller.

It is the server of moto without AWS managed policies, of which each account would have a copy: fifty take minutes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from taskrole.local.environment import CREDENTIALS, REGION
from taskrole.local.record import ServerRecord
from tests.e2e.console import TRUST

ROLE = "TaskroleAudit"
PULL = ["ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"]
_RUNS = re.compile(r"Running on http://127\.0\.0\.1:([0-9]+)")


@contextmanager
def emulated_aws() -> Iterator[ServerRecord]:
    """Run moto's server, and stop it at the end."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            port = next(match[1] for line in process.stderr if (match := _RUNS.search(line)))
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
            yield ServerRecord(int(port), process.pid, "", "")
        finally:
            process.kill()
            drain.wait()


def caller(aws: ServerRecord) -> Callable[[str], Any]:
    """Return a function that creates clients of the management account."""
    return lambda service: boto3.client(service, endpoint_url=aws.endpoint, region_name=REGION, **CREDENTIALS)


def member(aws: ServerRecord, account: str) -> Callable[..., Any]:
    """Return a function that creates clients of an account by a session of a role in it."""
    arn = f"arn:aws:iam::{account}:role/setup"
    given = caller(aws)("sts").assume_role(RoleArn=arn, RoleSessionName="setup")["Credentials"]

    def connect(service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            endpoint_url=aws.endpoint,
            region_name=region,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    return connect


def create_organization(organizations: Any, number: int) -> tuple[str, ...]:
    """Create an organization with `number` accounts beside the management account; return their ids, sorted."""
    organizations.create_organization(FeatureSet="ALL")
    made = (
        organizations.create_account(AccountName=f"shop-{index:02}", Email=f"shop-{index}@example.com")
        for index in range(number)
    )
    return tuple(sorted(status["CreateAccountStatus"]["AccountId"] for status in made))


def make_role(iam: Any, *, lacks: bool) -> None:
    """Create an execution role that may read every secret and much else; with `lacks` it may not."""
    actions = ["s3:GetObject", "s3:PutObject", *([] if lacks else ["secretsmanager:GetSecretValue"])]
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": "*"},
        {"Effect": "Allow", "Action": PULL, "Resource": "*"},
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.create_role(RoleName="execution", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="execution", PolicyName="own", PolicyDocument=json.dumps(policy))


def serve(ecs: Any, account: str, region: str = REGION) -> None:
    """Create a service whose tasks pull an image and read a secret."""
    ecs.create_cluster(clusterName="prod")
    secret = f"arn:aws:secretsmanager:{region}:{account}:secret:web-AbCdEf"
    image = f"{account}.dkr.ecr.{region}.amazonaws.com/web:1"
    answer = ecs.register_task_definition(
        family="web",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=f"arn:aws:iam::{account}:role/execution",
        containerDefinitions=[{"name": "web", "image": image, "secrets": [{"name": "S", "valueFrom": secret}]}],
    )
    task_definition = answer["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(cluster="prod", serviceName="web", taskDefinition=task_definition, desiredCount=1)
