"""AWS's managed policies: which names exist, from a dated snapshot (`tools/refresh_managed_policies.py`)."""

from __future__ import annotations

import difflib
from functools import cache
from importlib import resources

_SNAPSHOT = "data/managed_policy_names.txt"

# Only service-linked roles may have these: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
SERVICE_LINKED_PATH = "aws-service-role/"


@cache
def managed_policy_names() -> frozenset[str]:
    """Return the names of AWS's managed policies with their paths, such as `service-role/AmazonECSTask…Policy`."""
    return frozenset(_lines()[1:])


def snapshot_date() -> str:
    """Return the day (YYYY-MM-DD) of the newest change that the snapshot holds."""
    return _lines()[0].split(" as of ", 1)[1][:10]


def nearest_managed_policy(name: str) -> str | None:
    """Return the known name that is spelled most like the given one, or None when none comes near."""
    base = name.rsplit("/", 1)[-1].lower()
    by_base = {known.rsplit("/", 1)[-1].lower(): known for known in sorted(managed_policy_names())}
    near = difflib.get_close_matches(base, by_base, n=1, cutoff=0.75)
    return by_base[near[0]] if near else None


@cache
def _lines() -> list[str]:
    return resources.files("taskrole.policy").joinpath(_SNAPSHOT).read_text("utf-8").splitlines()
