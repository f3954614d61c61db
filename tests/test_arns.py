"""Tests ARNs and partitions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.arns import ACCOUNT_FORM, Arn, parse_arn, parse_policy_arn
from taskrole.partitions import nearest_regions, partition_of, partitions

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        ("arn:aws:iam::aws:policy/X", Arn("aws", "iam", "", "aws", "policy/X")),
        ("arn:aws-cn:s3:::b/k:e:y", Arn("aws-cn", "s3", "", "", "b/k:e:y")),
        (
            "arn:aws-us-gov:ecs:us-gov-west-1:012345678901:task/x",
            Arn("aws-us-gov", "ecs", "us-gov-west-1", "012345678901", "task/x"),
        ),
    ],
)
def test_an_arn_has_six_parts_and_the_last_keeps_its_colons(text: str, arn: Arn) -> None:
    assert parse_arn(text) == arn
    assert str(arn) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be an ARN"),
        ("arn:aws:iam::aws:", "must be an ARN"),
        ("urn:aws:iam::aws:policy/X", "must be an ARN"),
        ("arn:amazon:iam::aws:policy/X", "must have a partition"),
        ("arn:aws:IAM::aws:policy/X", "must have a service"),
        ("arn:aws:ecs:cn-north-1:012345678901:x", "must have a region of partition aws; got 'cn-north-1'"),
        ("arn:aws:iam::12345:policy/X", "must have an account of 12 digits in its fifth part; got '12345'"),
        ("arn:aws:iam::aws:policy/X Y", "must not contain white space or control characters"),
        ("arn:aws:s3:::" + "x" * 2048, "must be at most 2048 characters long; got 2061"),
    ],
)
def test_a_malformed_arn_is_refused_with_rule_and_value(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"^must") as caught:
        parse_arn(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["arn:aws:iam::aws:role/X", "arn:aws:sns:us-east-1:012345678901:policy/X"])
def test_only_the_arn_of_a_policy_is_accepted_as_a_policy(text: str) -> None:
    with pytest.raises(ValueError, match="must be the ARN of a managed policy"):
        parse_policy_arn(text)


def test_the_partition_table_is_current(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import json

    from refresh_partitions import TARGET, table

    committed = json.loads(TARGET.read_text("utf-8"))
    assert committed == table(), "run: python tools/refresh_partitions.py"


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
    ],
)
def test_a_region_is_in_a_single_partition(region: str, partition: str) -> None:
    partition_of_region = partition_of(region)

    assert partition_of_region is not None
    assert partition_of_region.id == partition
    assert [id_ for id_, other in partitions().items() if other.could_have(region)] == [partition]


def test_a_misspelled_region_has_suggestions() -> None:
    assert partition_of("eu-west-9") is None
    assert nearest_regions("eu-west-9") == ["eu-west-3", "eu-west-2", "eu-west-1"]


@pytest.mark.parametrize("region", ["eu-WEST-1", "eu-XXXXst-1", "eu-west-\u0661", "region-code", "eu-west-1\n"])
def test_a_text_of_another_form_cannot_be_a_region(region: str) -> None:
    assert not any(partition.could_have(region) for partition in partitions().values())


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module without its docstrings."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            yield node.value


def test_the_form_of_an_account_is_worded_in_one_place() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in ("taskrole", "taskrole_cdktf", "stacks")
        for path in (ROOT / folder).rglob("*.py")
        if ACCOUNT_FORM in (source := path.read_text("utf-8"))
        and any(ACCOUNT_FORM in text for text in texts(ast.parse(source)))
    }

    assert files == {"taskrole/arns.py"}
