"""The options of verbs that read several accounts and regions, and their conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from taskrole.errors import InputError, Place, Problem

_Command = TypeVar("_Command", bound=Callable[..., Any])

_MOST_AT_ONCE = 4
_MANY = ("assume_role", "accounts", "organization", "regions", "merge")
_OF_ROLE = ("external_id", "trust")
# Options of a single account and region, not of existing reports.
_NOT_WITH_MANY = ("clusters", "write_roles")
_NOT_WITH_MERGE = ("assume_role", "organization", "regions", "region", "options_file", "keep", "fresh", "external_id")

_OPTIONS = (
    click.option("--assume-role", metavar="NAME", help="Role to assume in each account."),
    click.option(
        "--accounts", metavar="LIST|FILE", help="Account ids, comma-separated or in a file; see docs/fleet.md."
    ),
    click.option("--organization", is_flag=True, help="Read all active accounts of the organization."),
    click.option("--regions", metavar="LIST", help="Comma-separated regions, or all-enabled."),
    click.option(
        "--concurrency", type=click.IntRange(1, 32), default=_MOST_AT_ONCE, show_default=True, metavar="N",
        help="Number of accounts read concurrently.",
    ),
    click.option("--external-id", metavar="ID", help="External id in the role's trust policy."),
    click.option(
        "--trust", metavar="ACCOUNT|ARN", help="With --print-policy: principal that can assume the role."
    ),
    click.option(
        "--print-policy", is_flag=True,
        help="Print the IAM policy that reading the account needs, and do nothing else. With --assume-role: the role's "
        "trust and policy, and the policy of its caller.",
    ),
)  # fmt: skip
_MERGE_OPTIONS = (
    click.argument("reports", nargs=-1, metavar="[REPORT.json]...", type=click.Path(path_type=Path)),
    click.option("--merge", is_flag=True, help="Merge the reports REPORT.json instead of reading accounts."),
)


def account_options(command: _Command) -> _Command:
    """Add the options that choose accounts, regions and their role."""
    return _with(_OPTIONS, command)


def merge_options(command: _Command) -> _Command:
    """Add the options and arguments that merge existing reports."""
    return _with(_MERGE_OPTIONS, command)


def _with(options: Sequence[Callable[[_Command], _Command]], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def is_of_many(arguments: Mapping[str, Any]) -> bool:
    """Return whether the arguments are for a report on several accounts or regions.

    Raises InputError for conflicting options.
    """
    is_many = any(arguments.get(name) for name in _MANY)
    messages = list(_conflicts(arguments, is_many=is_many))
    if messages:
        raise InputError(Problem(Place(option), message) for option, message in messages)
    return is_many


def _conflicts(arguments: Mapping[str, Any], *, is_many: bool) -> list[tuple[str, str]]:
    given = {name for name, value in arguments.items() if value}
    conflicts: list[tuple[str, str]] = []
    if "reports" in given and "merge" not in given:
        conflicts.append((str(arguments["reports"][0]), "needs --merge; without it an account is audited"))
    if "merge" in given:
        if "reports" not in given:
            conflicts.append(("--merge", "needs report files: taskrole audit --merge *.json"))
        conflicts += (
            (_option(name), "conflicts with --merge, which reads no account")
            for name in _NOT_WITH_MERGE
            if name in given
        )
    elif "assume_role" in given:
        if not given & {"accounts", "organization", "print_policy"}:
            conflicts.append(("--assume-role", "needs --accounts or --organization"))
    else:
        needs_role = ("accounts", "organization", *_OF_ROLE)
        conflicts += (
            (_option(name), "needs --assume-role, the role of each account") for name in needs_role if name in given
        )
    if {"accounts", "organization"} <= given:
        conflicts.append(("--accounts", "conflicts with --organization"))
    if {"region", "regions"} <= given:
        conflicts.append(("--region", "conflicts with --regions"))
    if is_many:
        conflicts += (
            (_option(name), "is for a single account and region; remove it") for name in _NOT_WITH_MANY if name in given
        )
    return conflicts


def _option(name: str) -> str:
    names = {"clusters": "--cluster", "options_file": "--options"}
    return names.get(name, f"--{name.replace('_', '-')}")
