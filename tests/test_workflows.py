"""Tests the supply chain of all CI files: each rule holds, and fails on a broken copy.

A job that runs code of a change has no token and no account; one that has them runs reviewed code alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = sorted([*(ROOT / ".github/workflows").glob("*.y*ml"), *(ROOT / "docs/ci").glob("github-*.y*ml")])
GITLAB = sorted((ROOT / "docs/ci").glob("gitlab-*.y*ml"))
COMPONENTS = sorted((ROOT / "templates").glob("*.y*ml"))
SCRIPTS = [ROOT / ".ci/core", ROOT / ".ci/run", *sorted((ROOT / "docs/ci").glob("*.sh"))]
ACTION_FILE = ROOT / "action.yml"
# The tests of tests/ci run these.
OTHERS = [ROOT / "docs/ci" / name for name in ("atlantis.yaml", "pre-commit.yaml")]

ACTION = re.compile(r"uses: [a-z-]+/[a-z-]+(/[a-z-]+)?@[0-9a-f]{40}  # v\d+\.\d+\.\d+")
# Commands that run code of the checkout, and not of the base branch or of an action.
OWN_CODE = re.compile(
    r"(?<!\S)(make (?!-C )|\.venv/bin/|bash \.ci/|npm |pytest|\S*python\"? main\.py"
    r"|pip (?!install [^$]*\"\$TASKROLE_PACKAGE\"$))"
)
NEEDS_CREDENTIALS = ("terraform ", "taskrole audit ")
TOKENS = re.compile(r"secrets\.|github\.token|steps\.aws\.outputs|GH_TOKEN")
SUBSTITUTION = re.compile(r"\$\((?!\()")
ASSIGNED = re.compile(r"\s*(- )?[A-Za-z_]+=\$\([^()]*(\)|$)")

Break = tuple[str, str, str]  # the file's name, what stands in it, and what a broken copy has in its place


def jobs(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the jobs of a workflow or pipeline, with what GitLab's `extends` adds."""
    document = yaml.safe_load(text)
    for name, job in document.get("jobs", document).items():
        if isinstance(job, dict) and {"steps", "script"} & set(job):
            yield name, {**document.get(job.get("extends"), {}), **job}


def lines(job: dict[str, Any]) -> Iterator[str]:
    """Yield the commands of a job, one line each."""
    for step in job.get("steps", []):
        yield from step.get("run", "").splitlines()
    for part in ("before_script", "script", "after_script"):
        yield from (line for command in job.get(part, []) for line in command.splitlines())


def actions_are_commits(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if "uses:" in line and not ACTION.fullmatch(line.strip().removeprefix("- ")):
            yield line


def credentials_are_for_steps(text: str) -> Iterator[str]:
    """Credentials of an account are read after all set-up, only by the steps that use them."""
    for name, job in jobs(text):
        had = False
        if TOKENS.search(str(job.get("env", ""))):
            yield f"{name}: a token for all steps"
        for step in job.get("steps", []):
            script = step.get("run", "")
            if "configure-aws-credentials@" in step.get("uses", ""):
                had = True
                if step["with"].get("output-env-credentials") is not False:
                    yield f"{name}: credentials for all steps"
            elif had and re.search(r"(?<!\S)make |main\.py|pip install", script):
                yield f"{name}: set-up after credentials"
            if "steps.aws." in str(step.get("env", "")) and not any(word in script for word in NEEDS_CREDENTIALS):
                yield f"{name}: credentials without use"
    if TOKENS.search(str(yaml.safe_load(text).get("env", ""))):
        yield "a token for all jobs"


def changes_meet_no_token(text: str) -> Iterator[str]:
    """A job of a pull request that runs its code cannot write and has no token."""
    document = yaml.safe_load(text)
    events = document.get(True, document.get("on", {}))  # YAML 1.1 reads `on` as true
    if "jobs" in document and "pull_request" not in events:
        return
    for name, job in jobs(text):
        if not any(OWN_CODE.search(line) for line in lines(job)):
            continue
        if set(job.get("permissions", {}).items()) - {("contents", "read")} or "id_tokens" in job:
            yield f"{name}: rights"
        if TOKENS.search(str(job)) or "REVIEW_TOKEN" in str(job) or "environment" in job:
            yield f"{name}: a token"


def failures_in_substitutions_fail(text: str) -> Iterator[str]:
    """`set -e` sees the status of a substitution only where it is assigned, in a command of its own."""
    for line in text.splitlines():
        code = line.split(" #")[0]
        if SUBSTITUTION.search(code) and not ASSIGNED.match(code):
            yield line


def pipelines_fail(text: str) -> Iterator[str]:
    """Without pipefail, the status of a pipeline is that of its last command."""
    document = yaml.safe_load(text)
    if "jobs" in document:
        if document.get("defaults", {}).get("run", {}).get("shell") != "bash":
            yield "the shell is not bash, which is run with pipefail where it is named"
        return
    for name, job in jobs(text):
        for part in ("before_script", "script", "after_script"):
            for command in job.get(part, []):
                if " | " in command and "set -o pipefail" not in command:
                    yield f"{name}: {command}"


# Each rule with its files, and broken copies of them.
RULES: dict[Callable[[str], Iterator[str]], tuple[list[Path], list[Break]]] = {
    actions_are_commits: (
        [*GITHUB, ACTION_FILE],
        [
            ("ci.yml", "@d23441a48e516b6c34aea4fa41551a30e30af803  # v6.1.0", "@v6"),
            ("ci.yml", "  # v6.1.0", ""),
            ("review.yml", "@8aad20d150bbac5944a9f9d289da16a4b0d87c1e", "@8aad20d"),
            ("action.yml", "@ece7cb06caefa5fff74198d8649806c4678c61a1", "@v6"),
        ],
    ),
    credentials_are_for_steps: (
        GITHUB,
        [
            ("review.yml", "output-env-credentials: false", "output-env-credentials: true"),
            ("review.yml", "          output-env-credentials: false\n", ""),
            ("github-cdktf-deploy.yml", '          cd "cdktf.out', '          pip install .\n          cd "cdktf.out'),
            ("github-cdktf.yml", "output-env-credentials: false", "output-env-credentials: true"),
            ("review.yml", "      REVIEW: .review\n", "      REVIEW: .review\n      GH_TOKEN: x\n"),
            ("review.yml", "permissions: {}\n", "permissions: {}\nenv:\n  T: ${{ secrets.T }}\n"),
        ],
    ),
    changes_meet_no_token: (
        [*GITHUB, *GITLAB],
        [
            ("ci.yml", "      contents: read\n", "      contents: read\n      id-token: write\n"),
            ("ci.yml", "bash .ci/run\n", "bash .ci/run\n        env:\n          T: ${{ secrets.T }}\n"),
            ("review.yml", '          make -C "$RUNNER_TEMP/base" setup\n', "          make setup\n"),
            ("github-cdktf.yml", '          cd "cdktf.out', '          "$BIN/python" main.py\n          cd "cdktf.out'),
            ("gitlab-cdktf.yml", '--disable-pip-version-check "$TASKROLE_PACKAGE"', "--quiet ."),
            ("gitlab-cdktf.yml", "    - taskrole lock --check\n", "    - taskrole lock --check $REVIEW_TOKEN\n"),
        ],
    ),
    failures_in_substitutions_fail: (
        [*GITHUB, *GITLAB, *SCRIPTS, *COMPONENTS, ACTION_FILE],
        [
            ("review.yml", 'echo "matrix=$matrix"', 'echo "matrix=$(taskrole stacks)"'),
            ("github-cdktf-deploy.yml", '"$approved"', '"$(jq .plan.hash approved/review.json)"'),
            ("gitlab-cdktf.yml", "- private=$(mktemp -d)", "- export private=$(mktemp -d)"),
            ("gitlab-cdktf.yml", '[ "$lines" -gt 2 ]', '[ "$(wc -l < "$comment")" -gt 2 ]'),
            ("roles.yml", "- private=$(mktemp -d)", "- export private=$(mktemp -d)"),
            ("action.yml", "lines=$(wc", "export lines=$(wc"),
            ("run", "make check", 'make "$(echo check)"'),
        ],
    ),
    pipelines_fail: (
        [*GITHUB, *GITLAB],
        [("ci.yml", "    shell: bash", "    shell: sh"), ("gitlab-cdktf.yml", "      set -o pipefail\n", "")],
    ),
}


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        pytest.param(rule, file, id=f"{rule.__name__}-{file.parent.name}/{file.name}")
        for rule, (files, _) in RULES.items()
        for file in files
    ],
)
def test_a_ci_file_keeps_the_rule(rule: Callable[[str], Iterator[str]], file: Path) -> None:
    assert list(rule(file.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        pytest.param(rule, broken, id=f"{rule.__name__}-{number}")
        for rule, (_, copies) in RULES.items()
        for number, broken in enumerate(copies)
    ],
)
def test_a_broken_copy_breaks_the_rule(rule: Callable[[str], Iterator[str]], broken: Break) -> None:
    name, stands, instead = broken
    file = next(file for file in RULES[rule][0] if file.name == name)
    text = file.read_text("utf-8")
    assert stands in text

    assert list(rule(text.replace(stands, instead, 1)))


def test_the_job_of_all_tests_has_the_required_rights() -> None:
    (command,) = (line for _, job in jobs(GITHUB[0].read_text("utf-8")) for line in lines(job) if ".ci/run" in line)

    assert GITHUB[0].name == "ci.yml"
    assert command.startswith("sudo --preserve-env ")
    assert "TASKROLE_TESTS_MUST_RUN=1" in (ROOT / ".ci/run").read_text("utf-8")


def test_every_ci_file_is_checked() -> None:
    files = {path for folder in ("docs/ci", ".github/workflows", ".ci") for path in (ROOT / folder).iterdir()}

    assert files == {*GITHUB, *GITLAB, *SCRIPTS, *OTHERS}
    assert not list((ROOT / "examples").rglob("*.github*"))


def test_pipenv_and_all_that_it_needs_are_installed_by_hash() -> None:
    requirements = (ROOT / "tools/pipenv-requirements.txt").read_text("utf-8").replace("\\\n", "")
    packages = [line for line in requirements.splitlines() if not line.startswith("#")]

    assert "--require-hashes --only-binary :all:" in (ROOT / "Makefile").read_text("utf-8")
    assert len(packages) == 10
    assert all(re.match(r"[a-z-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in packages)
