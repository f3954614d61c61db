"""Generate the plans for the tests of the review with the real terraform and AWS provider.

`python tools/make_plans.py [CASE…]`: each folder of tests/plans is a case. `before.tf` or `before.tf.json` is applied
to an embedded AWS, the calls in `drift.json` are made outside of terraform, and `after.tf` is planned; plan.json is the
output of `terraform show -json`. A case without `before` is a first apply. It cannot access a real account.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import click

from taskrole.errors import TaskroleError
from taskrole.files import write_beside
from taskrole.local.environment import CREDENTIALS, environment
from taskrole.local.record import ServerRecord
from taskrole.local.server import down, up
from taskrole.local.terraform import require_terraform, terraform_environment

PLANS = Path(__file__).parent.parent / "tests" / "plans"

# Differences between runs: ids from IAM, suffixes of secrets, digits that Terraform adds to a prefix, times, and
# the order of relevant_attributes.
_IDS = re.compile(r"\b(AROA|ANPA|A)(?=[A-Z0-9]*[0-9])[A-Z0-9]{15,}\b")
_SUFFIXES = re.compile(r"(?<=:secret:)([A-Za-z0-9/_+=.@-]+)-[A-Za-z0-9]{6}\b")
_PREFIXED = re.compile(r"\b([A-Za-z-]+-)(\d{20,26})\b")
_TIMES = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def main(names: list[str]) -> int:
    """Generate the plans of these cases, or of all cases; return the exit status."""
    folder = Path(tempfile.mkdtemp(prefix="taskrole-plans-"))
    try:
        terraform = require_terraform()
        record, _ = up(folder / "aws")
        try:
            variables = terraform_environment(environment(os.environ, record), folder)
            for case in sorted(names or (path.name for path in PLANS.iterdir() if path.is_dir())):
                _reset(record)
                text = _plan(PLANS / case, folder / case, terraform, variables, record)
                write_beside(PLANS / case / "plan.json", text)
                click.echo(f"{case}: {len(text):,} characters")
        finally:
            down(folder / "aws")
    except TaskroleError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except subprocess.CalledProcessError as error:
        click.echo(error.stderr, err=True)
        return error.returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _plan(case: Path, folder: Path, terraform: str, variables: Mapping[str, str], record: ServerRecord) -> str:
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns("plan.json", "before.*", "after.*", "drift.json"))

    def run(*arguments: str) -> str:
        command = [terraform, f"-chdir={folder}", *arguments]
        return subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=True).stdout

    is_initialised = False
    for name in ("before", "after"):
        for ending in ("tf", "tf.json"):
            source = case / f"{name}.{ending}"
            if source.exists():
                (folder / f"main.{ending}").write_bytes(source.read_bytes())
        if not any(folder.glob("main.tf*")):
            continue
        if not is_initialised:
            run("init", "-no-color")
            is_initialised = True
        if name == "before":
            run("apply", "-no-color", "-auto-approve")
    for call in _calls(case / "drift.json"):
        client = boto3.client(call["service"], endpoint_url=record.endpoint, region_name="eu-central-1", **CREDENTIALS)  # type: ignore[call-overload]
        getattr(client, call["operation"])(**call["parameters"])
    run("plan", "-no-color", "-out=plan.bin")
    return _stable(json.loads(run("show", "-json", "plan.bin")))


def _calls(path: Path) -> Iterator[Any]:
    if path.exists():
        yield from json.loads(path.read_text("utf-8"))


def _reset(record: ServerRecord) -> None:
    request = urllib.request.Request(f"{record.endpoint}/moto-api/reset", method="POST")  # noqa: S310 -- loopback
    urllib.request.urlopen(request).close()  # noqa: S310 -- loopback


def _stable(plan: dict[str, Any]) -> str:
    """Return a plan as text without the times, ids and random suffixes of this run."""
    plan.pop("timestamp", None)
    plan.get("relevant_attributes", []).sort(key=json.dumps)
    text = json.dumps(plan, indent=1, sort_keys=True, ensure_ascii=False)
    seen: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        return seen.setdefault(match.group(), f"{match.group(1)}EXAMPLE{len(seen) + 1:013d}")

    def prefixed(match: re.Match[str]) -> str:
        return seen.setdefault(match.group(), f"{match.group(1)}{len(seen) + 1:026d}")

    def suffixed(match: re.Match[str]) -> str:
        name = match.group(1)
        return f"{name}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"

    text = _PREFIXED.sub(prefixed, _IDS.sub(numbered, text))
    return _SUFFIXES.sub(suffixed, _TIMES.sub("2026-01-01T00:00:00Z", text)) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
