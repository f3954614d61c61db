"""A CDKTF app of one's own: what a task uses, its task definition, and the two roles derived from it."""

from __future__ import annotations

import json

# First, since it makes the imports below it cheap.
from taskrole_cdktf import EcsTaskRoles  # isort: skip

from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecr_repository import EcrRepository
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

REGION = "eu-west-1"
ACCOUNT = "111122223333"


class Web(TerraformStack):
    """A web application on Fargate with an image, a secret, a log and a bucket, all of this stack."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        AwsProvider(self, "aws", region=REGION, allowed_account_ids=[ACCOUNT])
        self.add_override("terraform.required_providers.aws", {"source": "hashicorp/aws", "version": ">= 5.100, < 7.0"})
        LocalBackend(self, path=f"../../../terraform.{name}.tfstate")

        repository = EcrRepository(self, "repository", name="web")
        database = SecretsmanagerSecret(self, "database", name="web/database")
        logs = CloudwatchLogGroup(self, "logs", name="/web", retention_in_days=30)
        uploads = S3Bucket(self, "uploads", bucket_prefix="web-uploads-")

        containers = json.dumps(
            [
                {
                    "name": "web",
                    "image": f"{repository.repository_url}:1.4.2",
                    "essential": True,
                    "portMappings": [{"containerPort": 8080}],
                    "secrets": [{"name": "DATABASE_PASSWORD", "valueFrom": f"{database.arn}:password::"}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": logs.name,
                            "awslogs-region": REGION,
                            "awslogs-stream-prefix": "web",
                        },
                    },
                }
            ]
        )
        # What ECS needs is derived; what the application calls is said here.
        roles = EcsTaskRoles(
            self,
            "roles",
            name="web",
            task_definition=containers,
            grants=[{"actions": ["s3:PutObject"], "resources": [f"{uploads.arn}/*"], "because": "users upload files"}],
        )
        EcsTaskDefinition(
            self,
            "web",
            family="web",
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu="256",
            memory="512",
            execution_role_arn=roles.execution_role_arn,
            task_role_arn=roles.task_role_arn,
            container_definitions=containers,
            # A service that uses this task definition waits for it, and so for what the roles may do.
            depends_on=[*roles.policies],
        )


app = App()
Web(app, "web")
app.synth()
