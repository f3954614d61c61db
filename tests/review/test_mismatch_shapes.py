"""The short way to tell whether an action applies to a resource tells what the long one does."""

from __future__ import annotations

import random
import re

import pytest

from taskrole.policy.catalogue.actions import expand
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource
from taskrole.review.rules.statements import _supports

SERVICES = ("ecr", "ecs", "iam", "kms", "logs", "s3", "secretsmanager", "sqs", "ssm", "states")
# Names of the user's, among them those that are words of AWS's own, in whole and in part.
NAMES = ("shop", "secret", "secrets", "repository", "key", "role/service-role", "a1", "*", "aws", "log-group", "x:*")


@pytest.mark.parametrize("service", SERVICES)
def test_the_shape_of_a_resource_tells_what_the_resource_does(service: str) -> None:
    chance = random.Random(service)
    actions = sorted(expand([f"{service}:*"]))
    templates = sorted({one.arn for action in actions for one in resource_types(action)})

    for _ in range(2_000):
        action = chance.choice(actions)
        resource = re.sub(r"\$\{[^}]+\}", lambda _: chance.choice(NAMES), chance.choice(templates))
        assert _supports(action, resource) is supports_resource(action, resource), (action, resource)
