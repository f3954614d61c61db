"""Tests the CI files that users copy: least privilege, no plan kept, and options that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskrole.cli.review import review
from taskrole.review.render import RENDERERS

ROOT = Path(__file__).parents[3]
COPIED = ROOT / "docs" / "ci"
OURS = ROOT / ".github" / "workflows"
GITHUB = sorted([*OURS.glob("*.yml"), *COPIED.glob("github-*.yml")])
GITLAB = COPIED / "gitlab-cdktf.yml"
# The permissions of jobs beyond reading the code.
GRANTED = {
    ("github-cdktf.yml", "review"): {"contents": "read", "id-token": "write"},
    ("github-cdktf.yml", "report"): {
        "contents": "read",
        "pull-requests": "write",
        "security-events": "write",
    },
    ("github-terraform.yml", "review"): {"contents": "read", "id-token": "write"},
    ("github-terraform.yml", "report"): {
        "contents": "read",
        "pull-requests": "write",
        "security-events": "write",
    },
    ("github-cdktf-deploy.yml", "review"): {"contents": "read", "id-token": "write"},
    ("github-cdktf-deploy.yml", "apply"): {"contents": "read", "id-token": "write"},
}
GRANTED[("github-fleet.yml", "audit")] = {"id-token": "write"}
GRANTED |= {("review.yml", job): GRANTED["github-cdktf.yml", job] for job in ("review", "report")}


@cache
def load(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text("utf-8"))


def jobs() -> list[Any]:
    return [
        pytest.param(file, name, id=f"{file.parent.name}/{file.name}:{name}")
        for file in GITHUB
        for name in load(file)["jobs"]
    ]


def _scripts() -> Iterator[tuple[str, str]]:
    for file in GITHUB:
        for name, job in load(file)["jobs"].items():
            for step in job["steps"]:
                if "run" in step:
                    yield f"{file.name}:{name}", step["run"]
    for name, job in load(GITLAB).items():
        for part in ("before_script", "script", "after_script") if isinstance(job, dict) else ():
            yield f"{GITLAB.name}:{name}", "\n".join(job.get(part, []))


SCRIPTS = list(_scripts())


def test_no_copied_file_needs_the_makefile_of_this_repository() -> None:
    texts = [file.read_text("utf-8") for file in (*COPIED.iterdir(), ROOT / "templates/roles.yml", ROOT / "action.yml")]

    assert texts
    assert not any(re.search(r"\bmake\b|\.venv/", text) for text in texts)


@pytest.mark.parametrize("file", GITHUB, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_workflow_sets_permissions_for_each_job_alone(file: Path) -> None:
    assert load(file)["permissions"] == {}


@pytest.mark.parametrize(("file", "name"), jobs())
def test_a_job_has_least_privilege_and_a_timeout(file: Path, name: str) -> None:
    job = load(file)["jobs"][name]

    assert job["permissions"] == GRANTED.get((file.name, name), {"contents": "read"})
    assert 0 < job["timeout-minutes"] <= 60


@pytest.mark.parametrize("file", GITHUB, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_code_of_forks_gets_no_secrets(file: Path) -> None:
    """`pull_request_target` would run a stranger's code with this repository's rights."""
    text = file.read_text("utf-8")

    assert "pull_request_target" not in text
    assert "secrets." not in text


@pytest.mark.parametrize(("file", "name"), jobs())
def test_a_checkout_persists_no_credentials(file: Path, name: str) -> None:
    for step in load(file)["jobs"][name]["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("file", "name"), jobs())
def test_no_script_contains_an_expression(file: Path, name: str) -> None:
    """The name of a branch in a script would be code; in a variable it is data."""
    assert not any("${{" in step.get("run", "") for step in load(file)["jobs"][name]["steps"])


def test_no_plan_is_kept() -> None:
    kept = [
        step["with"]["path"].replace("{{ ", "{{").replace(" }}", "}}").split()
        for file in GITHUB
        for job in load(file)["jobs"].values()
        for step in job["steps"]
        if "upload-artifact" in step.get("uses", "")
    ]
    gitlab = load(GITLAB)["review"]["artifacts"]

    assert kept
    assert {path for paths in kept for path in paths} <= {
        ".review/review.html", ".review/review.json", "review.html", "review.json",
        ".review/review.sarif", ".review/comment.md", "cdktf.out", "${{steps.review.outputs.report}}",
        "audit.html", "${{matrix.account}}.json",
    }  # fmt: skip
    assert gitlab["access"] == "developer"
    assert gitlab["paths"] == ["review/*.html", "review/*.json", "review/*.comment.md"]
    assert set(gitlab["reports"]) == {"terraform", "codequality", "junit"}


def test_plans_are_written_only_to_temporary_folders() -> None:
    written = [path for _, script in SCRIPTS for path in re.findall(r'(?:-out=|show -json \S+ > )"?([^"\s]+)', script)]

    assert len(written) == 12, "a plan and its JSON in each of the jobs that plan"
    assert all(path.startswith(("$RUNNER_TEMP/", "$private/")) for path in written)


def test_every_option_of_a_review_exists() -> None:
    known = {name for parameter in review.params for name in parameter.opts}
    scripts = [script for _, script in SCRIPTS if "taskrole review" in script]

    assert len(scripts) == 4
    for script in scripts:
        command = script[script.index("taskrole review") :].split("\n\n")[0]
        assert set(re.findall(r"(?<=\s)--[a-z-]+", command.split("jq ")[0])) <= known
        assert set(re.findall(r"--output ([a-z-]+)=", command)) <= set(RENDERERS)
        # Findings that anyone sees point at the roles that they are about.
        assert ("--output " in command) == ("--source roles.yaml" in command)


def test_a_review_runs_in_the_folder_of_the_page_of_rules() -> None:
    """`taskrole review` links to docs/review-rules.md of the folder that it runs in: that of the checkout."""
    assert (ROOT / "docs" / "review-rules.md").is_file()

    for name, script in SCRIPTS:
        before, review_, _ = script.partition("taskrole review")
        assert not review_ or not re.search(r"^\s*cd ", before, re.MULTILINE), name
        assert "--docs-url" not in script, "what is given counts, and would be wrong in another repository"
    for file in GITHUB:
        for job in load(file)["jobs"].values():
            assert "working-directory" not in str([job.get("defaults"), job["steps"]])


def test_a_blocked_review_fails_its_job_and_is_still_shown() -> None:
    steps = load(OURS / "review.yml")["jobs"]["review"]["steps"]
    after = steps[next(index for index, step in enumerate(steps) if step.get("name") == "Review") + 1 :]

    report = load(OURS / "review.yml")["jobs"]["report"]
    steps_of_report = report["steps"][1:]

    assert [step["name"] for step in after] == ["Summary", "Keep the review, not the plan"]
    assert [step["name"] for step in steps_of_report] == ["Comment", "Code scanning"]
    assert all(step["if"].startswith("${{ !cancelled() && hashFiles(") for step in (*after, *steps_of_report))
    assert (
        report["if"] == """${{ !cancelled() && contains(fromJSON('["success", "failure"]'), needs.review.result) }}"""
    )
    assert load(GITLAB)["note"]["rules"][0]["when"] == "always"
    assert load(GITLAB)["review"]["artifacts"]["when"] == "always"


def test_the_approved_plan_is_applied() -> None:
    steps = load(COPIED / "github-cdktf-deploy.yml")["jobs"]["apply"]["steps"]
    names = [step.get("name", step.get("uses")) for step in steps]

    assert names[-3:] == ["Plan again", "Is it what was approved?", "Apply"]
    assert "approved=$(jq --raw-output .plan.hash approved/review.json)\n" in steps[-2]["run"]
    assert '--expect-hash "$approved"' in steps[-2]["run"]
    assert "if" not in steps[-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="NO BASH: the scripts of the CI files were not parsed")
@pytest.mark.parametrize(
    ("name", "script"), SCRIPTS, ids=lambda value: value if ":" in value and "\n" not in value else ""
)
def test_every_script_is_valid_bash(name: str, script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)

    assert done.returncode == 0, f"{name}: {done.stderr}"
