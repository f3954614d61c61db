"""Tests roles that are added to a roles.yaml without a change of its other bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.config.roles_file import NewRole, NewStack, new_file, with_roles
from taskrole.errors import InputError
from taskrole.yaml_reader import read_yaml

STACK = NewStack("s", "eu-west-1", "111122223333")
NEW = NewRole("new", {"kind": "task", "adopt": True}, ("Found.",), {"adopt": "for now"})
ADDED = "      # Found.\n      new:\n        kind: task\n        adopt: true  # for now\n"


def added(text: str, stack: NewStack = STACK, *roles: NewRole) -> str:
    return with_roles(text, Path("roles.yaml"), stack, roles or (NEW,))


HEAD = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    roles:\n"
PLACES = {
    "at the end of the file": (f"{HEAD}      web: {{kind: task}}\n", ""),
    "at an end without a line feed": (f"{HEAD}      web:\n        kind: task", ""),
    "before a less indented line": (f"{HEAD}      web:\n        kind: task\n", "\nprovider:\n  source: x/y\n"),
    "before the next stack": (f"{HEAD}      web:\n        kind: task\n", "  t:\n    region: eu-west-1\n"),
    "before keys of the stack": (f"{HEAD}      web:\n        kind: task\n", "    account: '1'\n"),
    "behind a comment of the last role": (
        f"{HEAD}      web:\n        kind: task\n        # more to come\n",
        "\n# The end.\n",
    ),
    "behind a text of several lines": (
        f"{HEAD}      web:\n        kind: task\n        description: |\n          # none\n\n          x\n",
        "\n",
    ),
    "before the end of the document": (f"{HEAD}      web:\n        kind: task\n", "...\n"),
}


@pytest.mark.parametrize(("before", "behind"), PLACES.values(), ids=PLACES)
def test_lines_are_inserted_and_others_unchanged(before: str, behind: str) -> None:
    text = added(before + behind)

    assert text == f"{before.removesuffix(chr(10))}\n{ADDED}{behind}"


def test_indentation_follows_the_file() -> None:
    text = "version: 1\nstacks:\n    s:\n        region: eu-west-1\n        roles:\n            web: {kind: task}\n"

    assert added(text) == text + "            # Found.\n            new:\n              kind: task\n" + (
        "              adopt: true  # for now\n"
    )


def test_a_missing_stack_is_added() -> None:
    text = f"{HEAD}      web: {{kind: task}}\n# The end.\n"

    assert added(text, NewStack("t", "eu-west-1", "111122223333")) == (
        f"{HEAD}      web: {{kind: task}}\n\n"
        '  t:\n    region: eu-west-1\n    account: "111122223333"\n    roles:\n'
        f"{ADDED}# The end.\n"
    )


def test_roles_in_braces_are_added_in_braces_and_comments_kept() -> None:
    text = "# Ours.\nversion: 1 # one\nstacks: {s: {region: eu-west-1, roles: {web: {kind: task}}}}\n"

    new_text = added(text)

    assert new_text.startswith("# Ours.\nversion: 1 # one\n")
    roles = read_yaml(new_text.encode(), "f").data["stacks"]["s"]["roles"]
    assert roles == {"web": {"kind": "task"}, "new": {"kind": "task", "adopt": True}}


def test_every_text_is_read_back_unchanged() -> None:
    texts = ["off", "0012", "2012-10-17", "a: b # c", "two\nlines", "", "~", "*", "- x", "ü\xa0", "'\"", "1e3", "0x1f"]
    role = NewRole("odd", {"kind": "task", "tags": {text or "empty": text for text in texts}})

    data = read_yaml(added(f"{HEAD}      web: {{kind: task}}\n", STACK, role).encode(), "f").data

    assert data["stacks"]["s"]["roles"]["odd"]["tags"] == {text or "empty": text for text in texts}


def test_a_text_with_an_unusual_line_end_is_read_back_from_a_new_file() -> None:
    resource = "arn:aws:s3:::a\x85b\u2028c\u2029d"
    policies = {"p": {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": resource}]}}

    text = new_file(STACK, [NewRole("web", {"kind": "task", "inline_policies": policies})], "")

    assert (
        read_yaml(text.encode(), "roles.yaml").data["stacks"][STACK.name]["roles"]["web"]["inline_policies"] == policies
    )


def test_an_unsupported_form_of_roles_is_refused() -> None:
    text = f"{HEAD}      web: &web {{kind: task}}\n  t: {{region: eu-west-1, roles: &all {{x: *web}}}}\n"
    text += "  u: {region: eu-west-1, roles: *all}\n"

    with pytest.raises(InputError, match="has a style in which roles cannot be added"):
        added(text, NewStack("u", "eu-west-1", "111122223333"))


def test_a_new_file_names_its_schema() -> None:
    text = new_file(STACK, [NEW], "What it is.\n")

    assert text == (
        "# yaml-language-server: $schema=./roles.schema.json\n#\n# What it is.\n\nversion: 1\n\nstacks:\n"
        f'  s:\n    region: eu-west-1\n    account: "111122223333"\n    roles:\n{ADDED}'
    )
