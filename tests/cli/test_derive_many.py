"""Tests that many task definitions derived in two processes give the output of one process."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.cli.derive import MANY
from taskrole.cli.parts.derive_many import echo_documents
from taskrole.derived import derived_roles
from taskrole.errors import InputError
from taskrole.families import derive_families
from taskrole.files import append, simple
from taskrole.finding import at_least
from taskrole.grant import ROLE_KINDS
from taskrole.progress import progress_on
from taskrole.render.derivation_json import families_json
from taskrole.taskdef import Options, derive, read_documents
from tests.cli.running import taskrole
from tests.growth import calls_of
from tests.progress_recorder import Recorder

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


def test_one_family_among_many_other_files_is_printed_without_a_list(tmp_path: Path) -> None:
    for number in range(MANY):
        (tmp_path / f"{number}.json").write_text("{}")
    alone = tmp_path / "task.json"
    alone.write_text(json.dumps(UNKNOWN))

    done = taskrole("derive", str(tmp_path), *PLACE)

    assert done.out == taskrole("derive", str(alone), *PLACE).out
    assert f"skipped {MANY} files" in done.err


def test_files_of_two_regions_are_refused_as_by_one_process(tmp_path: Path) -> None:
    for number in range(MANY):
        region = "eu-north-1" if number < MANY // 2 else "eu-west-1"
        arn = f"arn:aws:ecs:{region}:111122223333:task-definition/own-{number}:1"
        task = {
            "family": f"own-{number}",
            "taskDefinitionArn": arn,
            "containerDefinitions": [{"name": "web", "image": "nginx"}],
        }
        (tmp_path / f"{number:04}.json").write_text(json.dumps(task))

    done = taskrole("derive", str(tmp_path), "--format", "json")

    assert (done.code, done.out) == (1, "")
    assert "region: differs between task definitions: eu-north-1 in " in done.err


@pytest.mark.parametrize(
    ("option", "content"),
    [("--values", "stage: prod"), ("--tfstate", '{"version": 4, "outputs": {}, "resources": []}')],
)
def test_values_from_a_pipe_are_read_once(tmp_path: Path, option: str, content: str) -> None:
    write(tmp_path, SHARED)

    done = taskrole("derive", str(tmp_path), *PLACE, option, "/dev/stdin", stdin=content.encode())

    assert (done.code, done.err) == (0, "")
    assert done.out == whole(tmp_path, Options())


def test_definitions_that_share_a_family_are_not_derived_separately_first(tmp_path: Path) -> None:
    write(tmp_path, SHARED)
    documents = read_documents([str(tmp_path)])

    assert calls_of(derive, lambda: echo_documents(documents, CONTEXT, ROLE_KINDS)) == 0


def test_progress_counts_task_definitions(tmp_path: Path) -> None:
    write(tmp_path)
    recorder = Recorder()

    with progress_on(recorder):
        echo_documents(read_documents([str(tmp_path)]), CONTEXT, ROLE_KINDS)

    numbers = [call[1:] for call in recorder.calls if call[0] == "deriving task definitions"]
    assert len(numbers) > 5
    assert numbers == [(number, MANY) for number in range(0, MANY, numbers[1][0])]


def test_all_files_with_errors_are_named_and_nothing_is_printed(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("0003.json", f"{MANY - 1:04}.json"):
        (tmp_path / name).write_text('{"family": ')

    done = taskrole("derive", str(tmp_path), *PLACE)

    assert (done.code, done.out) == (1, "")
    assert "0003.json:1" in done.err
    assert f"{MANY - 1:04}.json:1" in done.err


def test_errors_of_definitions_come_before_policies_that_are_too_large(tmp_path: Path) -> None:
    write(tmp_path, WRONG)
    secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + "s" * 400
    secrets = [{"name": f"S{number}", "valueFrom": f"{secret}{number}-a1B2c3"} for number in range(400)]
    task = {"family": "large", "containerDefinitions": [{"name": "web", "image": "nginx", "secrets": secrets}]}
    (tmp_path / "0000.json").write_text(json.dumps(task))

    done = taskrole("derive", str(tmp_path), *PLACE)

    assert done.code == 1
    assert "more-0.json /containerDefinitions/0/image" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_is_an_error_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    documents = read_documents([str(tmp_path)])
    full = partial(Path("/dev/full").open, "wb")
    monkeypatch.setattr(simple, "tempfile", SimpleNamespace(TemporaryFile=full, gettempdir=lambda: "/dev/full"))

    with pytest.raises(InputError) as caught:
        echo_documents(documents, CONTEXT, ROLE_KINDS)

    assert str(caught.value) == "/dev/full: cannot be written: No space left on device"


def test_partial_writes_are_completed() -> None:
    class Slow(io.BytesIO):
        def write(self, content) -> int:
            return super().write(content[:3])

    file = Slow()
    append(file, b"all of it")

    assert file.getvalue() == b"all of it"
