"""Tests the forms of ARNs in grants, and literal names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrole import arns
from taskrole.arns import Context, is_exact, literal

HERE = Context("aws-cn", "cn-north-1", "111122223333")
AT = ("aws-cn", "cn-north-1", "111122223333")


@pytest.mark.parametrize(
    ("arn", "text"),
    [
        (arns.role_arn(HERE, "team/web"), "arn:aws-cn:iam::111122223333:role/team/web"),
        (arns.repository_arn(*AT, "team/app"), "arn:aws-cn:ecr:cn-north-1:111122223333:repository/team/app"),
        (arns.secret_arn(*AT, "db-Ab12Cd"), "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:db-Ab12Cd"),
        (arns.parameter_arn(*AT, "/a/b"), "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/a/b"),
        (arns.parameter_arn(*AT, "a"), "arn:aws-cn:ssm:cn-north-1:111122223333:parameter/a"),
        (arns.log_group_arn(HERE, "cn-northwest-1", "/g"), "arn:aws-cn:logs:cn-northwest-1:111122223333:log-group:/g"),
        (
            arns.log_stream_arn(HERE, "cn-north-1", "g", "p/c/*"),
            "arn:aws-cn:logs:cn-north-1:111122223333:log-group:g:log-stream:p/c/*",
        ),
        (arns.bucket_arn("aws-cn", "b"), "arn:aws-cn:s3:::b"),
        (arns.object_arn("aws-cn", "b", "k/l"), "arn:aws-cn:s3:::b/k/l"),
        (
            arns.regional_arn(HERE, "elasticfilesystem", "file-system/fs-1"),
            "arn:aws-cn:elasticfilesystem:cn-north-1:111122223333:file-system/fs-1",
        ),
        (
            arns.regional_arn(HERE, "kinesis", "stream/s", "cn-northwest-1"),
            "arn:aws-cn:kinesis:cn-northwest-1:111122223333:stream/s",
        ),
    ],
)
def test_a_form_is_written_as_aws_writes_it(arn: str, text: str) -> None:
    assert arn == text


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("plain/key.env", "plain/key.env"),
        ("a*b?c$d", "a${*}b${?}c${$}d"),
        ("${x}", "${$}{x}"),
        ("ünï", "ünï"),
        ("採石", "??"),
        ("\u0100\u00ff", "?\u00ff"),
    ],
)
def test_a_literal_name_matches_only_itself(name: str, pattern: str) -> None:
    assert literal(name) == pattern


@pytest.mark.parametrize("name", ["a\nb", "a\0", "\x7f", "\x85", "\ud800", "🦀"])
def test_a_name_that_no_policy_can_match_exactly_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must not contain"):
        literal(name)


@given(st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=("Cc", "Cs"))))
def test_every_character_counts_and_those_above_latin_1_are_replaced(name: str) -> None:
    pattern = literal(name)

    assert is_exact(pattern)
    assert is_exact(name) == ("?" not in pattern.replace("${?}", ""))
    plain = pattern.replace("${*}", "*").replace("${?}", "?").replace("${$}", "$")
    assert len(plain) == len(name)


def test_digits_of_other_scripts_are_not_an_account() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        arns.parse_arn("arn:aws:ecs:eu-west-1:١١١١٢٢٢٢٣٣٣٣:task/x")
    assert not arns.ACCOUNT.fullmatch("١١١١٢٢٢٢٣٣٣٣")
