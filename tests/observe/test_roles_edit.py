"""Tests entries that are added to a role of roles.yaml without a change of its other bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.observe.proposals import Proposal
from taskrole.observe.roles_edit import with_entries
from taskrole.observe.sorted_uses import UsesForm
from taskrole.observe.usage import Evidence
from taskrole.yaml_reader import read_yaml
from tests.observe.recordings import FIRST, LAST, QUEUE

EVIDENCE = Evidence(12, FIRST, LAST, ("1" * 32,), 1)
HEAD = "version: 1\nstacks:\n  s:\n    region: eu-west-1\n    roles:\n"


def entry(form: UsesForm = "grants", resource: str = QUEUE) -> Proposal:
    return Proposal(form, ("sqs:SendMessage",), (resource,), EVIDENCE)


def edited(text: str, *entries: Proposal) -> str:
    return with_entries(text, Path("roles.yaml"), ("s", "web"), entries or (entry(),))


NEW = """\
# Seen 12 times by 1 task, 2026-09-01 to 2026-11-24.
- actions: [sqs:SendMessage]
  resources:
    - arn:aws:sqs:eu-central-1:111122223333:jobs
"""


def indented(text: str, columns: int) -> str:
    return "".join(f"{' ' * columns}{line}\n" for line in text.splitlines())


ROLE = f"{HEAD}      web: # ours\n        kind: task\n"
GRANTS = f"{ROLE}        grants:\n          - access: read\n            resources: 'arn:aws:s3:::b/*' # b\n"
PLACES = {
    "a role without grants": (ROLE, "", f"        grants:\n{indented(NEW, 10)}"),
    "before the next role": (
        ROLE,
        "      # Theirs.\n      api:\n        kind: task\n",
        f"        grants:\n{indented(NEW, 10)}",
    ),
    "behind the last entry": (GRANTS, "", indented(NEW, 10)),
    "before the next key": (GRANTS, "        # Why.\n        description: x\n", indented(NEW, 10)),
    "before the next stack": (GRANTS, "\n  t: {region: eu-west-1, roles: {}}\n", indented(NEW, 10)),
    "dashes with the indentation of their key": (
        f"{ROLE}        grants:\n        - access: read\n          resources: arn:aws:s3:::b/*\n",
        "        description: x\n",
        indented(NEW, 8),
    ),
}


@pytest.mark.parametrize(("before", "behind", "added"), PLACES.values(), ids=PLACES)
def test_lines_are_inserted_and_others_unchanged(before: str, behind: str, added: str) -> None:
    assert edited(before + behind) == f"{before}{added}{behind}"


def test_a_missing_line_feed_at_the_end_is_added() -> None:
    assert edited(ROLE.removesuffix("\n")) == f"{ROLE}        grants:\n{indented(NEW, 10)}"


def test_grants_and_statements_are_added_to_their_own_lists() -> None:
    data = read_yaml(edited(ROLE, entry(), entry("statements")).encode(), "f").data["stacks"]["s"]["roles"]["web"]

    assert data["grants"] == [{"actions": ["sqs:SendMessage"], "resources": [QUEUE]}]
    assert data["statements"] == [{"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [QUEUE]}]


def test_entries_of_a_role_in_braces_are_added_in_braces_and_comments_kept() -> None:
    text = f"# Ours.\n{HEAD}      web: {{kind: task, grants: [{{access: read, resources: 'arn:aws:s3:::b/*'}}]}} # x\n"

    text_after = edited(text)

    assert text_after.startswith("# Ours.\n")
    assert "# x" in text_after
    assert len(read_yaml(text_after.encode(), "f").data["stacks"]["s"]["roles"]["web"]["grants"]) == 2


def test_a_role_shared_by_two_names_is_refused() -> None:
    text = f"{HEAD}      api: &shared\n        kind: task\n      web: *shared\n"

    with pytest.raises(InputError, match="cannot be added"):
        edited(text)


def test_every_name_is_read_back_unchanged() -> None:
    arns = [f"arn:aws:s3:::b/{key}" for key in ("a: b # c", "*", "${*}", "'\"", "ü\xa0", " x ", "%", "a\\b", "a,b]")]

    text_after = edited(GRANTS, *(entry(resource=resource) for resource in arns))

    grants = read_yaml(text_after.encode(), "f").data["stacks"]["s"]["roles"]["web"]["grants"]
    assert [grant["resources"] for grant in grants[1:]] == [[resource] for resource in arns]
