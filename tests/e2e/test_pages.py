"""Tests that commands of pages that need Terraform, CDKTF or an account print the shown output."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from taskrole.local.environment import CREDENTIALS, REGION
from tests.aws_client import client
from tests.e2e.console import click_role
from tests.e2e.page_session import Session
from tests.e2e.project import ROOT, Project
from tests.live.filled import small
from tests.pages import Shown, commands_of, not_printed
from tools.demo import WIDENING

pytestmark = pytest.mark.extra

ROLE = "fcjEcsTaskExecutionRole"
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CDKTF = re.compile(r"^(?:ecs|workshop)  +")
_SPINNER = re.compile(r"^\S  (?:Starting|Synthesizing|Processing)$")


def play(session: Session, command: Shown, *, ok: tuple[int, ...] = (0,)) -> None:
    """Run a command of a page, which must print the shown output."""
    printed = session.run(command.command, ok=ok)
    lines = [_of_terraform(line) for line in printed.splitlines()]
    wanted = [line for line in map(_of_terraform, command.lines) if line]
    assert not_printed(wanted, "\n".join(lines)) == [], "\n".join(filter(None, lines[-100:]))


def _of_terraform(line: str) -> str:
    """Return a line without colours, the name of the stack before it (CDKTF), and the error frame of Terraform."""
    return _SPINNER.sub("", _CDKTF.sub("", _ESCAPE.sub("", line)).strip("│╷╵ "))


def test_the_page_about_adopting_a_role(project: Project, iam) -> None:
    project.stack = "ecs"
    click_role(iam, ROLE)
    session = Session(project)
    file = session.folder / "roles.yaml"
    adopt, deploy, plan, review, apply, verify = commands_of(
        "adopt.md", "taskrole adopt", "cdktf ", "taskrole review", "taskrole verify"
    )

    play(session, adopt)
    play(session, deploy)

    text = file.read_text()
    before = text.index("        adopt: true")
    after = text.index("        description")
    end = text.index("        managed_policies")
    file.write_text(f"{text[:before]}{text[after:end]}        task_definitions: [task-definitions/*.json]\n")
    shutil.copytree(ROOT / "examples/adopt/task-definitions", session.folder / "task-definitions")
    play(session, plan)
    play(session, review, ok=(0, 3))
    session.run(f"cd {session.folder}")
    play(session, apply)
    play(session, verify)


def test_the_pages_about_auditing_an_account(project: Project, embedded_aws) -> None:
    small(lambda service: client(embedded_aws, service))
    session = Session(project)
    (readme,) = commands_of("README.md", "taskrole audit")
    (page,) = commands_of("adopt.md", "taskrole audit")

    session.run(readme.command, ok=(0, 3))
    play(session, page, ok=(3,))

    assert "<!doctype html>" in (session.folder / "audit.html").read_text("utf-8").lower()


def test_the_commands_of_the_page_about_export_work(project: Project) -> None:
    project.stack = "workshop"
    session = Session(project)
    shutil.copy(ROOT / "roles.yaml", session.folder)
    export, *terraform = commands_of("export.md", "taskrole export workshop --to terraform", "terraform ")
    (again,) = commands_of("export.md", "taskrole export workshop --to modules")
    (hcl,) = commands_of("export.md", "cdktf synth --hcl")

    session.run("cdktf deploy workshop")
    for command in (export, *terraform):
        play(session, command)

    session.run(again.command)
    module = session.folder / "modules/workshop/main.tf"
    module.write_text(module.read_text().replace("= var.path", '= "/team/"', 1))
    play(session, again, ok=(1,))

    shutil.rmtree(session.folder / "cdktf.out")
    play(session, hcl, ok=(1,))


def test_the_page_about_deploying_to_an_account(project: Project) -> None:
    project.stack = "workshop"
    session = Session(project)
    shutil.copy(ROOT / "roles.yaml", session.folder)
    profile = session.folder / "aws-config"
    keys = {name.removeprefix("aws_"): value for name, value in CREDENTIALS.items()}
    profile.write_text(
        f"[profile example]\nregion = {REGION}\n" + "".join(f"aws_{name} = {value}\n" for name, value in keys.items())
    )
    session.run(f"export AWS_CONFIG_FILE={profile}")
    mirror = session.run('cat "$TF_CLI_CONFIG_FILE" 2>/dev/null || true')
    (session.folder / "mirror.tfrc").write_text(mirror)

    for command in commands_of("state.md", "export ", "npx cdktf", ".venv/bin/taskrole"):
        play(session, command)

    assert json.loads(session.run("terraform -chdir=cdktf.out/stacks/workshop output -json"))


def test_the_readme_hands_over_a_stack_and_adopts_a_role(project: Project, iam) -> None:
    click_role(iam, ROLE)
    session = Session(project)
    (adopt,) = commands_of("README.md", "taskrole adopt")
    (export,) = commands_of("README.md", "taskrole export service --to")

    session.run(adopt.command)
    session.run(f"cd {session.folder}/examples/service")
    session.run(export.command.replace("../terraform", str(session.folder / "terraform")))

    assert (session.folder / "terraform/shop-roles/main.tf").is_file()


def test_the_plan_that_the_readme_reviews(project: Project) -> None:
    project.stack = "service"
    session = Session(project)
    file = session.folder / "roles.yaml"
    (show,) = commands_of("README.md", "terraform show")
    text = (ROOT / "examples/service/roles.yaml").read_text("utf-8")
    file.write_text(text.replace(": [task-definitions/", ": [examples/service/task-definitions/"))
    session.run("cdktf deploy service")

    assert WIDENING[0] in file.read_text()
    file.write_text(file.read_text().replace(*WIDENING))
    session.run("cdktf synth")
    session.run("cd cdktf.out/stacks/service && terraform plan -out plan.bin")

    play(session, show)


def test_the_plan_of_the_page_about_reviews(project: Project) -> None:
    session = Session(project)
    shutil.copy(ROOT / "roles.yaml", session.folder)
    session.run("taskrole export workshop --root --to terraform && cd terraform && terraform init")

    for command in commands_of("plan-review.md", "terraform "):
        session.run(command.command)

    assert json.loads((session.folder / "terraform/plan.json").read_text("utf-8"))["resource_changes"]
