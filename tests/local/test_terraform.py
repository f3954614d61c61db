"""Tests the configuration of Terraform on this machine: program and provider."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from taskrole.errors import ToolError
from taskrole.local import terraform
from taskrole.local.terraform import find_mirror, require_terraform, terraform_environment

AWS = "registry.terraform.io/hashicorp/aws"


@pytest.fixture(autouse=True)
def _nothing_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "_SYSTEM_ROOTS", ())


def unpacked(mirror: Path, version: str, platform: str | None = None) -> None:
    folder = mirror / AWS / version / (platform or terraform._platform())
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-aws_v{version}_x5").touch()


def program(folder: Path, answer: str) -> None:
    (folder / "terraform").write_text(f"#!/bin/sh\n{answer}\n")
    (folder / "terraform").chmod(0o755)


@pytest.mark.parametrize(
    "place",
    [".terraform.d/plugins", ".local/share/terraform/plugins", "work/service/.terraform/providers", "a/b/c/mirror"],
)
def test_a_provider_below_the_home_folder_is_found(tmp_path: Path, place: str) -> None:
    unpacked(tmp_path / place, "5.100.0")

    assert find_mirror({"HOME": str(tmp_path)}) == tmp_path / place


def test_a_plugin_cache_is_used_as_a_mirror(tmp_path: Path) -> None:
    unpacked(tmp_path / "cache", "6.4.0")

    assert find_mirror({"HOME": str(tmp_path / "home"), "TF_PLUGIN_CACHE_DIR": str(tmp_path / "cache")})


@pytest.mark.parametrize(
    ("version", "platform"), [("5.99.1", None), ("7.0.0", None), ("5.100.0", "plan9_mips")], ids=["old", "new", "other"]
)
def test_an_unusable_provider_is_skipped(tmp_path: Path, version: str, platform: str | None) -> None:
    unpacked(tmp_path, version, platform)

    assert find_mirror({"HOME": str(tmp_path)}) is None


def test_folders_too_deep_and_of_other_tools_are_not_searched(tmp_path: Path) -> None:
    unpacked(tmp_path / "1/2/3/4/5/6/7", "5.100.0")
    unpacked(tmp_path / "node_modules/x", "5.100.0")
    unpacked(tmp_path / ".hidden", "5.100.0")

    assert find_mirror({"HOME": str(tmp_path)}) is None


def test_the_configuration_names_the_mirror_and_leaves_the_rest_to_the_registry(tmp_path: Path) -> None:
    unpacked(tmp_path / 'odd "name"', "5.100.0")
    variables = {"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(tmp_path / "absent")}

    named = terraform_environment(variables, tmp_path / "out")["TF_CLI_CONFIG_FILE"]

    assert Path(named).read_text("utf-8") == (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{tmp_path}/odd \\"name\\""\n'
        f'    include = ["{AWS}"]\n'
        "  }\n"
        "  direct {\n"
        f'    exclude = ["{AWS}"]\n'
        "  }\n"
        "}\n"
    )


def test_an_existing_configuration_is_kept(tmp_path: Path) -> None:
    unpacked(tmp_path, "5.100.0")
    own = tmp_path / "own.tfrc"
    own.touch()

    variables = terraform_environment({"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(own)}, tmp_path / "out")

    assert variables["TF_CLI_CONFIG_FILE"] == str(own)


def test_without_a_provider_terraform_downloads_it_and_a_missing_configuration_is_dropped(
    tmp_path: Path,
) -> None:
    variables = terraform_environment({"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": "/no/such/file"}, tmp_path / "out")

    assert "TF_CLI_CONFIG_FILE" not in variables


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("""echo '{"terraform_version": "1.9.8"}'""", "terraform 1.9.8 is too old; version 1.10 or newer is needed"),
        ("echo nonsense", "does not print its version: nonsense"),
        ("echo broken >&2; exit 1", "does not print its version: broken"),
    ],
)
def test_a_terraform_that_is_too_old_or_broken_is_named(tmp_path: Path, monkeypatch, answer: str, message: str) -> None:
    program(tmp_path, answer)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    with pytest.raises(ToolError, match=message):
        require_terraform()


def test_a_terraform_that_is_missing_is_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolError, match=r"terraform is missing; version 1\.10 or newer is needed"):
        require_terraform()


def test_a_recent_terraform_is_accepted(tmp_path: Path, monkeypatch) -> None:
    program(tmp_path, """echo '{"terraform_version": "1.15.0-beta2"}'""")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    assert require_terraform() == str(tmp_path / "terraform")


PREFLIGHT = Path(__file__).parent.parent.parent / "tools" / "preflight.sh"
WHERE = {
    "python": "https://www.python.org/downloads/ (or name one: make PYTHON=python3.12)",
    "node": "https://nodejs.org/en/download",
    "npm": "https://docs.npmjs.com/downloading-and-installing-node-js-and-npm",
    "terraform": "https://developer.hashicorp.com/terraform/install",
}


@pytest.mark.parametrize(
    ("name", "answer", "message"),
    [
        ("python", None, "Python is missing; version 3.10 or newer is needed"),
        ("python", "echo 3.9", "Python 3.9 is too old; version 3.10 or newer is needed"),
        ("python", "echo 3.10", ""),
        ("node", None, "Node is missing; version 20.0 or newer is needed"),
        ("node", "echo v18.20.1", "Node 18.20.1 is too old; version 20.0 or newer is needed"),
        ("node", "echo v24.1.0", ""),
        ("npm", "echo 8.19.4", "npm 8.19.4 is too old; version 9.0 or newer is needed"),
        ("npm", "echo 11.0.0", ""),
        ("terraform", None, "terraform is missing; version 1.10 or newer is needed"),
        (
            "terraform",
            "echo Terraform v1.9.8; echo on linux",
            "terraform 1.9.8 is too old; version 1.10 or newer is needed",
        ),
        ("terraform", "echo Terraform v1.10.0", ""),
        ("terraform", "echo Terraform v2.0.0-alpha", ""),
    ],
)
def test_a_missing_or_old_program_is_named_before_the_set_up(
    tmp_path: Path, name: str, answer: str | None, message: str
) -> None:
    for tool in ("sh", "sed"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    if answer:
        (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / name).chmod(0o755)

    done = subprocess.run(
        [str(PREFLIGHT), "python", name], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.stderr == (f"{message}: {WHERE[name]}\n" if message else "")
    assert done.returncode == (1 if message else 0)
