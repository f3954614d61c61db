"""A CDKTF app of one's own: a task definition, and the two roles that its tasks use."""

from __future__ import annotations

import json

# First, since it makes the imports below it cheap.
from taskrole_cdktf import EcsRole, declare_role  # isort: skip

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

REGION = "eu-west-1"
ACCOUNT = "111122223333"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:web/database-AbCdEf"


class Web(TerraformStack):
    """A web application on Fargate that reads one secret and writes to one bucket."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        AwsProvider(self, "aws", region=REGION, allowed_account_ids=[ACCOUNT])
        self.add_override("terraform.required_providers.aws", {"source": "hashicorp/aws", "version": ">= 5.100, < 7.0"})
        LocalBackend(self, path=f"../../../terraform.{name}.tfstate")

        # What ECS uses to start the task.
        execution = EcsRole(
            self,
            declare_role(
                "web-execution",
                kind="execution",
                region=REGION,
                account=ACCOUNT,
                managed_policies=["service-role/AmazonECSTaskExecutionRolePolicy"],
                statements=[
                    {
                        "Sid": "ReadSecret",
                        "Effect": "Allow",
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": SECRET,
                    }
                ],
            ),
        )
        # What the application itself uses.
        task = EcsRole(
            self,
            declare_role(
                "web-task",
                kind="task",
                region=REGION,
                account=ACCOUNT,
                statements=[
                    {
                        "Sid": "WriteUploads",
                        "Effect": "Allow",
                        "Action": "s3:PutObject",
                        "Resource": "arn:aws:s3:::web-uploads/*",
                    }
                ],
            ),
        )
        EcsTaskDefinition(
            self,
            "web",
            family="web",
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu="256",
            memory="512",
            execution_role_arn=execution.arn,
            task_role_arn=task.arn,
            container_definitions=json.dumps([container()]),
            # A service that uses this task definition waits for it, and so for what the roles may do.
            depends_on=[*execution.policies, *task.policies],
        )


def container() -> dict[str, object]:
    """Return the container definition of the application."""
    return {
        "name": "web",
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:1.4.2",
        "essential": True,
        "portMappings": [{"containerPort": 8080}],
        "secrets": [{"name": "DATABASE_URL", "valueFrom": SECRET}],
    }


app = App()
Web(app, "web")
app.synth()
