"""Tests the command `taskrole review`: arguments, outputs, settings and exit codes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taskrole.cli.review import review
from taskrole.errors import InputError
from taskrole.output.options import HOMEPAGE
from tests.review.cases import PLANS, allow, change, inline_change, plan_data, plan_of, policy, role_change


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(review, arguments, input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def plan(case: str) -> str:
    return str(PLANS / case / "plan.json")


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        ((plan("narrowing"),), 0),
        ((plan("narrowing"), "--detailed-exitcode"), 2),
        ((plan("reordering"), "--detailed-exitcode"), 0),
        ((plan("replacement-with-triggers"), "--detailed-exitcode"), 0),
        ((plan("broadening"),), 0),
        ((plan("broadening"), "--fail-on", "warning"), 3),
        ((plan("broadening"), "--require-approval", "broadening"), 3),
        ((plan("narrowing"), "--require-approval", "broadening"), 0),
        ((plan("trust-change"),), 3),
        ((plan("trust-change"), "--fail-on", "never"), 0),
        ((plan("hcl-first-apply"),), 0),
        ((plan("hcl-first-apply"), "--strict"), 4),
        ((plan("hcl-first-apply"), "--strict", "--require-approval", "broadening"), 3),
        ((plan("cdktf-first-apply"), "--strict"), 4),
    ],
)
def test_the_exit_code_reports_the_result(arguments, exit_code) -> None:
    assert run(*arguments).exit_code == exit_code


@pytest.mark.parametrize("flag", [{"errored": True}, {"complete": False}])
def test_an_incomplete_plan_exits_with_4_under_strict(flag) -> None:
    text = json.dumps(plan_data("reordering") | flag).encode()
    assert run("-", stdin=text).exit_code == 0
    assert run("-", "--strict", stdin=text).exit_code == 4


def test_a_value_that_is_unknown_before_and_after_exits_with_4_under_strict() -> None:
    values = {"role": "web", "policy_arn": "arn:aws:iam::123456789012:policy/elsewhere"}
    kept = change("aws_iam_role_policy_attachment.x", ["no-op"], values, values)
    own = inline_change(policy(allow("sqs:*")), policy(allow("sqs:SendMessage")))
    text = json.dumps(plan_of(role_change(), kept, own)).encode()
    assert json.loads(run("-", "--format", "json", stdin=text).stdout)["verdict"] == "narrows"
    assert run("-", "--strict", stdin=text).exit_code == 4


def test_the_approved_hash_must_match_the_plan() -> None:
    plan_hash = json.loads(run(plan("narrowing"), "--format", "json").stdout)["plan"]["hash"]
    assert run(plan("narrowing"), "--expect-hash", plan_hash).exit_code == 0
    assert run(plan("narrowing"), "--expect-hash", plan_hash.upper()).exit_code == 0
    assert run(plan("broadening"), "--expect-hash", plan_hash).exit_code == 3


def test_several_outputs_are_written_at_once(tmp_path: Path) -> None:
    run(plan("broadening"), "--output", "json=a.json", "--output", "markdown=b.md", "--output", "sarif=c.sarif")
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["schema_version"] == 1
    assert "payments-execution" in (tmp_path / "b.md").read_text("utf-8")
    assert json.loads((tmp_path / "c.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.md", "c.sarif"]


def test_all_wrong_outputs_are_reported_at_once_and_none_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(plan("broadening"), "--output", "markdwn=a.md", "--output", "json", "--output", "json=c.json")
    assert len(caught.value.problems) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_an_input_error() -> None:
    with pytest.raises(InputError, match="cannot be written"):
        run(plan("broadening"), "--output", "json=nowhere/a.json")


def test_the_settings_beside_the_plan_are_read_by_default(tmp_path: Path) -> None:
    (tmp_path / "taskrole.review.yaml").write_text(
        "version: 1\nseverities: {TR-TRUST-ACCOUNT: note, TR-TRUST-CONDITIONS: note}\n", encoding="utf-8"
    )
    assert run(plan("trust-change")).exit_code == 0


@pytest.mark.parametrize(
    ("environment", "arguments", "warns"),
    [
        ({"GITHUB_EVENT_NAME": "pull_request"}, (), True),
        ({"CI_PIPELINE_SOURCE": "merge_request_event"}, (), True),
        ({"GITHUB_EVENT_NAME": "push"}, (), False),
        ({"GITHUB_EVENT_NAME": "pull_request"}, ("--settings", "taskrole.review.yaml"), False),
        ({}, (), False),
    ],
)
def test_a_pull_requests_own_settings_are_named_as_such(environment, arguments, warns, tmp_path, monkeypatch) -> None:
    for name in ("GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "taskrole.review.yaml").write_text("version: 1\n", encoding="utf-8")
    assert ("pull request's own" in run(plan("reordering"), *arguments).stderr) is warns


def test_settings_outside_of_the_working_folder_are_shown_by_file_name(tmp_path: Path, monkeypatch) -> None:
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    (elsewhere / "taskrole.review.yaml").write_text("version: 1\nwaivers: [{rule: TR-QUOTA}]\n", encoding="utf-8")
    (tmp_path / "checkout").mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    output = run(plan("reordering"), "--settings", str(elsewhere / "taskrole.review.yaml")).stdout
    assert "taskrole.review.yaml:2" in output
    assert str(tmp_path) not in output


def test_named_settings_must_exist() -> None:
    with pytest.raises(InputError, match="no such file"):
        run(plan("narrowing"), "--settings", "other.yaml")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe{", b'{"format_version": "2.0"}', b"[" * 100_000])
def test_a_file_that_is_not_a_plan_is_an_error_in_one_line(content) -> None:
    with pytest.raises(InputError) as caught:
        run("-", stdin=content)
    assert str(caught.value).startswith("standard input:")
    assert "\n" not in str(caught.value)


def test_a_missing_plan_is_an_error_in_one_line() -> None:
    with pytest.raises(InputError, match=r"nowhere\.json: cannot be read: No such file or directory"):
        run("nowhere.json")


def test_the_terminal_shows_grants_trust_and_findings() -> None:
    output = run(plan("trust-change")).stdout
    assert "account 999999999999" in output
    assert "TR-TRUST-ACCOUNT" in output


RUN = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "42"}
JOB = {"CI_JOB_URL": "https://gitlab.example/o/r/-/jobs/7"}


@pytest.mark.parametrize(
    ("environment", "arguments", "linked"),
    [
        (RUN, (), "https://git.example/o/r/actions/runs/42"),
        (JOB, (), "https://gitlab.example/o/r/-/jobs/7"),
        (RUN, ("--report-url", "https://a.example/report"), "https://a.example/report"),
        (RUN, ("--report-url", ""), ""),
        ({"GITHUB_RUN_ID": "42"}, (), ""),
        ({"CI_JOB_URL": "javascript:alert(1)"}, (), ""),
        ({}, (), ""),
    ],
)
def test_a_truncated_comment_links_to_the_whole_report(environment, arguments, linked, monkeypatch) -> None:
    for name in {**RUN, **JOB}:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    grants = [allow(f"sqs{n}:Send", f"arn:aws:sqs:eu-central-1:123456789012:{'x' * 60}-{n}") for n in range(600)]
    text = json.dumps(plan_of(role_change(), inline_change(policy(), policy(*grants)))).encode()

    comment = run("-", "--format", "comment", *arguments, stdin=text).stdout

    assert "did not fit" in comment
    assert re.findall("The whole report: <(.*)>", comment) == ([linked] if linked else [])


PROJECT = {"CI_PROJECT_URL": "https://gitlab.example/o/r", "CI_DEFAULT_BRANCH": "main"}
PAGE = "docs/review-rules.md"


@pytest.mark.parametrize(
    ("environment", "page", "arguments", "linked"),
    [
        (RUN, PAGE, (), "https://git.example/o/r/blob/HEAD/docs/review-rules.md"),
        (PROJECT, PAGE, (), "https://gitlab.example/o/r/-/blob/main/docs/review-rules.md"),
        (RUN, PAGE, ("--docs-url", "https://docs.example/rules"), "https://docs.example/rules"),
        (RUN, PAGE, ("--docs-url", ""), ""),
        # A repository with a copy of the workflow alone has no such page, and gets no dead links.
        (RUN, "docs/other.md", (), ""),
        ({**PROJECT, "CI_DEFAULT_BRANCH": "a#b"}, PAGE, (), ""),
        ({}, PAGE, (), ""),
    ],
)
def test_rules_link_to_the_page_in_the_repository(  # noqa: PLR0917 -- what decides it
    environment, page, arguments, linked, tmp_path: Path, monkeypatch
) -> None:
    for name in {**RUN, **PROJECT}:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "docs").mkdir()
    (tmp_path / page).touch()

    output = run(plan("broadening"), "--format", "markdown", *arguments).stdout

    assert set(re.findall(r"\[`TR-EXEC-EXCESS`\]\((.*?)#tr-exec-excess\)", output)) == ({linked} if linked else set())
    assert "`TR-EXEC-EXCESS`" in output


def test_rules_link_to_the_named_page() -> None:
    arguments = (plan("broadening"), "--format", "markdown", "--docs-url", "https://docs.example/review-rules")

    assert "](https://docs.example/review-rules#tr-exec-excess)" in run(*arguments).stdout


@pytest.mark.parametrize(
    ("environment", "colored"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_has_colours_unless_the_user_turns_them_off(environment, colored) -> None:
    command = [sys.executable, "-m", "taskrole", "review", plan("broadening")]
    own, other = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = subprocess.Popen(command, stdout=other, env={**plain, "TERM": "xterm", **environment})
    os.close(other)
    output = b"".join(iter(lambda: _read(own), b"")).decode()
    process.wait()
    os.close(own)

    assert ("\x1b[" in output) is colored
    assert "payments-execution" in output


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so where the other end is closed
        return b""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["roles.yaml", "main.tf"], "roles.yaml"),
        (["main.tf", "a.tf"], "main.tf"),
        (["b.tf", "a.tf"], "a.tf"),
        (["README.md"], "README.md"),
        ([], "roles.yaml"),
    ],
)
def test_findings_without_a_location_point_at_an_existing_file(files: list[str], expected: str) -> None:
    for name in files:
        Path(name).write_text("")

    sarif = json.loads(run(plan("trust-change"), "--format", "sarif").output)
    quality = json.loads(run(plan("trust-change"), "--format", "gitlab-codequality").output)

    (report,) = sarif["runs"]
    places = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in report["results"]
        for location in result["locations"]
    }
    assert places == {issue["location"]["path"] for issue in quality} == {expected}


def test_sarif_names_a_page_about_the_tool() -> None:
    driver = json.loads(run(plan("trust-change"), "--format", "sarif").output)["runs"][0]["tool"]["driver"]

    assert driver["informationUri"] == HOMEPAGE
