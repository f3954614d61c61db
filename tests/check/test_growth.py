"""Tests that a check takes calls of functions in proportion to the task definitions of a role."""

from __future__ import annotations

from taskrole.check import Assignment, CheckReport, check_tasks
from taskrole.check.text import report_lines
from taskrole.taskdef import Options
from taskrole.taskdef.read import parse_document
from tests.check.scenarios import CONTEXT, LOGIN, subject
from tests.growth import LIMIT, SIZES, growth


def test_a_role_of_many_tasks_is_checked_in_proportion_to_them() -> None:
    assert growth(check) < LIMIT


def test_a_text_report_of_many_tasks_is_written_in_proportion_to_them() -> None:
    reports = {tasks: report_of(tasks) for tasks in SIZES}
    assert {len(report.unseen) for report in reports.values()} == set(SIZES)

    assert growth(lambda tasks: list(report_lines(reports[tasks]))) < LIMIT


def report_of(tasks: int) -> CheckReport:
    """Return the check of tasks that each have a sidecar whose needs are unknown."""
    sidecar = {"name": "collector", "image": "public.ecr.aws/aws-observability/aws-otel-collector:latest"}
    documents = [
        parse_document({"family": f"web-{number}", "containerDefinitions": [sidecar]}, str(number))
        for number in range(tasks)
    ]
    role = subject("r", LOGIN)
    assignments = [Assignment(document.file, "execution", role) for document in documents]
    return check_tasks(documents, CONTEXT, {"execution": Options(), "task": Options()}, assignments)


def check(tasks: int) -> None:
    image = f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/web:1"
    documents = [
        parse_document(
            {"family": f"web-{number}", "containerDefinitions": [{"name": "web", "image": image}]}, str(number)
        )
        for number in range(tasks)
    ]
    role = subject("r", LOGIN)
    assignments = [Assignment(document.file, "execution", role) for document in documents]
    report = check_tasks(documents, CONTEXT, {"execution": Options(), "task": Options()}, assignments)
    assert len(report.roles) == tasks
