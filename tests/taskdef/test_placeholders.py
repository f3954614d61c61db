"""Tests that placeholders are found, and similar names are not."""

from __future__ import annotations

import pytest

from taskrole.taskdef.placeholders import find_placeholder, mask_placeholders


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("${AWS::AccountId}", "${AWS::AccountId}"),
        ("arn:${Partition}:ssm:${Region}:…", "${Partition}"),
        ("$VAR", "$VAR"),
        ("$$$EXECUTION_ROLE$$$", "$$$EXECUTION_ROLE$$$"),
        ("a-$(date)-b", "$(date)"),
        ("{{ region }}", "{{ region }}"),
        ("repo:{{ env `TAG` `latest` }}", "{{ env `TAG` `latest` }}"),
        ("{account}", "{account}"),
        ("<account>", "<account>"),
        ("arn:aws:iam::<account", "<account"),
        ("[[name]]", "[[name]]"),
        ("#{Name}", "#{Name}"),
        ("%ACCOUNT%", "%ACCOUNT%"),
        ("@ACCOUNT@", "@ACCOUNT@"),
        ("__ACCOUNT__", "__ACCOUNT__"),
        ("arn:aws:iam::XXXXXXXXXXXX:role/x", "XXXXXXXXXXXX"),
        ("fs-xxxxxxxx", "xxxxxxxx"),
        ("CHANGE_ME", "CHANGE_ME"),
        ("/prod/replace-me", "replace-me"),
        ("arn:aws:ssm:region-code:111122223333:parameter/x", "region-code"),
        ("arn:aws:ssm:eu-west-1:account-id:parameter/x", "account-id"),
        ("arn:aws:ssm:eu-west-1:aws_account_id:parameter/x", "aws_account_id"),
        ("arn:aws:iam::AWS_ACCOUNT_NUMBER:role/x", "AWS_ACCOUNT_NUMBER"),
        ("PLACEHOLDER", "PLACEHOLDER"),
        ("TODO", "TODO"),
        ("YOUR_SECRET_ARN", "YOUR_SECRET_ARN"),
        ("DB_SECRET_ARN", "DB_SECRET_ARN"),
    ],
)
def test_a_placeholder_is_found_in_its_text(text: str, placeholder: str) -> None:
    assert find_placeholder(text) == placeholder


@pytest.mark.parametrize(
    "text",
    [
        "",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:stripe/account-id-Ab12Cd:region::",
        "/prod/account-id",
        "my-region",
        "price$.env",
        "$1",
        "a@b",
        "50%",
        "__init__x",
        "xxx",
        "maxxxximum",
        "home",
        "todo",
        "DB_PASSWORD",
        "/prod/TODO",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:ssm:eu-west-1:111122223333:parameter/TODO",
        "me",
    ],
)
def test_a_plain_name_is_not_a_placeholder(text: str) -> None:
    assert find_placeholder(text) is None


def test_a_masked_text_keeps_the_rest() -> None:
    assert mask_placeholders("${REGISTRY}/team/app:{{ tag }}", "?") == "?/team/app:?"
