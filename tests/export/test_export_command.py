"""Tests the command `taskrole export`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.forked import run_taskrole

ROLES = """\
version: 1
stacks:
  one: {region: eu-west-1, roles: {web: {kind: task, trust: off}}}
  two: {region: eu-west-1, backend: {type: s3, bucket: states}, roles: {api: {kind: task, trust: off}}}
"""
MODULE = ["README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "roles.yaml").write_text(ROLES)
    (tmp_path / "cdktf.json").write_text("{}")
    return tmp_path


def export(folder: Path, *arguments: str, ok: int = 0) -> subprocess.CompletedProcess[str]:
    done = run_taskrole(["export", *arguments], folder)
    assert done.returncode == ok, done.stderr
    return done


def test_a_module_is_written_and_its_files_are_named(folder: Path) -> None:
    done = export(folder, "one", "--to", "modules/one")

    assert done.stdout.splitlines() == [f"modules/one/{name}" for name in MODULE]
    assert done.stderr == ""
    assert (folder / "modules/one/main.tf").read_text().startswith("# web, the task role,")


def test_the_moved_blocks_of_a_module_are_outside_of_the_files_that_terraform_loads(folder: Path) -> None:
    export(folder, "one", "--to", "m", "--from-state", "--format", "json")

    assert '"to": "module.one.aws_iam_role.web"' in (folder / "m/from-state/moved.tf.json").read_text()


@pytest.mark.parametrize(("to", "path"), [("m", ".."), ("terraform/deep/m", "../../..")])
def test_a_root_module_in_the_project_uses_the_existing_state(folder: Path, to: str, path: str) -> None:
    done = export(folder, "one", "--to", to, "--root")

    assert f'path = "{path}/terraform.one.tfstate"' in (folder / to / "versions.tf").read_text()
    assert done.stderr == ""


def test_a_root_module_outside_of_the_project_names_the_path_of_its_state(folder: Path, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "m"

    local = export(folder, "one", "--to", str(outside), "--root")
    in_s3 = export(folder, "two", "--to", str(outside), "--root")

    assert local.stderr == (
        "the root module looks for the state terraform.one.tfstate in its own folder, since that is outside the "
        "project; copy it there, if there is one\n"
    )
    assert in_s3.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "m"), "roles.yaml: has several stacks: one, two; give STACK"),
        (("on", "--to", "m"), "roles.yaml: there is no stack 'on'; did you mean one?"),
        (("one", "--to", "roles.yaml"), "roles.yaml: is a file; name a folder"),
        (("one", "--to", ".", "--force"), "name a folder for taskrole's files only"),
        (("one", "--to", "m", "--format", "yaml"), "'yaml' is not one of 'hcl', 'json'"),
        (("one", "--to", "m", "--parameterise", "keys"), "'keys' is not one of 'secrets', 'repositories', 'logs'"),
        (("one",), "Missing option '--to'"),
    ],
)
def test_a_stack_that_cannot_be_exported_is_reported_and_nothing_is_written(
    folder: Path, arguments, message: str
) -> None:
    done = export(folder, *arguments, ok=1)

    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["cdktf.json", "roles.yaml"]


def test_an_edited_module_is_refused_without_force(folder: Path) -> None:
    export(folder, "one", "--to", "m")
    main = folder / "m/main.tf"
    written = main.read_text()
    main.write_text(written.replace("var.path", '"/mine/"'))

    refused = export(folder, "one", "--to", "m", ok=1)

    assert refused.stderr.splitlines()[0] == (
        "m/main.tf: was changed since taskrole wrote it; name another folder, or discard it: --force"
    )
    assert '-  path                 = "/mine/"' in refused.stderr
    assert "+  path                 = var.path" in refused.stderr
    assert '"/mine/"' in main.read_text()
    export(folder, "one", "--to", "m", "--force")
    assert main.read_text() == written


def test_a_mistake_in_roles_yaml_leaves_the_module_unchanged(folder: Path) -> None:
    export(folder, "one", "--to", "m")
    before = {path.name: path.read_bytes() for path in (folder / "m").iterdir()}
    (folder / "roles.yaml").write_text(ROLES.replace("kind: task", "kind: tusk"))

    export(folder, "one", "--to", "m", ok=1)

    assert {path.name: path.read_bytes() for path in (folder / "m").iterdir()} == before


def test_a_root_module_is_not_replaced_by_a_module_alone(folder: Path) -> None:
    export(folder, "one", "--to", "m", "--root")
    before = {path: path.read_bytes() for path in (folder / "m").rglob("*") if path.is_file()}

    refused = export(folder, "one", "--to", "m", ok=1)

    assert refused.stderr == (
        "m: has a root module; use --root to write it again, or choose another folder for the module\n"
    )
    assert {path: path.read_bytes() for path in (folder / "m").rglob("*") if path.is_file()} == before
    export(folder, "one", "--to", "m", "--root")
    export(folder, "one", "--to", "m", "--force")
    assert not (folder / "m/providers.tf").exists()


@pytest.mark.parametrize("root", [["--root"], []], ids=["root", "module"])
def test_a_stack_that_was_handed_over_gives_a_warning_first(folder: Path, root: list[str]) -> None:
    done = export(folder, "one", "--to", "m", "--from-state", *root)

    assert done.stderr.startswith("warning: once this is applied, `cdktf diff one` plans to destroy these roles")
    readme = (folder / "m/README.md").read_text()
    assert readme.split("\n\n")[1].startswith("**Before the first apply:** stack `one` of roles.yaml")
    assert "terraform -chdir=cdktf.out/stacks/one state rm \\\n  aws_iam_role.web\n" in readme
    assert "Before the first apply" not in (folder / "m/modules/one/README.md").read_text() if root else True
