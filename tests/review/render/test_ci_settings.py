"""Tests that CI files take the settings from the base branch: a pull request can neither waive nor approve."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskrole.review.rules import RULES
from tests.ci.repository import git
from tests.review.cases import PLANS, reviewed
from tests.review.render.test_ci_files import COPIED, GITLAB, OURS, ROOT, load

pytestmark = pytest.mark.skipif(
    any(shutil.which(program) is None for program in ("bash", "git", "jq")),
    reason="NO BASH, GIT OR JQ: the scripts of the CI files were not run",
)
CASE = "trust-change"
ROLES = """\
version: 1
stacks:
  s:
    region: eu-west-1
    account: "123456789012"
    roles:
      r: {kind: execution, managed_policies: [service-role/AmazonECSTaskExecutionRolePolicy]}
"""
# The values of the expressions in GitHub's steps.
EVENT = {"github.event.pull_request.base.ref": "main", "github.event.repository.default_branch": "main"}
OFF = {"version": 1, "severities": {"TR-QUOTA": "off"}}


def everything_waived() -> dict[str, Any]:
    """Return settings that switch every rule off, and approve all of the plan."""
    report = reviewed(CASE)
    keys = [row.key for role in report.roles for row in (*role.added, *role.removed)]
    keys += [role.trust.key for role in report.roles if role.trust.key]
    return {
        "version": 1,
        "severities": dict.fromkeys(RULES, "off"),
        "approvals": [{"key": key, "owner": "me", "reason": "because"} for key in keys],
    }


def github(file: Path, job: str) -> list[tuple[str, str]]:
    """Return the scripts of a job that take the settings and review, each with its value of BASE."""
    steps = [step for step in load(file)["jobs"][job]["steps"] if "run" in step]
    taking, reviewing = "Take the settings of the base branch", "taskrole review"
    chosen = [step for step in steps if step.get("name") == taking or reviewing in step["run"]]
    assert [step.get("name") == taking for step in chosen] == [True, False]
    scripts = []
    for step in chosen:
        expression = step.get("env", {}).get("BASE", "").removeprefix("${{ ").removesuffix(" }}")
        scripts.append((step["run"], EVENT[expression] if expression else ""))
    return scripts


def gitlab() -> list[tuple[str, str]]:
    script = load(GITLAB)["review"]["script"]
    first = next(index for index, line in enumerate(script) if line.startswith("base="))
    return [("\n".join(["set -eo pipefail", *script[first:]]), "")]


JOBS = {
    "ours": lambda: github(OURS / "review.yml", "review"),
    "deploy: review": lambda: github(COPIED / "github-cdktf-deploy.yml", "review"),
    "deploy: apply": lambda: github(COPIED / "github-cdktf-deploy.yml", "apply"),
    "gitlab": gitlab,
}


class Repository:
    """A repository, its clone on a proposed branch, and a CI job that runs there."""

    def __init__(self, folder: Path, base: Mapping[str, Any] | None, proposed: Mapping[str, Any] | None) -> None:
        self.folder, self.temporary = folder / "clone", folder / "temporary"
        self.temporary.mkdir()
        origin = folder / "origin"
        git(folder, "init", "--quiet", "--initial-branch=main", str(origin))
        self.commit(origin, base)
        git(origin, "checkout", "--quiet", "-b", "proposed")
        self.commit(origin, proposed)
        # A user who can push a branch can also push tags: no tag is taken for the base branch.
        git(origin, "tag", "origin/main")
        git(origin, "tag", "refs/remotes/origin/main")
        git(folder, "clone", "--quiet", "--branch=proposed", str(origin), str(self.folder))
        programs = self.folder / ".venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "taskrole").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m taskrole "$@"\n', encoding="utf-8")
        (programs / "taskrole").chmod(0o755)
        (self.temporary / "plan.json").write_bytes((PLANS / CASE / "plan.json").read_bytes())
        for name in ("approved", ".review", "review"):
            (self.folder / name).mkdir()
        (self.folder / "approved" / "review.json").write_text(
            json.dumps({"plan": {"hash": reviewed(CASE).plan.hash}}), encoding="utf-8"
        )

    def commit(self, folder: Path, settings: Mapping[str, Any] | None) -> None:
        path = folder / "taskrole.review.yaml"
        path.unlink(missing_ok=True)
        if settings is not None:
            path.write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
        (folder / "roles.yaml").write_text(ROLES, encoding="utf-8")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message=settings")

    def run(self, job: str, base: str = "main") -> int:
        """Run the scripts of a job one after the other; return the exit code of the last that runs."""
        code = 0
        for script, event in JOBS[job]():
            variables = {
                "PATH": f"{self.folder / '.venv' / 'bin'}:{os.environ['PATH']}",
                "PYTHONPATH": str(ROOT),
                "HOME": str(self.temporary),
                "RUNNER_TEMP": str(self.temporary),
                "private": str(self.temporary),
                "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
                "REVIEW": ".review",
                "STACK": "s",
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": base,
                **({"BASE": base} if event else {}),
            }
            code = subprocess.run(
                ["bash", "-e", "-c", script],
                cwd=self.folder,
                env=variables,
                capture_output=True,
                check=False,
                timeout=120,
            ).returncode
            if code:
                break
        return code

    def report(self) -> dict[str, Any]:
        """Return the report that the job wrote, or nothing where it writes none."""
        names = ("review.json", ".review/review.json", "review/s.json")
        paths = [path for name in names if (path := self.folder / name).is_file()]
        return json.loads(paths[0].read_text("utf-8")) if paths else {}


@pytest.mark.parametrize("job", JOBS)
def test_a_pull_request_that_waives_everything_is_blocked(job: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path, base=None, proposed=everything_waived())

    code = repository.run(job)

    assert code == 3
    if job != "deploy: apply":
        assert repository.report()["settings"] == {"off": [], "waived": [], "approved": [], "lowered": []}


@pytest.mark.parametrize("job", ["ours", "deploy: review", "gitlab"])
def test_the_settings_of_the_base_branch_count_if_the_pull_request_removes_them(job: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path, base=OFF, proposed=None)

    repository.run(job)

    assert repository.report()["settings"]["off"] == [["TR-QUOTA", 0]]


@pytest.mark.parametrize("job", ["deploy: apply", "ours"])
def test_a_waiver_of_the_base_branch_counts(job: str, tmp_path: Path) -> None:
    assert Repository(tmp_path, base=everything_waived(), proposed=None).run(job) == 0


@pytest.mark.parametrize("job", JOBS)
def test_without_the_base_branch_nothing_is_reviewed(job: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path, base=OFF, proposed=everything_waived())

    code = repository.run(job, base="gone")

    assert code not in (0, 3)
    assert repository.report() == {}


def test_every_review_of_a_ci_file_names_its_settings() -> None:
    files = [*COPIED.glob("*.yml"), *OURS.glob("*.yml")]
    texts = [file.read_text("utf-8").replace("\\\n", " ") for file in files]
    reviews = [line for text in texts for line in text.split("\n\n") if "taskrole review " in line]

    assert reviews
    assert all("--settings" in review.partition("taskrole review ")[2] for review in reviews)
