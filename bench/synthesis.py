"""Measures synthesis: from one role to thousands in one stack."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.processes import marked, median, run
from bench.report import Row, Section
from bench.sizes import exponent, repeated, sized
from bench.targets import time_target

ROOT = Path(__file__).parent.parent
# The number of roles and of runs: small inputs take a second and vary more.
SIZES = {1: 5, 100: 5, 1_000: 1, 5_000: 1}
# In seconds.
LIMITS = {5_000: 8.0}
MANY, MANY_LIMIT = 10_000, 10.0

HEAD = "version: 1\nstacks:\n  bench:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n"
# Five resources per role.
ROLE = """\
      service-{number}:
        kind: task
        managed_policies: [CloudWatchLogsFullAccess, SecretsManagerReadWrite, AmazonSQSFullAccess]
        statements:
          - {{Sid: ReadAssets, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::assets-{number}/*"}}
"""


# Two resources per role.
SMALL_ROLE = "".join(line for line in ROLE.splitlines(keepends=True) if "managed_policies" not in line)


def roles_yaml(roles: int, role: str = ROLE) -> str:
    """Return a roles.yaml of one stack with that many roles."""
    return HEAD + "".join(role.format(number=number) for number in range(roles))


def measure() -> Section:
    """Return the cost of a run for stacks of five sizes."""
    rows, targets, seconds = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for roles, times in ((sized(whole), repeated(often)) for whole, often in SIZES.items()):
            file = place / f"{roles}.yaml"
            file.write_text(roles_yaml(roles), encoding="utf-8")
            command = [sys.executable, str(ROOT / "main.py")]
            out = str(place / f"out-{roles}")
            cost = median([run(command, TASKROLE_CONFIG=str(file), CDKTF_OUTDIR=out) for _ in range(times)])
            size = (Path(out) / "stacks/bench/cdk.tf.json").stat().st_size / 1e3
            # For small stacks, most of the time is start-up.
            grown = (
                exponent(seconds[-1], (roles, cost.seconds))
                if times == 1 and seconds and seconds[-1][0] < roles
                else ""
            )
            seconds.append((roles, cost.seconds))
            figures = (f"{roles * 5:,}", marked(cost), f"{cost.megabytes:.0f}", f"{size:,.0f}", grown)
            rows.append(Row(f"{roles:,}", figures, f"TASKROLE_CONFIG={roles}.yaml python main.py"))
            limit = LIMITS.get(roles)
            if limit:
                targets.append(time_target(f"synth, {roles:,} roles, {roles * 5:,} resources", cost, limit))
        roles = sized(MANY)
        file.write_text(roles_yaml(roles, SMALL_ROLE), encoding="utf-8")
        cost = run(command, TASKROLE_CONFIG=str(file), CDKTF_OUTDIR=out)
        figures = (f"{roles * 2:,}", marked(cost), f"{cost.megabytes:.0f}", "", "")
        rows.append(Row(f"{roles:,} of two resources", figures, "TASKROLE_CONFIG=roles.yaml python main.py"))
        targets.append(time_target(f"synth, {MANY:,} roles, {MANY * 2:,} resources", cost, MANY_LIMIT))
    return Section(
        "Synthesis",
        "A whole run, from roles.yaml to cdk.tf.json, for one stack of that many roles: five resources and three\n"
        "outputs a role. The files are those of `bench.synthesis.roles_yaml`. The exponent is of the time by the\n"
        "number of roles, from one size to the next.",
        ("resources", "seconds", "MB", "kB written", "exponent"),
        rows,
        targets,
    )
