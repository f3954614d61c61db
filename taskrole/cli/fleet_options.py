"""The options of a verb that reads many accounts and regions, and which of them fit together."""

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
# What is of one account and region, and of no report that is there already.
_NOT_WITH_MANY = ("clusters", "write_roles")
_NOT_WITH_MERGE = ("assume_role", "organization", "regions", "region", "options_file", "keep", "fresh", "external_id")

_OPTIONS = (
    click.option("--assume-role", metavar="NAME", help="Read accounts with this role, which each of them has."),
    click.option(
        "--accounts", metavar="LIST|FILE", help="Ids with commas between them, or a file of ids; see docs/fleet.md."
    ),
    click.option("--organization", is_flag=True, help="All active accounts of the organization."),
    click.option("--regions", metavar="LIST", help="Regions with commas between them, or all-enabled."),
    click.option(
        "--concurrency", type=click.IntRange(1, 32), default=_MOST_AT_ONCE, show_default=True, metavar="N",
        help="How many accounts are read at a time.",
    ),
    click.option("--external-id", metavar="ID", help="The external id that the role's trust policy asks for."),
    click.option(
        "--trust", metavar="ACCOUNT|ARN", help="With --print-policy: who may assume the role of --assume-role."
    ),
    click.option(
        "--print-policy", is_flag=True,
        help="Print the IAM policy that reading the account needs, and do nothing else. With --assume-role: the role's "
        "trust and policy, and the policy of its caller.",
    ),
)  # fmt: skip
_MERGE_OPTIONS = (
    click.argument("reports", nargs=-1, metavar="[REPORT.json]...", type=click.Path(path_type=Path)),
    click.option("--merge", is_flag=True, help="Read no account; put the reports REPORT.json together."),
)


def account_options(command: _Command) -> _Command:
    """Add the options that choose accounts, regions and their role."""
    return _with(_OPTIONS, command)


def merge_options(command: _Command) -> _Command:
    """Add what merges reports that are there already."""
    return _with(_MERGE_OPTIONS, command)


def _with(options: Sequence[Callable[[_Command], _Command]], command: _Command) -> _Command:
    for option in reversed(options):
        command = option(command)
    return command


def is_of_many(arguments: Mapping[str, Any]) -> bool:
    """Return whether the arguments ask for a report on many accounts or regions.

    Raises InputError for options that do not fit together.
    """
    is_many = any(arguments.get(name) for name in _MANY)
    messages = list(_conflicts(arguments, is_many=is_many))
    if messages:
        raise InputError(Problem(Place(option), message) for option, message in messages)
    return is_many


def _conflicts(arguments: Mapping[str, Any], *, is_many: bool) -> list[tuple[str, str]]:
    given = {name for name, value in arguments.items() if value}
    found: list[tuple[str, str]] = []
    if "reports" in given and "merge" not in given:
        found.append((str(arguments["reports"][0]), "is read with --merge alone; without it an account is audited"))
    if "merge" in given:
        if "reports" not in given:
            found.append(("--merge", "needs the files of reports: taskrole audit --merge *.json"))
        found += (
            (_option(name), "reads an account, which --merge does not") for name in _NOT_WITH_MERGE if name in given
        )
    elif "assume_role" in given:
        if not given & {"accounts", "organization", "print_policy"}:
            found.append(("--assume-role", "needs the accounts: --accounts or --organization"))
    else:
        needs_role = ("accounts", "organization", *_OF_ROLE)
        found += (
            (_option(name), "needs --assume-role, the role of each account") for name in needs_role if name in given
        )
    if {"accounts", "organization"} <= given:
        found.append(("--accounts", "cannot be together with --organization"))
    if {"region", "regions"} <= given:
        found.append(("--region", "cannot be together with --regions"))
    if is_many:
        found += (
            (_option(name), "is for one account and region; leave it out") for name in _NOT_WITH_MANY if name in given
        )
    return found


def _option(name: str) -> str:
    names = {"clusters": "--cluster", "options_file": "--options"}
    return names.get(name, f"--{name.replace('_', '-')}")
