"""Tests that a task has the same normal form, grants and policies in every form."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.derived import derived_roles
from taskrole.output.json_text import json_text
from taskrole.taskdef import TaskDocument
from tests.taskdef.forms.reading import derived, read
from tests.taskdef.forms.written import written_in_all_forms

ECR = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"
ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/db-a1B2c3"

names = st.sampled_from(["web", "worker", "log_router"])
secrets = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["DB", "KEY"]),
        "valueFrom": st.sampled_from(["/shop/db", "token", ARN, f"{ARN}:password::"]),
    }
)
logs = st.fixed_dictionaries(
    {
        "logDriver": st.just("awslogs"),
        "options": st.fixed_dictionaries(
            {
                "awslogs-group": st.sampled_from(["/ecs/web", "Shop_Logs"]),
                "awslogs-region": st.just("eu-central-1"),
                "awslogs-stream-prefix": st.just("ecs"),
            },
            optional={"awslogs-create-group": st.sampled_from(["true", "false"])},
        ),
    }
)
containers = st.fixed_dictionaries(
    {"name": names, "image": st.sampled_from(["nginx", f"{ECR}/shop/web:1", f"{ECR}/shop/web@sha256:{'a' * 64}"])},
    optional={
        "secrets": st.lists(secrets, max_size=2),
        "logConfiguration": logs,
        "environment": st.lists(
            st.fixed_dictionaries({"name": st.just("A"), "value": st.text("aZ 1=é", max_size=4)}), max_size=1
        ),
        "readonlyRootFilesystem": st.booleans(),
        "mountPoints": st.just([{"sourceVolume": "data", "containerPath": "/data", "readOnly": True}]),
    },
)
efs = st.fixed_dictionaries(
    {"fileSystemId": st.just("fs-12345678"), "transitEncryption": st.just("ENABLED")},
    optional={"authorizationConfig": st.just({"accessPointId": "fsap-12345678", "iam": "ENABLED"})},
)
tasks = st.fixed_dictionaries(
    {
        "family": st.just("web"),
        "containerDefinitions": st.lists(
            containers, min_size=1, max_size=2, unique_by=lambda container: container["name"]
        ),
    },
    optional={
        "executionRoleArn": st.just("arn:aws:iam::111122223333:role/exec"),
        "requiresCompatibilities": st.just(["FARGATE"]),
        "volumes": st.lists(
            st.fixed_dictionaries({"name": st.just("data"), "efsVolumeConfiguration": efs}), max_size=1
        ),
    },
)


def policies(documents: list[TaskDocument]) -> str:
    roles = derived_roles(derived(documents))
    return json_text([[role.key, [policy.document for policy in role.policies]] for role in roles])


def causes(documents: list[TaskDocument]) -> list[Any]:
    """Return the grants and findings without their locations."""
    derivation = derived(documents)
    grants = sorted(
        (grant.role, grant.rule, grant.actions, grant.resources, grant.because) for grant in derivation.grants
    )
    return [grants, sorted((finding.code, finding.severity, finding.message) for finding in derivation.findings)]


@settings(max_examples=40)
@given(tasks)
def test_every_form_of_a_task_derives_to_the_same_bytes(task: dict[str, Any]) -> None:
    documents = {form: read(text) for form, text in written_in_all_forms(task).items()}

    expected = documents["register"]
    for form, of_form in documents.items():
        assert of_form[0].data == expected[0].data, form
        assert policies(of_form) == policies(expected), form
        assert causes(of_form) == causes(expected), form


@settings(max_examples=40)
@given(tasks)
def test_container_definitions_alone_derive_to_the_same_policies_as_in_a_task_definition(task: dict[str, Any]) -> None:
    containers = task["containerDefinitions"]

    alone, whole = read(json.dumps(containers)), read(json.dumps({"containerDefinitions": containers}))

    assert policies(alone) == policies(whole)


@settings(max_examples=40)
@given(tasks)
def test_every_pointer_leads_to_a_value_of_the_template(task: dict[str, Any]) -> None:
    text = written_in_all_forms(task)["template in JSON"]

    for grant in derived(read(text)).grants:
        node = json.loads(text)
        for step in grant.source.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step.replace("~1", "/").replace("~0", "~")]
        assert node is not None
