"""Tests plans and states of Terraform: every task definition, placeholders for unknowns, no sensitive values."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from taskrole.reading import LARGEST_FILE
from taskrole.taskdef import Derivation
from tests.growth import LIMIT, SIZES, growth
from tests.taskdef.forms.reading import derived, read, refusal, resources
from tests.taskdef.forms.written import plan, resource_change, shown_state, state_file

WEB = "aws_ecs_task_definition.web"
CONTAINER = {"name": "web", "image": "nginx", "secrets": [{"name": "DB", "valueFrom": "/db"}]}


def values(*containers: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"family": "web", "container_definitions": json.dumps(list(containers) or [CONTAINER]), **parts}


def configuration(**expressions: Any) -> dict[str, Any]:
    resource = {"address": WEB, "mode": "managed", "type": "aws_ecs_task_definition", "name": "web"}
    return {"root_module": {"resources": [{**resource, "expressions": expressions}]}}


def text_of(derivation: Derivation) -> str:
    return repr(derivation)


def test_all_definitions_of_a_plan_are_read_with_their_addresses() -> None:
    inner = 'module.shop["a.b"].aws_ecs_task_definition.web'
    changes = [
        resource_change(WEB, values()),
        {
            **resource_change(inner, values()),
            "type": "aws_ecs_task_definition",
            "name": "web",
            "module_address": 'module.shop["a.b"]',
        },
        {**resource_change("aws_ecs_task_definition.gone", None)},
    ]

    documents = read(json.dumps(plan(changes)), "plan.json")

    assert [document.name for document in documents] == [WEB, inner]
    assert [document.file for document in documents] == [f"plan.json#{WEB}", f"plan.json#{inner}"]
    assert "/container_definitions/0/secrets/0/valueFrom" in resources(documents[:1])


def test_a_value_known_only_after_apply_is_a_placeholder_named_like_the_reference() -> None:
    reference = {"references": ["aws_efs_file_system.data.id", "aws_efs_file_system.data"]}
    role = {"references": ["aws_iam_role.exec.arn", "aws_iam_role.exec"]}
    volume = {"name": {"constant_value": "data"}, "efs_volume_configuration": [{"file_system_id": reference}]}
    after = values(
        {"name": "web", "image": "nginx", "mountPoints": [{"sourceVolume": "data"}]},
        volume=[
            {
                "name": "data",
                "efs_volume_configuration": [
                    {"transit_encryption": "ENABLED", "authorization_config": [{"iam": "ENABLED"}]}
                ],
            }
        ],
    )
    unknown = {
        "execution_role_arn": True,
        "enable_fault_injection": True,
        "volume": [{"efs_volume_configuration": [{"file_system_id": True}]}],
    }
    text = json.dumps(
        plan(
            [resource_change(WEB, after, unknown)],
            configuration=configuration(execution_role_arn=role, volume=[volume]),
        )
    )

    (document,) = read(text)
    filled = read(text, **{"aws_efs_file_system.data.id": "fs-12345678"})

    assert document.data["executionRoleArn"] == "${aws_iam_role.exec.arn}"
    (error,) = [finding for finding in document.findings if finding.severity == "error"]
    assert error.source == "/volume/0/efs_volume_configuration/0/file_system_id"
    assert "${aws_efs_file_system.data.id}" in error.message
    assert any("file-system/fs-12345678" in arn for arns in resources(filled).values() for arn in arns)


def test_containers_known_only_after_apply_are_an_error_with_the_fix() -> None:
    written = {"references": ["aws_ecr_repository.app.repository_url", "aws_ecr_repository.app"]}
    after = {"family": "web"}
    text = json.dumps(
        plan(
            [resource_change(WEB, after, {"container_definitions": True})],
            configuration=configuration(container_definitions=written),
        )
    )

    (document,) = read(text)
    (given,) = read(text, **{f"{WEB}.container_definitions": json.dumps([CONTAINER])})

    (finding,) = document.findings
    assert (finding.code, finding.source) == ("PLACEHOLDER", "/container_definitions")
    assert "it refers to aws_ecr_repository.app.repository_url; apply first" in finding.message
    assert given.data["containerDefinitions"] == [CONTAINER]


def test_a_configuration_in_json_shows_the_unknown_part() -> None:
    written = {"constant_value": json.dumps([{**CONTAINER, "image": "${aws_ecr_repository.app.repository_url}:1"}])}
    changes = [resource_change(WEB, {"family": "web"}, {"container_definitions": True})]

    (document,) = read(json.dumps(plan(changes, configuration=configuration(container_definitions=written))))

    assert document.data["containerDefinitions"][0]["image"] == "${aws_ecr_repository.app.repository_url}:1"


def test_a_daemon_and_an_express_service_of_a_plan_are_read() -> None:
    daemon = {
        "family": "agent",
        "container_definition": [
            {
                "name": "agent",
                "image": "nginx",
                "secret": [{"name": "DB", "value_from": "/db"}],
                "environment_file": [{"type": "s3", "value": "arn:aws:s3:::files/a.env"}],
                "log_configuration": [{"log_driver": "splunk", "secret_option": [{"name": "k", "value_from": "/key"}]}],
            }
        ],
        "volume": [],
    }
    express = {
        "service_name": "shop",
        "region": "eu-west-1",
        "infrastructure_role_arn": "arn:aws:iam::111122223333:role/infra",
        "primary_container": [
            {
                "image": "nginx",
                "aws_logs_configuration": [{"log_group": "/shop", "log_stream_prefix": None}],
                "secret": [{"name": "DB", "value_from": "/db"}],
            }
        ],
    }
    changes = [
        resource_change("aws_ecs_daemon_task_definition.agent", daemon),
        resource_change("aws_ecs_express_gateway_service.shop", express),
    ]

    first, second = read(json.dumps(plan(changes)))

    pointers = set(resources([first]))
    assert {
        "/container_definition/0/secret/0/value_from",
        "/container_definition/0/environment_file/0/value",
        "/container_definition/0/log_configuration/0/secret_option/0/value_from",
    } <= pointers
    granted = resources([second])
    assert "/primary_container/0/secret/0/value_from" in granted
    assert granted["/primary_container/0/aws_logs_configuration/0/log_group"] == (
        "arn:aws:logs:eu-west-1:111122223333:log-group:/shop:log-stream:ecs/Main/*",
    )


def test_a_state_is_read_in_modules_and_instances() -> None:
    inner = {
        "resources": [
            {
                "address": "module.a.aws_ecs_task_definition.web",
                "mode": "managed",
                "type": "aws_ecs_task_definition",
                "name": "web",
                "values": values(),
            }
        ]
    }
    documents = read(json.dumps(shown_state([{"address": WEB, "values": values()}], child_modules=[inner])))
    stored = read(
        json.dumps(
            state_file(
                [{"index_key": "a", "attributes": values()}, {"index_key": 1, "attributes": values()}],
                module="module.a",
            )
        )
    )

    assert [document.name for document in documents] == [WEB, "module.a.aws_ecs_task_definition.web"]
    assert [document.name for document in stored] == [f'module.a.{WEB}["a"]', f"module.a.{WEB}[1]"]


@pytest.mark.parametrize("form", ["plan", "state", "state file"])
def test_sensitive_values_are_never_shown(form: str) -> None:
    secret = "hunter2hunter2"
    container = {
        **CONTAINER,
        "image": f"nginx:{secret}${{X}}",
        "environment": [{"name": "PASSWORD", "value": secret}],
        "secrets": [{"name": "A", "valueFrom": secret + "!"}, {"name": "B", "valueFrom": {"x": secret}}],
        "logConfiguration": {"logDriver": secret, "options": {"awslogs-group": f"{secret}:*"}},
    }
    after = values(container, task_role_arn=f"bad role {secret}")
    other = {"mode": "managed", "type": "aws_secretsmanager_secret_version", "name": "db", "address": "x"}
    if form == "plan":
        changes = [resource_change(WEB, after, sensitive={"container_definitions": True, "task_role_arn": True})]
        text = json.dumps(
            plan([*changes, resource_change("aws_secretsmanager_secret_version.db", {"secret_string": secret})])
        )
    elif form == "state":
        sensitive = {"sensitive_values": {"container_definitions": True}}
        text = json.dumps(
            shown_state(
                [{"address": WEB, "values": after, **sensitive}, {**other, "values": {"secret_string": secret}}]
            )
        )
    else:
        paths = [[{"type": "get_attr", "value": "container_definitions"}]]
        state = state_file([{"attributes": after, "sensitive_attributes": paths}])
        state["resources"].append({**other, "instances": [{"attributes": {"secret_string": secret}}]})
        text = json.dumps(state)

    documents = read(text)

    assert documents[0].is_sensitive
    assert secret not in text_of(derived(documents))
    assert "SENSITIVE" in {finding.code for finding in documents[0].findings}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(plan([], format_version="2.0")), "file: format_version: must be 1.x; got '2.0'"),
        (json.dumps({**state_file([]), "version": 3}), "file: version: must be a state of version 4; got 3"),
        (
            json.dumps(plan([resource_change("aws_s3_bucket.a", {})])),
            "is a Terraform plan without an aws_ecs_task_definition",
        ),
        (json.dumps(shown_state([])), "is a Terraform state without an aws_ecs_task_definition"),
        (json.dumps(plan([{"address": 5}])), "file: must have address, a text"),
    ],
)
def test_unusable_plans_and_states_are_refused_in_one_line(text: str, message: str) -> None:
    refused = refusal(text)

    assert message in refused
    assert "\n" not in refused


def test_malformed_container_definitions_are_an_error_at_their_attribute() -> None:
    (document,) = read(json.dumps(plan([resource_change(WEB, values(container_definitions="[{"))])))

    assert [(finding.code, finding.source) for finding in document.findings] == [("TYPE", "/container_definitions")]


def test_plans_and_states_may_be_in_an_array() -> None:
    first, other = plan([resource_change(WEB, values())]), state_file([{"attributes": values()}])

    assert [document.file for document in read(json.dumps([first, other]))] == [f"file#/0#{WEB}", f"file#/1#{WEB}"]


def test_plans_and_states_in_yaml_are_read_too() -> None:
    text = yaml.safe_dump(plan([resource_change(WEB, values())]))

    assert [document.name for document in read(text)] == [WEB]


def test_two_definitions_of_the_same_family_are_kept_apart() -> None:
    changes = [
        resource_change(
            f"aws_ecs_task_definition.{name}",
            values({**CONTAINER, "secrets": [{"name": "A", "valueFrom": f"/{name}"}]}),
        )
        for name in ("blue", "green")
    ]

    grants = derived(read(json.dumps(plan(changes)))).grants

    assert {(grant.file, grant.resources[0].rpartition("/")[2]) for grant in grants} == {
        ("file#aws_ecs_task_definition.blue", "blue"),
        ("file#aws_ecs_task_definition.green", "green"),
    }


def large_plan(definitions: int, description: int = 200) -> bytes:
    changes = [
        resource_change(
            f"aws_ecs_task_definition.web[{number}]",
            values({**CONTAINER, "secrets": [{"name": "A", "valueFrom": f"/a/{number}"}]}),
            index=number,
            description="x" * description,
        )
        for number in range(definitions)
    ]
    return json.dumps(plan(changes)).encode()


@pytest.mark.slow
def test_many_definitions_in_one_plan_take_calls_in_proportion() -> None:
    plans = {size: large_plan(size) for size in SIZES}

    assert growth(lambda size: derived(read(plans[size]))) < LIMIT


def test_a_plan_may_be_larger_than_other_files() -> None:
    content = large_plan(400, description=15_000)

    assert len(content) > LARGEST_FILE
    assert len(derived(read(content)).grants) == 400
