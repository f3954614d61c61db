"""Tests which principals a statement names."""

from __future__ import annotations

from typing import Any

import pytest

from taskrole.policy.documents.principals import named_principals, principals_of_kind


@pytest.mark.parametrize(
    ("element", "named"),
    [
        ("*", [("", "*")]),
        ({"Service": "ecs-tasks.amazonaws.com"}, [("Service", "ecs-tasks.amazonaws.com")]),
        ({"AWS": ["1", "*"], "Federated": "x"}, [("AWS", "1"), ("AWS", "*"), ("Federated", "x")]),
        ({"AWS": []}, []),
        (None, []),
        (7, []),
    ],
)
def test_each_principal_is_named_with_its_kind(element: Any, named: list[tuple[str, str]]) -> None:
    assert list(named_principals(element)) == named


def test_principals_of_one_kind_are_those_of_the_principal_element() -> None:
    statement = {"Principal": {"AWS": "a", "Service": ["b", "c"]}, "NotPrincipal": {"Service": "d"}}

    assert principals_of_kind(statement, "Service") == ["b", "c"]
