"""Checks the permissions that commands document."""

from __future__ import annotations

from collections.abc import Iterable

from taskrole.live.needs import IamNeed
from taskrole.policy.catalogue.actions import known_action
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource


def assert_read_only(needs: Iterable[IamNeed]) -> None:
    """Check that actions exist, only read, and apply to their resources."""
    for need in needs:
        for action in need.actions:
            assert known_action(action) == action
            assert action.partition(":")[2].startswith(("Describe", "Get", "List", "Lookup"))
            if need.resource == "*":
                assert not resource_types(action)
            else:
                assert supports_resource(action, need.resource.replace(":P:", ":aws:"))
