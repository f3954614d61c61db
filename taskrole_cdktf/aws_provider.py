"""Adds the AWS provider to a stack."""

from __future__ import annotations

import json

from taskrole_cdktf.engine import AwsProvider, Construct
from taskrole_cdktf.node_module import Batch, is_used

_ID = "aws"


def add_aws_provider(scope: Construct, region: str, account: str | None) -> None:
    """Add the AWS provider of a region to a stack, restricted to an account if it is known."""
    accounts = None if account is None else [account]
    if is_used():
        # From Python, jsii would read all types of the provider's package, 35 MB, for those of these arguments.
        values = {"region": region, **({"allowedAccountIds": accounts} if accounts else {})}
        Batch.create(scope, AwsProvider.__jsii_type__, _ID, json.dumps(values))
    else:
        AwsProvider(scope, _ID, region=region, allowed_account_ids=accounts)
