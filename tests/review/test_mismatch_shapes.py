"""Tests that the fast check whether an action applies to a resource gives the result of the full check."""

from __future__ import annotations

import random
import re

import pytest

from taskrole.policy.catalogue.actions import expand
from taskrole.policy.catalogue.resource_types import _forms, resource_types, supports_resource
from taskrole.policy.patterns import overlap_tokens, tokens
from taskrole.review.rules.statement_checks import _supports

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

SERVICES = ("ecr", "ecs", "iam", "kms", "logs", "s3", "secretsmanager", "sqs", "ssm", "states")
# Names that users give, also names that are words of AWS, in whole or in part.
NAMES = ("shop", "secret", "secrets", "repository", "key", "role/service-role", "a1", "*", "aws", "log-group", "x:*")


@pytest.mark.parametrize("service", SERVICES)
def test_the_shape_of_a_resource_gives_the_result_of_the_resource(service: str) -> None:
    chance = random.Random(service)
    actions = sorted(expand([f"{service}:*"]))
    templates = sorted({resource_type.arn for action in actions for resource_type in resource_types(action)})

    for _ in range(2_000):
        action = chance.choice(actions)
        resource = re.sub(r"\$\{[^}]+\}", lambda _: chance.choice(NAMES), chance.choice(templates))
        assert _supports(action, resource) is supports_resource(action, resource), (action, resource)


@pytest.mark.parametrize("service", SERVICES)
def test_a_resource_without_wildcards_is_compared_like_a_pattern(service: str) -> None:
    chance = random.Random(service)
    actions = sorted(expand([f"{service}:*"]))
    templates = sorted({resource_type.arn for action in actions for resource_type in resource_types(action)})
    names = [name for name in NAMES if "*" not in name] + ["", "a:b", "a/b/c"]

    for _ in range(300):
        action = chance.choice(actions)
        resource = re.sub(r"\$\{[^}]+\}", lambda _: chance.choice(names), chance.choice(templates))
        forms = [form for resource_type in resource_types(action) for form in _forms(service)[resource_type.name]]
        is_met = any(overlap_tokens(form, tokens(resource)) for form in forms)
        assert supports_resource(action, resource) is is_met, (action, resource)
