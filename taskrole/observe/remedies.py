"""Fixes for denied calls, by the denying policy: lines of roles.yaml, or a statement for another policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from taskrole.arns import ECS_TASKS_PRINCIPAL
from taskrole.grant import RequiredElsewhere, RoleKind
from taskrole.observe.denied_calls import DeniedCall
from taskrole.observe.explanations import Declared, Explanation, Remedy, why_denied
from taskrole.observe.role_lines import resource_to_fill_in, role_lines

_KINDS: tuple[RoleKind, ...] = ("task", "execution")
_ROLE = "ROLE"
_DATE = 10  # characters

# Services with resource-based policies.
_WITH_POLICIES = frozenset(
    ("backup", "codeartifact", "dynamodb", "ecr", "elasticfilesystem", "es", "events", "execute-api", "glacier",
     "kinesis", "kms", "lambda", "logs", "s3", "schemas", "secretsmanager", "ses", "sns", "sqs", "sts",
     "vpc-lattice-svcs")
)  # fmt: skip
# Of these, the services whose policies have no Resource, or only `*`.
_WITHOUT_RESOURCE = frozenset({"ecr", "sts"})
_NOT_OURS = "roles.yaml cannot fix it."


def explain(call: DeniedCall, declared: Declared | None = None) -> Explanation:
    """Return the explanation of a denied call; `declared` is the evaluation against the declared role."""
    symptom = call.symptom
    if symptom and symptom.cause:
        return Explanation(call, symptom.cause, False)
    remedies = tuple(_remedies(call, declared))
    return Explanation(
        call, why_denied(call), _is_ours(call, declared), remedies, tuple(_notes(call, remedies)), declared
    )


def _is_ours(call: DeniedCall, declared: Declared | None) -> bool | None:
    if _is_trust(call):
        return True
    if call.denial.reason == "unknown":
        return True if declared and declared.is_denied and not call.denial.explicit else None
    return call.denial.reason in ("identity", "boundary")


def _remedies(call: DeniedCall, declared: Declared | None) -> Iterator[Remedy]:
    reason = call.denial.reason
    if _is_trust(call):
        yield _trust()
    elif reason in ("service-control", "resource-control"):
        yield _organization(call)
    elif reason == "session":
        yield Remedy(
            "The caller of sts:AssumeRole passed a session policy (Policy or PolicyArns), which must allow the call."
            f" ECS does not pass session policies; {_NOT_OURS}"
        )
    elif call.denial.explicit:
        yield _deny(call)
    elif reason == "endpoint":
        yield Remedy(f"Add to the policy of the VPC endpoint; {_NOT_OURS}", statement=_at_endpoint(call))
    elif reason == "boundary":
        yield Remedy(
            f"Add to the role's permissions boundary{_named(call)}, unless it forbids the call intentionally:",
            statement=_statement(call),
        )
        yield from _of_role(call, declared, "If the role's own policies do not allow it, add")
    elif reason == "resource":
        if not _is_foreign(call) and _service(call) not in ("kms", "sts"):
            yield from _of_role(call, declared, "The resource is in the same account, so it is enough to add")
        yield _elsewhere(call)
    else:
        yield from _of_role(call, declared)
        if call.resources and _is_foreign(call) and _service(call) in _WITH_POLICIES:
            yield _elsewhere(call)


def _of_role(call: DeniedCall, declared: Declared | None, begin: str = "Add") -> Iterator[Remedy]:
    """Yield the fix for the role itself: lines for a role of its kind, or of both kinds."""
    if declared and declared.is_allowed:
        yield Remedy(
            f"Role {declared.role} as declared allows it. Deploy stack {declared.stack}, or run"
            f" `taskrole verify {declared.stack}` to see how the role in the account differs."
        )
        return
    if not call.actions:
        return
    name = declared.role if declared else (call.session.name if call.session else "")
    resources = call.resources or tuple(
        dict.fromkeys(resource_to_fill_in(action, call.place) for action in call.actions)
    )
    is_open = not call.resources or any(":ACCOUNT:" in resource for resource in resources)
    to_fill_in = not name or (is_open and set(resources) != {"*"})
    because = f"was denied on {call.time[:_DATE]}" if call.time else "was denied"
    kinds: tuple[RoleKind, ...] = (declared.kind,) if declared else (call.kind,) if call.kind else _KINDS
    for number, kind in enumerate(kinds):
        how = f" ({call.kind_because})" if call.kind_because and not declared else ""
        which = f"the {kind} role{how}" if len(kinds) == 1 else f"a{'n' if kind == 'execution' else ''} {kind} role"
        sentence = f"or, for {which}:" if number else f"{begin} under roles in roles.yaml, for {which}:"
        yield Remedy(sentence, role_lines(name or _ROLE, kind, call.actions, resources, because), to_fill_in=to_fill_in)


def _trust() -> Remedy:
    return Remedy(
        "Let ECS assume the role: use the default trust in roles.yaml, or add this statement to your trust_policy."
        " The principal that starts the task needs iam:PassRole on the role.",
        statement={
            "Effect": "Allow",
            "Principal": {"Service": ECS_TASKS_PRINCIPAL},
            "Action": "sts:AssumeRole",
        },
    )


def _organization(call: DeniedCall) -> Remedy:
    kind = "service" if call.denial.reason == "service-control" else "resource"
    return Remedy(
        f"An administrator of the organization must change the {kind} control policy{_named(call)}, in the"
        f" management account or a delegated administrator account; {_NOT_OURS}"
    )


def _deny(call: DeniedCall) -> Remedy:
    """Return the fix for a Deny statement, which no Allow statement overrides."""
    where = {
        "identity": "a policy of the role (deny, statements, inline_policies or managed_policies in roles.yaml)",
        "boundary": "the policy that is the role's permissions boundary",
        "resource": f"the policy of the resource{_owner_clause(call)}, or a setting of it",
        "endpoint": "the policy of the VPC endpoint",
    }.get(
        call.denial.reason,
        "one of the policies that apply: the role's, its boundary, the resource's, the organization's",
    )
    return Remedy(
        f"A Deny statement overrides every Allow: narrow or remove it, in {where}{_named(call)}."
        " Check its conditions first: they may require a network, a tag or encryption that the call did not have."
    )


def _elsewhere(call: DeniedCall) -> Remedy:
    """Return the statement that the owner of the resource must add to its policy."""
    service = _service(call)
    resource = call.resources[0] if call.resources else "the resource"
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": call.session.role if call.session and call.session.role else "ARN_OF_THE_ROLE"},
        "Action": call.actions[0] if len(call.actions) == 1 else [*call.actions],
    }
    if service not in _WITHOUT_RESOURCE:
        statement["Resource"] = "*" if service == "kms" or not call.resources else call.resources[0]
    owner = _owner(call)
    policy = "trust" if service == "sts" else service
    required = RequiredElsewhere(owner, policy, resource, statement, "it must name the role, or the role's account")
    return Remedy("", required=required)


def _statement(call: DeniedCall) -> dict[str, Any]:
    resources = call.resources or tuple(
        dict.fromkeys(resource_to_fill_in(action, call.place) for action in call.actions)
    )
    return {
        "Effect": "Allow",
        "Action": call.actions[0] if len(call.actions) == 1 else [*call.actions],
        "Resource": resources[0] if len(resources) == 1 else [*resources],
    }


def _at_endpoint(call: DeniedCall) -> dict[str, Any]:
    role = call.session.role if call.session and call.session.role else "ARN_OF_THE_ROLE"
    # Policies of gateway endpoints support no other principal.
    return {**_statement(call), "Principal": "*", "Condition": {"ArnEquals": {"aws:PrincipalArn": role}}}


def _notes(call: DeniedCall, remedies: Sequence[Remedy]) -> Iterator[str]:
    if call.is_encoded:
        yield (
            "The message has an encoded part with more details: aws sts decode-authorization-message --encoded-message"
            " TEXT --query DecodedMessage --output text | taskrole explain-denial"
        )
    if not call.actions:
        yield (
            "The message does not name the denied call: see the event in CloudTrail (aws cloudtrail lookup-events)"
            " or the log of the application."
        )
    elif call.denial.reason == "unknown" and call.denial.explicit is None and not _is_trust(call):
        yield from _what_else(call)
    if call.symptom and call.symptom.kind:
        yield (
            f"taskrole derives these permissions from the task definition ({call.symptom.rule} in docs/rules.md):"
            " instead of adding the lines, name it under task_definitions in roles.yaml."
        )
    named = any(remedy.required or "Principal" in (remedy.statement or ()) for remedy in remedies)
    if named and call.session and call.session.role and not call.session.has_path:
        yield "The role's ARN is derived from the session's, which does not contain the role's path."


def _what_else(call: DeniedCall) -> Iterator[str]:
    """Yield other causes of such a denial, if the message does not name one."""
    service = _service(call)
    if service == "s3":
        yield (
            "S3 returns the same error if the bucket is in another account, if the object does not exist and the role"
            " lacks s3:ListBucket on the bucket, and if kms:Decrypt on the bucket's key is missing."
        )
    elif service == "kms":
        yield (
            "KMS returns the same error if the key is in another region or account, and if the key policy does not"
            " enable IAM policies."
        )
    elif call.symptom and call.symptom.rule == "EXE-1":
        yield (
            "ECS Exec returns the same error if the task was started without enableExecuteCommand, if the root file"
            " system of the container is read-only, and if ssmmessages cannot be reached."
        )
    elif service in _WITH_POLICIES:
        yield "If the role already allows the call, the policy of the resource or VPC endpoint or an SCP denies it."


def _is_trust(call: DeniedCall) -> bool:
    """Return whether ECS was denied assuming the role."""
    return call.symptom is not None and call.symptom.rule == "TRUST"


def _named(call: DeniedCall) -> str:
    return f" {call.denial.policy}" if call.denial.policy else ""


def _service(call: DeniedCall) -> str:
    return call.actions[0].partition(":")[0] if call.actions else ""


def _owner(call: DeniedCall) -> str | None:
    """Return the account of the resource, or None if its ARN does not contain it."""
    parts = call.resources[0].split(":", 5) if call.resources else []
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def _owner_clause(call: DeniedCall) -> str:
    owner = _owner(call)
    return f" in account {owner}" if owner else ""


def _is_foreign(call: DeniedCall) -> bool:
    owner, own = _owner(call), call.session.account if call.session else ""
    return owner is not None and own not in ("", owner)
