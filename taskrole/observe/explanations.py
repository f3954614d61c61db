"""The explanation of a denied call: the reason, the fix, and who can apply it. Each text is a sentence or clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.grant import RequiredElsewhere, RoleKind
from taskrole.observe.denial_words import denial_clause
from taskrole.observe.denied_calls import DeniedCall
from taskrole.policy.evaluation.coverage import Coverage


@dataclass(frozen=True)
class Declared:
    """The evaluation of each action against the declared role; `forbidden` are the actions outside its boundary."""

    stack: str
    role: str
    kind: RoleKind
    coverage: tuple[tuple[str, Coverage], ...]
    forbidden: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Return whether the role allows all actions."""
        return bool(self.coverage) and all(result.answer == "allowed" for _, result in self.coverage)

    @property
    def is_denied(self) -> bool:
        """Return whether the role denies one of the actions."""
        return any(result.answer == "denied" for _, result in self.coverage)


@dataclass(frozen=True)
class Remedy:
    """The fix for a denied call: a sentence, with lines of roles.yaml or a statement.

    `lines` go under the roles of a stack in roles.yaml, `statement` into the policy that the sentence names, and
    `required` into a policy of another account. `to_fill_in` is True if the lines contain placeholders in capitals.
    """

    sentence: str
    lines: str = ""
    statement: Mapping[str, Any] | None = None
    required: RequiredElsewhere | None = None
    to_fill_in: bool = False


@dataclass(frozen=True)
class Explanation:
    """A denied call, the reason, and the fixes. `why` is a clause with `it` for the call.

    For a failure with a cause other than policies, `why` is the cause as a sentence, and `is_denied` is False.
    `is_ours` is whether roles.yaml can fix it, None if unknown. `notes` are sentences.
    """

    call: DeniedCall
    why: str
    is_ours: bool | None
    remedies: tuple[Remedy, ...] = ()
    notes: tuple[str, ...] = ()
    declared: Declared | None = None

    @property
    def is_denied(self) -> bool:
        """Return whether a call was denied."""
        return not (self.call.symptom and self.call.symptom.cause)


def why_denied(call: DeniedCall) -> str:
    """Return the reason for a denied call, as a clause."""
    denial = call.denial
    if call.symptom and call.symptom.rule == "TRUST":
        return "ECS cannot assume the role"
    return f"{denial_clause(denial)} ({denial.policy})" if denial.policy else denial_clause(denial)
