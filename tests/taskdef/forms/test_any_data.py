"""Tests data of any shape under the keys of all forms: it gives documents or an InputError."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from taskrole.errors import InputError
from tests.taskdef.forms.reading import derived, read
from tests.taskdef.forms.written import ADDRESS, plan, resource_change, shown_state, state_file

KEYS = st.sampled_from(
    [
        *(
            "Ref",
            "Fn::Sub",
            "Fn::If",
            "Fn::Join",
            "Fn::Split",
            "Fn::Select",
            "Fn::FindInMap",
            "Fn::GetAtt",
            "Fn::Equals",
        ),
        *(
            "Fn::ImportValue",
            "Fn::Transform",
            "Fn::Not",
            "Fn::And",
            "Condition",
            "Name",
            "Image",
            "Secrets",
            "ValueFrom",
        ),
        *("ContainerDefinitions", "Properties", "Type", "Default", "Volumes", "LogConfiguration", "Options"),
        *("container_definitions", "volume", "primary_container", "image", "secret", "value_from", "name", "log_group"),
        *("aws_logs_configuration", "efs_volume_configuration", "file_system_id", "awslogs-group", "A", "B"),
    ]
)
TEXTS = st.sampled_from(
    ["", "A", "B", "${A}", "${A.B}", "a:b", "/", "0", "true", "AWS::NoValue", "AWS::Region", "[{}]", "["]
)
LEAVES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-1, 3))
DATA = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=20,
)
SMALL = settings(max_examples=60)


def survives(data: Any) -> None:
    with suppress(InputError):
        derived(read(json.dumps(data)))


@SMALL
@example({"Fn::Transform": None}, None, None, None)
@example({"ContainerDefinitions": {"Fn::Transform": None}}, None, None, None)
@example({"ContainerDefinitions": [{"Fn::Transform": None}]}, None, None, None)
@given(DATA, DATA, DATA, DATA)
def test_templates_of_any_shape_are_read_or_refused(
    properties: Any, conditions: Any, parameters: Any, mappings: Any
) -> None:
    resource = {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}
    express = {"Type": "AWS::ECS::ExpressGatewayService", "Properties": properties, "Condition": "A"}
    parts = {"Conditions": {"A": conditions, "B": conditions}, "Parameters": {"A": parameters}, "Mappings": mappings}

    survives({"Resources": {"A": resource, "B": express, "C": properties}, **parts, "Transform": mappings})


@SMALL
@given(DATA, DATA, DATA)
def test_plans_and_states_of_any_shape_are_read_or_refused(attributes: Any, unknown: Any, expressions: Any) -> None:
    configured = {"mode": "managed", "type": "aws_ecs_task_definition", "name": "web", "expressions": expressions}
    configuration = {"root_module": {"resources": [configured]}}
    for address in (ADDRESS, "aws_ecs_express_gateway_service.web", "aws_ecs_daemon_task_definition.web"):
        survives(plan([resource_change(address, attributes, unknown, unknown)], configuration=configuration))
    survives(shown_state([{"address": ADDRESS, "values": attributes, "sensitive_values": unknown}]))
    survives(state_file([{"attributes": attributes, "sensitive_attributes": unknown}]))


@SMALL
@given(DATA, DATA)
def test_other_forms_of_any_shape_are_read_or_refused(first: Any, second: Any) -> None:
    survives({"primaryContainer": first, "serviceName": second})
    survives({"service": {"activeConfigurations": first, "serviceArn": second}})
    survives({"daemonTaskDefinition": {"containerDefinitions": first, "volumes": second}})
    survives([first, second])
    survives(first)
