"""Random policies and requests from a seed, similar enough that requests match and miss often.

Everything follows the grammar of IAM except oddities: these are forms that users write and
that IAM refuses or that no page describes, so evaluators differ on them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

ACCOUNT, REGION = "111122223333", "eu-west-1"
PRINCIPAL = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/task"
SOURCE_IP = "203.0.113.7"

# The context of every request, the same for both evaluators; the time is only compared with the years 2000 and 2100.
ALWAYS = {
    "aws:PrincipalArn": PRINCIPAL,
    "aws:PrincipalAccount": ACCOUNT,
    "aws:RequestedRegion": REGION,
    "aws:SourceIp": SOURCE_IP,
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-01-01T00:00:00Z",
}

RESOURCES = {
    "s3:GetObject": ["arn:aws:s3:::app-config/web.env", "arn:aws:s3:::app-config/bob/web.env", "arn:aws:s3:::app/a:b"],
    "s3:PutObject": ["arn:aws:s3:::app-config/web.env", "arn:aws:s3:::app-config/$x"],
    "s3:ListBucket": ["arn:aws:s3:::app-config", "arn:aws:s3:::app-config-2"],
    "secretsmanager:GetSecretValue": [
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/db-a1B2c3",
        f"arn:aws:secretsmanager:{REGION}:444455556666:secret:app/db-a1B2c3",
    ],
    "ssm:GetParameters": [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/app/db"],
    "kms:Decrypt": [f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    "ecr:GetAuthorizationToken": ["*"],
    "ecr:BatchGetImage": [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app",
        f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app/web",
    ],
    "logs:PutLogEvents": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ecs/app:log-stream:web/web/0a1b"],
    "iam:PassRole": [f"arn:aws:iam::{ACCOUNT}:role/app"],
}
ACTIONS = sorted(RESOURCES)

# For each key: its type, and its values in requests; a list for a multivalued key.
KEYS: dict[str, tuple[str, list[Any]]] = {
    "aws:SecureTransport": ("Bool", []),
    "aws:SourceIp": ("Ip", []),
    "aws:CurrentTime": ("Now", []),
    "aws:PrincipalArn": ("Arn", []),
    "aws:RequestedRegion": ("String", []),
    "aws:username": ("String", ["bob", "Bob", "al"]),
    "aws:PrincipalTag/team": ("String", ["web", "WEB", "", "data"]),
    "s3:prefix": ("String", ["", "home/", "home/bob/", "web"]),
    "s3:max-keys": ("Numeric", ["9", "10", "10.0", "100"]),
    "kms:ViaService": ("String", [f"s3.{REGION}.amazonaws.com", f"ssm.{REGION}.amazonaws.com"]),
    "aws:TokenIssueTime": ("Date", ["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z", "1767225600"]),
    "aws:SourceArn": (
        "Arn",
        [f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/a/b", f"arn:aws:ecs:us-east-1:999999999999:task:{ACCOUNT}:x"],
    ),
    "aws:MultiFactorAuthPresent": ("Bool", ["true", "false"]),
    "aws:VpcSourceIp": ("Ip", ["10.0.1.7", "192.168.0.1", "2001:db8::7"]),
    "aws:TagKeys": ("String", [["team"], ["team", "cost"], ["cost", "Team"], [""]]),
    "dynamodb:Attributes": ("String", [["id"], ["id", "name"], ["name", "home/"]]),
}
MULTIVALUED = ("aws:TagKeys", "dynamodb:Attributes")

VALUES = {
    "Bool": ["true", "false", "True"],
    "Ip": ["203.0.113.0/24", "203.0.113.7", "10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32"],
    "Date": ["2000-01-01T00:00:00Z", "2100-01-01", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "1767225600"],
    "Now": ["2000-01-01T00:00:00Z", "2100-01-01", "4102444800"],
    "Arn": [
        PRINCIPAL,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/*",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:*",
        f"arn:aws:ecs:*:{ACCOUNT}:*",
        f"arn:aws:ecs:??-*-?:{ACCOUNT}:task/a/?",
    ],
    "String": ["bob", "web", "team", "cost", "id", "", "home/", "home/*", "*", "w?b", REGION, f"s3.{REGION}.*", "n*"],
    "Numeric": ["10", "9.5", "-1", "100"],
}
VARIABLES = ["${aws:username}", "home/${aws:username}/", "${aws:PrincipalTag/team, 'web'}", "${*}", "${$}x"]

_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_TEXT = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike", "Like", "NotLike")
OPERATORS = {
    "String": [f"String{name}" for name in _TEXT],
    "Numeric": [f"Numeric{name}" for name in _ORDER],
    "Date": [f"Date{name}" for name in _ORDER],
    "Now": [f"Date{name}" for name in _ORDER],
    "Bool": ["Bool"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": ["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike"],
}


@dataclass(frozen=True)
class Case:
    """A request to a role: its policies, its boundary, the call and the context beside that of every request."""

    documents: tuple[dict[str, Any], ...]
    boundary: dict[str, Any] | None
    action: str
    resource: str
    context: dict[str, str | tuple[str, ...]]


def generate_case(seed: int) -> Case:
    """Return the case of a seed."""
    rng = random.Random(seed)
    action = rng.choice(ACTIONS)
    resource = rng.choice(RESOURCES[action])
    context = {key: _given(rng, values) for key, (_, values) in KEYS.items() if values and rng.random() < 0.6}
    documents = tuple(_document(rng, action, resource) for _ in range(rng.choice([1, 1, 1, 2, 3])))
    boundary = _document(rng, action, resource, generous=True) if rng.random() < 0.25 else None
    return Case(documents, boundary, _recased(rng, action), resource, context)


def _given(rng: random.Random, values: list[Any]) -> str | tuple[str, ...]:
    value = rng.choice(values)
    return tuple(value) if isinstance(value, list) else value


def _recased(rng: random.Random, action: str) -> str:
    return rng.choice([action] * 8 + [action.lower(), action.upper()])


def _document(rng: random.Random, action: str, resource: str, *, generous: bool = False) -> dict[str, Any]:
    effects = ["Allow"] * 7 + ["Deny"] * (1 if generous else 3)
    statements: list[Any] = [
        _statement(rng, rng.choice(effects), action, resource) for _ in range(rng.choice([1, 1, 2, 3]))
    ]
    if generous and rng.random() < 0.5:
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    for number, statement in enumerate(statements):
        if rng.random() < 0.3:
            statement["Sid"] = f"S{number}"
    alone = len(statements) == 1 and rng.random() < 0.2
    version = rng.choice(["2012-10-17"] * 12 + ["2008-10-17"])
    return {"Version": version, "Statement": statements[0] if alone else statements}


def _statement(rng: random.Random, effect: str, action: str, resource: str) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": effect}
    statement[rng.choice(["Action"] * 7 + ["NotAction"])] = _some(rng, lambda: action_pattern(rng, action))
    statement[rng.choice(["Resource"] * 7 + ["NotResource"])] = _some(rng, lambda: resource_pattern(rng, resource))
    if rng.random() < 0.65:
        statement["Condition"] = _condition(rng)
    return statement


def _some(rng: random.Random, make: Any) -> Any:
    count = rng.choice([0, 1, 1, 2, 3])
    return make() if count == 0 else [make() for _ in range(count)]


def action_pattern(rng: random.Random, wanted: str) -> str:
    """Return a pattern near an action."""
    action = wanted if rng.random() < 0.7 else rng.choice(ACTIONS)
    service, name = action.split(":")
    middle = rng.randrange(len(name))
    return rng.choice(
        [action] * 4
        + [action.lower(), action.upper(), "*", f"{service}:*", f"{service}:{name[:3]}*", f"{service}:*{name[-4:]}"]
        + [f"{service}:{name[:middle]}?{name[middle + 1 :]}", f"{service}:{name}?", f"{service}:{name[0]}*{name[-1]}*"]
        + ([f"{service[0]}*:{name}"] if rng.random() < 0.15 else [])
    )


def resource_pattern(rng: random.Random, wanted: str) -> str:
    """Return a pattern near a resource."""
    resource = wanted if rng.random() < 0.7 else rng.choice(RESOURCES[rng.choice(ACTIONS)])
    if resource == "*":
        return "*"
    *head, tail = resource.split(":", 5)
    # IAM refuses IAM resources with a path that does not begin with their type.
    kind = "role/" if head[2] == "iam" else ""
    name = tail.removeprefix(kind)
    place = rng.randrange(len(name))
    patterns = [
        f"{name[:place]}*",
        f"*{name[place:]}",
        f"{name[:place]}?{name[place + 1 :]}",
        f"{name}-??????",
        name.upper(),
        f"{name[: place // 2]}*{name[place:]}",
        f"{name}/*",
    ]
    if rng.random() < 0.2:
        patterns = [name.replace("bob", "${aws:username}"), "app-config/${$}x", f"{name[:place]}${{*}}"]
        patterns += [name.replace("bob", "${aws:userid, 'bob'}"), "app-config/${aws:username}/*"]
    if rng.random() < 0.3 and head[3]:
        head[3] = rng.choice(["*", "us-*", "eu-west-?"])
    if rng.random() < 0.2 and head[4]:
        head[4] = rng.choice(["*", "444455556666"])
    return rng.choice(["*", *(":".join([*head, kind + pattern]) for pattern in [name] * 3 + patterns)])


def _condition(rng: random.Random) -> dict[str, Any]:
    block: dict[str, Any] = {}
    for _ in range(rng.choice([1, 1, 2])):
        key = rng.choice(sorted(KEYS))
        kind, _ = KEYS[key]
        operator = rng.choice(OPERATORS[kind])
        if rng.random() < 0.1:
            block.setdefault("Null", {})[_recased_key(rng, key)] = rng.choice(["true", "false"])
            continue
        if (key in MULTIVALUED and rng.random() < 0.9) or rng.random() < 0.03:
            operator = f"{rng.choice(['ForAllValues', 'ForAnyValue'])}:{operator}"
        if rng.random() < 0.2:
            operator += "IfExists"
        if rng.random() < 0.01:
            operator = rng.choice(["StringNear", f"{operator[0].lower()}{operator[1:]}"])
        block.setdefault(operator, {})[_recased_key(rng, key)] = _some(rng, lambda kind=kind: _value(rng, kind))
    return block


def _recased_key(rng: random.Random, key: str) -> str:
    return rng.choice([key] * 5 + [key.lower()])


def _value(rng: random.Random, kind: str) -> Any:
    if kind == "String" and rng.random() < 0.2:
        return rng.choice(VARIABLES)
    value = rng.choice(VALUES[kind])
    if kind == "Bool" and rng.random() < 0.1:
        return value.lower() == "true"
    if kind == "Numeric" and rng.random() < 0.2:
        return float(value) if "." in value else int(value)
    return value
