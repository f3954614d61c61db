"""Random changes of policies from a seed: the policies of a role before, and their edits after.

The edits are those of users (a removed value, a wildcard, IfExists, another operator, a Deny, a statement
split) in both directions, so that many changes narrow, many broaden, and many are near the border.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

ACTIONS = ("s3:GetObject", "s3:PutObject", "ecr:BatchGetImage")
ACTION_PATTERNS = (
    *ACTIONS,
    *ACTIONS,
    "*",
    "**",
    "s3:*",
    "s3:Get*",
    "s3:?etObject",
    "s3:*Object",
    "ecr:*",
    "S3:getobject",
)
RESOURCES = (
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/bob/k",
    "arn:aws:s3:::c/k",
    "arn:aws:ecr:eu-west-1:111122223333:repository/a",
)
RESOURCE_PATTERNS = (
    *("*", "*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/k", "arn:aws:s3:::?/k", "arn:aws:s3:::*", "arn:aws:s3:::b/*/k"),
    *("arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:username, 'bob'}/*", "arn:aws:s3", "arn:aws:ecr:*:*:*"),
    *(
        "arn:aws:s3:::b/${AWS:Username, 'BOB'}/*",
        "arn:aws:s3:::b/${*}*",
        "arn:aws:ecr:eu-west-1:111122223333:repository/*",
    ),
)
ARN = "arn:aws:ecs:eu-west-1:111122223333"

_TEXTS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
_ORDER = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


@dataclass(frozen=True)
class Key:
    """A condition key: operators, values of policies, and values of requests; `()` is the absent key."""

    operators: tuple[str, ...]
    wanted: tuple[str, ...]
    given: tuple[tuple[str, ...], ...]


KEYS = {
    "aws:PrincipalTag/team": Key(
        (*_TEXTS, "StringNotEqualsIgnoreCase"),
        (
            "web",
            "WEB",
            "w*",
            "we?",
            "data",
            "*",
            "",
            "${aws:username}",
            "${aws:username, 'web'}",
            "${AWS:username, 'WEB'}",
        ),
        ((), ("web",), ("WEB",), ("data",), ("",), ("bob",)),
    ),
    "aws:TagKeys": Key(
        _TEXTS, ("team", "cost", "t*", "*", "Team"), ((), ("team",), ("team", "cost"), ("Team",), ("",), ("x", "team"))
    ),
    "s3:max-keys": Key(
        tuple(f"Numeric{name}" for name in _ORDER),
        ("5", "10", "10.0", "many"),
        ((), ("4",), ("5",), ("7",), ("10",), ("11",)),
    ),
    "aws:TokenIssueTime": Key(
        tuple(f"Date{name}" for name in _ORDER),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2027-01-01"),
        ((), ("2025-06-01T00:00:00Z",), ("1767225600",), ("2026-06-01T00:00:00Z",), ("2027-06-01T00:00:00Z",)),
    ),
    "aws:SourceIp": Key(
        ("IpAddress", "NotIpAddress"),
        ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32"),
        ((), ("10.1.2.3",), ("10.1.9.9",), ("10.2.0.1",), ("2001:db8::1",)),
    ),
    "aws:SourceArn": Key(
        ("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals", "StringLike", "StringNotLike", "StringEquals"),
        (
            f"{ARN}:*",
            f"{ARN}:task/a",
            "arn:aws:ecs:*:111122223333:*",
            "arn:aws:ecs:*",
            "*",
            f"{ARN}:task/${{aws:username}}",
        ),
        ((), (f"{ARN}:task/a",), (f"{ARN}:task/bob",), ("arn:aws:ecs:us-east-1:1:x:111122223333:y",), ("x",)),
    ),
    "aws:SecureTransport": Key(("Bool",), ("true", "false", "True"), ((), ("true",), ("false",))),
}
USERNAMES: tuple[tuple[str, ...], ...] = ((), ("bob",), ("BOB",), ("web",))


@dataclass(frozen=True)
class Change:
    """The documents and the boundary of a role before and after."""

    before: tuple[Document, ...]
    after: tuple[Document, ...]
    boundary_before: Document | None
    boundary_after: Document | None


def policy_change(seed: int) -> Change:
    """Return the change of a seed."""
    rng = random.Random(f"change {seed}")
    before = tuple(_document(rng) for _ in range(rng.choice([1, 1, 1, 2])))
    boundary = _document(rng) if rng.random() < 0.2 else None
    after, limit = copy.deepcopy(before), copy.deepcopy(boundary)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        _edit(rng, limit if limit is not None and rng.random() < 0.5 else rng.choice(after))
    if rng.random() < 0.05:
        limit = None if limit else _document(rng)
    return Change(before, after, boundary, limit)


def _document(rng: random.Random) -> Document:
    statements = [_statement(rng) for _ in range(rng.choice([1, 1, 2, 3]))]
    return {"Version": rng.choice(["2012-10-17"] * 5 + ["2008-10-17"]), "Statement": statements}


def _statement(rng: random.Random) -> Document:
    statement: Document = {"Effect": rng.choice(["Allow", "Allow", "Allow", "Deny"])}
    statement[rng.choice(["Action"] * 5 + ["NotAction"])] = _some(rng, ACTION_PATTERNS)
    statement[rng.choice(["Resource"] * 5 + ["NotResource"])] = _some(rng, RESOURCE_PATTERNS)
    if rng.random() < 0.7:
        statement["Condition"] = _condition(rng, rng.choice(sorted(KEYS)))
    return statement


def _some(rng: random.Random, values: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(rng.choice(values) for _ in range(rng.choice([1, 1, 2, 3]))))


def _condition(rng: random.Random, key: str) -> Document:
    if rng.random() < 0.1:
        return {"Null": {key: [rng.choice(["true", "false"])]}}
    key_values = KEYS[key]
    qualifier = rng.choice(["", "", "ForAllValues:", "ForAnyValue:"])
    operator = f"{qualifier}{rng.choice(key_values.operators)}{rng.choice(['', '', '', 'IfExists'])}"
    return {operator: {key: _some(rng, key_values.wanted)}}


def _edit(rng: random.Random, document: Document) -> None:
    statements = document["Statement"]
    statement = rng.choice(statements) if statements else _statement(rng)
    rng.choice([_edit_names, _edit_names, *[_edit_condition] * 5, _edit_statements, _edit_version])(
        rng, document, statement
    )


def _edit_names(rng: random.Random, _: Document, statement: Document) -> None:
    name = rng.choice([name for name in statement if name.removeprefix("Not") in ("Action", "Resource")])
    patterns = ACTION_PATTERNS if "Action" in name else RESOURCE_PATTERNS
    values, edit = statement[name], rng.random()
    if edit < 0.3 and len(values) > 1:
        values.remove(rng.choice(values))
    elif edit < 0.5:
        values.append(rng.choice(patterns))
    elif edit < 0.9:
        values[rng.randrange(len(values))] = rng.choice(patterns)
    else:
        other = name.removeprefix("Not") if name.startswith("Not") else f"Not{name}"
        statement[other] = statement.pop(name)


def _edit_condition(rng: random.Random, _: Document, statement: Document) -> None:
    block = statement.get("Condition")
    if not block or rng.random() < 0.1:
        statement["Condition"] = {**(block or {}), **_condition(rng, rng.choice(sorted(KEYS)))}
        return
    operator = rng.choice(sorted(block))
    key, values = next(iter(block[operator].items()))
    edit = rng.random()
    if edit < 0.1:
        del block[operator]
    elif operator == "Null" or edit < 0.2:
        block.update(_condition(rng, key))
    elif edit < 0.35 and len(values) > 1:
        values.remove(rng.choice(values))
    elif edit < 0.5:
        values.append(rng.choice(KEYS[key].wanted))
    elif edit < 0.6:
        values[rng.randrange(len(values))] = rng.choice(KEYS[key].wanted)
    else:
        block[_renamed(rng, operator, key)] = block.pop(operator)
    if not block:
        del statement["Condition"]


def _renamed(rng: random.Random, operator: str, key: str) -> str:
    """Return the operator with one of its three parts replaced."""
    qualifier, colon, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    suffix = rest[len(base) :]
    part = rng.randrange(3)
    if part == 0:
        return f"{rng.choice(['', 'ForAllValues:', 'ForAnyValue:'])}{rest}"
    if part == 1:
        return f"{qualifier}{colon}{rng.choice(KEYS[key].operators)}{suffix}"
    return f"{qualifier}{colon}{base}{'' if suffix else 'IfExists'}"


def _edit_statements(rng: random.Random, document: Document, statement: Document) -> None:
    statements, edit = document["Statement"], rng.random()
    if edit < 0.3 and len(statements) > 1:
        statements.remove(statement)
    elif edit < 0.6:
        statements.append(_statement(rng))
    elif edit < 0.8:
        statements.insert(0, {**copy.deepcopy(statement), "Sid": "Again"})
    else:
        name = next(name for name in statement if name.removeprefix("Not") == "Action")
        if name == "Action" and statement in statements:
            statements.remove(statement)
            statements.extend({**copy.deepcopy(statement), "Action": [action]} for action in statement["Action"])


def _edit_version(rng: random.Random, document: Document, _: Document) -> None:
    document["Version"] = rng.choice(["2012-10-17", "2008-10-17"])
