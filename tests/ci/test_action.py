"""Tests the GitHub action, run by bash in another repository."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci.action import ACTION, OF_A_FORK, OF_THE_REPOSITORY, STEPS, Run, run_action
from tests.ci.repository import ROLES, ROOT, Repository, modules_that_tell
from tests.cli.running import taskrole
from tests.review.cases import PLANS
from tests.review.render.test_ci_settings import everything_waived

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("bash", "git", "jq")),
    reason="NO BASH, GIT OR JQ: the steps of the action were not run",
)
PLAN = PLANS / "trust-change/plan.json"
WAIVED = {"taskrole.review.yaml": yaml.safe_dump(everything_waived())}
# A fake of `gh api` that records requests, has the comments of a file, and filters them by the given jq.
GH = """\
#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$HOME/asked"
if [ "$2" = --paginate ]; then jq --raw-output "$5" "$HOME/comments.json"; fi
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return prepared(Repository(tmp_path, {"roles.yaml": ROLES}))


def prepared(repository: Repository) -> Repository:
    repository.put_taskrole("taskrole/bin")
    return repository


def review(repository: Repository, **inputs: str) -> Run:
    return run_action(repository, command="review", plan=str(PLAN), **inputs)


def test_a_blocked_review_fails_and_is_reported(repository: Repository) -> None:
    run = review(repository)

    report = Path(run.context["steps.run.outputs.report"])
    assert run.code == 3
    assert run.context["steps.run.outputs.exit-code"] == "3"
    assert sorted(path.name for path in report.iterdir()) == [
        "comment.md", "review.html", "review.json", "review.sarif", "summary.md",
    ]  # fmt: skip
    assert "trust" in (repository.temporary / "summary.md").read_text("utf-8")


def test_nothing_is_written_into_the_repository(repository: Repository) -> None:
    before = sorted(repository.folder.rglob("*"))

    review(repository)

    assert sorted(path for path in repository.folder.rglob("*") if ".git" not in path.parts) == [
        path for path in before if ".git" not in path.parts
    ]


def test_the_settings_of_the_pull_request_do_not_count(tmp_path: Path) -> None:
    assert review(prepared(Repository(tmp_path, {}, WAIVED))).code == 3


def test_the_settings_of_the_base_branch_count(tmp_path: Path) -> None:
    assert review(prepared(Repository(tmp_path, WAIVED))).code == 0


def test_settings_are_found_beside_the_directory(tmp_path: Path) -> None:
    base = {f"infra/{name}": text for name, text in WAIVED.items()}

    assert review(prepared(Repository(tmp_path, base)), directory="infra").code == 0


def test_a_checkout_without_the_base_branch_is_an_error_with_the_fix(repository: Repository) -> None:
    run = run_action(repository, {**OF_THE_REPOSITORY, "github.base_ref": "gone"}, command="review", plan=str(PLAN))

    assert run.code == 1
    assert "set fetch-depth: 0" in run.printed
    assert "Run taskrole" not in run.environments


def test_roles_are_checked_against_their_lock(tmp_path: Path) -> None:
    (tmp_path / "roles.yaml").write_text(ROLES, encoding="utf-8")
    assert taskrole("lock", cwd=tmp_path).code == 0
    base = {name: (tmp_path / name).read_text("utf-8") for name in ("roles.yaml", "grants.lock.json")}
    more = ROLES.replace("[service-role/", "[AmazonS3FullAccess, service-role/")
    repository = prepared(Repository(tmp_path, base, {"roles.yaml": more}))

    run = run_action(repository, command="lock")

    assert run.code == 3
    assert "role web: " in run.printed


def test_a_wrong_roles_yaml_fails(tmp_path: Path) -> None:
    repository = prepared(Repository(tmp_path, {"roles.yaml": ROLES.replace("kind: execution", "kind: other")}))

    run = run_action(repository, command="validate")

    assert run.code == 1
    assert "roles.yaml:8:" in run.printed


def test_task_definitions_are_checked_whatever_their_names(tmp_path: Path) -> None:
    definition = json.loads((ROOT / "examples/service/task-definitions/worker.json").read_text("utf-8"))
    files = {"roles.yaml": ROLES, "--help": json.dumps(definition), "my tasks.json": json.dumps(definition)}
    repository = prepared(Repository(tmp_path, files))

    run = run_action(
        repository,
        command="check",
        task_definitions="--help\nmy tasks.json\n",
        arguments="--role\nAmazonECSTaskExecutionRolePolicy\n--region\neu-central-1\n",
    )

    assert run.code == 3
    assert "2 of 2 task definitions would fail to start" in run.printed


def test_later_steps_can_use_the_installed_programs(repository: Repository) -> None:
    run = run_action(repository, command="validate")

    assert run.context["steps.install.outputs.bin"] == str(repository.temporary / "taskrole/bin")
    assert ACTION["outputs"]["bin"]["value"] == "${{ steps.install.outputs.bin }}"


@pytest.mark.parametrize(("extras", "suffix"), [("", ""), ("cdktf", "[cdktf]"), ("cdktf,live", "[cdktf,live]")])
def test_the_named_extras_are_installed(extras: str, suffix: str, tmp_path: Path) -> None:
    """Python is replaced by a program that writes the last argument of pip into a file."""
    repository = Repository(tmp_path, {"roles.yaml": ROLES})
    python = repository.temporary / "python"
    python.write_text(
        '#!/bin/sh\nif [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi\n'
        f'for last; do :; done\nprintf %s "$last" > "{tmp_path}/last"\n'
    )
    python.chmod(0o755)

    run_action(repository, python=str(python), command="validate", extras=extras)

    assert (tmp_path / "last").read_text("utf-8") == f"{ROOT}{suffix}"


def test_an_unknown_command_is_an_error(repository: Repository) -> None:
    run = run_action(repository, command="deploy")

    assert run.code == 1
    assert "command is validate, lock, check, review or report" in run.printed


def test_a_comment_is_created_and_then_kept_up_to_date(repository: Repository) -> None:
    put_gh(repository, comments=[])

    first = review(repository, comment="true")
    marker = Path(first.context["steps.run.outputs.comment"]).read_text("utf-8").partition("\n")[0]
    strangers = {"id": 1, "body": marker, "user": {"login": "stranger"}}
    put_gh(repository, comments=[strangers, {"id": 2, "body": marker, "user": {"login": "github-actions[bot]"}}])
    review(repository, comment="true")

    asked = (repository.temporary / "asked").read_text("utf-8").splitlines()
    written = [line for line in asked if "body=@" in line]
    assert written[0].startswith("api repos/shop/infra/issues/7/comments -F body=@")
    assert written[1].startswith("api --method PATCH repos/shop/infra/issues/comments/2 -F body=@")


def test_a_later_job_reports_without_running_taskrole(repository: Repository) -> None:
    review(repository)
    (repository.temporary / "taskrole-report").rename(repository.folder / "report")
    shutil.rmtree(repository.temporary / "taskrole")
    put_gh(repository, comments=[])

    run = run_action(repository, command="report", report="report", comment="true", sarif="true")

    assert run.code == 0
    assert "body=@report/comment.md" in (repository.temporary / "asked").read_text("utf-8")
    assert [values["sarif_file"] for values in run.used.values()] == ["report/review.sarif"]


def test_for_a_fork_no_step_with_a_token_runs(repository: Repository) -> None:
    inputs = {"command": "review", "plan": str(PLAN), "comment": "true", "sarif": "true"}

    run = run_action(repository, OF_A_FORK, **inputs)

    assert run.code == 3
    assert [action.partition("@")[0] for action in run.used] == ["actions/setup-python"]
    assert "Comment" not in run.environments
    assert "the-token" not in str(run.environments)


def test_only_steps_that_comment_or_upload_have_the_token(repository: Repository) -> None:
    put_gh(repository, comments=[])

    run = review(repository, comment="true", sarif="true")

    given = {**run.environments, **run.used}
    assert [name.partition("@")[0] for name, values in given.items() if "the-token" in values.values()] == [
        "Comment", "github/codeql-action/upload-sarif",
    ]  # fmt: skip


def test_no_expression_is_in_a_script() -> None:
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_every_input_is_described_and_used() -> None:
    text = str(ACTION["runs"])

    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
    assert all(value["description"] for value in ACTION["inputs"].values())


@pytest.mark.extra
@pytest.mark.slow
def test_the_action_installs_itself_and_runs_no_module_of_the_pull_request(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repository = Repository(tmp_path, {"roles.yaml": ROLES}, modules_that_tell(marker))

    run = run_action(repository, python=sys.executable, command="validate")

    assert run.code == 0, run.printed
    assert (repository.temporary / "taskrole/bin/taskrole").is_file()
    assert not marker.exists()


def put_gh(repository: Repository, comments: list[object]) -> None:
    program = repository.temporary / "bin/gh"
    program.parent.mkdir(exist_ok=True)
    program.write_text(GH)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (repository.temporary / "comments.json").write_text(json.dumps(comments))
    assert os.access(program, os.X_OK)
