"""The syntax of workflows and of the Dockerfile, by linters that are locked in package-lock.json."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ci.repository import ROOT
from tests.review.render.test_ci_files import GITHUB

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="NO NODE: the CI files were not linted")

LINTER = Path(__file__).with_name("lint.cjs")
# The linter is older than this context of GitHub's.
UNKNOWN = 'undefined variable "vars". available variables are'


# A file, a text of it, what is written in its place, and what the linter then says.
MISTAKES = [
    ("docs/ci/github-check.yml", "runs-on:", "run-on:", 'unexpected key "run-on"'),
    ("docs/ci/github-terraform.yml", "steps.review.outputs", "steps.reviews.outputs", 'property "reviews" is not'),
    ("Dockerfile", "RUN python", "RUM python", "Unknown instruction: RUM"),
    ("Dockerfile", 'ENTRYPOINT ["taskrole"]', 'ENTRYPOINT ["taskrole"]\nENTRYPOINT ["x"]', "ENTRYPOINT"),
]


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[str]]:
    """The problems of our own files, and of each mistake, by file: starting the linter takes it longer than reading."""
    files = [*GITHUB, ROOT / "Dockerfile", *(wrong_file(tmp_path_factory, *mistake[:3]) for mistake in MISTAKES)]
    done = subprocess.run(
        ["node", str(LINTER), *map(str, files)], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if UNKNOWN not in line]
    by_file = {file: [line for line in lines if line.startswith(f"{file}:")] for file in files}
    assert sum(map(len, by_file.values())) == len(lines), "no problem is of another file"
    return by_file


def wrong_file(factory: pytest.TempPathFactory, name: str, right: str, wrong: str) -> Path:
    text = (ROOT / name).read_text("utf-8")
    assert right in text
    file = factory.mktemp("wrong") / Path(name).name
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return file


def test_workflows_and_the_dockerfile_have_no_problem(problems: dict[Path, list[str]]) -> None:
    assert {file: problems[file] for file in (*GITHUB, ROOT / "Dockerfile") if problems[file]} == {}


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[mistake[3] for mistake in MISTAKES])
def test_a_mistake_is_reported(number: int, problems: dict[Path, list[str]]) -> None:
    wrong = [file for file in problems if not file.is_relative_to(ROOT)]

    assert any(MISTAKES[number][3] in line for line in problems[wrong[number]])
