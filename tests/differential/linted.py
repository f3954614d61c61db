"""Random statements from a seed, some with names that do not exist or do not fit together."""

from __future__ import annotations

import random
import re
from functools import cache
from typing import Any

from taskrole.policy.catalogue.actions import actions_of
from taskrole.policy.catalogue.condition_keys import condition_keys
from taskrole.policy.catalogue.resource_types import resource_types

SERVICES = (
    "dynamodb",
    "ecr",
    "ecs",
    "elasticfilesystem",
    "events",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
)
GLOBAL_KEYS = ("aws:PrincipalOrgID", "aws:ResourceTag/team", "aws:SourceVpce", "aws:SecureTransport")
_VALUES = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}


def generate_statement(seed: int) -> dict[str, Any]:
    """Return the statement of a seed: one to three actions of a service, and usually a resource of one of them."""
    chance = random.Random(seed)
    service = chance.choice(SERVICES)
    actions = [_action(chance, service) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": list(dict.fromkeys(actions)),
        "Resource": list(dict.fromkeys(_resource(chance, service, actions) for _ in range(chance.choice((1, 1, 2))))),
    }
    if chance.random() < 0.4:
        statement["Condition"] = {"StringEquals": {_key(chance, service, actions): "x"}}
    return statement


def _action(chance: random.Random, service: str) -> str:
    action = chance.choice(actions_of(service))
    share = chance.random()
    if share < 0.05:
        return f"{action}s"
    if share < 0.08:
        return action.replace(":", "s:")
    return action


def _resource(chance: random.Random, service: str, actions: list[str]) -> str:
    share = chance.random()
    own = [arn for action in actions for arn in _arns(action)]
    if share < 0.3 or (not own and share < 0.8):
        return "*"
    if share < 0.8:
        return chance.choice(own)
    another = service if share < 0.9 else chance.choice(SERVICES)
    others = [arn for action in actions_of(another) for arn in _arns(action)]
    return chance.choice(others) if others else "*"


@cache
def _arns(action: str) -> tuple[str, ...]:
    """Return an ARN for each resource type of an action, none for an unknown action."""
    try:
        templates = sorted(resource_type.arn for resource_type in resource_types(action))
    except KeyError:
        return ()
    return tuple(
        re.sub(r"\$\{([^}]+)\}", lambda match: _VALUES.get(match[1], "app"), template) for template in templates
    )


def _key(chance: random.Random, service: str, actions: list[str]) -> str:
    share = chance.random()
    if share < 0.25:
        return chance.choice(GLOBAL_KEYS)
    named = chance.choice(actions if share < 0.7 else actions_of(service))
    try:
        own = sorted(re.sub(r"\$\{[^}]+\}", "team", condition_key) for condition_key in condition_keys(named))
    except KeyError:
        own = []
    return chance.choice(own) if own and share < 0.9 else f"{service}:Nothing"
