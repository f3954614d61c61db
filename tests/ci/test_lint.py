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


def lint(*files: Path) -> list[str]:
    done = subprocess.run(
        ["node", str(LINTER), *map(str, files)], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
    )
    return [line for line in done.stdout.splitlines() if UNKNOWN not in line]


def test_workflows_and_the_dockerfile_have_no_problem() -> None:
    assert lint(*GITHUB, ROOT / "Dockerfile") == []


@pytest.mark.parametrize(
    ("name", "right", "wrong", "problem"),
    [
        ("docs/ci/github-check.yml", "runs-on:", "run-on:", 'unexpected key "run-on"'),
        ("docs/ci/github-terraform.yml", "steps.review.outputs", "steps.reviews.outputs", 'property "reviews" is not'),
        ("Dockerfile", "RUN python", "RUM python", "Unknown instruction: RUM"),
        ("Dockerfile", 'ENTRYPOINT ["taskrole"]', 'ENTRYPOINT ["taskrole"]\nENTRYPOINT ["x"]', "ENTRYPOINT"),
    ],
)
def test_a_mistake_is_reported(name: str, right: str, wrong: str, problem: str, tmp_path: Path) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert right in text
    file = tmp_path / Path(name).name
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")

    problems = lint(file)

    assert problems
    assert any(problem in line for line in problems)
