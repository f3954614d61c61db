"""The account that a role is in, as its own ARN says it: a plan can be about several."""

from __future__ import annotations

from taskrole.arns import ACCOUNT
from taskrole.plan.documents import SIDES
from taskrole.plan.model import Change
from taskrole.plan.role_policies import value_of

_ACCOUNT_FIELD = 4


def account_of_role(change: Change | None) -> str | None:
    """Return the account of a role, 12 digits; None where its ARN is not known, or is of two accounts."""
    arns = [value_of(change, side, "arn") for side in SIDES] if change else []
    accounts = {(*arn.split(":"), "", "", "", "", "")[_ACCOUNT_FIELD] for arn in arns if isinstance(arn, str)}
    account = accounts.pop() if len(accounts) == 1 else ""
    return account if ACCOUNT.fullmatch(account) else None
