"""Tests that the oracle names every difference between a review and IAM."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.e2e.post_apply.account import OWN_ACCOUNT, HeldRole
from tests.e2e.post_apply.oracle import Step, differences
from tests.e2e.post_apply.steps import apply_step
from tests.e2e.post_apply.workspace import Workspace

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
KEY = (OWN_ACCOUNT, "team")

Tampering = Callable[[HeldRole], HeldRole]

TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "a policy more is attached": (
        lambda role: replace(role, attached={ADMIN: EVERYTHING}),
        f"IAM holds the policy {ADMIN}, which the review neither shows nor marks unresolved",
    ),
    "an inline policy more": (
        lambda role: replace(role, inline={**role.inline, "more": EVERYTHING}),
        "IAM holds the policy more, which the review neither shows nor marks unresolved",
    ),
    "an inline policy is missing": (
        lambda role: replace(role, inline={}),
        "the review shows the policy inline:own-files, which IAM does not hold",
    ),
    "another text": (
        lambda role: replace(role, inline=dict.fromkeys(role.inline, EVERYTHING)),
        "the review shows the policy own-files as",
    ),
    "another trust policy": (
        lambda role: replace(role, trust={**role.trust, "Statement": []}),
        "the review shows the trust policy",
    ),
    "a boundary": (
        lambda role: replace(role, boundary=ADMIN, boundary_document=EVERYTHING),
        f"IAM holds the boundary {ADMIN}, which the review does not show",
    ),
}


@pytest.mark.extra
def test_the_oracle_names_each_difference(workspace: Workspace, accounts: dict[str, Any]) -> None:
    step = apply_step(workspace, accounts, "principal_tags", 1)["plan and files"]
    assert differences(step) == []

    for name, (tamper, expected) in TAMPERINGS.items():
        tampered: Step = replace(step, after={**step.after, KEY: tamper(step.after[KEY])})

        assert any(expected in difference for difference in differences(tampered)), name

    mild = tuple(replace(role, verdict="neutral") for role in step.report.roles)
    tampered = replace(step, report=replace(step.report, roles=mild))
    assert any("what IAM holds says broadens" in difference for difference in differences(tampered))
