"""Tests references in templates: exact for resources with a name in the template, otherwise placeholders."""

from __future__ import annotations

from typing import Any

import pytest

from tests.taskdef.forms.reading import derived, read
from tests.taskdef.forms.test_cloudformation import secret_of, template

SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


RESOURCES = {
    "Secret": resource("SecretsManager::Secret", Name="shop/db", GenerateSecretString={}),
    "Random": resource("SecretsManager::Secret", GenerateSecretString={}),
    "Suffixed": resource("SecretsManager::Secret", Name="shop/db-prod01"),
    "OfStage": resource("SecretsManager::Secret", Name={"Fn::Sub": "${Stage}/db"}),
    "Attached": resource("SecretsManager::SecretTargetAttachment", SecretId={"Ref": "Secret"}, TargetId="x"),
    "Loose": resource("SecretsManager::SecretTargetAttachment", SecretId={"Ref": "Random"}, TargetId="x"),
    "Circular": resource("SecretsManager::SecretTargetAttachment", SecretId={"Ref": "Circular"}),
    "Parameter": resource("SSM::Parameter", Name="/app/db", Type="String", Value="x"),
    "Role": resource("IAM::Role", RoleName="shop-task"),
    "Pathed": resource("IAM::Role", RoleName="shop-task", Path="/apps/"),
    "Unpathed": resource("IAM::Role", RoleName="shop-task", Path={"Fn::ImportValue": "path"}),
    "Nameless": resource("IAM::Role"),
    "Group": resource("Logs::LogGroup", LogGroupName="/shop/web"),
    "Stream": resource("Kinesis::Stream", Name="clicks"),
    "Delivery": resource("KinesisFirehose::DeliveryStream", DeliveryStreamName="clicks"),
}
PARTS = {"Resources": RESOURCES, "Parameters": {"Stage": {"Type": "String"}}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Secret"}, f"{SECRETS}shop/db"),
        ({"Fn::GetAtt": "Secret.Id"}, f"{SECRETS}shop/db"),
        ({"Fn::Sub": "${Secret}:password::"}, f"{SECRETS}shop/db:password::"),
        ({"Ref": "Attached"}, f"{SECRETS}shop/db"),
        ({"Ref": "Parameter"}, "/app/db"),
        ({"Fn::GetAtt": "Role.Arn"}, "arn:aws:iam::111122223333:role/shop-task"),
        ({"Fn::GetAtt": ["Pathed", "Arn"]}, "arn:aws:iam::111122223333:role/apps/shop-task"),
        ({"Fn::GetAtt": "Group.Arn"}, "arn:aws:logs:eu-central-1:111122223333:log-group:/shop/web:*"),
        ({"Fn::GetAtt": "Stream.Arn"}, "arn:aws:kinesis:eu-central-1:111122223333:stream/clicks"),
        ({"Fn::GetAtt": "Delivery.Arn"}, "arn:aws:firehose:eu-central-1:111122223333:deliverystream/clicks"),
    ],
)
def test_a_reference_to_a_named_resource_is_exact(value: Any, expected: str) -> None:
    assert secret_of(value, PARTS) == expected


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        ({"Ref": "Random"}, "Random"),
        # The name may end like a suffix, and an ARN does not show which of the two it is.
        ({"Ref": "Suffixed"}, "Suffixed"),
        ({"Ref": "OfStage"}, "Stage"),
        ({"Ref": "Loose"}, "Loose"),
        ({"Ref": "Circular"}, "Circular"),
        ({"Fn::GetAtt": "Random.Id"}, "Random.Id"),
        ({"Fn::GetAtt": "Unpathed.Arn"}, "Unpathed.Arn"),
        ({"Fn::GetAtt": "Nameless.Arn"}, "Nameless.Arn"),
        ({"Fn::GetAtt": "Nameless.RoleId"}, "Nameless.RoleId"),
        ({"Fn::GetAtt": "Parameter.Value"}, "Parameter.Value"),
    ],
)
def test_a_value_known_only_after_deployment_is_a_placeholder(value: Any, placeholder: str) -> None:
    assert f"${{{placeholder}}}" in secret_of(value, PARTS)


def test_a_value_for_the_stage_makes_the_secret_exact_and_a_value_for_the_secret_overrides_it() -> None:
    assert secret_of({"Ref": "OfStage"}, PARTS, Stage="test") == f"{SECRETS}test/db"
    assert secret_of({"Ref": "Secret"}, PARTS, Secret=f"{SECRETS}shop/db-Ab12Cd") == f"{SECRETS}shop/db-Ab12Cd"


def test_the_suffix_of_a_generated_secret_is_any_six_characters() -> None:
    derivation = derived(read(template({"Ref": "Attached"}, **PARTS)))

    (grant,) = [grant for grant in derivation.grants if "secretsmanager:GetSecretValue" in grant.actions]
    assert grant.resources == (f"{SECRETS}shop/db-??????",)
