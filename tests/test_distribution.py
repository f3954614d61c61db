"""Tests the wheel and the sdist: their contents, and that every verb runs from the wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from taskrole.cli import _VERBS
from tests.forked import run_taskrole
from tests.packaged import (
    ROOT,
    build,
    clean_environment,
    core_environment,
    environment,
    loaded_modules,
    size_of,
    templates,
)
from tests.pages import commands_of

LARGEST_CORE = 120_000_000
DENIAL = (
    "User: arn:aws:sts::111122223333:assumed-role/web/0123456789abcdef0123456789abcdef is not authorized to perform: "
    "sqs:SendMessage on resource: arn:aws:sqs:eu-west-1:111122223333:queue because no identity-based policy allows the "
    "sqs:SendMessage action"
)
HEAVY = {"boto3", "botocore", "cdktf", "constructs", "jsii", "moto"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel without extras."""
    return core_environment(tmp_path_factory)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A project with a roles.yaml, task definitions, a plan, recorded calls and a denial."""
    for name in ("roles.yaml", "grants.lock.json", "task-definitions"):
        source = ROOT / "examples/service" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    shutil.copy(ROOT / "tests/plans/broadening/plan.json", tmp_path)
    shutil.copy(ROOT / "examples/observe/events.jsonl", tmp_path)
    (tmp_path / "denial.txt").write_text(DENIAL)
    return tmp_path


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def run(python: Path, arguments: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    variables = clean_environment(AWS_EC2_METADATA_DISABLED="true", HOME=str(folder), COLUMNS="200")
    return run_taskrole(arguments, folder, variables, python=python)


def test_the_wheel_has_two_packages_and_nothing_else_at_its_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in names(wheel)}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"taskrole", "taskrole_cdktf"}


def test_the_wheel_has_licence_data_schema_and_templates(wheel: Path) -> None:
    packed = set(names(wheel))

    tracked = subprocess.run(
        ["git", "ls-files", "taskrole", "taskrole_cdktf"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(tracked) - packed == set()
    templates = "taskrole/templates"
    assert {
        "taskrole/data/roles.schema.json",
        f"{templates}/main.py",
        f"{templates}/cdktf.json",
        *(f"{templates}/stacks/{path.name}" for path in (ROOT / "stacks").glob("*.py")),
        *(f"{templates}/docs/ci/{path.name}" for path in (ROOT / "docs/ci").iterdir()),
        f"{templates}/tests/stacks/test_synth.py",
    } <= packed
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in packed)
    assert not any("__pycache__" in name for name in packed)


def test_the_sdist_has_the_sources_of_the_wheel(sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}

    assert {"LICENSE", "CHANGELOG.md", "README.md", "pyproject.toml", "main.py", "stacks/role_stack.py"} <= packed
    assert not any(
        name.startswith(("tests/", "node_modules/", "."))
        for name in packed - {".gitignore", "tests/stacks/test_synth.py"}
    )


@pytest.mark.parametrize("target", ["wheel", "sdist"])
def test_two_builds_give_the_same_bytes(target: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    first: Path = request.getfixturevalue(target)

    second = build(target, tmp_path)

    assert second.name == first.name
    assert second.read_bytes() == first.read_bytes()


def test_an_index_accepts_wheel_and_sdist(wheel: Path, sdist: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout.count("PASSED")) == (0, 2), done.stdout + done.stderr


def test_the_readme_installs_this_wheel(core: Path) -> None:
    (command,) = commands_of("README.md", "pip install")
    name = command.command.removeprefix("pip install ")

    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", core, "show", name], capture_output=True, text=True, check=True
    )

    assert f"Name: {name}\n" in done.stdout


def test_the_core_is_small_and_requires_neither_cdktf_nor_aws_packages(wheel: Path, core: Path, tmp_path: Path) -> None:
    assert size_of(wheel) <= LARGEST_CORE
    code = f"import importlib.util as u; assert not any(u.find_spec(name) for name in {sorted(HEAVY)})"
    assert loaded_modules(core, code, tmp_path).isdisjoint(HEAVY)


def test_every_module_of_the_core_is_imported_without_extras(core: Path, tmp_path: Path) -> None:
    code = (
        "import importlib, pkgutil, taskrole\n"
        "for module in pkgutil.walk_packages(taskrole.__path__, 'taskrole.'):\n"
        "    if not module.name.endswith('.__main__'): importlib.import_module(module.name)"
    )

    assert loaded_modules(core, code, tmp_path).isdisjoint(HEAVY)


TASK = "task-definitions/worker.json"
WORKING = {
    "check": ["check", TASK, "--role", "stack:service/shop-execution"],
    "derive": ["derive", TASK, "--region", "eu-central-1"],
    "explain-denial": ["explain-denial", "denial.txt"],
    "export": ["export", "service", "--to", "module"],
    "init": ["--config", "task-definitions/roles.yaml", "init", "--ci", "github", "--cdktf", "--terraform"],
    "local": ["local", "status"],
    "lock": ["lock", "--check"],
    "observe": ["observe", "events.jsonl"],
    "review": ["review", "plan.json"],
    "schema": ["schema"],
    "show": ["show"],
    "stacks": ["stacks"],
    "validate": ["validate"],
}
WITHOUT_EXTRA = {
    "adopt": (["adopt", "web", "--region", "eu-central-1"], "live"),
    "audit": (["audit", "--region", "eu-central-1"], "live"),
    "verify": (["verify", "service"], "live"),
    "check live": (["check", TASK, "--live", "--region", "eu-central-1"], "live"),
    "local up": (["local", "up"], "local"),
    "synth": (["synth"], "cdktf"),
}


def test_every_verb_is_tested_from_the_wheel() -> None:
    assert {*WORKING, *(name.split()[0] for name in WITHOUT_EXTRA)} == set(_VERBS)


def test_the_installed_program_is_the_command_line(core: Path, elsewhere: Path) -> None:
    program, module = (
        subprocess.run(
            [*command, *WORKING["derive"]], cwd=elsewhere, env=clean_environment(), capture_output=True, check=True
        ).stdout
        for command in ([str(core.with_name("taskrole"))], [str(core), "-m", "taskrole"])
    )

    assert program
    assert program == module


@pytest.mark.parametrize("arguments", [["--version"], *WORKING.values()], ids=["version", *WORKING])
def test_a_verb_runs_without_extras(core: Path, elsewhere: Path, arguments: list[str]) -> None:
    done = run(core, arguments, elsewhere)

    expected = 3 if arguments[0] == "local" else 0  # 3: there is no embedded AWS
    assert (done.returncode, "internal error" in done.stderr) == (expected, False), done.stderr
    assert done.stdout


@pytest.mark.parametrize(("arguments", "extra"), WITHOUT_EXTRA.values(), ids=WITHOUT_EXTRA)
def test_a_verb_with_a_missing_extra_names_it_in_one_line(
    core: Path, elsewhere: Path, arguments: list[str], extra: str
) -> None:
    done = run(core, arguments, elsewhere)

    (line,) = done.stderr.splitlines()[-1:]
    assert done.returncode == 1
    assert line.endswith(f"which is not installed; install it: pip install 'taskrole[{extra}]'")
    assert "Traceback" not in done.stderr


def test_the_app_without_its_extra_names_it_in_one_line(core: Path, elsewhere: Path) -> None:
    done = subprocess.run(
        [str(core), str(templates(core) / "main.py")],
        cwd=elsewhere,
        env=clean_environment(),
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "CDKTF needs jsii, which is not installed; install it: pip install 'taskrole[cdktf]'"
    )


@pytest.mark.extra
def test_a_project_of_the_templates_synthesises_with_the_extra(
    wheel: Path, elsewhere: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    python = environment(wheel, tmp_path_factory.mktemp("cdktf") / "venv", "cdktf")
    shutil.copytree(templates(python), elsewhere, dirs_exist_ok=True)

    done = subprocess.run(
        [str(python), "main.py"], cwd=elsewhere, env=clean_environment(), check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert (elsewhere / "cdktf.out/stacks/service/cdk.tf.json").is_file()
