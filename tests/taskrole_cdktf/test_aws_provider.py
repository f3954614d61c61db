"""Tests the AWS provider of a stack, which is created in Node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole_cdktf import node_module
from taskrole_cdktf.app_resources import AppResources
from taskrole_cdktf.aws_provider import add_aws_provider
from taskrole_cdktf.engine import App, AwsProvider, TerraformStack, jsii
from taskrole_cdktf.fast_start import SWITCH

ACCOUNT = "111122223333"


@pytest.fixture
def stack(tmp_path: Path) -> TerraformStack:
    return TerraformStack(App(outdir=str(tmp_path)), "s")


@pytest.mark.parametrize("switch", ["1", "0"], ids=["created in Node", "created from Python"])
def test_other_constructs_of_the_app_read_its_region_and_account(
    switch: str, stack: TerraformStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, switch)

    add_aws_provider(stack, "eu-west-1", ACCOUNT)

    assert AppResources(stack).place == Context("aws", "eu-west-1", ACCOUNT)


@pytest.mark.parametrize("switch", ["1", "0"], ids=["created in Node", "created from Python"])
def test_without_an_account_every_account_is_allowed(
    switch: str, stack: TerraformStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, switch)

    add_aws_provider(stack, "eu-west-1", None)

    (provider,) = (element for element in stack.node.find_all() if isinstance(element, AwsProvider))
    assert provider.allowed_account_ids is None


def test_jsii_reads_no_type_of_the_provider(stack: TerraformStack, monkeypatch: pytest.MonkeyPatch) -> None:
    node, sent = jsii.kernel.provider._process, []
    assert node_module.is_used()

    def recorded(*given: Any) -> Any:
        sent.append(type(given[0]).__name__)
        return type(node).send(node, *given)

    with monkeypatch.context() as patch:
        patch.setattr(node, "send", recorded)
        add_aws_provider(stack, "eu-west-1", ACCOUNT)

    # jsii reads the types of a class that Python creates.
    assert sent == ["StaticInvokeRequest"]
