"""Tests that expected reports and the output of verbs fit the JSON Schema of each report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from taskrole.cli import _taskrole as main
from taskrole.report_schemas import REPORTS, report_schema, report_schema_text
from tests.cli.report_schemas import problems
from tests.cli.running import ROOT, taskrole
from tests.cli.verbs import verbs

EXPECTED = ROOT / "tests/expected"
TASKS = "examples/service/task-definitions"
PLACE = ("--region", "eu-central-1", "--account", "123456789012")
# Committed reports, by report.
COMMITTED = {
    "check": [*EXPECTED.glob("check/*.json")],
    "derive": [EXPECTED / "cli/derive_web.json"],
    "observe": [EXPECTED / "cli/observe.json"],
    "review": [
        *EXPECTED.glob("review/*.json"),
        *(path for path in EXPECTED.glob("render/*.json") if ".gitlab" not in path.name),
    ],
}
DENIAL = (
    b"User: arn:aws:sts::123456789012:assumed-role/shop-web/0123456789abcdef0123456789abcdef is not authorized to"
    b" perform: sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:210987654321:queue because no identity-based policy"
    b" allows the sqs:SendMessage action"
)
DENIALS = [path for path in (ROOT / "examples/denials").iterdir() if path.suffix != ".md"]
SERVICE = ("--config", "examples/service/roles.yaml")
RUNS = {
    "check": ("check", TASKS, *PLACE, "--stack", "workshop"),
    "check of a fitting role": ("check", f"{TASKS}/worker.json", "--role", "stack:service/shop-execution", *SERVICE),
    "derive a family": ("derive", f"{TASKS}/web.json", *PLACE),
    "derive several": ("derive", TASKS, *PLACE),
    "derive a role": ("derive", f"{TASKS}/web.json", *PLACE, "--role", "task"),
    **{
        f"derive {path.stem}": ("derive", str(path), "--region", "eu-west-1", "--account", "111122223333", "--partial")
        for path in sorted((ROOT / "tests/taskdef/cases").glob("*.json"))
    },
    "explain-denial": ("explain-denial",),
    **{f"explain-denial {path.name}": ("explain-denial", str(path)) for path in sorted(DENIALS)},
    "explain-denial of a declared role": ("explain-denial", "--stack", "service", *SERVICE),
    "observe": ("observe", "examples/observe/events.jsonl"),
    "observe of a declared role": (
        *("observe", "examples/observe/events.jsonl", "--stack", "production"),
        *("--config", "examples/observe/roles.yaml"),
    ),
    "review": ("review", "tests/plans/broadening/plan.json"),
    "review of all": ("review", "tests/plans/modules/plan.json", "--all", "--source", "tests/plans/modules"),
    "stacks": ("stacks",),
}
# The other verbs write Terraform, or variables.
_OTHER_JSON = {"export", "local env"}


@pytest.mark.parametrize("report", REPORTS)
def test_a_schema_is_valid_and_printed(report: str) -> None:
    Draft202012Validator.check_schema(report_schema(report))

    result = taskrole("schema", "--report", report)

    assert (result.code, result.out, result.err) == (0, report_schema_text(report), "")


@pytest.mark.parametrize("report", REPORTS)
def test_every_object_with_named_members_is_closed(report: str) -> None:
    def objects(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            yield node
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from objects(child)

    nodes = [*objects(report_schema(report))]

    assert nodes
    assert [node for node in nodes if node.get("additionalProperties") is not False] == []


@pytest.mark.parametrize(
    ("report", "file"),
    [(report, file) for report, files in COMMITTED.items() for file in sorted(files)],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_a_committed_report_fits_its_schema(report: str, file: Path) -> None:
    assert problems(report, json.loads(file.read_text("utf-8"))) == []


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_output_of_a_verb_fits_its_schema(arguments: tuple[str, ...]) -> None:
    result = taskrole(*arguments, "--format", "json", stdin=DENIAL)

    assert result.out, result.err
    assert problems(arguments[0], json.loads(result.out)) == []


@pytest.mark.parametrize("report", ["check", "derive", "review"])
def test_a_key_that_is_not_in_the_schema_is_an_error(report: str) -> None:
    data = json.loads(COMMITTED[report][0].read_text("utf-8"))
    deepest = data["findings"] or data["roles"] or data["tasks"]
    target = deepest[0] if isinstance(deepest, list) else next(iter(deepest.values()))
    target["new"] = 1

    assert problems(report, data) != []


def test_every_verb_with_json_has_a_schema() -> None:
    context = click.Context(main)
    context.meta["taskrole.resolving"] = True
    with_json = set()
    for verb in verbs():
        command: Any = main
        for name in verb.split():
            command = command.get_command(context, name)
        formats = next((option.type for option in command.params if option.name == "format_"), None)
        if isinstance(formats, click.Choice) and "json" in formats.choices:
            with_json.add(verb)

    assert with_json - _OTHER_JSON == set(REPORTS)
