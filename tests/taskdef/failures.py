"""The failures of a rule, on Fargate and on EC2."""

from __future__ import annotations

from taskrole.taskdef.failures import Failure


def with_ec2(failure: Failure) -> list[Failure]:
    """Return a failure, and that of EC2 if it differs."""
    return [failure, *([failure.on_ec2] if failure.on_ec2 else [])]
