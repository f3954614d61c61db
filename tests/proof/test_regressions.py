"""Tests fixed bugs that generated and wrong task definitions revealed, minimised."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taskrole.arns import Context
from taskrole.taskdef.options import Options
from tests.proof.fuzz import outcome
from tests.proof.generated import Case

CONTEXT = Context("aws", "us-east-1", "111122223333")
CONFIGURATION = {"name": "aws_fluent_bit_init_s3_1", "value": "arn:aws:s3:::app-config/app.conf"}


def router(configuration: dict[str, Any], *environment: dict[str, str]) -> dict[str, Any]:
    container = {"name": "router", "image": "nginx", "firelensConfiguration": configuration}
    return {"containerDefinitions": [{**container, "environment": list(environment)}]}


FOUND = {
    "a router whose configuration has no known key": (
        router({"typ": "fluentbit"}, CONFIGURATION),
        "policies, compared",
    ),
    "a router whose configuration is empty": (router({}, CONFIGURATION), "policies, compared"),
    "a placeholder in a value that such a router reads": (
        router({"typ": "fluentbit"}, {**CONFIGURATION, "value": "<NAME:arn:aws:s3:::app-config/app.conf"}),
        "findings",
    ),
}


@pytest.mark.parametrize(("document", "end"), FOUND.values(), ids=FOUND)
def test_a_fixed_bug_stays_fixed(document: dict[str, Any], end: str) -> None:
    case = Case((document,), {}, CONTEXT, Options())

    assert outcome(json.dumps(document).encode(), case) == (end, [])
