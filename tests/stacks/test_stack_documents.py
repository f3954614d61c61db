"""Tests the whole synthesised Terraform: cases/NAME.yaml gives expected/stacks/NAME.json.

For readability the expected documents show policies as JSON instead of text; that the text is
that JSON, indented by two, is checked on reading.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stacks.role_stack import RoleStack
from taskrole.config import Config, StackSpec, load_config
from taskrole_cdktf.engine import App
from taskrole_cdktf.engine import Testing as Synthesis
from tests.expected_files import EXPECTED, assert_expected

ROOT = Path(__file__).parent.parent.parent
CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))


def synthesised(spec: StackSpec, outdir: Path) -> Any:
    """Return the Terraform of a stack as the test support of CDKTF renders it: validated, sorted, without metadata."""
    return json.loads(Synthesis.synth(RoleStack(App(outdir=str(outdir)), spec), True))


def shown(terraform: Any) -> str:
    return json.dumps(_with_open_policies(terraform), indent=2, ensure_ascii=False) + "\n"


def _with_open_policies(value: Any, key: str = "") -> Any:
    if key in ("assume_role_policy", "policy"):
        policy = json.loads(value)
        assert json.dumps(policy, indent=2, ensure_ascii=False) == value
        return policy
    if isinstance(value, dict):
        return {name: _with_open_policies(item, name) for name, item in value.items()}
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_stack_gives_the_expected_terraform(case: Path, tmp_path: Path) -> None:
    (spec,) = load_config(case).stacks

    terraform = synthesised(spec, tmp_path)

    assert_expected(f"stacks/{case.stem}.json", shown(terraform))


def test_the_workshop_file_gives_the_expected_terraform(tmp_path: Path) -> None:
    (spec,) = load_config(ROOT / "roles.yaml").stacks

    terraform = synthesised(spec, tmp_path)

    assert_expected("stacks/workshop.json", shown(terraform))


def test_every_expected_document_belongs_to_a_case() -> None:
    assert {path.stem for path in (EXPECTED / "stacks").glob("*.json")} == {case.stem for case in CASES} | {"workshop"}


def written(config: Config, outdir: Path) -> Any:
    """Return the files of `app.synth()`, which `cdktf deploy` reads: a manifest, and a folder for each stack."""
    app = App(outdir=str(outdir))
    for spec in config.stacks:
        RoleStack(app, spec)
    app.synth()
    return json.loads((outdir / "manifest.json").read_text())["stacks"]


def test_every_stack_of_a_file_has_its_own_folder_and_state(tmp_path: Path) -> None:
    file = tmp_path / "roles.yaml"
    file.write_text(
        "version: 1\n"
        "defaults: {trust: off}\n"
        "stacks:\n"
        "  prod: {region: eu-west-1, account: '111122223333', roles: {web: {kind: task}}}\n"
        "  test: {region: cn-north-1, account: '444455556666', roles: {web: {kind: task}}}\n"
        "  tool: {region: eu-west-1, roles: {job: {kind: task}},"
        " backend: {type: s3, bucket: state-of-tools}}\n"
    )

    stacks = written(load_config(file), tmp_path / "out")

    assert {name: stack["dependencies"] for name, stack in stacks.items()} == {"prod": [], "test": [], "tool": []}
    backends = {}
    for name, stack in stacks.items():
        terraform = json.loads((tmp_path / "out" / stack["synthesizedStackPath"]).read_text())
        backends[name] = terraform["terraform"]["backend"]
    assert backends == {
        "prod": {"local": {"path": "../../../terraform.prod.tfstate"}},
        "test": {"local": {"path": "../../../terraform.test.tfstate"}},
        "tool": {
            "s3": {
                "bucket": "state-of-tools",
                "encrypt": True,
                "key": "taskrole/tool.tfstate",
                "region": "eu-west-1",
                "use_lockfile": True,
            }
        },
    }


def test_the_same_file_gives_the_same_bytes_in_any_folder(tmp_path: Path) -> None:
    config = load_config(ROOT / "roles.yaml")
    folders = [tmp_path / "first", tmp_path / "second with a space"]

    for folder in folders:
        written(config, folder)

    first, second = ((folder / "stacks/workshop/cdk.tf.json").read_bytes() for folder in folders)
    assert first == second
    assert str(tmp_path).encode() not in first
