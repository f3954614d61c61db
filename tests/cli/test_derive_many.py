"""Tests that many task definitions derived in two processes give the output of one process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.cli.derive import MANY
from taskrole.derived import derived_roles
from taskrole.families import derive_families
from taskrole.finding import at_least
from taskrole.render.derivation_json import families_json
from taskrole.taskdef import Options, read_documents
from tests.cli.running import taskrole

CONTEXT = Context("aws", "eu-west-1", "111122223333")
PLACE = ("--region", CONTEXT.region, "--account", "111122223333", "--format", "json")


def write(folder: Path, *more: dict[str, Any]) -> None:
    for number in range(MANY):
        image = f"{CONTEXT.account}.dkr.ecr.{CONTEXT.region}.amazonaws.com/web-{number}:1"
        task = {"family": f"web-{number}", "containerDefinitions": [{"name": "web", "image": image}]}
        (folder / f"{number:04}.json").write_text(json.dumps(task))
    for number, task in enumerate(more):
        (folder / f"more-{number}.json").write_text(json.dumps(task))


def whole(folder: Path, options: Options) -> str:
    """Return the JSON of all families, derived in one process."""
    families = derive_families(read_documents([str(folder)]), CONTEXT, options, "family")
    is_whole = not any(at_least(family.derivation.findings, "error") for family in families)
    return families_json(families, {family.name: derived_roles(family.derivation) for family in families if is_whole})


SHARED = {"family": "web-7", "containerDefinitions": [{"name": "web", "image": "nginx"}]}
WRONG = {"family": "wrong", "containerDefinitions": [{"name": "web", "image": 7}]}
UNKNOWN = {"family": "unknown", "containerDefinitions": [{"name": "web", "image": "public.ecr.aws/a/b:1"}]}


@pytest.mark.parametrize(
    ("more", "code"),
    [((), 0), ((UNKNOWN,), 0), ((SHARED,), 0), ((WRONG,), 1)],
    ids=["all alike", "another form", "two of one family", "one that is wrong"],
)
def test_the_json_of_many_families_is_the_same(tmp_path: Path, more: tuple[dict[str, Any], ...], code: int) -> None:
    write(tmp_path, *more)

    done = taskrole("derive", str(tmp_path), *PLACE)

    assert done.out == whole(tmp_path, Options())
    assert done.code == code


def test_options_that_no_family_uses_are_reported_by_several_processes_too(tmp_path: Path) -> None:
    write(tmp_path)

    done = taskrole("derive", str(tmp_path), *PLACE, "--vpc-endpoint", "vpce-0123456789abcdef0", "--sidecar", "xray")

    assert done.out == whole(tmp_path, Options(vpc_endpoint="vpce-0123456789abcdef0", sidecars=("xray",)))
    assert "OPTION-UNUSED" in done.out


def test_the_exit_code_depends_on_the_findings_of_all_processes(tmp_path: Path) -> None:
    write(tmp_path)

    assert taskrole("derive", str(tmp_path), *PLACE, "--fail-on", "warning").code == 3
