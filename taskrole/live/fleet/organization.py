"""The accounts of an organization, from AWS Organizations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskrole.errors import ToolError
from taskrole.live.client import aws_errors
from taskrole.live.fleet.accounts import Skipped, Target
from taskrole.live.reader import PATIENT
from taskrole.live.service import connect

_WHO = "only the management account and delegated administrators can list accounts; otherwise, use --accounts"


def list_organization(region: str) -> tuple[tuple[Target, ...], tuple[Skipped, ...]]:
    """Return the active accounts of the organization, and those that are not active, each sorted.

    Needs organizations:ListAccounts. Raises ToolError.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """
    targets, skipped = [], []
    organizations = connect("organizations", region, PATIENT)
    try:
        with aws_errors("listing the organization's accounts (organizations:ListAccounts)"):
            pages = list(organizations.pages("list_accounts"))
    except ToolError as error:
        if "AccessDenied" in str(error) or "AWSOrganizationsNotInUse" in str(error):
            raise ToolError(f"{error}; {_WHO}") from error
        raise
    for account in (account for page in pages for account in page["Accounts"]):
        name = account.get("Name") or ""
        state = _state(account)
        if state == "ACTIVE":
            targets.append(Target(account["Id"], name))
        else:
            skipped.append(Skipped(account["Id"], name, f"it is {state.lower().replace('_', ' ')}"))
    return tuple(sorted(set(targets))), tuple(sorted(set(skipped)))


def _state(account: Mapping[str, Any]) -> str:
    # Status is deprecated, and lacks the states of accounts that are not activated or closed.
    return str(account.get("State") or account.get("Status") or "ACTIVE")
