"""Tests the location of findings: the block of their resource, the role in roles.yaml, or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from taskrole.cli.review import review
from taskrole.errors import InputError
from taskrole.review import source
from taskrole.review.review import ReviewOptions
from tests.review.cases import NOTHING, PLANS, TODAY, allow, inline_change, plan_of, policy, reviewed, role_change

WIDE = inline_change(NOTHING, policy(allow("sqs:SendMessage", "*")))
ROLE = role_change(actions=["update"])


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def places(plan: dict[str, Any] | str, folder: str, stack: str = "") -> dict[str, str]:
    """Return the locations of the findings of a plan, by their addresses."""
    report = reviewed(plan, options=ReviewOptions(today=TODAY, source=Path(folder), stack=stack))
    locations = {finding.source: finding.location for finding in report.findings}
    return {address: f"{location.file}:{location.line}" if location else "" for address, location in locations.items()}


BLOCK = '# roles\nresource "aws_iam_role_policy" "own" {\n}\n'


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"infra/main.tf": "", "infra/roles.tf": BLOCK}, "infra/roles.tf:2"),
        ({"infra/a.tf": "\r\n\r\n  resource aws_iam_role_policy own{}\r\n"}, "infra/a.tf:3"),
        ({"infra/a.tf": BLOCK.replace("own", "a") + BLOCK.replace("own", "b") + BLOCK}, "infra/a.tf:8"),
        ({"infra/a.tf": BLOCK.replace("own", "owner")}, ""),
        ({"infra/a.tf": f"#{BLOCK[8:]}"}, ""),
        # It is unknown which of the two is applied.
        ({"infra/a.tf": BLOCK, "infra/b.tf": BLOCK}, ""),
        ({"infra/a.tf": "", "infra/deeper/b.tf": BLOCK}, ""),
    ],
)
def test_a_finding_points_at_the_block_of_its_resource(files, place) -> None:
    write(files)

    assert places(plan_of(ROLE, WIDE), "infra") == {"aws_iam_role_policy.own": place}


def test_the_number_of_files_read_from_a_folder_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_MOST_FILES", 2)
    write({"infra/a.tf": "", "infra/b.tf": "", "infra/c.tf": BLOCK})

    assert places(plan_of(ROLE, WIDE), "infra") == {"aws_iam_role_policy.own": ""}


def test_blocks_in_local_modules_are_found_in_their_folders(tmp_path: Path) -> None:
    write({f"infra/{name}": (PLANS / "modules" / name).read_text("utf-8") for name in ("after.tf", "service/main.tf")})

    locations = set(places("modules", "infra").values())

    assert locations == {"infra/service/main.tf:9"}
    line = Path("infra/service/main.tf").read_text("utf-8").splitlines()[8]
    assert line.startswith('resource "aws_iam_role" "this"')


@pytest.mark.parametrize("call", ["hashicorp/service/aws", "git::https://git.example/x.git", "../../outside", "./gone"])
def test_a_module_outside_of_the_folder_has_no_location(call, tmp_path: Path, monkeypatch) -> None:
    write({"work/infra/main.tf": "", "outside/main.tf": BLOCK.replace("own", "this").replace("_policy", "")})
    monkeypatch.chdir(tmp_path / "work")
    plan = json.loads((PLANS / "modules" / "plan.json").read_text("utf-8"))
    plan["configuration"]["root_module"]["module_calls"]["service"]["source"] = call

    assert set(places(plan, "infra").values()) == {""}


DEFAULTS = 'version: 1\ndefaults: {region: eu-central-1, account: "123456789012"}\nstacks:\n'
STACK = """\
  one:
    roles:
      other: {kind: task}
      web:
        kind: execution
"""
ROLES = DEFAULTS + STACK
# A role name can be declared once in an account.
SECOND = STACK.replace("one:", 'two:\n    account: "210987654321"')


@pytest.mark.parametrize(
    ("text", "stack", "line"),
    [
        (ROLES, "", 7),
        (ROLES, "one", 7),
        (ROLES, "two", None),
        (ROLES + SECOND, "", None),
        (ROLES + SECOND, "two", 13),
        (ROLES.replace("web", "api"), "", None),
    ],
)
def test_a_finding_points_at_its_role_in_roles_yaml(text, stack, line) -> None:
    write({"conf/roles.yaml": text})
    trust = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})

    locations = places(plan_of(role_change(after=trust), WIDE), "conf/roles.yaml", stack)

    place = f"conf/roles.yaml:{line}" if line else ""
    assert locations == {"aws_iam_role.web": place, "aws_iam_role_policy.own": place}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gone", "must be a roles.yaml, or a folder of .tf or .tf.json files; got 'gone'"),
        ("gone.yaml", "gone.yaml: no such file; name another with --source"),
        ("empty", "holds no .tf or .tf.json file; got 'empty'"),
        ("/", "holds no .tf or .tf.json file; got '/'"),
        ("broken.yaml", "broken.yaml:2:1: stacks: must be a mapping; got a list"),
        ("../roles.yaml", "must be inside the working folder; got '../roles.yaml'"),
    ],
)
def test_a_malformed_source_is_refused(source, message, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "work" / "empty").mkdir(parents=True)
    write({"roles.yaml": ROLES, "work/broken.yaml": "version: 1\nstacks: [1]\n"})
    monkeypatch.chdir(tmp_path / "work")

    with pytest.raises(InputError) as caught:
        places(plan_of(ROLE, WIDE), source)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "at"),
    [("roles.yaml", ("roles.yaml", 7)), ("infra", ("infra/a.tf", 2)), ("infra2", ("infra2/main.tf", 1))],
)
def test_formats_that_require_a_location_point_at_the_source(source, at) -> None:
    write({"roles.yaml": ROLES, "infra/a.tf": BLOCK, "infra2/a.tf": "", "infra2/main.tf": ""})
    Path("plan.json").write_text(json.dumps(plan_of(ROLE, WIDE)), "utf-8")

    result = CliRunner().invoke(review, ["plan.json", "--source", source, "--format", "sarif"])

    (sarif_result,) = json.loads(result.stdout)["runs"][0]["results"]
    place = sarif_result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == at
