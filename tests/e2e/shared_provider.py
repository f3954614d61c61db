"""One AWS provider for many commands: starting it costs each of them more than a second of the processor's time.

Terraform attaches to a provider that runs already (`TF_REATTACH_PROVIDERS`), as it does for those who debug one. Such a
provider knows one configuration at a time, and has the environment that it was started in: a test with several provider
configurations, or with other variables for the provider than all others, lets Terraform start its own
(`Project.with_own_provider`). `terraform init` neither installs nor locks a provider that runs already.
Source: https://developer.hashicorp.com/terraform/plugin/debugging
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from taskrole.local.terraform import find_mirror
from tests.apart import runs_apart
from tests.e2e.project import ATTACH

_PROGRAM = "registry.terraform.io/hashicorp/aws/*/*/terraform-provider-aws_*"
_ATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
_LONGEST_START = 30.0  # seconds


@contextmanager
def shared_provider(variables: Mapping[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """Start a provider, and give the variable by which Terraform attaches to it.

    None is given without a provider on this machine, and where tests run apart.
    """
    mirror = None if runs_apart() else find_mirror(variables)
    programs = sorted(mirror.glob(_PROGRAM)) if mirror else []
    if not programs:
        yield {}
        return
    log = folder / "provider.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [programs[-1], "-debug"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(variables)
        )
    try:
        yield {ATTACH: _address(process, log)}
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline and process.poll() is None:
        match = _ATTACH.search(log.read_text("utf-8", errors="replace"))
        if match:
            return match.group(1)
        time.sleep(0.05)
    raise AssertionError(f"the provider did not start: {log.read_text('utf-8', errors='replace')[-500:]}")
