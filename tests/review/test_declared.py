"""Tests `--source roles.yaml`: a gained grant names the field or entry of roles.yaml that declares it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.review.render.changes import AccessChange
from taskrole.review.review import ReviewOptions
from tests.review.cases import NOTHING, TODAY, allow, inline_change, plan_of, policy, reviewed, role_change

A, B, C = "123456789012", "210987654321", "333333333333"
SECRET = f"arn:aws:secretsmanager:eu-central-1:{A}:secret:shop/db-a1b2c3"
PICTURES = "arn:aws:s3:::shop-pictures/*"
TASK = {
    "family": "web",
    "containerDefinitions": [
        {"name": "api", "image": "nginx", "secrets": [{"name": "DB_PASSWORD", "valueFrom": SECRET}]}
    ],
}
ROLES = f"""\
version: 1
defaults: {{region: eu-central-1, account: "{A}"}}
stacks:
  prod:
    roles:
      web:
        kind: execution
        task_definitions: [tasks/web.json]
"""
APPLICATION = f"""\
version: 1
defaults: {{region: eu-central-1, account: "{A}"}}
stacks:
  prod:
    roles:
      web:
        kind: task
        grants:
          - {{access: [list], resources: ["arn:aws:s3:::shop-pictures"]}}
          - {{access: [read], resources: ["{PICTURES}"], because: pictures are shown}}
"""
OF_FIELD = "container 'api' gets it as DB_PASSWORD (conf/tasks/web.json /containerDefinitions/0/secrets/0/valueFrom)"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "conf" / "tasks").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    Path("conf/tasks/web.json").write_text(json.dumps(TASK), "utf-8")


def whys(text: str, action: str, resource: str, stack: str = "") -> list[str]:
    """Return the reason of a grant to role web, whose roles.yaml is given."""
    Path("conf/roles.yaml").write_text(text, "utf-8")
    plan = plan_of(role_change(), inline_change(NOTHING, policy(allow(action, resource))))
    options = ReviewOptions(today=TODAY, source=Path("conf/roles.yaml"), stack=stack)
    (role,) = reviewed(plan, options=options).roles
    return [AccessChange("+", role, row).why for row in role.added]


def test_a_derived_grant_names_the_field_of_the_task_definition() -> None:
    assert whys(ROLES, "secretsmanager:GetSecretValue", SECRET) == [OF_FIELD]


def test_a_listed_grant_names_the_entry_of_roles_yaml_and_its_reason() -> None:
    assert whys(APPLICATION, "s3:GetObject", PICTURES) == ["grants[1] of role web: pictures are shown"]


def test_an_undeclared_grant_has_no_reason() -> None:
    assert whys(ROLES, "sqs:SendMessage", "*") == [""]


def test_only_the_declared_part_of_a_wider_grant_has_a_reason() -> None:
    assert whys(ROLES, "secretsmanager:*", SECRET) == [f"secretsmanager:GetSecretValue: {OF_FIELD}"]


def stack(name: str, account: str) -> str:
    """Return another stack that declares role web, in another account."""
    start = APPLICATION.index("  prod:")
    return APPLICATION[start:].replace("prod:", f'{name}:\n    account: "{account}"')


OF_ENTRY = "grants[1] of role web: pictures are shown"


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        pytest.param(APPLICATION + stack("test", B), "", OF_ENTRY, id="one of two in its account"),
        pytest.param(APPLICATION + stack("test", B), "test", OF_ENTRY, id="one of two named"),
        pytest.param(APPLICATION.replace(A, B) + stack("test", C), "", "", id="two in other accounts"),
        pytest.param(APPLICATION, "other", "", id="another stack"),
    ],
)
def test_a_role_in_several_stacks_is_read_from_the_named_stack_or_the_stack_of_its_account(text, name, reason) -> None:
    assert whys(text, "s3:GetObject", PICTURES, name) == [reason]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROLES.replace("execution", "both"), "conf/roles.yaml:7:9: stacks.prod.roles.web.kind: "),
        (ROLES.replace("web.json", "gone.json"), "no such file"),
        (ROLES.replace("tasks/web.json", "../../outside.json"), "must be inside the working folder"),
    ],
)
def test_an_error_of_roles_yaml_is_an_input_error(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_text(json.dumps(TASK), "utf-8")
    # The project is larger than the folder that the review runs in.
    (tmp_path / ".git").mkdir()

    with pytest.raises(InputError) as caught:
        whys(text, "secretsmanager:GetSecretValue", SECRET)

    assert message in str(caught.value)
