"""What it costs to derive: one task definition on the command line, and ten thousand."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.processes import Cost, median, run
from bench.report import Row, Section
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
    """Return a task definition of five containers, with images, logs and environment files, and twenty secrets."""
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
                "environment": [{"name": f"SETTING_{one}", "value": f"value {one}"} for one in range(10)],
                "environmentFiles": [{"value": f"arn:aws:s3:::service-{number}/{index}.env", "type": "s3"}],
                "secrets": [
                    {"name": f"SECRET_{one}", "valueFrom": f"{secret}/{index}-{one}-a1B2c3:key::"}
                    for one in range(SECRETS // CONTAINERS)
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
    """Return what one file costs on the command line, and what a thousand and ten thousand cost."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = [*_one(place)]
        for size in SIZES:
            write_files(place / "apart", size, range(size))
            apart = run([sys.executable, "-m", "bench.derive", "apart", str(place / "apart")], cwd=ROOT)
            rows.append(_row(f"{size:,} files, two roles each", size, apart, "python -m bench.derive apart FOLDER"))
        for size in SIZES:
            write_files(place / "together", size, (number % SERVICES for number in range(size)))
            together = run([sys.executable, "-m", "bench.derive", "together", str(place / "together")], cwd=ROOT)
            name = f"{size:,} files of {SERVICES} services, two roles for all"
            rows.append(_row(name, size, together, "python -m bench.derive together FOLDER"))
    return Section(
        "Deriving",
        f"Task definitions of {CONTAINERS} containers and {SECRETS} secrets, those of `bench.derive.task_definition`:\n"
        "whole processes on one core, from files to the policies of both roles. One file: medians of"
        f" {TIMES} runs.",
        ("seconds", "ms a file", "MB"),
        rows,
    )


def _one(place: Path) -> list[Row]:
    file = place / "task.json"
    file.write_text(json.dumps(task_definition(0)), encoding="utf-8")
    rows = []
    for format_ in ("text", "json"):
        arguments = ["derive", str(file), "--region", REGION, "--format", format_]
        cost = median([run([sys.executable, "-m", "taskrole", *arguments], cwd=ROOT) for _ in range(TIMES)])
        name = f"one file, --format {format_}"
        rows.append(_row(name, 1, cost, f"taskrole derive task.json --region {REGION} --format {format_}"))
    return rows


def _row(name: str, files: int, cost: Cost, command: str) -> Row:
    return Row(name, (f"{cost.seconds:.2f}", f"{cost.seconds / files * 1_000:.2f}", f"{cost.megabytes:.0f}"), command)


def write_files(folder: Path, size: int, numbers: Iterable[int]) -> None:
    """Write task definitions of these numbers as so many files."""
    folder.mkdir(exist_ok=True)
    for file, number in zip(range(size), numbers, strict=True):
        (folder / f"{file}.json").write_text(json.dumps(task_definition(number)), encoding="utf-8")


def derive_folder(how: str, folder: str) -> int:
    """Read all files of a folder and build the policies of roles for each or for all; return how many there are."""
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


if __name__ == "__main__":
    print(derive_folder(*sys.argv[1:]))
