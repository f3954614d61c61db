"""AWS's managed policies: names and documents, from a dated snapshot (`tools/refresh_managed_policies.py`)."""

from __future__ import annotations

import gzip
import json
from functools import cache, lru_cache
from pkgutil import get_data

from taskrole.arns import aws_managed_policy_arn, parse_policy_arn
from taskrole.dataclass import dataclass
from taskrole.nearest import nearest
from taskrole.policy.documents.statements import Document

_SNAPSHOT = "data/managed_policy_names.txt"
_DOCUMENTS = "data/managed_policies.jsonl.gz"

# The partition of the policies in the snapshot.
SNAPSHOT_PARTITION = "aws"

# Only service-linked roles may have these: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
SERVICE_LINKED_PATH = "aws-service-role/"


@dataclass(frozen=True)
class SnapshotPolicy:
    """A managed policy of AWS as it was on the day of the snapshot.

    `name` has no path, `version` is the default version, `date` the day (YYYY-MM-DD) of its last change. `adapted`: the
    document is that of partition aws, with its ARNs changed to another partition, where AWS may publish a different
    version of the policy, or none.
    """

    name: str
    arn: str
    version: str
    date: str
    document: Document
    adapted: bool = False


def managed_policy(arn_or_name: str) -> SnapshotPolicy | None:
    """Return a managed policy of AWS by its ARN, or by its name with or without its path (then of partition aws).

    Returns None if the snapshot does not contain it, or for the ARN of a customer managed policy or another resource.
    """
    partition, name = SNAPSHOT_PARTITION, arn_or_name
    if arn_or_name.startswith("arn:"):
        try:
            arn = parse_policy_arn(arn_or_name)
        except ValueError:
            return None
        if arn.account != "aws":
            return None
        partition, name = arn.partition, arn.resource.removeprefix("policy/")
    elif "/" not in arn_or_name:
        name = _full_names().get(arn_or_name, arn_or_name)
    return _managed_policy(partition, name)


@lru_cache(maxsize=256)
def _managed_policy(partition: str, name: str) -> SnapshotPolicy | None:
    if name not in managed_policy_names():
        return None
    start = _documents().index(f"\n[{json.dumps(name)},".encode()) + 1
    line = _documents()[start : _documents().index(b"\n", start)].decode()
    adapted = partition != SNAPSHOT_PARTITION
    if adapted:
        line = line.replace(f'"arn:{SNAPSHOT_PARTITION}:', f'"arn:{partition}:')
    _, version, date, document = json.loads(line)
    arn = aws_managed_policy_arn(partition, name)
    return SnapshotPolicy(name.rpartition("/")[2], arn, version, date, document, adapted)


@cache
def managed_policy_names() -> frozenset[str]:
    """Return the names of AWS's managed policies with their paths, such as `service-role/AmazonECSTask…Policy`."""
    return frozenset(_lines()[1:])


def snapshot_date() -> str:
    """Return the day (YYYY-MM-DD) of the latest change in the snapshot."""
    return _lines()[0].split(" as of ", 1)[1][:10]


def nearest_managed_policy(name: str) -> str | None:
    """Return the most similar known name, or None if none is similar."""
    base = name.rsplit("/", 1)[-1].lower()
    near = nearest(base, _by_base(), cutoff=0.75)
    return _by_base()[near[0]] if near else None


@cache
def _by_base() -> dict[str, str]:
    return {known.rsplit("/", 1)[-1].lower(): known for known in sorted(managed_policy_names())}


@cache
def _full_names() -> dict[str, str]:
    return {name.rpartition("/")[2]: name for name in managed_policy_names()}


@cache
def _documents() -> bytes:
    return b"\n" + gzip.decompress(get_data("taskrole.policy.catalogue", _DOCUMENTS) or b"")


@cache
def _lines() -> list[str]:
    return (get_data("taskrole.policy.catalogue", _SNAPSHOT) or b"").decode("utf-8").splitlines()
