"""Tests `taskrole init`: from the task definitions of a project to a roles.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.init.search import MOST_FILES
from tests.cli.running import Result, taskrole
from tests.init.folders import files

ACCOUNT, REGION = "111122223333", "eu-west-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
STANDARD = {"roles.yaml", "roles.schema.json", "grants.lock.json"}


def definition(family: str = "web", image: str = f"{REGISTRY}/web:1", **fields: Any) -> dict[str, Any]:
    return {"family": family, "containerDefinitions": [{"name": "app", "image": image, "essential": True}], **fields}


def write(file: Path, data: Any) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    return file


def init(folder: Path, *arguments: str, **variables: str) -> Result:
    return taskrole("init", *arguments, cwd=folder, **variables)


def commands(result: Result) -> list[list[str]]:
    """Return the next commands, without the comments behind them."""
    lines = result.out.partition("\nNext:\n")[2].splitlines()
    return [line.partition("  #")[0].split() for line in map(str.strip, lines)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a task definition that shows its account and region."""
    write(tmp_path / "tasks/web.json", definition())
    return tmp_path


def test_a_project_gets_roles_schema_and_lock_that_fit_together(project: Path) -> None:
    result = init(project)

    assert (result.code, result.err) == (0, "")
    assert files(project) == {"tasks/web.json", *STANDARD}
    assert result.out.splitlines()[:2] == [
        "1 task definition in 1 file, of 1 file searched",
        "wrote roles.yaml: 1 role of 1 family, in stack ecs",
    ]
    assert taskrole("lock", "--check", cwd=project).code == 0
    assert f"arn:aws:iam::{ACCOUNT}:role/web-execution" in taskrole("show", cwd=project).out
    assert taskrole("schema", "--check", "roles.schema.json", cwd=project).code == 0


def test_the_printed_next_commands_work(project: Path) -> None:
    printed = commands(init(project))

    assert [command[:2] for command in printed] == [
        ["taskrole", "show"],
        ["taskrole", "export"],
        ["terraform", "-chdir=terraform/ecs"],
    ]
    for command in printed[:2]:
        assert taskrole(*command[1:], cwd=project).code == 0
    assert (project / "terraform/ecs/main.tf").is_file()


def test_the_roles_of_each_family_name_their_files_and_the_replaced_roles(tmp_path: Path) -> None:
    roles = {f"{kind}RoleArn": f"arn:aws:iam::{ACCOUNT}:role/old-{kind}" for kind in ("execution", "task")}
    write(tmp_path / "web.json", definition(**roles))
    write(tmp_path / "db.yaml", json.dumps(definition("db")))

    init(tmp_path)

    text = (tmp_path / "roles.yaml").read_text()
    assert [line.strip() for line in text.partition("roles:\n")[2].splitlines()] == [
        *("db-execution:", "kind: execution", "task_definitions:", "- db.yaml"),
        *("# replaces old-execution", "web-execution:", "kind: execution", "task_definitions:", "- web.json"),
        *("# replaces old-task", "web-task:", "kind: task", "task_definitions:", "- web.json"),
    ]


def test_families_of_the_same_file_get_their_own_roles(tmp_path: Path) -> None:
    write(tmp_path / "all.json", [definition("web"), definition("api", f"{REGISTRY}/api:1")])

    assert init(tmp_path).code == 0

    lock = json.loads((tmp_path / "grants.lock.json").read_text())["stacks"]["ecs"]["roles"]
    repositories = {
        name: {entry["on"].rpartition("/")[2] for entry in role["allow"] if "repository" in entry["on"]}
        for name, role in lock.items()
    }
    assert repositories == {"web-execution": {"web"}, "api-execution": {"api"}}


def test_a_cloudformation_template_is_found_among_other_files(tmp_path: Path) -> None:
    containers = [{"Name": "app", "Image": f"{REGISTRY}/web:1"}]
    resource = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "w", "ContainerDefinitions": containers}}
    write(tmp_path / "infra/stack.yml", {"Resources": {"Task": resource}})
    write(tmp_path / ".devcontainer/devcontainer.json", '{ // a comment\n "image": "debian" }')
    write(tmp_path / "values.json", {"image": "nginx"})
    write(tmp_path / "compose.yaml", {"services": {"a": {"image": "nginx"}}})
    write(tmp_path / "chart.yaml", "image: {{ .Values.image }}\n")

    result = init(tmp_path)

    assert (result.code, result.err) == (0, "")
    assert "- infra/stack.yml" in (tmp_path / "roles.yaml").read_text()


def test_placeholders_are_written_to_a_values_file_before_the_lock(tmp_path: Path) -> None:
    write(tmp_path / "web.json", definition(image="${REPOSITORY}:1", executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/a"))

    result = init(tmp_path, "--region", REGION)

    assert files(tmp_path) == {"web.json", "roles.yaml", "roles.schema.json", "values.yaml"}
    assert "to fill in: 1 value in values.yaml" in result.out
    assert [command[1] for command in commands(result)] == ["validate", "lock", "export"]
    assert "${REPOSITORY}" in taskrole("validate", cwd=tmp_path).err

    values = tmp_path / "values.yaml"
    values.write_text(values.read_text().replace("REPOSITORY:\n", f"REPOSITORY: {REGISTRY}/web\n"))

    assert taskrole("validate", cwd=tmp_path).code == 0
    assert taskrole("lock", cwd=tmp_path).code == 0


def test_account_and_region_are_read_with_their_field(tmp_path: Path) -> None:
    task = definition(image="nginx", taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/a")
    options = {"awslogs-group": "/web", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "a"}
    task["containerDefinitions"][0]["logConfiguration"] = {"logDriver": "awslogs", "options": options}
    write(tmp_path / "web.json", task)

    assert init(tmp_path).code == 0

    assert (tmp_path / "roles.yaml").read_text().partition("  ecs:\n")[2].splitlines()[:3] == [
        "    # as in web.json: /containerDefinitions/0/logConfiguration/options/awslogs-region; check it",
        "    region: eu-central-1",
        f'    account: "{ACCOUNT}"',
    ]


def test_unknown_values_are_left_out_and_contradictory_ones_named(tmp_path: Path) -> None:
    write(tmp_path / "a.json", definition("a", "nginx", executionRoleArn="arn:aws:iam::111111111111:role/a"))
    write(tmp_path / "b.json", definition("b", "nginx", executionRoleArn="arn:aws:iam::222222222222:role/b"))

    result = init(tmp_path)

    assert result.code == 0
    assert "to fill in: region in roles.yaml: where the tasks run, such as eu-west-1" in result.out
    assert (
        "to fill in: account in roles.yaml: task definitions differ: 111111111111 in a.json: /executionRoleArn,"
        " 222222222222 in b.json: /executionRoleArn" in result.out
    )
    assert not (tmp_path / "grants.lock.json").exists()
    assert "set account, 12 digits" in taskrole("validate", cwd=tmp_path).err


def test_the_region_of_the_environment_is_the_last_resort(tmp_path: Path) -> None:
    write(tmp_path / "a.json", definition("a", "nginx", executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/a"))

    assert init(tmp_path, AWS_DEFAULT_REGION="eu-north-1").code == 0

    assert "    # from AWS_DEFAULT_REGION\n    region: eu-north-1\n" in (tmp_path / "roles.yaml").read_text()


def test_a_dry_run_names_the_files_and_writes_none(project: Path) -> None:
    result = init(project, "--dry-run", "--terraform")

    assert result.code == 0
    assert [line.split(":")[0] for line in result.out.splitlines() if line.startswith("would write")] == [
        *("would write roles.yaml", "would write roles.schema.json", "would write grants.lock.json"),
        "would write terraform/ecs",
    ]
    assert files(project) == {"tasks/web.json"}


def test_terraform_gets_a_root_module_that_export_updates(project: Path) -> None:
    assert init(project, "--terraform").code == 0
    written = {path: path.read_bytes() for path in (project / "terraform").rglob("*") if path.is_file()}

    again = taskrole("export", "--root", "--to", "terraform/ecs", cwd=project)

    assert again.code == 0
    assert {path: path.read_bytes() for path in (project / "terraform").rglob("*") if path.is_file()} == written


@pytest.mark.parametrize("existing", ["roles.yaml", "grants.lock.json", "terraform/ecs/other.tf"])
def test_if_a_file_exists_nothing_is_written(project: Path, existing: str) -> None:
    write(project / existing, "mine\n")
    before = files(project)

    result = init(project, "--terraform")

    named = existing.removesuffix("/other.tf")
    assert (result.code, result.out) == (1, "")
    assert result.errors == [f"{named}: exists already and is not overwritten; nothing was written"]
    assert files(project) == before


def test_all_existing_files_are_named_at_once(project: Path) -> None:
    init(project)

    assert [line.partition(":")[0] for line in init(project).errors] == ["grants.lock.json", "roles.yaml"]


def test_an_empty_folder_is_an_error_in_one_line_with_the_fix(tmp_path: Path) -> None:
    result = init(tmp_path)

    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert result.err.startswith(".: no task definition in 0 JSON or YAML files; give the files")
    assert files(tmp_path) == set()


def test_all_broken_definitions_are_named_and_nothing_is_written(project: Path) -> None:
    write(project / "cut.json", '{"containerDefinitions": [')
    write(project / "wrong.yaml", "containerDefinitions: 5\n")

    result = init(project)

    assert (result.code, result.out) == (1, "")
    assert [line.split(":")[0] for line in result.errors] == ["cut.json", "wrong.yaml"]
    assert files(project) == {"tasks/web.json", "cut.json", "wrong.yaml"}


def test_files_that_gitignore_excludes_are_read_only_if_named(project: Path) -> None:
    write(project / ".gitignore", "build/\n")
    write(project / "build/old.json", '{"containerDefinitions": [')
    write(project / "build/new.json", definition("new"))

    assert init(project, "--dry-run").out.startswith("1 task definition in 1 file, of 1 file searched")
    assert init(project, "--dry-run", "build/new.json").out.startswith("1 task definition in 1 file")


def test_a_named_file_must_contain_a_task_definition(project: Path) -> None:
    write(project / "package.json", {"name": "web"})

    result = init(project, "package.json", "none.json")

    assert (result.code, len(result.errors)) == (1, 2)
    assert result.errors[0].startswith("none.json: no such file or folder")
    assert result.errors[1].startswith("package.json: must contain a task definition")


def test_a_file_outside_of_the_project_is_refused(project: Path, tmp_path_factory) -> None:
    (project / ".git").mkdir()
    other = write(tmp_path_factory.mktemp("other") / "web.json", definition())

    result = init(project, str(other))

    assert (result.code, len(result.errors)) == (1, 1)
    assert "is outside the project, so that roles.yaml cannot name it" in result.err


def test_more_than_ten_thousand_files_are_refused(project: Path) -> None:
    # For exactly that many see tests/init/test_from_wheel.py.
    for number in range(MOST_FILES):
        (project / f"{number}.json").touch()

    result = init(project, "--dry-run")

    assert (result.code, len(result.errors)) == (1, 1)
    assert "at most 10,000 JSON and YAML files to look at" in result.err


def test_an_unwritable_path_is_an_error_in_one_line(project: Path) -> None:
    before = files(project)

    result = taskrole("--config", "tasks/web.json/roles.yaml", "init", "tasks", cwd=project)

    assert (result.code, result.out) == (1, "")
    assert result.errors == ["tasks/web.json: no such folder; create it, or choose another"]
    assert files(project) == before


def test_an_invalid_region_and_account_are_reported_together(project: Path) -> None:
    result = init(project, "--region", "eu-west-9", "--account", "5")

    assert result.code == 1
    assert result.errors == [
        "--account: must be 12 digits; got '5'",
        "--region: unknown region 'eu-west-9'; did you mean eu-west-3 or eu-west-2 or eu-west-1?",
    ]


def test_files_of_another_roles_yaml_are_written_beside_it(project: Path) -> None:
    (project / ".git").mkdir()
    (project / "deploy").mkdir()

    result = taskrole("--config", "deploy/roles.yaml", "init", ".", cwd=project)

    assert result.code == 0
    assert files(project / "deploy") == STANDARD
    assert "- ../tasks/web.json" in (project / "deploy/roles.yaml").read_text()
    assert commands(result)[0] == ["taskrole", "--config", "deploy/roles.yaml", "show"]
