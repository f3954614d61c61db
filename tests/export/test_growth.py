"""Tests that the cost of an export grows in proportion to the number of roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.synthesis import roles_yaml
from taskrole.config import StackSpec
from taskrole.config.load import parse_config
from taskrole.export.exported_files import Format, Wishes, export_files
from tests.growth import LIMIT, SIZES, growth


class CountedRoles(tuple[Any, ...]):
    """Roles that count the iterations over all of them."""

    times = 0

    def __iter__(self) -> Iterator[Any]:
        self.times += 1
        return super().__iter__()


def stack(roles: int) -> StackSpec:
    return parse_config(roles_yaml(roles).encode(), "roles.yaml").stacks[0]


@pytest.mark.parametrize("format_", ["hcl", "json"])
def test_an_export_takes_calls_in_proportion_to_the_roles(format_: Format) -> None:
    stacks = {size: stack(size) for size in SIZES}

    assert growth(lambda size: export_files(stacks[size], Wishes(format=format_))) < LIMIT


def test_a_file_is_read_with_calls_in_proportion_to_its_roles() -> None:
    assert growth(stack) < LIMIT


def test_no_role_of_an_export_compares_itself_with_all_others() -> None:
    counted = [CountedRoles(stack(size).roles) for size in SIZES]

    for roles in counted:
        export_files(replace(stack(1), roles=roles), Wishes(root=True))

    assert len({roles.times for roles in counted}) == 1, [roles.times for roles in counted]
