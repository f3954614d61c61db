"""Finds Terraform and an unpacked AWS provider on this machine, and writes a configuration that uses it.

The Terraform registry is not reachable from everywhere. If an unpacked provider exists on the machine, a generated CLI
configuration refers to it, and nothing is downloaded; otherwise Terraform downloads it as usual.
Source: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from taskrole.errors import ToolError, printable
from taskrole.files import make_folder, write_beside

_OLDEST_TERRAFORM = (1, 10)
WHERE_TERRAFORM = "https://developer.hashicorp.com/terraform/install"

# As in ProviderSettings.version: the version constraint of the generated Terraform.
OLDEST_PROVIDER, NEXT_MAJOR = (5, 100), (7,)

_PROVIDER = Path("registry.terraform.io/hashicorp/aws")
_SYSTEM_ROOTS = ("/opt", "/usr/local", "/usr/share")
_DEEPEST = 6  # folders below a root
_LONGEST_SEARCH = 5.0  # seconds
_LONGEST_ANSWER = 60.0
_LONGEST_VERSION = 200  # characters
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "proc", "sys"})


def require_terraform() -> str:
    """Return the path of the terraform program. Raises ToolError if it is missing or older than 1.10."""
    program = shutil.which("terraform")
    if program is None:
        raise ToolError(f"terraform is missing; version 1.10 or newer is needed: {WHERE_TERRAFORM}")
    version = terraform_version(program)
    if version < _OLDEST_TERRAFORM:
        installed = ".".join(map(str, version))
        raise ToolError(f"terraform {installed} is too old; version 1.10 or newer is needed: {WHERE_TERRAFORM}")
    return program


def terraform_version(program: str) -> tuple[int, ...]:
    """Return the version of a terraform program as numbers. Raises ToolError if it does not print one."""
    # If TF_CLI_CONFIG_FILE names a missing file, Terraform prints a warning to standard output before the JSON.
    variables = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"}
    command = [program, "version", "-json"]
    try:
        done = subprocess.run(
            command,
            env={**variables, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            errors="backslashreplace",
            check=False,
            timeout=_LONGEST_ANSWER,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"{program} does not print its version: {error}") from error
    try:
        return _numbers(json.loads(done.stdout)["terraform_version"])
    except (ValueError, KeyError, TypeError) as error:
        answer = " ".join((done.stderr.strip() or done.stdout.strip()).split())
        raise ToolError(f"{program} does not print its version: {printable(answer[:_LONGEST_VERSION])}") from error


def terraform_environment(base: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return an environment in which terraform uses an AWS provider of this machine, if there is one.

    A TF_CLI_CONFIG_FILE that exists takes precedence; a missing one is removed. The generated configuration is written
    to the folder.
    """
    variables = {**base, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
    if Path(variables.get("TF_CLI_CONFIG_FILE") or "/nonexistent").is_file():
        return variables
    variables.pop("TF_CLI_CONFIG_FILE", None)
    mirror = find_mirror(base)
    if mirror is not None:
        configuration = folder.resolve() / "terraform.tfrc"
        make_folder(folder)
        write_beside(configuration, cli_configuration(mirror))
        variables["TF_CLI_CONFIG_FILE"] = str(configuration)
    return variables


def cli_configuration(mirror: Path) -> str:
    """Return a CLI configuration that installs the AWS provider from a mirror and others from their registries."""
    return (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f"    path    = {json.dumps(str(mirror))}\n"
        '    include = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "  direct {\n"
        '    exclude = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "}\n"
    )


def find_mirror(base: Mapping[str, str]) -> Path | None:
    """Return the first folder of unpacked providers with a supported AWS provider, or None.

    Searched in this order: Terraform's implied mirrors, TF_PLUGIN_CACHE_DIR, and /opt, /usr/local, /usr/share and the
    home folder, to a depth of six folders.
    """
    return next(filter(_has_usable_provider, _mirrors(base)), None)


def _mirrors(base: Mapping[str, str]) -> Iterator[Path]:
    home = Path(base.get("HOME") or Path.home())
    data = Path(base.get("XDG_DATA_HOME") or home / ".local/share")
    named = [home / ".terraform.d/plugins", data / "terraform/plugins"]
    named += [Path(root) / "terraform/plugins" for root in ("/usr/local/share", "/usr/share")]
    if base.get("TF_PLUGIN_CACHE_DIR"):
        named.append(Path(base["TF_PLUGIN_CACHE_DIR"]))
    yield from named
    deadline = time.monotonic() + _LONGEST_SEARCH
    for root in (*map(Path, _SYSTEM_ROOTS), home):
        yield from _search(root, deadline)


def _search(root: Path, deadline: float) -> Iterator[Path]:
    for folder, names, _ in os.walk(root):
        if time.monotonic() > deadline:
            return
        if _PROVIDER.parts[0] in names:
            yield Path(folder)
        depth = len(Path(folder).relative_to(root).parts)
        names[:] = [name for name in sorted(names) if depth < _DEEPEST and _may_hold_providers(name)]


def _may_hold_providers(name: str) -> bool:
    return name not in _SKIPPED and name != _PROVIDER.parts[0] and (name[0] != "." or name.startswith(".terraform"))


def _has_usable_provider(mirror: Path) -> bool:
    """Return whether a folder contains an unpacked provider for this platform with a supported version."""
    return any(
        OLDEST_PROVIDER <= _numbers(folder.parent.name) < NEXT_MAJOR and any(folder.glob("terraform-provider-aws_*"))
        for folder in (mirror / _PROVIDER).glob(f"*/{_platform()}")
    )


def _platform() -> str:
    machine = platform.machine().lower()
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return f"{sys.platform.removesuffix('2')}_{names.get(machine, machine)}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("-", maxsplit=1)[0])[:3])
