"""Describes in words why AWS denied a call."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.observe.recording import Denial, DenialReason

_NOT_SAID = "the message does not contain the reason"


def denial_clause(denial: Denial | None) -> str:
    """Return the reason for a denied call, as a clause with `it` for the call."""
    if denial is None:
        return _NOT_SAID
    clause = _WHY.get((denial.reason, denial.explicit)) or _WHY.get((denial.reason, None)) or _NOT_SAID
    return clause.format(of=_of_resource(denial.action)) if denial.reason == "resource" else clause


def _of_resource(action: str) -> str:
    service = action.partition(":")[0]
    return {"kms": "the key's policy", "sts": "the trust policy of the role"}.get(service, "the policy of the resource")


_WHY: Mapping[tuple[DenialReason, bool | None], str] = {
    ("identity", False): "no policy of the role allows it",
    ("identity", True): "a Deny statement in a policy of the role denies it",
    ("boundary", False): "the role's permissions boundary does not allow it",
    ("boundary", True): "a Deny statement in the role's permissions boundary denies it",
    ("session", False): "the session policy does not allow it",
    ("session", True): "a Deny statement in the session policy denies it",
    ("resource", False): "{of} does not allow it",
    ("resource", True): "a Deny statement in {of}, or a setting of the resource, denies it",
    ("resource", None): "the resource is in another region, or {of} does not allow it, or denies it",
    ("service-control", False): "no service control policy (SCP) of the organization allows it",
    ("service-control", True): "a Deny statement in a service control policy (SCP) of the organization denies it",
    ("resource-control", False): "no resource control policy (RCP) of the organization allows it",
    ("resource-control", True): "a Deny statement in a resource control policy (RCP) of the organization denies it",
    ("endpoint", False): "the policy of the VPC endpoint does not allow it",
    ("endpoint", True): "a Deny statement in the policy of the VPC endpoint denies it",
    ("unknown", True): "a Deny statement in an unknown policy denies it",
}
