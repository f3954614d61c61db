"""Tests `taskrole derive --format roles-yaml` and `hcl`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from taskrole.config import load_config
from taskrole.policy.documents.statements import statements_of
from taskrole.render.role_names import role_names
from tests.cli.running import ROOT, taskrole
from tests.expected_files import assert_expected
from tests.export.reading import read_hcl

SERVICE = "examples/service/task-definitions"
PLACE = ("--region", "eu-central-1", "--account", "123456789012")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-5e6f-4a0b-8c1d-2e3f4a5b6c7d"
OPTIONS = f"""\
bucket_owner_is_task_account: true
kms_keys: {{shop/database: '{KEY}'}}
pull_through_prefixes: {{123456789012.eu-central-1: [shop]}}
ecs_exec: {{logging: override, log_group: /exec}}
firelens: {{templated_values: true}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a project with the task definitions of the example in `tasks` and a file of options."""
    shutil.copytree(ROOT / SERVICE, tmp_path / "tasks")
    (tmp_path / "options.yaml").write_text(OPTIONS)
    return tmp_path


def derived(*arguments: str, cwd: Path, stdin: bytes = b"") -> dict[str, Any]:
    """Return the derived statements by family and kind of role."""
    data = json.loads(taskrole("derive", *arguments, *PLACE, "--format", "json", cwd=cwd, stdin=stdin).out)
    families = data.get("families", [{**data, "family": "shop-worker"}])
    return {
        f"{family['family']}-{kind}": [
            statement for policy in role["policies"] for statement in statements_of(policy["document"])
        ]
        for family in families
        for kind, role in family["roles"].items()
        if role["policies"]
    }


def declared(file: Path) -> dict[str, Any]:
    (stack,) = load_config(file).stacks
    return {
        role.key: [statement for policy in role.policies for statement in statements_of(policy.document)]
        for role in stack.roles
    }


def test_roles_yaml_and_terraform_are_as_expected() -> None:
    yaml = taskrole("derive", SERVICE, *PLACE, "--format", "roles-yaml")
    hcl = taskrole("derive", f"{SERVICE}/web.json", *PLACE, "--format", "hcl")

    assert (yaml.code, hcl.code) == (0, 0)
    assert_expected("cli/derive_service.roles.yaml", yaml.out)
    assert_expected("cli/derive_web.tf", hcl.out)
    assert "required elsewhere: account 210987654321 must add" in hcl.err


@pytest.mark.parametrize("options", [(), ("--options", "options.yaml"), ("--guardduty", "--exec", "default")])
def test_roles_yaml_builds_the_derived_policies(shop: Path, options: tuple[str, ...]) -> None:
    written = taskrole("derive", "tasks", *PLACE, *options, "--format", "roles-yaml", cwd=shop)
    (shop / "roles.yaml").write_text(written.out)

    assert taskrole("validate", cwd=shop).code == 0
    assert "task_definitions" in written.out
    assert declared(shop / "roles.yaml") == derived("tasks", *options, cwd=shop)


@pytest.mark.parametrize("source", ["standard input", "an array", "a value"])
def test_roles_yaml_has_statements_for_options_that_it_lacks(shop: Path, source: str) -> None:
    whole = (shop / "tasks/worker.json").read_text()
    (shop / "array.json").write_text(f"[{whole}]")
    (shop / "open.json").write_text(whole.replace("eu-central-1.amazonaws.com/shop/worker", "${HOST}/shop/worker"))
    arguments: tuple[str, ...] = {
        "standard input": ("-",),
        "an array": ("array.json",),
        "a value": ("open.json", "--set", "HOST=eu-central-1.amazonaws.com"),
    }[source]

    written = taskrole("derive", *arguments, *PLACE, "--format", "roles-yaml", cwd=shop, stdin=whole.encode())
    (shop / "roles.yaml").write_text(written.out)

    assert taskrole("validate", cwd=shop).code == 0
    assert "task_definitions" not in written.out
    assert declared(shop / "roles.yaml") == derived(*arguments, cwd=shop, stdin=whole.encode())


def test_terraform_has_the_derived_documents(shop: Path) -> None:
    written = taskrole("derive", "tasks", *PLACE, "--format", "hcl", cwd=shop)

    blocks = read_hcl(written.out)["resource"]
    addresses = {f"{kind}.{name}" for block in blocks for kind, named in block.items() for name in named}
    assert addresses == {
        f"{kind}.{role}{suffix}"
        for role in derived("tasks", cwd=shop)
        for kind, suffix in (("aws_iam_role", ""), ("aws_iam_role_policy", "_grants"))
    }
    assert "# container 'web' pulls shop/web\n" in written.out


def test_with_an_error_nothing_is_printed_to_paste(shop: Path) -> None:
    (shop / "bad.json").write_text(json.dumps({"family": "x", "containerDefinitions": [{"name": "a", "image": 5}]}))

    for format_ in ("roles-yaml", "hcl"):
        result = taskrole("derive", "bad.json", *PLACE, "--format", format_, cwd=shop)
        assert (result.code, result.out) == (1, "")


def test_names_of_roles_are_valid_and_unique() -> None:
    families = ["web", "Web", "a b", "a/b", "x" * 255, "x" * 254, "…", "web (a.json)"]

    names = role_names(families)

    assert names["web (a.json)", "task"] == "web-a-json-task"
    assert len({name.lower() for name in names.values()}) == 2 * len(families)
    assert all(len(name) <= 64 and name.isascii() and " " not in name for name in names.values())
