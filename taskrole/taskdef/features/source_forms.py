"""What the forms report that task definitions are kept in, where these say less than a task definition does."""

from __future__ import annotations

from taskrole.taskdef.feature import SURROUNDINGS, Feature
from taskrole.taskdef.rule import API, DOCS, Rule

_RULES = (
    Rule(
        "TRANSFORM",
        "refused",
        "Fn::Transform and macros of a CloudFormation template are not run; a macro of the whole template is a warning",
        "Fn::Transform, Transform",
        f"{DOCS}/AWSCloudFormation/latest/UserGuide/template-macros.html",
        unseen=True,
    ),
    Rule(
        "SENSITIVE",
        "note",
        "Of what Terraform marks as sensitive only the names are shown that policies need",
        "container_definitions",
        "https://developer.hashicorp.com/terraform/internals/json-format",
    ),
    Rule(
        "EXPRESS-LOGS",
        "note",
        "An Express service that names no log group logs to one that ECS chooses",
        "primaryContainer.awsLogsConfiguration",
        f"{API}/API_ExpressGatewayContainer.html",
        verified=False,
        note="Which group ECS chooses is not documented.",
        unseen=True,
    ),
)

FEATURE = Feature(SURROUNDINGS, _RULES)
