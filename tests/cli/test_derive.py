"""Tests `taskrole derive`: output and exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from taskrole.policy.documents.statements import as_list
from tests.cli.running import ROOT, taskrole
from tests.expected_files import assert_expected

WEB = "examples/service/task-definitions/web.json"
SERVICE = "examples/service/task-definitions"
PLACE = ("--region", "eu-central-1", "--account", "123456789012")
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1a2b3c4d-5e6f-4a0b-8c1d-2e3f4a5b6c7d"


def task(tmp_path: Path, **fields: Any) -> Path:
    """Write a task definition of a container with these fields."""
    container = {"name": "web", "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1", **fields}
    path = tmp_path / "task.json"
    path.write_text(json.dumps({"family": "web", "containerDefinitions": [container]}))
    return path


def test_text_is_as_expected() -> None:
    result = taskrole("derive", WEB, *PLACE)

    assert result.code == 0
    assert result.err == ""
    assert_expected("cli/derive_web.txt", result.out)


def test_text_of_several_files_with_options_names_each_file_briefly(tmp_path: Path) -> None:
    options = tmp_path / "options.yaml"
    options.write_text(f"bucket_owner_is_task_account: true\nkms_keys: {{shop/database: '{KEY}'}}\n")

    result = taskrole("derive", SERVICE, *PLACE, "--options", str(options), COLUMNS="120")
    together = taskrole("derive", SERVICE, *PLACE, "--options", str(options), "--per", "all", COLUMNS="120")

    assert (result.code, together.code) == (0, 0)
    assert_expected("cli/derive_service.txt", result.out)
    assert_expected("cli/derive_service_together.txt", together.out)


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_every_arn_is_whole_at_any_width(columns: str) -> None:
    result = taskrole("derive", WEB, *PLACE, COLUMNS=columns)

    documents = json.loads(taskrole("derive", WEB, *PLACE, "--format", "policy").out).values()
    statements = [statement for document in documents for statement in document["Statement"]]
    granted = {arn for statement in statements for arn in as_list(statement["Resource"])}
    lines = {line.strip() for line in result.out.splitlines()}
    assert granted <= lines
    assert {"ecr:BatchGetImage", "arn:aws:ecs:eu-central-1:123456789012:*"} <= lines


@pytest.mark.parametrize("columns", ["10", "80"])
def test_every_arn_in_piped_text_is_whole(columns: str) -> None:
    result = taskrole("derive", WEB, *PLACE, COLUMNS=columns)

    arns = {text.strip('",') for text in re.findall(r"arn:[^ \n]*", result.out)}
    known = {text for text in arns if text in taskrole("derive", WEB, *PLACE, "--format", "json").out}
    assert len(arns) > 10
    assert arns == known


def test_json_is_as_expected() -> None:
    result = taskrole("derive", WEB, *PLACE, "--format", "json")

    assert (result.code, result.err) == (0, "")
    assert_expected("cli/derive_web.json", result.out)


def test_json_of_several_files_names_them_and_is_reproducible() -> None:
    arguments = ("derive", SERVICE, *PLACE, "--format", "json", "--per", "all")
    first = taskrole(*arguments)
    second = taskrole(*arguments, PYTHONHASHSEED="7")

    assert first.out == second.out
    grants = json.loads(first.out)["roles"]["execution"]["grants"]
    assert {grant["file"] for grant in grants} == {f"{SERVICE}/web.json", f"{SERVICE}/worker.json"}


def test_a_single_policy_is_printed_as_a_document() -> None:
    result = taskrole("derive", WEB, *PLACE, "--format", "policy", "--role", "task")

    assert result.code == 0
    assert_expected("cli/derive_web_task_policy.json", result.out)
    assert any("[APPLICATION]" in line for line in result.errors)


def test_several_policies_are_printed_by_name() -> None:
    result = taskrole("derive", WEB, *PLACE, "--format", "policy")

    documents = json.loads(result.out)
    assert list(documents) == ["execution-grants", "task-grants"]
    assert all(document["Version"] == "2012-10-17" for document in documents.values())
    assert "required elsewhere: account 210987654321 must add" in result.err
    assert '"Sid": "PullImages"' in result.err


def test_policies_too_large_to_be_inline_become_managed(tmp_path: Path) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:{:060}-AbCdEf"
    many = task(tmp_path, secrets=[{"name": f"S{n}", "valueFrom": arn.format(n)} for n in range(100)])

    result = taskrole("derive", str(many), *PLACE, "--format", "policy", "--role", "execution")

    assert list(json.loads(result.out)) == ["execution-grants-1", "execution-grants-2", "execution-grants-3"]


def test_only_the_selected_role_is_shown() -> None:
    result = taskrole("derive", WEB, *PLACE, "--format", "json", "--role", "task")

    assert list(json.loads(result.out)["roles"]) == ["task"]


def test_standard_input_is_read_as_aws_prints_it() -> None:
    data = json.loads((ROOT / WEB).read_text())
    arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop-web:3"
    described = {"taskDefinition": {**data, "taskDefinitionArn": arn}, "tags": []}

    from_pipe = taskrole("derive", "-", "--format", "json", stdin=json.dumps(described).encode())

    assert from_pipe.code == 0
    assert from_pipe.out == taskrole("derive", WEB, *PLACE, "--format", "json").out


def test_flags_set_options_of_the_derivation() -> None:
    flags = ("--exec", "none", "--kms-key", f"shop/database={KEY}", "--guardduty", "--vpc-endpoint", "vpce-0123abcd")

    result = taskrole("derive", WEB, *PLACE, *flags, "--pull-through", "shop", "--format", "json")

    assert result.code == 0, result.err
    roles = json.loads(result.out)["roles"]
    rules = {grant["rule"] for role in roles.values() for grant in role["grants"]}
    assert {"EXE-1", "KMS-1", "GD-1", "IMG-12", "IMG-6"} <= rules


def test_a_flag_adds_to_the_options_file(tmp_path: Path) -> None:
    options = tmp_path / "options.yaml"
    options.write_text(f"kms_keys: {{shop/database: '{KEY}'}}\n")

    result = taskrole("derive", WEB, *PLACE, "--options", str(options), "--exec", "default", "--format", "json")

    rules = {grant["rule"] for role in json.loads(result.out)["roles"].values() for grant in role["grants"]}
    assert {"KMS-1", "EXE-5"} <= rules


def test_with_an_error_nothing_is_derived(tmp_path: Path) -> None:
    result = taskrole("derive", str(task(tmp_path, secrets=[{"name": "A", "valueFrom": "${SECRET}"}])), *PLACE)

    assert (result.code, result.out) == (1, "")
    assert result.errors[0].startswith("error: /containerDefinitions/0/secrets/0/valueFrom: contains the placeholder")
    assert result.errors[-1] == "1 error: no output; use --partial for what can be derived"


@pytest.mark.parametrize(
    ("format_", "text"), [("text", "PullImages"), ("json", '"IMG-2"'), ("policy", "ecr:BatchGetImage")]
)
def test_partial_derives_the_rest_and_exits_with_1(tmp_path: Path, format_: str, text: str) -> None:
    broken = str(task(tmp_path, secrets=[{"name": "A", "valueFrom": "${SECRET}"}]))

    whole = taskrole("derive", broken, *PLACE, "--format", format_)
    partial = taskrole("derive", broken, *PLACE, "--format", format_, "--partial")

    assert (whole.code, partial.code) == (1, 1)
    assert text not in whole.out
    assert text in partial.out
    assert "1 error: the result is incomplete" in partial.errors


def test_json_contains_findings_of_parts_that_are_not_derived(tmp_path: Path) -> None:
    broken = str(task(tmp_path, image=5))

    data = json.loads(taskrole("derive", broken, *PLACE, "--format", "json").out)

    assert data["roles"] == {}
    assert data["findings"][0] == {
        "code": "TYPE",
        "severity": "error",
        "source": "/containerDefinitions/0/image",
        "message": "must be text; got the number 5; write it in quotes",
    }


def test_strict_exits_with_4_if_a_part_is_unknown(tmp_path: Path) -> None:
    sidecar = str(task(tmp_path, image="public.ecr.aws/xray/aws-xray-daemon:3"))

    codes = [taskrole("derive", sidecar, *PLACE, *flags).code for flags in ((), ("--strict",))]
    allowed = taskrole("derive", sidecar, *PLACE, "--strict", "--sidecar", "xray").code

    assert (codes, allowed) == ([0, 4], 0)


@pytest.mark.parametrize(("severity", "code"), [("warning", 0), ("note", 3)])
def test_fail_on_exits_with_3_on_findings_of_that_severity(severity: str, code: int) -> None:
    assert taskrole("derive", WEB, *PLACE, "--fail-on", severity).code == code


def test_explain_needs_no_file() -> None:
    result = taskrole("derive", "--explain", "img-2")

    assert result.code == 0
    assert result.out.startswith("IMG-2: Pull an image from ECR\n")


def test_explain_shows_the_results_of_a_rule() -> None:
    result = taskrole("derive", WEB, *PLACE, "--explain", "SM-1")

    assert_expected("cli/derive_explain.txt", result.out)


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_piped_text_has_colours_only_if_forced(variables: dict[str, str], coloured: bool) -> None:
    plain = {"FORCE_COLOR": "", "NO_COLOR": "", **variables}

    result = taskrole("derive", WEB, *PLACE, **plain)

    assert ("\x1b[" in result.out) is coloured


BAD = {
    "no file": (("derive",), "Missing argument 'FILE'"),
    "a file that is not there": (("derive", "nix.json", *PLACE), "nix.json: no such file or folder"),
    "no region": (("derive", WEB), "context: region: is not known; set --region"),
    "an invalid region": (
        ("derive", WEB, "--region", "eu-central-9x", "--account", "123456789012"),
        "context: region: must be a region such as eu-central-1; got 'eu-central-9x'",
    ),
    "an invalid account": (
        ("derive", WEB, "--region", "eu-central-1", "--account", "12"),
        "context: account: must be 12 digits; got '12'",
    ),
    "an invalid rule": (
        ("derive", "--explain", "IMG-22"),
        "--explain: unknown rule 'IMG-22'; did you mean IMG-2",
    ),
    "a key without a name": (("derive", WEB, *PLACE, "--kms-key", f"={KEY}"), "must be NAME=ARN or ARN"),
    "an invalid key": (
        ("derive", WEB, *PLACE, "--kms-key", "shop/database=alias/shop"),
        "options: /kms_keys/shop/database: must be an ARN",
    ),
    "an invalid endpoint": (
        ("derive", WEB, *PLACE, "--vpc-endpoint", "endpoint"),
        "options: /vpc_endpoint: must be the id of an endpoint (vpce-…) or a VPC (vpc-…); got 'endpoint'",
    ),
    "no options file": (
        ("derive", WEB, *PLACE, "--options", "nix.yaml"),
        "nix.yaml: no such file; set another with --options",
    ),
    "an invalid format": (("derive", WEB, *PLACE, "--format", "yaml"), "'yaml' is not one of"),
}


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD)
def test_bad_usage_is_an_error_in_one_line_and_exit_code_1(arguments: tuple[str, ...], message: str) -> None:
    result = taskrole(*arguments)

    assert (result.code, result.out) == (1, "")
    assert message in result.err


BAD_OPTIONS = {
    "a list": ("- a\n", ":1:1: must be a mapping of options, such as kms_keys"),
    "an unknown option": ("kms_key: {}\n", ":1:1: kms_key: unknown key 'kms_key'; did you mean kms_keys?"),
    "a wrong type": ("guardduty_agent: yes\n", ":1:1: guardduty_agent: must be true or false; got 'yes'"),
    "a wrong value": (
        "firelens:\n  opensearch_domains:\n    logs.example.com: arn:aws:es:eu-central-1:123456789012:domain/X\n",
        ":3:5: firelens.opensearch_domains.logs.example.com: must be a domain's ARN, "
        "arn:P:es:REGION:ACCOUNT:domain/NAME; got 'arn:aws:es:eu-central-1:123456789012:domain/X'",
    ),
    "an invalid sidecar": ("sidecars: [xrays]\n", ":1:12: sidecars[0]: must be xray, otel,"),
}


@pytest.mark.parametrize(("text", "message"), BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_bad_options_are_named_with_line_and_column(tmp_path: Path, text: str, message: str) -> None:
    options = tmp_path / "options.yaml"
    options.write_text(text)

    result = taskrole("derive", WEB, *PLACE, "--options", str(options))

    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{options}{message}")


def test_an_empty_options_file_sets_no_option(tmp_path: Path) -> None:
    (tmp_path / "options.yaml").write_text("# nothing yet\n")

    assert taskrole("derive", WEB, *PLACE, "--options", str(tmp_path / "options.yaml")).code == 0


def test_control_sequences_in_a_task_definition_are_escaped(tmp_path: Path) -> None:
    evil = str(task(tmp_path, name="web\x1b[31m\u202e", secrets=[{"name": "\x1b]0;x\x07", "valueFrom": "a"}]))

    for format_ in ("text", "json", "policy"):
        result = taskrole("derive", evil, *PLACE, "--format", format_, "--partial")
        assert not set("\x1b\u202e\x07") & set(result.out + result.err)


def test_control_sequences_in_a_file_name_are_escaped(tmp_path: Path) -> None:
    for name in ("a\x1b[31m.json", "b.json"):
        (tmp_path / name).write_text((ROOT / WEB).read_text())

    for flags in (("--format", "text"), ("--format", "policy"), ("--explain", "IMG-2")):
        result = taskrole("derive", str(tmp_path), *PLACE, *flags)
        assert "\x1b" not in result.out + result.err
        assert "a\\x1b[31m.json" in result.out + result.err


@pytest.mark.parametrize("format_", ["text", "policy", "json"])
def test_characters_that_the_output_cannot_encode_are_escaped(tmp_path: Path, format_: str) -> None:
    path = str(task(tmp_path, environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::settings/鍵.env"}]))

    result = taskrole("derive", path, *PLACE, "--format", format_, PYTHONIOENCODING="latin-1")

    assert result.code == 0
    assert "arn:aws:s3:::settings/?.env" in result.out
    assert "[WILDCARD]" in result.out + result.err or '"WILDCARD"' in result.out
