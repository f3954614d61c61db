"""Tests references of an app: replaced by symbolic values for the derivation, and restored."""

from __future__ import annotations

import pytest

from taskrole.arns import Context, parse_arn
from taskrole.symbolic_forms import _FORMS
from taskrole.taskdef.references import is_surely_random
from taskrole_cdktf.references import References

PLACE = Context("aws", "eu-west-1", "111122223333")


@pytest.fixture
def references() -> References:
    return References(lambda _: PLACE, lambda address, attribute: f"${{{address}.{attribute}}}")


@pytest.mark.parametrize(("type_", "attribute"), _FORMS, ids=lambda value: value)
def test_every_form_is_restored_to_a_reference_to_the_same_value(
    references: References, type_: str, attribute: str
) -> None:
    symbolic = references.substitute(f"${{{type_}.web.{attribute}}}")

    assert "${" not in symbolic
    if attribute == "arn":
        assert parse_arn(symbolic).partition == "aws"
    restored = references.restore(symbolic)
    same = [name for kind, name in _FORMS if (kind, _FORMS[kind, name]) == (type_, _FORMS[type_, attribute])]
    assert restored in {f"${{{type_}.web.{name}}}" for name in same}


def test_the_arn_of_a_named_resource_is_a_reference_to_the_whole_arn(references: References) -> None:
    image = references.substitute("${aws_ecr_repository.web.repository_url}:1")

    host, _, name = image.removesuffix(":1").partition("/")
    assert host == "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
    arn = f"arn:aws:ecr:eu-west-1:111122223333:repository/{name}"
    assert references.restore(arn) == "${aws_ecr_repository.web.arn}"


def test_text_behind_an_arn_stays_behind_its_reference(references: References) -> None:
    bucket = references.substitute("${aws_s3_bucket.files.arn}/*")

    assert references.restore(bucket) == "${aws_s3_bucket.files.arn}/*"


def test_a_name_in_another_region_is_restored_alone(references: References) -> None:
    group = references.substitute("${aws_cloudwatch_log_group.web.name}")

    restored = references.restore(f"arn:aws:logs:us-east-1:111122223333:log-group:{group}")

    assert restored == "arn:aws:logs:us-east-1:111122223333:log-group:${aws_cloudwatch_log_group.web.name}"


@pytest.mark.parametrize(
    "text",
    [
        "${aws_lb.web.dns_name}",
        "${var.secret}",
        '${join("-", [aws_ecr_repository.web.name])}',
        "$${aws_s3_bucket.web.arn}",
        "plain",
    ],
)
def test_references_of_unknown_forms_are_unchanged(references: References, text: str) -> None:
    assert references.substitute(text) == references.restore(text) == text


def test_keys_lists_and_instances_are_substituted_too(references: References) -> None:
    data = {'${aws_kms_key.main["a"].arn}': ["${data.aws_kms_key.main.arn}", 1, None]}

    substituted = references.substitute(data)

    ((key, (value, *rest)),) = substituted.items()
    assert rest == [1, None]
    assert references.restore(key) == '${aws_kms_key.main["a"].arn}'
    assert references.restore(value) == "${data.aws_kms_key.main.arn}"
    assert key != value


def test_the_suffix_of_a_symbolic_secret_is_recognised(references: References) -> None:
    arns = [references.substitute(f"${{aws_secretsmanager_secret.s{index}.arn}}") for index in range(200)]

    assert all(is_surely_random(arn[-6:]) for arn in arns)
    assert len(set(arns)) == 200
