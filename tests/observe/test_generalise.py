"""Tests prefixes: only for enough ARNs, at a separator, and never over required parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.observe.generalise import generalise
from taskrole.policy.patterns import contains
from tests.amount import amount
from tests.observe.recordings import ACCOUNT

SQS = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:"
LOGS = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:"
S3 = "arn:aws:s3:::"

# Resources, and the patterns of three or more of them.
CASES = {
    "objects of a folder": ([f"{S3}b/up/{n}.png" for n in range(3)], [f"{S3}b/up/*"]),
    "all objects of a bucket": ([f"{S3}b/{n}" for n in range(3)], [f"{S3}b/*"]),
    "too few": ([f"{S3}b/up/{n}" for n in range(2)], [f"{S3}b/up/0", f"{S3}b/up/1"]),
    "the longest prefix first": (
        [*(f"{S3}b/up/{n}" for n in range(3)), f"{S3}b/x"],
        [f"{S3}b/up/*", f"{S3}b/x"],
    ),
    "prefixes that are many": ([f"{S3}b/{u}/{n}" for u in "xyz" for n in range(3)], [f"{S3}b/*"]),
    "names with a number": ([f"{SQS}jobs-{n}" for n in range(3)], [f"{SQS}jobs-*"]),
    "a slash that begins a name": ([f"{LOGS}/ecs/{n}" for n in range(3)], [f"{LOGS}/ecs/*"]),
    "names without a common prefix": ([f"{SQS}{n}-jobs" for n in range(3)], [f"{SQS}{n}-jobs" for n in range(3)]),
    "buckets": ([f"{S3}logs-{n}" for n in range(3)], [f"{S3}logs-{n}" for n in range(3)]),
    "objects of several buckets": ([f"{S3}b-{n}/k" for n in range(3)], [f"{S3}b-{n}/k" for n in range(3)]),
    "tables, of which only the type is shared": (
        [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{n}" for n in range(3)],
        [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{n}" for n in range(3)],
    ),
    "everything": (["*"], ["*"]),
    "an escaped character is not cut": ([f"{S3}b/a${{*}}{n}" for n in range(3)], [f"{S3}b/*"]),
    "an existing pattern": ([f"{SQS}a-?{n}" for n in range(3)], [f"{SQS}a-?{n}" for n in range(3)]),
}


@pytest.mark.parametrize(("resources", "patterns"), CASES.values(), ids=CASES)
def test_three_or_more_become_a_prefix(resources: list[str], patterns: list[str]) -> None:
    assert list(generalise(resources, 3)) == patterns


def test_a_prefix_has_a_comment_with_its_arns() -> None:
    resources = [f"{SQS}jobs-{number}" for number in range(4)]

    (prefix,) = generalise(resources, 4).values()

    assert prefix is not None
    assert prefix.resources == tuple(resources)


@settings(max_examples=amount(100))
@given(
    st.sets(st.lists(st.sampled_from(["a", "b", "-", "/", "_x"]), min_size=1, max_size=6).map("".join), max_size=12),
    st.integers(2, 5),
)
def test_every_resource_stays_in_exactly_one_pattern(keys: set[str], least: int) -> None:
    resources = {f"{S3}bucket/{key}" for key in keys}

    patterns = generalise(resources, least)

    assert sorted(
        resource for pattern, prefix in patterns.items() for resource in (prefix.resources if prefix else (pattern,))
    ) == (sorted(resources))
    assert all(
        contains(pattern, resource) for pattern, prefix in patterns.items() if prefix for resource in prefix.resources
    )
    assert all(len(prefix.resources) >= least for prefix in patterns.values() if prefix)
