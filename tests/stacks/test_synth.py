"""Tests that every role of roles.yaml is in the Terraform of its stack."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stacks.role_stack import RoleStack
from taskrole.config import StackSpec, load_config
from taskrole_cdktf.engine import Testing as Synthesis

STACKS = load_config(Path("roles.yaml")).stacks


@pytest.mark.parametrize("spec", STACKS, ids=[spec.name for spec in STACKS])
def test_each_role_is_synthesised(spec: StackSpec) -> None:
    resources = json.loads(Synthesis.synth(RoleStack(Synthesis.app(), spec)))["resource"]

    assert len(resources["aws_iam_role"]) == len(spec.roles)
