"""What it costs to review a plan: a small one, one of ten thousand roles, and those of services with their tasks.

`python -m bench.review 10000` prints the plan of so many roles, `python -m bench.review services 1000` that of so many
services.
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
from bench.processes import Cost, median, run
from bench.report import Row, Section
from bench.service_plan import service_plan

ROOT = Path(__file__).parent.parent
ROLES = 10_000
# Of each policy: as many as make the plan of all roles 100 MB.
RESOURCES = 54
TIMES = 9
# With the limit of each in seconds.
SERVICES = {1_000: 3.5, 10_000: 35.0}
_PROVIDER = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": REGION}}}}


def plan_of(roles: int) -> Mapping[str, Any]:
    """Return a plan that changes the inline policies of so many roles: half of them broaden, the others narrow."""
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
    named = [f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}/{one}-a1B2c3" for one in range(RESOURCES)]
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
    """Return what plans cost: of one role, of ten thousand, and of services with task definitions."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.json", Path(folder) / "large.json"
        small.write_text(json.dumps(plan_of(1)), encoding="utf-8")
        one = median([_review(small) for _ in range(TIMES)])
        rows = [
            _row("one role, limit 0.7 s", one),
            _row(f"{ROLES:,} roles in {_write(large, str(ROLES))}, limit 7 s, 500 MB", _review(large)),
        ]
        for services, limit in SERVICES.items():
            size = _write(large, "services", str(services))
            rows.append(_row(f"{services:,} services in {size}, limit {limit} s", _review(large)))
    return Section(
        "Reviewing plans",
        f"Whole processes, from the plan to a report as JSON. One role: medians of {TIMES} runs, others: one run.\n"
        f"Roles: of each, a policy of {RESOURCES} secrets gains or loses one (`bench.review.plan_of`). Services: of\n"
        "each a role, its policy and its task definition, in planned values and prior state, too, and every fourth\n"
        "is new (`bench.service_plan`).",
        ("seconds", "MB"),
        rows,
    )


def _write(path: Path, *plan: str) -> str:
    """Write a plan and return its size; made elsewhere, since this process's memory would count as its children's."""
    with path.open("wb") as file:
        subprocess.run([sys.executable, "-m", "bench.review", *plan], cwd=ROOT, stdout=file, check=True)
    return f"{path.stat().st_size / 1e6:.0f} MB"


def _review(plan: Path) -> Cost:
    return run(
        [sys.executable, "-m", "taskrole", "review", str(plan), "--format", "json", "--fail-on", "never"], cwd=ROOT
    )


def _row(name: str, cost: Cost) -> Row:
    return Row(name, (f"{cost.seconds:.2f}", f"{cost.megabytes:.0f}"), "python -m bench review")


if __name__ == "__main__":
    make = service_plan if sys.argv[1] == "services" else plan_of
    print(json.dumps(make(int(sys.argv[-1]))))
