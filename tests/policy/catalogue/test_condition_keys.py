"""Tests which condition keys can have several values."""

from __future__ import annotations

import pytest

from taskrole.policy.catalogue.condition_keys import GLOBAL_CONDITION_KEYS, MULTIVALUED_GLOBAL_KEYS, may_be_multivalued


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("aws:TagKeys", True),
        ("AWS:calledvia", True),
        ("aws:PrincipalTag/team", False),
        ("dynamodb:Attributes", True),
        ("DynamoDB:attributes", True),
        ("dynamodb:Select", False),
        ("kms:EncryptionContextKeys", True),
        ("kms:EncryptionContext:SecretARN", False),
        # An unknown key may have several values.
        ("saml:group", True),
        ("cognito-identity.amazonaws.com:amr", True),
    ],
)
def test_a_key_may_have_several_values(key, expected) -> None:
    assert may_be_multivalued(key) is expected


def test_the_multivalued_global_keys_are_global_keys() -> None:
    assert {key.lower() for key in GLOBAL_CONDITION_KEYS} >= MULTIVALUED_GLOBAL_KEYS
