"""Measures `derive`: one task definition on the command line, and ten thousand."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.processes import Cost, marked, median, run
from bench.report import Row, Section
from bench.sizes import exponent, repeated, sized
from bench.targets import Target, memory_target, time_target
from taskrole.policy.documents.build import build_policies
from taskrole.taskdef import derive, read_documents, resolve_context

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000)
CONTAINERS, SECRETS = 5, 20
SERVICES = 25
TIMES = 9
KINDS = ("execution", "task")
ACCOUNT, REGION = "111122223333", "eu-west-1"


def task_definition(number: int) -> Mapping[str, Any]:
    """Return a task definition with five containers, images, logs, environment files and twenty secrets."""
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:service-{number}"
    return {
        "family": f"service-{number}",
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/service-{number}-execution",
        "taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/service-{number}",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [
            {
                "name": f"container-{index}",
                "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/service-{number}/container-{index}:1.0",
                "portMappings": [{"containerPort": 8080 + index}],
                "environment": [{"name": f"SETTING_{setting}", "value": f"value {setting}"} for setting in range(10)],
                "environmentFiles": [{"value": f"arn:aws:s3:::service-{number}/{index}.env", "type": "s3"}],
                "secrets": [
                    {"name": f"SECRET_{key}", "valueFrom": f"{secret}/{index}-{key}-a1B2c3:key::"}
                    for key in range(SECRETS // CONTAINERS)
                ],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": f"/ecs/service-{number}",
                        "awslogs-region": REGION,
                        "awslogs-stream-prefix": "ecs",
                    },
                },
            }
            for index in range(CONTAINERS)
        ],
    }


def measure() -> Section:
    """Return the costs of one file, a thousand and ten thousand files on the command line."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows, targets = _one(place)
        for name, per in (("two roles each", "family"), (f"{SERVICES} services, two roles for all", "all")):
            seconds = []
            for size in map(sized, SIZES):
                files = place / f"{per}-{size}"
                write_files(files, size, (number if per == "family" else number % SERVICES for number in range(size)))
                cost = _derive(str(files), "--per", per, "--format", "json")
                seconds.append((size, cost.seconds))
                grown = exponent(seconds[0], seconds[-1]) if len(seconds) > 1 else ""
                command = f"taskrole derive FOLDER --region {REGION} --per {per} --format json"
                rows.append(_row(f"{size:,} files, {name}", size, cost, command, grown))
            if per == "family":
                what = f"derive, {SIZES[-1]:,} files, {name}"
                targets += [time_target(what, cost, 8.0), memory_target(what, cost, 500.0)]
    return Section(
        "Deriving",
        f"Task definitions of {CONTAINERS} containers and {SECRETS} secrets, those of `bench.derive.task_definition`:\n"
        "whole processes on the command line, from files to the roles. One file: medians of"
        f" {repeated(TIMES)} runs. The exponent is of\nthe time by the number of files.",
        ("seconds", "ms a file", "MB", "exponent"),
        rows,
        targets,
    )


def _one(place: Path) -> tuple[list[Row], list[Target]]:
    file = place / "task.json"
    file.write_text(json.dumps(task_definition(0)), encoding="utf-8")
    rows, targets = [], []
    for format_ in ("text", "json"):
        cost = median([_derive(str(file), "--format", format_) for _ in range(repeated(TIMES))])
        name = f"one file, --format {format_}"
        rows.append(_row(name, 1, cost, f"taskrole derive task.json --region {REGION} --format {format_}"))
        targets.append(time_target(f"derive, {name}", cost, 0.16))
    return rows, targets


def _derive(*arguments: str) -> Cost:
    return run([sys.executable, "-m", "taskrole", "derive", *arguments, "--region", REGION], cwd=ROOT)


def _row(name: str, files: int, cost: Cost, command: str, grown: str = "") -> Row:
    figures = (marked(cost), f"{cost.seconds / files * 1_000:.2f}", f"{cost.megabytes:.0f}", grown)
    return Row(name, figures, command)


def write_files(folder: Path, size: int, numbers: Iterable[int]) -> None:
    """Write task definitions with these numbers to a number of files."""
    folder.mkdir(exist_ok=True)
    for file, number in zip(range(size), numbers, strict=True):
        (folder / f"{file}.json").write_text(json.dumps(task_definition(number)), encoding="utf-8")


def derive_folder(how: str, folder: str) -> int:
    """Read all files of a folder and build the roles' policies for each or for all; return their number."""
    documents = read_documents([folder])
    context = resolve_context(documents, region=REGION)
    groups = [documents] if how == "together" else [[document] for document in documents]
    built = 0
    for group in groups:
        derivation = derive(group, context)
        for kind in KINDS:
            own = [grant for grant in derivation.grants if grant.role == kind]
            built += len(build_policies(own, kind="inline", base_name=kind))
    return built
