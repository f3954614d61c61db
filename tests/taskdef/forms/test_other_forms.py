"""Tests container definitions alone, YAML, Express services and daemons."""

from __future__ import annotations

import json
import re
from pathlib import Path

from taskrole.plan import task_forms
from taskrole.taskdef import RULES, forms
from tests.taskdef.forms.reading import derived, read, resources

ECR = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web"
CONTAINER = {"name": "web", "image": ECR, "secrets": [{"name": "DB", "valueFrom": "/db"}]}


def test_container_definitions_alone_have_their_own_pointers() -> None:
    listed, single = read(json.dumps([CONTAINER])), read(json.dumps(CONTAINER))

    assert listed[0].data == single[0].data == {"containerDefinitions": [CONTAINER]}
    assert "/0/secrets/0/valueFrom" in resources(listed)
    assert "/secrets/0/valueFrom" in resources(single)


def test_an_array_may_contain_task_definitions_of_any_form() -> None:
    express = {"primaryContainer": {"image": "nginx", "awsLogsConfiguration": {"logGroup": "/web"}}}
    template = {"Resources": {"Job": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": []}}}}

    documents = read(json.dumps([{"family": "a", "containerDefinitions": [CONTAINER]}, express, template]))

    assert [document.file for document in documents] == ["file#/0", "file#/1", "file#/2#Job"]


def test_yaml_is_recognised_by_its_content() -> None:
    text = (
        "# register-task-definition --cli-input-yaml\nfamily: web\ncontainerDefinitions:\n- name: web\n  image: nginx\n"
    )

    (document,) = read(text, "task.json")

    assert (document.family, document.data["containerDefinitions"]) == ("web", [{"name": "web", "image": "nginx"}])


def test_an_express_service_is_a_single_container_on_fargate() -> None:
    service = {
        "serviceName": "shop",
        "executionRoleArn": "arn:aws:iam::111122223333:role/exec",
        "infrastructureRoleArn": "arn:aws:iam::111122223333:role/infra",
        "primaryContainer": {
            "image": ECR,
            "awsLogsConfiguration": {"logGroup": "/shop", "logStreamPrefix": "web"},
            "secrets": [{"name": "DB", "valueFrom": "/db"}],
        },
    }

    documents = read(json.dumps(service))

    granted = resources(documents)
    assert documents[0].family == "shop"
    assert granted["/primaryContainer/secrets/0/valueFrom"] == ("arn:aws:ssm:eu-central-1:111122223333:parameter/db",)
    assert granted["/primaryContainer/awsLogsConfiguration/logGroup"] == (
        "arn:aws:logs:eu-central-1:111122223333:log-group:/shop:log-stream:web/Main/*",
    )
    assert {(finding.code, finding.severity, finding.source) for finding in derived(documents).findings} >= {
        ("INFRASTRUCTURE-ROLE", "note", "/infrastructureRoleArn")
    }


def test_a_described_express_service_has_each_active_configuration() -> None:
    configurations = [{"primaryContainer": {"image": image}} for image in ("nginx", "redis")]
    service = {
        "serviceArn": "arn:aws:ecs:eu-central-1:111122223333:service/default/shop",
        "infrastructureRoleArn": "infra",
        "activeConfigurations": configurations,
    }

    documents = read(json.dumps({"service": service}))

    assert [document.file for document in documents] == [
        "file#/service/activeConfigurations/0",
        "file#/service/activeConfigurations/1",
    ]
    assert documents[0].data["taskDefinitionArn"].startswith("arn:aws:ecs:eu-central-1:111122223333:")
    assert [(finding.code, finding.source) for finding in documents[1].findings] == [
        ("INFRASTRUCTURE-ROLE", "/service/infrastructureRoleArn"),
        ("EXPRESS-LOGS", "/service/activeConfigurations/1/primaryContainer"),
    ]


def test_a_described_daemon_runs_on_managed_instances() -> None:
    arn = "arn:aws:ecs:eu-central-1:111122223333:daemon-task-definition/agent:1"
    definition = {"daemonTaskDefinitionArn": arn, "family": "agent", "containerDefinitions": [CONTAINER]}

    (document,) = read(json.dumps({"daemonTaskDefinition": definition}))

    assert document.data["requiresCompatibilities"] == ["MANAGED_INSTANCES"]
    assert document.data["taskDefinitionArn"] == arn
    assert "/containerDefinitions/0/secrets/0/valueFrom" in resources([document])


def test_every_finding_of_a_form_is_a_rule_that_can_be_explained() -> None:
    rooms = [Path(room.__file__).parent for room in (forms, task_forms)]
    written = "".join(path.read_text("utf-8") for room in rooms for path in room.rglob("*.py"))

    codes = set(re.findall(r'Finding\(\s*"([A-Z-]+)"', written))

    assert {"TRANSFORM", "SENSITIVE", "EXPRESS-LOGS"} <= codes
    assert codes - set(RULES) == set()
