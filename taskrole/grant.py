"""Grant: one permission with its cause; Finding: what a person should know; and what another account must add.

A grant is the atom of taskrole. Task definitions give grants, roles.yaml gives grants, policies are built of grants,
and `because` and `source` travel with each of them to wherever a person reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from taskrole.errors import BadValueError, quote

RoleKind = Literal["execution", "task"]
ROLE_KINDS: tuple[RoleKind, ...] = ("execution", "task")
Effect = Literal["Allow", "Deny"]
Severity = Literal["error", "warning", "note"]

# (operator, key, values), sorted: {"StringEquals": {"kms:ViaService": "s3.…"}} as something that can be in a set.
Condition: TypeAlias = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, order=True, slots=True)
class Grant:
    """One permission of one role, and why it has it.

    `source` is a JSON pointer into the task definition (`/containerDefinitions/0/secrets/2/valueFrom`), or the option
    that asked for it (`options:/kms_keys/…`); `file` is the task definition's, empty where there is only one. `rule`
    is the id of the rule (docs/rules.md), `because` one sentence, `doc` the AWS page it rests on.
    """

    role: RoleKind
    rule: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    source: str
    because: str
    doc: str
    conditions: tuple[Condition, ...] = ()
    effect: Effect = "Allow"
    file: str = ""


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong or worth knowing: a stable code, where, and one line with the rule, the value and the way out."""

    code: str
    severity: Severity
    source: str
    message: str
    file: str = ""


@dataclass(frozen=True)
class RequiredElsewhere:
    """A statement that another account must add to a policy of its own, since a role's policy cannot give it.

    `service` is the ARN's (`ecr`, `secretsmanager`, `kms`, `s3`), `resource` what the policy belongs to, `statement`
    the IAM statement, ready to paste. `account` is None where only its owner knows it.
    """

    account: str | None
    service: str
    resource: str
    statement: Mapping[str, Any]
    because: str
    source: str = ""
    file: str = ""


def conditions_of(block: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Return IAM's Condition block as sorted triples of operator, key and values."""
    return tuple(
        sorted((operator, key, _values(value)) for operator, pairs in block.items() for key, value in pairs.items())
    )


def condition_block(conditions: Iterable[Condition]) -> dict[str, dict[str, str | list[str]]]:
    """Return triples of operator, key and values as IAM's Condition block; one value stands as plain text.

    Raises ValueError for two triples of one operator and key: both must hold, and a block has room for one.
    """
    block: dict[str, dict[str, str | list[str]]] = {}
    for operator, key, values in sorted(conditions):
        tests = block.setdefault(operator, {})
        if key in tests:
            raise BadValueError(f"a Condition holds {operator} of {quote(key)} once; got it with other values, too")
        tests[key] = values[0] if len(values) == 1 else list(values)
    return block


def _values(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return tuple(sorted({str(one).lower() if isinstance(one, bool) else str(one) for one in values}))
