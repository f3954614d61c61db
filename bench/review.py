"""Measures `review`: a small plan, one of ten thousand roles, and plans of services with their tasks.

`python -m bench.review 10000` prints the plan with that many roles, `python -m bench.review services 1000` that with
that many services.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.derive import ACCOUNT, REGION
from bench.processes import Cost, marked, median, run
from bench.report import Row, Section
from bench.service_plan import service_plan
from bench.sizes import exponent, repeated, sized
from bench.targets import memory_target, time_target

ROOT = Path(__file__).parent.parent
ROLES = 10_000
# Per policy: enough to make the plan of all roles 100 MB large.
RESOURCES = 54
TIMES = 9
# Limits in seconds and megabytes.
ONE_LIMIT = 0.13
ROLES_LIMIT, ROLES_MEMORY = 7.0, 500.0
SERVICES = {1_000: 3.5, 10_000: 35.0}
SERVICES_MEMORY = 1_000.0
_PROVIDER = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": REGION}}}}


def plan_of(roles: int) -> Mapping[str, Any]:
    """Return a plan that changes the inline policies of a number of roles: half of them broaden, the others narrow."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": [change for number in range(roles) for change in _changes(number)],
        "configuration": {"provider_config": _PROVIDER, "root_module": {}},
    }


def _changes(number: int) -> list[Mapping[str, Any]]:
    name = f"service-{number}"
    trust = _document("sts:AssumeRole", Principal={"Service": "ecs-tasks.amazonaws.com"})
    role = {"name": name, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}", "assume_role_policy": trust}
    named = [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}/{key}-a1B2c3" for key in range(RESOURCES)]
    fewer, more = (
        {"name": "own", "role": name, "policy": _document("secretsmanager:GetSecretValue", Resource=some)}
        for some in (named[:-1], named)
    )
    before, after = (fewer, more) if number % 2 else (more, fewer)
    return [
        _change("aws_iam_role", number, ["no-op"], role, role),
        _change("aws_iam_role_policy", number, ["update"], before, after),
    ]


def _document(action: str, **elements: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **elements}]},
    )


def _change(kind: str, number: int, actions: list[str], before: Any, after: Any) -> Mapping[str, Any]:
    return {
        "address": f"{kind}.service_{number}",
        "mode": "managed",
        "type": kind,
        "name": f"service_{number}",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}},
    }


def measure() -> Section:
    """Return the cost of reviewing plans with one role, ten thousand roles, and services with task definitions."""
    rows, targets = [], []
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(plan_of(1)), encoding="utf-8")
        times = repeated(TIMES)
        single = median([_review(plan) for _ in range(times)])
        rows.append(_row("one role", single))
        targets.append(time_target("review, one role", single, ONE_LIMIT))
        size = write_plan(plan, str(sized(ROLES)))
        many = _review(plan)
        rows.append(_row(f"{sized(ROLES):,} roles in {size}", many))
        name = f"review, {ROLES:,} role changes"
        targets += [time_target(name, many, ROLES_LIMIT), memory_target(name, many, ROLES_MEMORY)]
        seconds = []
        for services, limit in SERVICES.items():
            size = write_plan(plan, "services", str(sized(services)))
            cost = _review(plan)
            seconds.append((sized(services), cost.seconds))
            grown = exponent(seconds[0], seconds[-1]) if len(seconds) > 1 else ""
            rows.append(_row(f"{sized(services):,} services in {size}", cost, grown))
            targets.append(time_target(f"review, {services:,} services with task definitions", cost, limit))
        targets.append(memory_target(f"review, {services:,} services with task definitions", cost, SERVICES_MEMORY))
    return Section(
        "Reviewing plans",
        f"Whole processes, from the plan to a report as JSON. One role: medians of {times} runs.\n"
        f"Roles: of each, a policy of {RESOURCES} secrets gains or loses one (`bench.review.plan_of`). Services: of\n"
        "each a role, its policy and its task definition, in planned values and prior state, too, and every fourth\n"
        "is new (`bench.service_plan`). The exponent is of the time by the number of services.",
        ("seconds", "MB", "exponent"),
        rows,
        targets,
    )


def write_plan(path: Path, *plan: str) -> str:
    """Write a plan in another process and return its size; the memory of this one would count for its children."""
    with path.open("wb") as file:
        subprocess.run([sys.executable, "-m", "bench.review", *plan], cwd=ROOT, stdout=file, check=True)
    return f"{path.stat().st_size / 1e6:.0f} MB"


def _review(plan: Path) -> Cost:
    return run(
        [sys.executable, "-m", "taskrole", "review", str(plan), "--format", "json", "--fail-on", "never"], cwd=ROOT
    )


def _row(name: str, cost: Cost, grown: str = "") -> Row:
    return Row(name, (marked(cost), f"{cost.megabytes:.0f}", grown), "python -m bench review")


if __name__ == "__main__":
    make = service_plan if sys.argv[1] == "services" else plan_of
    print(json.dumps(make(int(sys.argv[-1]))))
