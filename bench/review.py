"""What it costs to review a plan: a small one on the command line, and one of ten thousand roles."""

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

ROOT = Path(__file__).parent.parent
ROLES = 10_000
# Of each policy: as many as make the plan of all roles 100 MB.
RESOURCES = 54
TIMES = 9
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
    """Return what a plan of one role costs, and one of ten thousand."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.json", Path(folder) / "large.json"
        small.write_text(json.dumps(plan_of(1)), encoding="utf-8")
        # Made elsewhere: what this process holds would count as the memory of those that it starts.
        with large.open("wb") as file:
            subprocess.run([sys.executable, "-m", "bench.review", str(ROLES)], cwd=ROOT, stdout=file, check=True)
        one = median([_review(small) for _ in range(TIMES)])
        size = f"{large.stat().st_size / 1e6:.0f} MB"
        rows = [
            _row("one role, limit 0.7 s", one),
            _row(f"{ROLES:,} roles in {size}, limit 20 s, 1 GB", _review(large)),
        ]
    return Section(
        "Reviewing plans",
        f"Whole processes, from the plan to a report as JSON. One role: medians of {TIMES} runs. The plans are\n"
        f"those of `bench.review.plan_of`: of each role, a policy of {RESOURCES} secrets gains or loses one.",
        ("seconds", "MB"),
        rows,
    )


def _review(plan: Path) -> Cost:
    return run(
        [sys.executable, "-m", "taskrole", "review", str(plan), "--format", "json", "--fail-on", "never"], cwd=ROOT
    )


def _row(name: str, cost: Cost) -> Row:
    return Row(name, (f"{cost.seconds:.2f}", f"{cost.megabytes:.0f}"), "python -m bench review")


if __name__ == "__main__":
    print(json.dumps(plan_of(int(sys.argv[1]))))
