"""What a denied call comes to: why it was denied, and what mends it, by whom. One sentence or clause a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taskrole.grant import RequiredElsewhere, RoleKind
from taskrole.observe.denied_calls import DeniedCall
from taskrole.observe.recording import DenialReason
from taskrole.policy.evaluation.coverage import Coverage

_NOT_SAID = "the message does not say why"


@dataclass(frozen=True)
class Declared:
    """What the declared role says of the calls: each action with its answer; `forbidden` are those of its boundary."""

    stack: str
    role: str
    kind: RoleKind
    coverage: tuple[tuple[str, Coverage], ...]
    forbidden: tuple[str, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Whether the role allows all of the actions."""
        return bool(self.coverage) and all(one.answer == "allowed" for _, one in self.coverage)

    @property
    def is_denied(self) -> bool:
        """Whether the role does not allow one of the actions."""
        return any(one.answer == "denied" for _, one in self.coverage)


@dataclass(frozen=True)
class Remedy:
    """What mends a denied call: a sentence, and the lines or the statement that it is about.

    `lines` go under the roles of a stack in roles.yaml, `statement` into the policy that the sentence names, and
    `required` into a policy of another account. `to_fill_in` says that the lines have words in capitals to replace.
    """

    sentence: str
    lines: str = ""
    statement: Mapping[str, Any] | None = None
    required: RequiredElsewhere | None = None
    to_fill_in: bool = False


@dataclass(frozen=True)
class Explanation:
    """A denied call, why it was denied, and what mends it. `why` is a clause that speaks of the call as `it`.

    Of a failure with another cause, that no policy is about, `why` is the cause, a sentence, and `is_denied` false.
    `is_ours` says whether roles.yaml can mend it, None where that is not known. `notes` are sentences.
    """

    call: DeniedCall
    why: str
    is_ours: bool | None
    remedies: tuple[Remedy, ...] = ()
    notes: tuple[str, ...] = ()
    declared: Declared | None = None

    @property
    def is_denied(self) -> bool:
        """Whether a call was denied."""
        return not (self.call.symptom and self.call.symptom.cause)


def why_denied(call: DeniedCall) -> str:
    """Return why a call was denied, a clause."""
    denial = call.denial
    if call.symptom and call.symptom.rule == "TRUST":
        return "ECS may not assume the role"
    policy = f" ({denial.policy})" if denial.policy else ""
    clause = _WHY.get((denial.reason, denial.explicit)) or _WHY.get((denial.reason, None)) or _NOT_SAID
    if denial.reason == "resource":
        clause = clause.format(of=_of_resource(denial.action))
    return f"{clause}{policy}"


def _of_resource(action: str) -> str:
    service = action.partition(":")[0]
    return {"kms": "the key's policy", "sts": "the trust policy of the role"}.get(service, "the policy of the resource")


_WHY: Mapping[tuple[DenialReason, bool | None], str] = {
    ("identity", False): "no policy of the role allows it",
    ("identity", True): "a Deny statement in a policy of the role denies it",
    ("boundary", False): "the role's permissions boundary does not allow it",
    ("boundary", True): "a Deny statement in the role's permissions boundary denies it",
    ("session", False): "the session policy with which the role was assumed does not allow it",
    ("session", True): "a Deny statement in the session policy with which the role was assumed denies it",
    ("resource", False): "{of} does not allow it",
    ("resource", True): "a Deny statement in {of}, or a setting of the resource, denies it",
    ("resource", None): "the resource is in another region, or {of} does not allow it, or denies it",
    ("service-control", False): "no service control policy (SCP) of the organization allows it",
    ("service-control", True): "a Deny statement in a service control policy (SCP) of the organization denies it",
    ("resource-control", False): "no resource control policy (RCP) of the organization allows it",
    ("resource-control", True): "a Deny statement in a resource control policy (RCP) of the organization denies it",
    ("endpoint", False): "the policy of the VPC endpoint that it went through does not allow it",
    ("endpoint", True): "a Deny statement in the policy of the VPC endpoint that it went through denies it",
    ("unknown", True): "a Deny statement denies it, and the message does not say in which policy",
}
