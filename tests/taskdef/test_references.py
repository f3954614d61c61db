"""Tests that secrets and parameters are distinguished as the ECS agent does it."""

from __future__ import annotations

from collections.abc import Sequence
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskrole.taskdef import references
from taskrole.taskdef.references import BadReferenceError, Parameter, Secret, parse_reference, parse_whole_secret

SM = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
SSM = "arn:aws:ssm:eu-west-1:111122223333:parameter"


def secret(id_: str, form) -> Secret:
    return Secret("aws", "eu-west-1", "111122223333", id_, form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{SM}db-Ab12Cd", secret("db-Ab12Cd", "full")),
        (f"{SM}a/b-c-Ab12Cd", secret("a/b-c-Ab12Cd", "full")),
        (f"{SM}db", secret("db", "partial")),
        (f"{SM}db-Ab12C", secret("db-Ab12C", "partial")),
        (f"{SM}db-Ab12Cde", secret("db-Ab12Cde", "partial")),
        (f"{SM}db-Ab_2Cd", secret("db-Ab_2Cd", "partial")),
        (f"{SM}stripe-secret", secret("stripe-secret", "ambiguous")),
        (f"{SM}stripe-Secret", secret("stripe-Secret", "ambiguous")),
        (f"{SM}backup-202401", secret("backup-202401", "ambiguous")),
        (f"{SM}rds!cluster-0f1e2d-Ab12Cd", secret("rds!cluster-0f1e2d-Ab12Cd", "full")),
        (f"{SM}db-Ab12Cd:key::", secret("db-Ab12Cd", "full")),
        (f"{SM}db-Ab12Cd:::", secret("db-Ab12Cd", "full")),
        (f"{SM}db-Ab12Cd:key:AWSPREVIOUS:", secret("db-Ab12Cd", "full")),
        (f"{SM}db-Ab12Cd:key::EXAMPLE1-90ab", secret("db-Ab12Cd", "full")),
        ("flag", Parameter("flag")),
        ("/a/b.c/d_e-f", Parameter("/a/b.c/d_e-f")),
        ("/flag", Parameter("/flag")),
    ],
)
def test_a_reference_names_a_secret_or_a_parameter(text: str, expected: Secret | Parameter) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    ("text", "name"), [(f"{SSM}/flag", "flag"), (f"{SSM}/a/b", "/a/b"), (f"{SSM}/a.b_c-d", "a.b_c-d")]
)
def test_the_arn_of_a_parameter_is_converted_to_its_name_and_back(text: str, name: str) -> None:
    parameter = parse_reference(text)

    assert isinstance(parameter, Parameter)
    assert parameter.name == name
    assert parameter.arn("aws", "eu-west-1", "111122223333") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{SM}db-Ab12Cd:key", "SM-FORM"),
        (f"{SM}db-Ab12Cd:key:", "SM-FORM"),
        (f"{SM}db-Ab12Cd:key:::", "SM-FORM"),
        (f"{SM}:key::", "SM-FORM"),
        (f"{SM}d*b", "SM-FORM"),
        (f"{SM}d b", "SECRET"),
        (f"{SM}db:key:AWSCURRENT:1", "SM-VERSION"),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:db", "SM-FORM"),
        ("arn:aws:secretsmanager::111122223333:secret:db", "SECRET"),
        ("arn:aws:secretsmanager:eu-west-1::secret:db", "SECRET"),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:", "SM-FORM"),
        ("arn:aws:s3:::bucket/key", "SECRET"),
        ("arn:aws", "SECRET"),
        (f"{SSM}:/flag", "SSM-FORM"),
        (f"{SSM}//a/b", "SSM-FORM"),
        (f"{SSM}/", "SSM-FORM"),
        (f"{SSM}/a/b:3", "SSM-5"),
        ("arn:aws:ssm:us-east-1::parameter/aws/service/x", "SSM-PUBLIC"),
        ("flag:3", "SSM-5"),
        ("/a/b:label", "SSM-5"),
        ("a/b", "SSM-FORM"),
        ("/a//b", "SSM-FORM"),
        ("/a/", "SSM-FORM"),
        ("flag*", "SSM-FORM"),
        ("fl ag", "SSM-FORM"),
        ("flag\n", "SSM-FORM"),
        ("flág", "SSM-FORM"),
        ("/a" * 16, "SSM-FORM"),
        ("x" * 1012, "SSM-FORM"),
        ("\ud800", "SSM-FORM"),
    ],
)
def test_a_reference_that_ecs_refuses_is_an_error_with_its_code(text: str, code: str) -> None:
    with pytest.raises(BadReferenceError) as caught:
        parse_reference(text)
    assert caught.value.code == code


def test_missing_colons_of_a_secret_reference_are_completed() -> None:
    with pytest.raises(BadReferenceError, match=r"write 'arn:.*:secret:db-Ab12Cd:key::'"):
        parse_reference(f"{SM}db-Ab12Cd:key")


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        *dict.fromkeys(
            ["secret", "passwd", "abcdef", "prod01", "202601", "Prod01", "PROD01", "MyPass"], "ambiguous"
        ).items(),
        *dict.fromkeys(["db01us", "v2prod", "DBPass", "ABCDEF"], "ambiguous").items(),
        *dict.fromkeys(["AbCdEf", "Ab12Cd", "AbC123", "aB3xYz", "a1b2c3", "9kQz2P"], "full").items(),
    ],
)
def test_six_characters_of_a_word_are_not_certainly_a_suffix(suffix: str, form: str) -> None:
    secret = parse_reference(f"{SM}shop/db-{suffix}")

    assert isinstance(secret, Secret)
    assert secret.form == form


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" /foo", "must have no space before or after it; write '/foo'"),
        ("flag ", "must have no space before or after it; write 'flag'"),
        (f" {SM}db-Ab12Cd", f"must have no space before or after it; write '{SM}db-Ab12Cd'"),
        ("ARN:aws:ssm:us-east-1:111122223333:parameter/foo", "must begin with arn: in lower case; write 'arn:aws:ssm:"),
        ("prod/app-secret", "for a secret, write its ARN, 'arn:…:secret:prod/app-secret-SUFFIX'"),
    ],
)
def test_a_nearly_valid_reference_is_reported_with_its_fix(text: str, message: str) -> None:
    with pytest.raises(BadReferenceError) as caught:
        parse_reference(text)
    assert message in str(caught.value)


def test_a_path_without_its_slash_is_refused_with_the_completed_path_escaped() -> None:
    with pytest.raises(BadReferenceError, match=r"write '/team/name'; for a secret, .*; got 'team/name'$"):
        parse_reference("team/name")
    with pytest.raises(BadReferenceError) as caught:
        parse_reference("team/\x1b[2J\u202e" + "x" * 500)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("id_", "form", "is_both", "ends"),
    [
        ("db-Ab12Cd", "full", False, ["db-Ab12Cd"]),
        ("db", "partial", False, ["db-??????"]),
        ("db", "partial", True, ["db-??????"]),
        ("stripe-secret", "ambiguous", False, ["stripe-secret"]),
        ("stripe-secret", "ambiguous", True, ["stripe-secret", "stripe-secret-??????"]),
    ],
)
def test_an_unknown_suffix_is_matched_by_exactly_six_characters(id_, form, is_both, ends) -> None:
    resources = secret(id_, form).resources(ambiguous_is_both=is_both)

    assert list(resources) == [f"{SM}{end}" for end in ends]


@pytest.mark.parametrize("text", [f"{SM}db-Ab12Cd:key::", f"{SM}db-Ab12Cd:::", f"{SSM}/flag", "flag"])
def test_a_malformed_whole_secret_is_refused(text: str) -> None:
    with pytest.raises(BadReferenceError) as caught:
        parse_whole_secret(text)
    assert caught.value.code == "SM-FORM"


PIECES = st.sampled_from(
    (
        *(
            "arn",
            "aws",
            "aws-cn",
            "secretsmanager",
            "ssm",
            "eu-west-1",
            "cn-north-1",
            "nowhere-1",
            "111122223333",
            "1234",
        ),
        *("secret", "db-Ab12Cd", "db", "a/b+c=d!e@f", "key", "AWSCURRENT", "EXAMPLE1-90ab", "", "a b", "ä", "x" * 600),
    )
)
USUAL = ("arn", "aws", "secretsmanager", "eu-west-1", "111122223333", "secret", "db-Ab12Cd", "key", "", "")


def result(text: str) -> object:
    try:
        return parse_reference(text)
    except BadReferenceError as error:
        return error.code, str(error)


@example(("arn", "aws", "secretsmanager", "nowhere-1", "111122223333", "secret", "db-Ab12Cd"))
@example(("arn", "aws-cn", "secretsmanager", "eu-west-1", "111122223333", "secret", "db-Ab12Cd"))
@example(("arn", "aws-x", "secretsmanager", "eu-west-1", "111122223333", "secret", "db-Ab12Cd"))
@given(st.lists(PIECES, min_size=6, max_size=11) | st.tuples(*(st.just(piece) | PIECES for piece in USUAL)))
def test_usual_secrets_are_recognized_as_by_all_checks(pieces: Sequence[str]) -> None:
    text = ":".join(pieces)
    fast = result(text)
    with patch.object(references, "_usual_secret", lambda _: None):
        assert result(text) == fast


def test_the_longest_usual_secret_is_that_of_an_arn() -> None:
    reference = f"{SM}db-Ab12Cd:{{}}::"
    longest = "k" * (2_048 - len(reference.format("")))

    assert result(reference.format(longest)) == secret("db-Ab12Cd", "full")
    assert "must be at most 2048 characters" in str(result(reference.format(f"{longest}k")))
