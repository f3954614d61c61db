"""Tests that policies are compared in time proportional to their statements, also if these all differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from taskrole.policy.comparison.candidates import FEW
from taskrole.policy.comparison.compare import compare
from tests.growth import LIMIT, growth

SIZES = (16, 48, 144)


def literal(number: int, side: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{number}/{side}"}


def pattern(number: int, side: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{number}/{side}/*"}


def action(number: int, side: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": f"s3:{side}{number}", "Resource": "*"}


@pytest.mark.parametrize("statement", [literal, pattern, action])
def test_not_every_pair_of_statements_is_compared(statement: Callable[[int, str], dict[str, Any]]) -> None:
    grown = growth(lambda size: compare([document(size, statement, "a")], [document(size, statement, "b")]), SIZES)

    assert grown < LIMIT


@pytest.mark.parametrize("size", [FEW, FEW + 1])
@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({"Action": "s3:*", "Resource": "*"}, {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}),
        (
            {"Action": "S3:getobject", "Resource": "arn:aws:s3:::a/*"},
            {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"},
        ),
        (
            {"Action": "s3:Get*", "Resource": "arn:aws:s3:::a/b"},
            {"Action": "s3:GetObject*", "Resource": "arn:aws:s3:::a/b"},
        ),
        ({"NotAction": "iam:*", "Resource": "*"}, {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}),
        ({"Action": "*", "NotResource": "arn:aws:s3:::c"}, {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/b"}),
        ({"Action": "*", "Resource": "*"}, {"NotAction": "iam:*", "Resource": "arn:aws:s3:::a/b"}),
        ({"Action": "*", "Resource": "*"}, {"Action": "s3:GetObject", "NotResource": "arn:aws:s3:::a/b"}),
    ],
)
def test_a_covering_statement_is_found_among_many(size: int, outer: dict[str, Any], inner: dict[str, Any]) -> None:
    others = [literal(number, "a") for number in range(size - 1)]
    before = {"Version": "2012-10-17", "Statement": [*others, {"Effect": "Allow", **outer}]}
    after = {"Version": "2012-10-17", "Statement": [*others, {"Effect": "Allow", **inner}]}

    assert compare([before], [after]).verdict == "narrows"


def document(size: int, statement: Callable[[int, str], dict[str, Any]], side: str) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement(number, side) for number in range(size)]}
