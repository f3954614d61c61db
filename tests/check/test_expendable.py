"""Tests that a log router that cannot read its configuration stops the task only if it is essential."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.check import CheckReport, check_tasks
from taskrole.check.report import Assignment
from taskrole.check.text import report_lines, summary_line
from taskrole.taskdef import Options
from taskrole.taskdef.read import parse_document

from .scenarios import CONTEXT, allow, subject

LOCATION, OBJECT = "s3:GetBucketLocation", "s3:GetObject"
CONFIGURATION = "arn:aws:s3:::shop-config/fluent/extra.conf"


def router(**more: Any) -> dict[str, Any]:
    return {
        "name": "router",
        "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:init-latest",
        "firelensConfiguration": {"type": "fluentbit"},
        "environment": [{"name": "aws_fluent_bit_init_s3_1", "value": CONFIGURATION}],
        **more,
    }


def container(name: str = "web", **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "nginx", **more}


def after(condition: str, name: str = "router") -> dict[str, Any]:
    return {"dependsOn": [{"containerName": name, "condition": condition}]}


def checked(*containers: dict[str, Any]) -> CheckReport:
    data = {"family": "shop", "taskRoleArn": "shop-task", "containerDefinitions": list(containers)}
    role = subject("shop-task", allow(OBJECT, CONFIGURATION))
    both = {"execution": Options(), "task": Options()}
    return check_tasks([parse_document(data, "shop.json")], CONTEXT, both, [Assignment("shop.json", "task", role)])


def would_fail(*containers: dict[str, Any]) -> bool:
    report = checked(*containers)
    assert [item.actions for role in report.roles for item in role.items if item.status == "MISSING"] == [(LOCATION,)]
    return bool(report.failing)


@pytest.mark.parametrize("essential", [{}, {"essential": True}, {"essential": None}])
def test_an_essential_router_without_the_location_of_its_bucket_stops_the_task(essential) -> None:
    assert would_fail(container(), router(**essential))


def test_a_router_that_is_not_essential_stops_alone() -> None:
    report = checked(container(), router(essential=False))

    assert not would_fail(container(), router(essential=False))
    assert summary_line(report).startswith("2 OK, 1 MISSING, 1 unknown: 0 of 1 task definition would fail to start")
    assert any("(the container stops, and the task continues without it)" in line for line in report_lines(report))


@pytest.mark.parametrize("condition", ["START", "COMPLETE"])
def test_a_container_that_waits_for_the_start_or_end_of_the_router_runs(condition: str) -> None:
    assert not would_fail(container(**after(condition)), router(essential=False))


@pytest.mark.parametrize("condition", ["HEALTHY", "SUCCESS", "${CONDITION}"])
def test_a_container_that_waits_for_health_or_success_never_starts_and_stops_the_task(condition: str) -> None:
    assert would_fail(container(**after(condition)), router(essential=False))


@pytest.mark.parametrize("unread", ["${WAITS}", [{"condition": "HEALTHY"}], ["router"]])
def test_an_unreadable_dependency_may_be_on_the_router(unread: Any) -> None:
    assert would_fail(container(dependsOn=unread), router(essential=False))


def test_a_container_that_waits_for_one_that_never_starts_never_starts() -> None:
    waiting = container("agent", essential=False, **after("HEALTHY"))

    assert not would_fail(container(), waiting, router(essential=False))
    assert would_fail(container(**after("START", "agent")), waiting, router(essential=False))


def test_containers_that_wait_for_each_other_give_no_endless_loop() -> None:
    first = container("a", essential=False, **after("HEALTHY", "b"))
    other = container("b", essential=False, **after("HEALTHY", "a"))

    assert not would_fail(first, other, router(essential=False))


@pytest.mark.parametrize("essential", ["${ESSENTIAL}", "perhaps", 1, []])
def test_an_unknown_router_counts_as_essential(essential: Any) -> None:
    report = checked(container(), router(essential=essential))

    assert (report.errors, len(report.failing)) == ((), 1)


@pytest.mark.parametrize("essential", [False, "false"])
def test_the_router_is_recognised_by_the_pointers_of_a_template(essential: Any) -> None:
    """CloudFormation accepts the flag as text, and has its own spelling of fields."""
    web = {"Name": "web", "Image": "nginx"}
    routing = {
        "Name": "router",
        "Essential": essential,
        "Image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:init-latest",
        "FirelensConfiguration": {"Type": "fluentbit"},
        "Environment": [{"Name": "aws_fluent_bit_init_s3_1", "Value": CONFIGURATION}],
    }
    properties = {"TaskRoleArn": "arn:aws:iam::111122223333:role/shop", "ContainerDefinitions": [web, routing]}
    template = {"Resources": {"Web": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}}}
    document = parse_document(template, "template.json")
    both = {"execution": Options(), "task": Options()}

    report = check_tasks([document], CONTEXT, both, [Assignment(document.file, "task", subject("shop"))])

    assert (report.count("MISSING"), report.failing) == (2, frozenset())
