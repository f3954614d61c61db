"""Mutates roles.yaml: its data, then its text."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from tests.proof.json_paths import Path, copied, moved, paths_of, value_at, with_value
from tests.proof.mutations import ODD_TEXTS

_STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::app/*"}
_FULL_STATEMENT = {
    "Sid": "Read",
    "Effect": "Deny",
    "NotAction": ["s3:Get*", "newservice:Do"],
    "NotResource": ["*"],
    "Condition": {"StringEquals": {"aws:ResourceTag/a": ["x", "y"]}, "NumericLessThan": {"s3:max-keys": 10}},
}
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com", "AWS": ["arn:aws:iam::111122223333:root"]},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}},
        }
    ],
}
FILES: tuple[Any, ...] = (
    {
        "version": 1,
        "defaults": {
            "region": "eu-west-1",
            "account": "111122223333",
            "tags": {"team": "a"},
            "path": "/ecs/",
            "permissions_boundary": "arn:aws:iam::111122223333:policy/limit",
            "max_session_duration": 7200,
            "exclusive": True,
        },
        "backend": {
            "type": "s3",
            "bucket": "states",
            "key": "a/b",
            "region": "eu-west-1",
            "encrypt": True,
            "kms_key_id": "x",
            "assume_role": {"role_arn": "arn:aws:iam::111122223333:role/state", "session_name": "tf"},
            "endpoints": {"s3": "https://s3.example.com"},
        },
        "provider": {"source": "hashicorp/aws", "version": ">= 5.100, < 7.0"},
        "stacks": {
            "prod": {
                "roles": {
                    "web": {
                        "kind": "task",
                        "description": "It serves",
                        "statements": [_STATEMENT, _FULL_STATEMENT],
                        "managed_policies": ["AmazonS3ReadOnlyAccess"],
                        "inline_policies": {"own": {"Version": "2012-10-17", "Statement": _STATEMENT}},
                        "trust": {"conditions": "account", "principals": {"service": ["events.amazonaws.com"]}},
                        "tags": {"app": "web"},
                    },
                    "exec": {
                        "kind": "execution",
                        "managed_policies": ["service-role/AmazonECSTaskExecutionRolePolicy"],
                        "policy_delivery": "managed",
                        "statements": [_STATEMENT],
                    },
                }
            }
        },
    },
    {
        "version": 1,
        "stacks": {
            "a": {
                "region": "cn-north-1",
                "partition": "aws-cn",
                "account": "111122223333",
                "backend": {"type": "local", "path": "a.tfstate"},
                "roles": {
                    "old": {
                        "kind": "task",
                        "adopt": True,
                        "trust_policy": _TRUST,
                        "inline_policies": {
                            "p": {"Id": "x", "Statement": [_STATEMENT, _FULL_STATEMENT]},
                            "q": {"Version": "2012-10-17", "Statement": {**_STATEMENT, "Condition": {"New": {"k": 1}}}},
                        },
                    }
                },
            },
            "b": {
                "region": "eu-west-1",
                "account": "111122223333",
                "backend": {"type": "cloud", "organization": "o", "workspace": "w"},
                "roles": {
                    "x": {
                        "kind": "task",
                        "name_prefix": "x-",
                        "trust": "off",
                        "grants": [
                            {"access": ["read"], "resources": "arn:aws:s3:::app/*", "because": "it reads"},
                            {"actions": ["sqs:SendMessage"], "resources": ["arn:aws:sqs:eu-west-1:111122223333:q"]},
                        ],
                        "deny": [{"actions": "s3:DeleteObject", "resources": "*"}],
                    }
                },
            },
        },
    },
)
_ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, 10**40, "", "x", "*", "1", [], {}, [[]], [None], [{}], ["x"], [["x"]], [5],
    {"": None},
    {"x": "y"}, {"a": {"a": {}}}, {"Service": 5}, {"AWS": ["*", None]}, {"AWS": {"x": "y"}}, {"Other": "*"}, ["x", "x"],
    {"StringEquals": "x"}, {"StringEquals": {"k": None}}, {"StringEquals": {"k": [["x"]]}}, {"StringEquals": {"k": {}}},
    {"StringEquals": {"k": []}}, {"StringEquals": {}}, "newservice:DoThing", "arn:aws:s3:::x", "${aws:username}",
    "arn:aws:iam::111122223333:policy/x", "Allow", "task", "off", "aws", "eu-west-1", "${x}%{if}", "2008-10-17",
)  # fmt: skip
# Numbers of YAML that JSON lacks; inserted into the text.
_NUMBERS = ("1e999", "-1e999", "NaN", ".nan", ".inf", "0x10", "9" * 299, "1e308", "1.")
_NUMBER_MARK = "NUMBERMARK"

_POLICIES = {"statements", "trust_policy", "inline_policies", "principals", "grants"}

Change = Callable[[Any, random.Random], Any]


def mutate_roles_file(seed: int) -> bytes:
    """Return the text of a roles.yaml with one to three mutations; the same for the same seed."""
    rng = random.Random(f"roles.yaml {seed}")
    data = copied(rng.choice(FILES))
    for _ in range(rng.choice([1, 1, 1, 1, 2, 3])):
        data = rng.choice(_CHANGES)(data, rng)
    # JSON with non-ASCII characters escaped, as YAML reads them too.
    text = json.dumps(data)
    text = re.sub(f'"{_NUMBER_MARK}([0-9])"', lambda match: _NUMBERS[int(match.group(1))], text)
    if rng.random() < 0.05:
        place = rng.randrange(len(text))
        text = (
            text[:place]
            + rng.choice(["", "\0", "&a ", "*a", "!!python/object:x ", '"', "{", "\x85"])
            + text[place + 1 :]
        )
    return text.encode()


def _pick(data: Any, rng: random.Random) -> Path:
    """Return the path of a value, more often of a value in a policy document."""
    paths = paths_of(data)
    inside = [path for path in paths if set(path) & _POLICIES] if rng.random() < 0.7 else []
    return rng.choice(inside or paths)


def _other_value(data: Any, rng: random.Random) -> Any:
    return with_value(data, _pick(data, rng), copied(rng.choice(_ODD)))


def _other_number(data: Any, rng: random.Random) -> Any:
    return with_value(data, _pick(data, rng), f"{_NUMBER_MARK}{rng.randrange(len(_NUMBERS))}")


def _other_type(data: Any, rng: random.Random) -> Any:
    path = _pick(data, rng)
    value = value_at(data, path)
    return with_value(data, path, rng.choice([[value], [value, value], {"x": value}, {"Statement": value}]))


def _without(data: Any, rng: random.Random) -> Any:
    path = _pick(data, rng)
    if path:
        del value_at(data, path[:-1])[path[-1]]
    return data


def _other_text(data: Any, rng: random.Random) -> Any:
    paths = [path for path in paths_of(data) if isinstance(value_at(data, path), str)]
    if not paths:
        return data
    path = rng.choice(paths)
    text = value_at(data, path)
    place = rng.choice([0, len(text), rng.randint(0, len(text))])
    return with_value(data, path, text[:place] + rng.choice(ODD_TEXTS) + text[place:])


def _other_key(data: Any, rng: random.Random) -> Any:
    paths = [path for path in paths_of(data) if isinstance(value_at(data, path), dict) and value_at(data, path)]
    if not paths:
        return data
    node = value_at(data, rng.choice(paths))
    key = rng.choice(sorted(node))
    new = rng.choice([key.upper(), key[:-1], f"Not{key}", "Principal", "NotPrincipal", rng.choice(ODD_TEXTS)])
    node[new] = node[key] if rng.random() < 0.3 else node.pop(key)
    return data


_CHANGES: tuple[Change, ...] = (
    _other_value, _other_value, _other_value, _other_value, _other_number, _other_type, _other_type, moved, moved,
    _without, _other_text, _other_text, _other_key,
)  # fmt: skip
