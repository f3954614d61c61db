"""Tests that a stack takes calls of functions in proportion to its roles, in Python and Node."""

from __future__ import annotations

from bench.synthesis import roles_yaml
from stacks.role_stack import RoleStack
from taskrole.config.load import parse_config
from taskrole_cdktf.engine import Testing as Synthesis
from tests.growth import LIMIT, growth


def test_a_stack_takes_calls_in_proportion_to_its_roles() -> None:
    assert growth(synthesise) < LIMIT


def synthesise(roles: int) -> None:
    (spec,) = parse_config(roles_yaml(roles).encode(), "roles.yaml").stacks
    Synthesis.synth(RoleStack(Synthesis.app(), spec))
