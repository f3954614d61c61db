"""Tests private registries of ECR that every account may pull from, without a statement of their owner."""

from __future__ import annotations

import pytest

from taskrole.arns import Context
from taskrole.taskdef import Derivation, Options, derive
from taskrole.taskdef.read import parse_document
from tools.refresh_public_registries import accounts

PARTITIONS = {
    "aws": ("us-west-2", "amazonaws.com"),
    "aws-cn": ("cn-north-1", "amazonaws.com.cn"),
    "aws-us-gov": ("us-gov-west-1", "amazonaws.com"),
}


def derived(image: str, partition: str = "aws", options: Options | None = None) -> Derivation:
    data = {"family": "web", "executionRoleArn": "web", "containerDefinitions": [{"name": "web", "image": image}]}
    return derive(
        [parse_document(data, "web.json")], Context(partition, PARTITIONS[partition][0], "111122223333"), options
    )


@pytest.mark.parametrize(
    ("partition", "registry", "repository"),
    [
        ("aws", "906394416424.dkr.ecr.us-west-2", "aws-for-fluent-bit"),
        ("aws", "840364872350.dkr.ecr.us-west-2", "aws-appmesh-envoy"),
        ("aws", "422531588944.dkr.ecr.eu-south-1", "aws-appmesh-envoy"),
        ("aws", "763104351884.dkr.ecr.us-east-1", "pytorch-inference"),
        ("aws", "533243300146.dkr.ecr.eu-central-1", "newrelic/logging-firelens-fluentbit"),
        ("aws-cn", "128054284489.dkr.ecr.cn-north-1", "aws-for-fluent-bit"),
        ("aws-us-gov", "161423150738.dkr.ecr.us-gov-west-1", "aws-for-fluent-bit"),
    ],
)
def test_a_published_image_is_pulled_without_a_statement_of_its_owner(
    partition: str, registry: str, repository: str
) -> None:
    account, _, _, region = registry.split(".")

    derivation = derived(f"{registry}.{PARTITIONS[partition][1]}/{repository}:1", partition)

    assert [(grant.rule, grant.resources) for grant in derivation.grants] == [
        ("IMG-1", ("*",)),
        ("IMG-13", (f"arn:{partition}:ecr:{region}:{account}:repository/{repository}",)),
    ]
    assert derivation.required_elsewhere == ()


@pytest.mark.parametrize(
    "registry",
    [
        # In this region Fluent Bit and App Mesh have their own accounts.
        "906394416424.dkr.ecr.eu-south-1",
        "840364872350.dkr.ecr.eu-south-1",
        "444455556666.dkr.ecr.us-west-2",
    ],
)
def test_any_other_registry_needs_a_statement_of_its_owner(registry: str) -> None:
    derivation = derived(f"{registry}.amazonaws.com/app:1")

    assert [grant.rule for grant in derivation.grants] == ["IMG-1", "IMG-4"]
    assert [required.service for required in derivation.required_elsewhere] == ["ecr"]


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("account", ["840364872350", "533243300146"])
def test_an_account_of_all_regions_is_public_only_in_its_partition(partition: str, account: str) -> None:
    region, suffix = {"aws-cn": ("cn-northwest-1", "amazonaws.com.cn")}.get(partition, PARTITIONS[partition])

    derivation = derived(f"{account}.dkr.ecr.{region}.{suffix}/app:1", partition)

    assert "IMG-13" not in [grant.rule for grant in derivation.grants]


CACHED = "111122223333.dkr.ecr.us-west-2.amazonaws.com/docker-hub/library/nginx:1"


@pytest.mark.parametrize(
    ("options", "rules", "codes", "possible"),
    [
        (None, ["IMG-1", "IMG-2"], {"IMG-CACHE"}, ["IMG-6"]),
        (Options(pull_through_prefixes={"111122223333.us-west-2": ()}), ["IMG-1", "IMG-2"], set(), []),
        (
            Options(pull_through_prefixes={"111122223333.us-west-2": ("docker-hub",)}),
            ["IMG-1", "IMG-2", "IMG-6"],
            set(),
            [],
        ),
    ],
)
def test_a_repository_named_like_a_cache_may_be_one_without_an_option(options, rules, codes, possible) -> None:
    derivation = derived(CACHED, options=options)

    assert [grant.rule for grant in derivation.grants] == rules
    assert {finding.code for finding in derivation.findings if finding.severity == "warning"} == codes
    assert [need.grant.rule for need in derivation.possible] == possible


def test_the_tool_reads_hosts_tables_and_scripts() -> None:
    page = """\
840364872350.dkr.ecr.{{region-code}}.amazonaws.com/x:1 and 422531588944.dkr.ecr.eu-south-1.amazonaws.com/x:1
| Africa (Cape Town) | af-south-1 | 626614931356 |
classic_regions="
us-east-1
us-west-2
"

classic_regions_account_id="906394416424"

milan_region="eu-north-1"

milan_account_id="960320637246"
"""
    assert accounts(page) == {
        "*": "840364872350",
        "af-south-1": "626614931356",
        "eu-north-1": "960320637246",
        "eu-south-1": "422531588944",
        "us-east-1": "906394416424",
        "us-west-2": "906394416424",
    }
