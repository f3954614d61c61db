"""The accounts, regions and role of a verb, from its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from taskrole.cli.parts.print_policy import print_policy
from taskrole.dataclass import dataclass
from taskrole.output.console import echo, echo_json, message
from taskrole.output.lines import count

if TYPE_CHECKING:
    from taskrole.live.account import Caller
    from taskrole.live.fleet.accounts import Skipped, Target
    from taskrole.live.fleet.assume import Assumption


@dataclass(frozen=True)
class AccountsToRead:
    """The accounts to read, those left out, the regions (none: all enabled ones), and the role to assume."""

    identity: Caller
    targets: tuple[Target, ...]
    skipped: tuple[Skipped, ...]
    regions: tuple[str, ...]
    assumption: Assumption | None

    @property
    def home(self) -> str:
        """Return the caller's region, where accounts and regions are listed."""
        return str(self.identity.context.region)


def chosen_reach(arguments: Mapping[str, Any], command: str) -> AccountsToRead:
    """Return the accounts, regions and role in a command's options. Raises InputError, ToolError."""
    from taskrole.live.account import caller
    from taskrole.live.client import known_region
    from taskrole.live.fleet.regions import parse_regions

    regions = parse_regions(arguments["regions"]) if arguments["regions"] else None
    _check_role(arguments)
    given = given_accounts(arguments)
    identity = caller(known_region(arguments["region"] or (regions[0] if regions else None)))
    home = str(identity.context.region)
    targets, skipped = _targets(given, arguments, identity)
    assumption = _assumption(arguments, command, str(identity.context.partition), home)
    return AccountsToRead(identity, targets, skipped, (home,) if regions is None else regions, assumption)


def given_accounts(arguments: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the accounts in --accounts, or none. Raises InputError."""
    from taskrole.live.fleet.accounts import parse_accounts

    return parse_accounts(arguments["accounts"]) if arguments["accounts"] else ()


def print_policies(ctx: click.Context, arguments: Mapping[str, Any], command: str) -> None:
    """Print the policies that a command needs, for an account or for a role in several accounts, and exit.

    Raises InputError.
    """
    from taskrole.live.client import default_region
    from taskrole.live.fleet.role_policy import UNKNOWN_CALLER, fleet_policy, printed_policies
    from taskrole.partitions import partition_of
    from taskrole.policy.documents.statements import policy_text

    role, regions, trusted = (arguments[name] or "" for name in ("assume_role", "regions", "trust"))
    if not role and not regions:
        print_policy(ctx, command)
    home = partition_of(regions.partition(",")[0]) or partition_of(arguments["region"] or default_region() or "")
    partition = home.id if home else "aws"
    if not role:
        echo(policy_text(fleet_policy(command, partition)))
        ctx.exit()
    _check_role(arguments)
    echo_json(printed_policies(command, partition, role, trusted, arguments["external_id"] or ""))
    if not trusted:
        message(f"replace {UNKNOWN_CALLER} by the account of the caller, or set --trust")
    ctx.exit()


def _check_role(arguments: Mapping[str, Any]) -> None:
    from taskrole.live.fleet.role_policy import check_external_id, require_role_name

    if arguments["assume_role"]:
        require_role_name(arguments["assume_role"])
    if arguments["external_id"]:
        check_external_id(arguments["external_id"])


def _targets(
    given: tuple[Target, ...], arguments: Mapping[str, Any], identity: Caller
) -> tuple[tuple[Target, ...], tuple[Skipped, ...]]:
    from taskrole.live.fleet.accounts import Target
    from taskrole.live.fleet.organization import list_organization

    if arguments["organization"]:
        targets, skipped = list_organization(str(identity.context.region))
        message(f"{count(len(targets), 'active account')} in the organization, {len(skipped)} left out")
        return targets, skipped
    return given or (Target(str(identity.context.account)),), ()


def _assumption(arguments: Mapping[str, Any], command: str, partition: str, region: str) -> Assumption | None:
    from taskrole.live.fleet.assume import Assumption, connect_sts

    role: str | None = arguments["assume_role"]
    if not role:
        return None
    return Assumption(connect_sts(region), partition, role, command, arguments["external_id"] or "")
