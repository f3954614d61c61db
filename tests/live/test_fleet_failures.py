"""The reason why an account was not read, from AWS's error."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from taskrole.errors import ToolError
from taskrole.live.fleet.failures import PASSING, reason_of


@pytest.mark.parametrize(
    ("code", "reason"),
    [("AccessDenied", "denied"), ("Throttling", "throttled"), ("NoSuchEntity", "changed"), ("Unheard", "network")],
)
def test_an_error_code_has_its_reason(code: str, reason: str) -> None:
    error = ToolError("reading role web")
    error.__cause__ = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetRole")

    assert reason_of(error) == reason


def test_an_account_that_changed_while_it_was_read_can_be_read_again() -> None:
    assert "changed" in PASSING
