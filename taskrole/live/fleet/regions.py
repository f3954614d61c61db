"""The regions to read: those given, or all that an account has enabled."""

from __future__ import annotations

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.live.client import aws_errors
from taskrole.live.credentials import SessionCredentials
from taskrole.live.reader import PATIENT
from taskrole.live.service import connect
from taskrole.partitions import nearest_regions, partition_of

ALL_ENABLED = "all-enabled"


def parse_regions(given: str) -> tuple[str, ...]:
    """Return the regions of a list such as `eu-west-1,eu-central-1`, sorted and unique; none for `all-enabled`.

    Raises InputError with every unknown region, and for regions of several partitions.
    """
    if given.strip() == ALL_ENABLED:
        return ()
    names = sorted({part.strip() for part in given.split(",")})
    problems = [Problem(Place("--regions"), _problem(name)) for name in names if partition_of(name) is None]
    if problems:
        raise InputError(problems)
    if len({partition_of(name) for name in names}) > 1:
        message = "must be in the same partition, as credentials are valid in one only"
        raise InputError([Problem(Place("--regions"), message)])
    return tuple(names)


def enabled_regions(region: str, credentials: SessionCredentials | None) -> tuple[str, ...]:
    """Return the regions that an account has enabled, sorted. Needs ec2:DescribeRegions. Raises ToolError.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
    """
    with aws_errors("listing the account's regions (ec2:DescribeRegions)"):
        answer = connect("ec2", region, PATIENT, credentials).ask("describe_regions", AllRegions=False)
    return tuple(sorted(entry["RegionName"] for entry in answer["Regions"]))


def _problem(name: str) -> str:
    near = nearest_regions(name)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"must be {ALL_ENABLED}, or regions separated by commas; got {quote(name)}{hint}"
