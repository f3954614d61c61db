"""Tests hostile files as every input of every verb: an error without traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from taskrole.cli import _taskrole
from tests.cli.running import ROOT
from tests.large_file import write_gigabyte

ROLES = """\
version: 1
stacks:
  s:
    region: eu-central-1
    account: "111122223333"
    roles:
      web: {kind: task, task_definitions: [web.json]}
"""
TASK = {"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx"}]}
PLACE = ("--region", "eu-central-1", "--account", "111122223333")
REVIEW_FORMATS = ("terminal", "markdown", "json", "sarif", "junit", "gitlab-codequality", "html")

# `HOSTILE` is the place of the input.
INPUTS = {
    "derive a file": ("derive", "HOSTILE", *PLACE),
    "derive with options": ("derive", "web.json", "--options", "HOSTILE", *PLACE),
    "check a file": ("check", "HOSTILE", "--role", "AmazonS3ReadOnlyAccess", *PLACE),
    "check a policy": ("check", "web.json", "--role", "HOSTILE", *PLACE),
    "check a trust policy": ("check", "web.json", "--role", "trust:HOSTILE", *PLACE),
    "check a role of a plan": ("check", "web.json", "--role", "plan:HOSTILE#aws_iam_role.a", *PLACE),
    "review a plan": ("review", "HOSTILE"),
    "review with settings": ("review", "plan.json", "--settings", "HOSTILE"),
    "review with a source": ("review", "plan.json", "--source", "HOSTILE"),
    "validate": ("--config", "HOSTILE", "validate"),
    "lock": ("--config", "HOSTILE", "lock"),
    "lock --check": ("lock", "--check", "--file", "HOSTILE"),
    "export": ("--config", "HOSTILE", "export", "--to", "module"),
    "show": ("--config", "HOSTILE", "show"),
    "stacks": ("--config", "HOSTILE", "stacks"),
}


def _content(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


HOSTILE: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "an empty file": _content(b""),
    "bytes": _content(b"\xff\xfe\x00\x80"),
    "zeros": _content(b"\0" * 100),
    "no UTF-8 in text": _content(b'{"a": "\xff"}'),
    "UTF-16": _content('{"a": 1}'.encode("utf-16")),
    "half a surrogate pair": _content(rb'{"a": "\ud800"}'),
    "half a surrogate pair in a key": _content(rb'{"\udfff": 1}'),
    "a key twice": _content(b'{"a": 1, "a": 2}'),
    "deep objects": _content(b'{"a":' * 1_000 + b"1" + b"}" * 1_000),
    "deep arrays": _content(b"[" * 1_000 + b"]" * 1_000),
    "deep and cut short": _content(b"[" * 100_000),
    "deep lists in YAML": _content(b"\n".join(b" " * level + b"a:" for level in range(1_000))),
    "aliases that grow": _content(
        b"a0: &a0 [x, x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40))
    ),
    "a huge number": _content(b'{"a": ' + b"9" * 5_000 + b"}"),
    "a number beyond all measure": _content(b'{"a": 1e999}'),
    "no number": _content(b'{"a": NaN}'),
    "an array": _content(b"[]"),
    "null": _content(b"null"),
    "text": _content(b'"a"'),
    "an object with a null": _content(b'{"a": null}'),
    "a folder": Path.mkdir,
    "a loop of links": lambda path: path.symlink_to(path.name),
    "a broken link": lambda path: path.symlink_to("gone"),
    "a gigabyte": write_gigabyte,
}
NAMES = {"a long name": "x" * 300, "no UTF-8": "\udcff", "lines": "a\nb", "below a file": "web.json/a"}
# An empty file is no error where the input is optional.
FINE = {
    ("derive with options", "an empty file"),
    ("derive with options", "null"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "roles.yaml").write_text(ROLES)
    (tmp_path / "web.json").write_text(json.dumps(TASK))
    (tmp_path / "plan.json").write_bytes((ROOT / "tests/plans/narrowing/plan.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(_taskrole, arguments, standalone_mode=False)


def assert_refused(result: Result, case: str) -> None:
    """Check that a run ended with exit code 1 of `taskrole.cli.main`: an error of usage or of input."""
    if isinstance(result.exception, click.ClickException):
        return
    assert result.exception is None or isinstance(result.exception, SystemExit), (case, result.exc_info)
    assert (result.exit_code or result.return_value) == 1, (case, result.output)
    assert result.stdout == "", case
    assert result.stderr.strip(), case


@pytest.mark.parametrize("place", INPUTS)
def test_a_hostile_file_is_an_error_with_a_message(folder: Path, place: str) -> None:
    for number, (kind, make) in enumerate(HOSTILE.items()):
        name = f"hostile-{number}.json"
        make(folder / name)

        result = run(*(argument.replace("HOSTILE", name) for argument in INPUTS[place]))

        if (place, kind) not in FINE:
            assert_refused(result, kind)


@pytest.mark.parametrize("place", INPUTS)
def test_a_hostile_name_is_an_error_with_a_message(folder: Path, place: str) -> None:
    for kind, name in NAMES.items():
        result = run(*(argument.replace("HOSTILE", name) for argument in INPUTS[place]))

        assert_refused(result, kind)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (os.mkfifo, "tasks/hostile.json: cannot be read: it is a pipe"),
        (lambda path: path.symlink_to("/proc/self/environ"), "tasks/hostile.json: is outside the project"),
    ],
    ids=["pipe", "link"],
)
@pytest.mark.parametrize("given", ["tasks", "tasks/*.json", "**/*.json"])
def test_pipes_and_outside_links_in_a_folder_or_pattern_are_skipped(
    folder: Path, make: Callable[[Path], object], message: str, given: str
) -> None:
    (folder / "tasks").mkdir()
    make(folder / "tasks/hostile.json")

    result = run("derive", given, *PLACE)

    assert_refused(result, given)
    assert message in result.stderr


def test_a_named_pipe_is_read(folder: Path) -> None:
    read, write = os.pipe()
    os.write(write, json.dumps(TASK).encode())
    os.close(write)

    result = run("derive", f"/dev/fd/{read}", *PLACE)

    os.close(read)
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    "name",
    [
        r"a\0b",
        r"\ud800",
        r"\udcff",
        "x" * 300,
        "pipe",
        "link",
        "/dev/zero",
        "../../../../dev/zero",
        "web.json/a",
        "",
        "loop",
    ],
)
@pytest.mark.parametrize(
    "verb", [("validate",), ("lock",), ("export", "--to", "module"), ("show",)], ids=lambda verb: verb[0]
)
def test_a_hostile_name_in_roles_yaml_is_an_error_with_a_message(
    folder: Path, name: str, verb: tuple[str, ...]
) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/proc/self/environ")
    (folder / "loop").symlink_to("loop")
    (folder / "roles.yaml").write_text(ROLES.replace("web.json", f'"{name}"'))

    assert_refused(run(*verb), name)
