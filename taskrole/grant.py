"""Grant: a permission with its cause; and RequiredElsewhere: a statement that another account must add.

Task definitions and roles.yaml result in grants, and policies are built from grants. Each keeps its `because` and
`source` up to the output.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, TypeAlias

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, quote

RoleKind = Literal["execution", "task"]
ROLE_KINDS: tuple[RoleKind, ...] = ("execution", "task")
Effect = Literal["Allow", "Deny"]

# (operator, key, values), sorted: a hashable form of {"StringEquals": {"kms:ViaService": "s3.…"}}.
Condition: TypeAlias = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, order=True, slots=True)
class Grant:
    """A permission of a role, with its cause.

    `source` is a JSON pointer into the task definition (`/containerDefinitions/0/secrets/2/valueFrom`), or the
    option that causes it (`options:/kms_keys/…`); `file` is the task definition's, or empty if there is only one.
    `rule` is the id of the rule (docs/rules.md), `because` a sentence, `doc` the AWS page that documents it.
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

    def __reduce__(self) -> tuple[type[Grant], tuple[Any, ...]]:
        # Between processes, this takes half of the time of the state that the standard library sends.
        return Grant, GRANT_ORDER(self)


# Grants are ordered by their fields; as a key, this is faster than comparing dataclasses.
GRANT_ORDER = attrgetter(*Grant.__dataclass_fields__)


@dataclass(frozen=True)
class RequiredElsewhere:
    """A statement that another account must add to one of its policies, because a role's policy is not sufficient.

    `service` is that of the ARN (`ecr`, `secretsmanager`, `kms`, `s3`), `resource` the resource with the policy,
    `statement` the IAM statement. `account` is None if it is unknown.
    """

    account: str | None
    service: str
    resource: str
    statement: Mapping[str, Any]
    because: str
    source: str = ""
    file: str = ""


@dataclass(frozen=True)
class GrantIndex:
    """Indexes grants of many task definitions by file and kind of role."""

    grants: Sequence[Grant]

    def of(self, uses: Iterable[tuple[str, RoleKind]]) -> list[Grant]:
        """Return the grants of these pairs of file and kind, in order."""
        positions = sorted(position for use in dict.fromkeys(uses) for position in self._positions.get(use, ()))
        return [self.grants[position] for position in positions]

    @cached_property
    def _positions(self) -> Mapping[tuple[str, RoleKind], Sequence[int]]:
        positions: dict[tuple[str, RoleKind], list[int]] = {}
        for position, grant in enumerate(self.grants):
            positions.setdefault((grant.file, grant.role), []).append(position)
        return positions


def conditions_of(block: Mapping[str, Mapping[str, Any]]) -> tuple[Condition, ...]:
    """Return IAM's Condition block as sorted triples of operator, key and values."""
    return tuple(
        sorted((operator, key, _values(value)) for operator, pairs in block.items() for key, value in pairs.items())
    )


def condition_block(conditions: Iterable[Condition]) -> dict[str, dict[str, str | list[str]]]:
    """Return triples of operator, key and values as IAM's Condition block; a single value is a string.

    Raises ValueError for two triples with the same operator and key, which a block cannot contain.
    """
    block: dict[str, dict[str, str | list[str]]] = {}
    for operator, key, values in sorted(conditions):
        tests = block.setdefault(operator, {})
        if key in tests:
            raise BadValueError(
                f"a Condition can have {operator} of {quote(key)} only once; got it with different values"
            )
        tests[key] = values[0] if len(values) == 1 else list(values)
    return block


def condition_test(condition: Condition) -> str:
    """Return what a condition tests, without the values: `aws:SourceAccount StringEquals`."""
    operator, key, _ = condition
    return f"{key} {operator}"


def condition_words(condition: Condition) -> str:
    """Return a condition in words: `aws:SourceAccount StringEquals 111122223333 or 444455556666`."""
    return f"{condition_test(condition)} {' or '.join(condition[2])}"


def conditions_clause(conditions: Iterable[Condition]) -> str:
    """Return conditions as the end of a sentence, beginning with ` if `; empty text for none."""
    words = " and ".join(map(condition_words, conditions))
    return f" if {words}" if words else ""


def _values(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return tuple(sorted({str(item).lower() if isinstance(item, bool) else str(item) for item in values}))
