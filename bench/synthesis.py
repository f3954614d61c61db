"""What it costs to synthesise: from one role to thousands in one stack."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.processes import median, run
from bench.report import Row, Section

ROOT = Path(__file__).parent.parent
# How many roles, and how often: the small ones are over in a second, and noisier.
SIZES = {1: 5, 100: 5, 1_000: 1, 5_000: 1}

HEAD = "version: 1\nstacks:\n  bench:\n    region: eu-west-1\n    account: '111122223333'\n    roles:\n"
# Five resources a role.
ROLE = """\
      service-{number}:
        kind: task
        managed_policies: [CloudWatchLogsFullAccess, SecretsManagerReadWrite, AmazonSQSFullAccess]
        statements:
          - {{Sid: ReadAssets, Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::assets-{number}/*"}}
"""


def roles_yaml(roles: int) -> str:
    """Return a roles.yaml of one stack with that many roles."""
    return HEAD + "".join(ROLE.format(number=number) for number in range(roles))


def measure() -> Section:
    """Return what a run costs for stacks of four sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for roles, times in SIZES.items():
            file = place / f"{roles}.yaml"
            file.write_text(roles_yaml(roles), encoding="utf-8")
            command = [sys.executable, str(ROOT / "main.py")]
            out = str(place / f"out-{roles}")
            cost = median([run(command, TASKROLE_CONFIG=str(file), CDKTF_OUTDIR=out) for _ in range(times)])
            size = (Path(out) / "stacks/bench/cdk.tf.json").stat().st_size / 1e3
            figures = (f"{roles * 5:,}", f"{cost.seconds:.2f}", f"{cost.megabytes:.0f}", f"{size:,.0f}")
            rows.append(Row(f"{roles:,}", figures, f"TASKROLE_CONFIG={roles}.yaml python main.py"))
    return Section(
        "Synthesis",
        "A whole run, from roles.yaml to cdk.tf.json, for one stack of that many roles: five resources and three\n"
        "outputs a role. The files are those of `bench.synthesis.roles_yaml`.",
        ("resources", "seconds", "MB", "kB written"),
        rows,
    )
