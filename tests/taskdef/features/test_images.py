"""Tests parsing of image names, and the hosts of ECR."""

from __future__ import annotations

import pytest

from taskrole.taskdef.features.images.names import Image, Registry, image_problem, parse_ecr_host, parse_image

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("redis", Image("", "redis")),
        ("redis:7", Image("", "redis", "7")),
        ("library/redis:7", Image("", "library/redis", "7")),
        ("localhost/a", Image("localhost", "a")),
        ("localhost:5000/a/b:1", Image("localhost:5000", "a/b", "1")),
        ("127.0.0.1:51670/a", Image("127.0.0.1:51670", "a")),
        ("registry.example.com/a", Image("registry.example.com", "a")),
        (f"registry.example.com/a/b:1@{DIGEST}", Image("registry.example.com", "a/b", "1", DIGEST)),
        (f"a@{DIGEST}", Image("", "a", "", DIGEST)),
        ("registry.example.com", Image("", "registry.example.com")),
        ("a.b:1", Image("", "a.b", "1")),
        ("", Image("", "")),
    ],
)
def test_the_host_of_an_image_is_before_a_slash_and_has_a_dot_or_colon(text: str, image: Image) -> None:
    assert parse_image(text) == image


@pytest.mark.parametrize(
    ("host", "registry"),
    [
        ("012345678901.dkr.ecr.us-east-1.amazonaws.com", Registry("012345678901", "us-east-1", "aws")),
        ("012345678901.dkr.ecr-fips.us-east-2.amazonaws.com", Registry("012345678901", "us-east-2", "aws", True)),
        ("012345678901.dkr-ecr.eu-west-1.on.aws", Registry("012345678901", "eu-west-1", "aws")),
        ("012345678901.dkr-ecr-fips.us-west-1.on.aws", Registry("012345678901", "us-west-1", "aws", True)),
        ("012345678901.dkr.ecr.cn-north-1.amazonaws.com.cn", Registry("012345678901", "cn-north-1", "aws-cn")),
        (
            "012345678901.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn",
            Registry("012345678901", "cn-northwest-1", "aws-cn"),
        ),
        (
            "012345678901.dkr.ecr.us-gov-west-1.amazonaws.com",
            Registry("012345678901", "us-gov-west-1", "aws-us-gov"),
        ),
        ("012345678901.dkr.ecr.eusc-de-east-1.amazonaws.eu", Registry("012345678901", "eusc-de-east-1", "aws-eusc")),
        ("public.ecr.aws", None),
        ("ecr-public.aws.com", None),
        ("registry.example.com", None),
        ("", None),
        ("012345678901.dkr.ecr.us-east-1.amazonaws.com.evil.example.com", None),
        ("evil-012345678901.dkr.ecr.us-east-1.example.com", None),
    ],
)
def test_ecr_registries_are_recognised_in_all_forms_of_their_host(host: str, registry: Registry | None) -> None:
    assert parse_ecr_host(host) == registry


@pytest.mark.parametrize(
    "host",
    [
        "12345678901.dkr.ecr.us-east-1.amazonaws.com",
        "٠١٢٣٤٥٦٧٨٩٠١.dkr.ecr.us-east-1.amazonaws.com",
        "x012345678901.dkr.ecr.us-east-1.amazonaws.com",
        "012345678901.dkr.ecr.region-code.amazonaws.com",
        "012345678901.dkr.ecr.us-east-1.amazonaws.com.cn",
        "012345678901.dkr.ecr.cn-north-1.amazonaws.com",
        "012345678901.dkr.ecr.us-east-1.on.amazonwebservices.com.cn",
        "012345678901.DKR.ECR.us-east-1.amazonaws.com",
    ],
)
def test_a_malformed_ecr_host_in_a_domain_of_aws_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"^must be ACCOUNT"):
        parse_ecr_host(host)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("https://registry.example.com/web", "without 'https://'; write 'registry.example.com/web'"),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", "names a registry without a repository"),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com:1", "names a registry without a repository"),
        ("111122223333.DKR.ECR.eu-west-1.amazonaws.com/web", "write '111122223333.dkr.ecr.eu-west-1.amazonaws.com'"),
        ("Registry.example.com/web", "must have its registry in lower case"),
        ("my app", "without spaces"),
        ("MyApp:1", "must name a repository with lower-case letters"),
        ("registry.example.com/", "must name a repository with lower-case letters"),
        ("team/-app", "must name a repository with lower-case letters"),
    ],
)
def test_a_malformed_image_is_never_taken_for_an_image_of_docker_hub(image: str, message: str) -> None:
    problem = image_problem(image, parse_image(image))

    assert problem is not None
    assert message in problem


@pytest.mark.parametrize(
    "image",
    ["redis", "redis:7-ALPINE", "team/app__x@sha256:0", "localhost/app", "host:5000/app:1", "ghcr.io/a/b/c-d.e_f:TAG"],
)
def test_a_valid_image_has_no_problem(image: str) -> None:
    assert image_problem(image, parse_image(image)) is None
