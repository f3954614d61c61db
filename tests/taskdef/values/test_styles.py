"""Tests the styles of placeholders, with name and default value."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskrole.taskdef.values.styles import bare_name, may_hold_placeholders, placeholders

NAMES = [
    ("${V}", "V", None),
    ("${V:-default}", "V", "default"),
    ("${V:=default}", "V", "default"),
    ("${V:-${W:-x}}", "V", "${W:-x}"),
    ("${AWS::Region}", "AWS::Region", None),
    ("${aws_ecr_repository.app.repository_url}", "aws_ecr_repository.app.repository_url", None),
    ("${{ env.V }}", "env.V", None),
    ("$V", "V", None),
    ("$$$V$$$", "V", None),
    ("<V>", "V", None),
    ("{{ v }}", "v", None),
    ("{{- .Values.v -}}", "Values.v", None),
    ("{{ v | default('d') }}", "v", "d"),
    ("{{ must_env `V` }}", "V", None),
    ("{{ env `V` `default` }}", "V", "default"),
    ('{{ env "V" "default" }}', "V", "default"),
    ("{{ env `V` }}", "V", None),
    ("{{ tfstate `aws_x.y.arn` }}", "aws_x.y.arn", None),
    ("{{ tfstatef `aws_x.y['%s'].arn` `z` }}", "aws_x.y['z'].arn", None),
    ("{{ secretsmanager_arn `shop/db` }}", "secretsmanager_arn shop/db", None),
    ("$(ecs_cluster)", "ecs_cluster", None),
    ("#{V}", "V", None),
    ("%V%", "V", None),
    ("@V@", "V", None),
    ("__V__", "V", None),
    ("[[V]]", "V", None),
    ("xxxxxxxxxxxx", "xxxxxxxxxxxx", None),
    ("PLACEHOLDER", "PLACEHOLDER", None),
]


@pytest.mark.parametrize(("text", "name", "default"), NAMES)
def test_a_placeholder_has_the_name_and_default_of_its_style(text: str, name: str, default: str | None) -> None:
    matches = placeholders(text)

    assert [(match.name, match.default, match.start, match.end) for match in matches] == [(name, default, 0, len(text))]
    assert bare_name(text) == name


@pytest.mark.parametrize(
    ("image", "names"),
    [
        ("REPOSITORY_URI:TAG", ["REPOSITORY_URI"]),
        ("IMAGE_URI", ["IMAGE_URI"]),
        ("your-image:latest", ["your-image"]),
        ("<IMAGE1_NAME>", ["IMAGE1_NAME"]),
        ("registry.example.com/team/APP@sha256:0", ["APP"]),
        ("ACCOUNT_ID.dkr.ecr.REGION.amazonaws.com/app:TAG", ["ACCOUNT_ID", "REGION"]),
        ("aws_account_id.dkr.ecr.region.amazonaws.com/app", ["aws_account_id", "region"]),
        ("${ACCOUNT}.dkr.ecr.REGION.amazonaws.com/app:1", ["ACCOUNT"]),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:TAG", []),
        ("nginx:ALPINE", []),
    ],
)
def test_an_upper_case_part_of_an_image_is_a_placeholder(image: str, names: list[str]) -> None:
    assert [placeholder.name for placeholder in placeholders(image, is_image=True)] == names


def test_words_in_an_arn_are_found_beside_other_placeholders() -> None:
    matches = placeholders("arn:${P}:ssm:REGION:ACCOUNT_ID:parameter/<name>")

    assert [match.name for match in matches] == ["P", "REGION", "ACCOUNT_ID", "name"]


@pytest.mark.parametrize("part", ["$", "${", "${{", "{{", "{", "<", "[[", "%a", "@a", "__a", "_", "x", "A_", "{{ a `"])
def test_a_text_is_scanned_in_time_in_proportion_to_its_length(part: str) -> None:
    placeholders(part * 100)
    start = time.process_time()

    placeholders(part * 20_000, is_image=True)

    assert time.process_time() - start < 2


# Of each kind that the quick look over many texts has a part for.
WORDS = [
    "TODO",
    "YOUR_SECRET_ARN",
    "your-bucket",
    "DB_ARN",
    "CHANGE_ME",
    "change-me",
    "pass-REPLACEME-word",
    "arn:aws:ssm:REGION:111122223333:parameter/x",
    "arn:aws:ssm:eu-west-1:ACCOUNT_ID:parameter/x",
    "credentialspec:arn:aws:ssm:eu-west-1:ACCOUNT_ID:parameter/x",
    "credentialspecdomainless:arn:aws:s3:::REGION",
]
PLAIN = ["web", "todo", "arn:aws:ssm:eu-west-1:111122223333:parameter/x", "SETTING", "", "Todo list", "y" * 300]


@pytest.mark.parametrize("text", [*(text for text, *_ in NAMES), *WORDS])
@pytest.mark.parametrize("others", [[], PLAIN], ids=["alone", "among others"])
def test_one_placeholder_among_many_texts_is_seen(text: str, others: list[str]) -> None:
    assert may_hold_placeholders([*others, text])
    assert may_hold_placeholders([text, *others])


def test_plain_texts_are_known_to_hold_no_placeholder() -> None:
    assert not any(placeholders(text) for text in PLAIN)
    assert not may_hold_placeholders(PLAIN)


IMAGE_PARTS = st.sampled_from(
    (
        *("111122223333", ".dkr.ecr.", ".dkr-ecr.", "eu-west-1", ".amazonaws.com", "/", ":", "@", "-", "_", "."),
        *(
            "region",
            "my-region",
            "account-id",
            "us_east",
            "your-app",
            "your",
            "YOUR-APP",
            "IMAGE",
            "app",
            "1",
            "sha256",
        ),
    )
)


@given(st.lists(IMAGE_PARTS | st.text(max_size=3), max_size=8).map("".join))
@example("account-id.dkr.ecr.eu-west-1.amazonaws.com/web")
@example("111122223333.dkr.ecr.region.amazonaws.com/web")
@example("111122223333.dkr-ecr.my_region.on.aws/web")
@example("your-app")
@example("team/your-app:1")
@example("team/APP:1")
def test_a_name_of_an_image_that_looks_usual_has_no_placeholder(image: str) -> None:
    if not may_hold_placeholders([], [image]):
        assert placeholders(image, is_image=True) == ()


@pytest.mark.parametrize("image", ["nginx", "a/b:1.0-RC1", "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1"])
def test_usual_images_hold_no_placeholder(image: str) -> None:
    assert not may_hold_placeholders([], [image])
