"""Checks of trust policies: new principals, removed conditions, no protection against the confused deputy problem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.arns import ECS_TASKS_PRINCIPAL
from taskrole.finding import Finding
from taskrole.grant import conditions_clause
from taskrole.policy.comparison.compare import Row
from taskrole.policy.comparison.trust import account_of, principal_name, principals_of
from taskrole.policy.comparison.trust_changes import ways_clause
from taskrole.review.rules.rule import ECS_GUIDE, IAM, ReviewedPlan, ReviewRule
from taskrole.review.verdict import Judged

PUBLIC = ReviewRule(
    "TR-TRUST-ANYBODY",
    "error",
    "Anyone can assume the role",
    "A trust policy with the principal `*` lets every AWS account use the role's permissions.",
    "name the service or the role that needs to assume it",
    f"{IAM}/reference_policies_elements_principal.html",
)
_ACCOUNT = ReviewRule(
    "TR-TRUST-ACCOUNT",
    "error",
    "Another account can assume the role",
    "The administrators of that account decide who uses the role's permissions.",
    "remove the principal, or name a role of that account and require sts:ExternalId",
    f"{IAM}/id_roles_create_for-user_externalid.html",
)
PRINCIPAL = ReviewRule(
    "TR-TRUST-PRINCIPAL",
    "warning",
    "Another principal can assume the role",
    "ECS assumes the roles of its tasks; every other principal in the trust policy has the task's permissions.",
    "remove the principal unless it is intended",
    f"{IAM}/reference_policies_elements_principal.html",
)
_CONDITIONS = ReviewRule(
    "TR-TRUST-CONDITIONS",
    "error",
    "Conditions of the trust policy are removed or loosened",
    "Without them, the same principal can assume the role where it could not before.",
    "restore the conditions",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
DEPUTY = ReviewRule(
    "TR-TRUST-DEPUTY",
    "note",
    "ECS can assume the role for any account",
    "Without aws:SourceAccount or aws:SourceArn, another account could make ECS use the role (confused deputy).",
    "add the condition StringEquals aws:SourceAccount with the account of the tasks",
    f"{ECS_GUIDE}/task-iam-roles.html",
)

RULES = (PUBLIC, _ACCOUNT, PRINCIPAL, _CONDITIONS, DEPUTY)

_DEPUTY_KEYS = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})


def check_opened(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about principals that can assume a role after the plan but not before."""
    for judged in reviewed.roles:
        known = _principals_before(judged)
        for row in judged.trust.added:
            if row.effect == "Allow" and row.not_resources:
                yield trust_finding(PUBLIC, judged, f"{_who(row)} can assume role {judged.role.name}{_how(row)}")
            elif row.effect == "Allow":
                for principal in row.resources:
                    yield from _opened(reviewed, judged, row, principal, principal in known)
        for row in judged.trust.removed:
            if row.effect == "Deny":
                end = f"no longer denied to assume role {judged.role.name}{_how(row)}"
                yield trust_finding(_CONDITIONS, judged, f"{_who(row)} is {end}")


def check_deputy(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about roles that ECS can assume on behalf of any account."""
    for judged in reviewed.roles:
        after = judged.role.after
        for principal, statement in principals_of(after.trust) if after and after.trust else ():
            if principal == f"Service:{ECS_TASKS_PRINCIPAL}" and _keys(statement).isdisjoint(_DEPUTY_KEYS):
                yield trust_finding(DEPUTY, judged, f"ECS can assume role {judged.role.name} on behalf of any account")
                break


def _opened(
    reviewed: ReviewedPlan,
    judged: Judged,
    row: Row,
    principal: str,
    was_there: bool,
) -> Iterator[Finding]:
    who, how = principal_name(principal), _how(row)
    if was_there:
        now = how or " without any condition"
        before = _before(judged, who)
        end = f"; before, only{before}" if before else ", which is more than before"
        yield trust_finding(_CONDITIONS, judged, f"{who} can assume role {judged.role.name}{now}{end}")
    elif principal == "*" and not row.conditions:
        yield trust_finding(PUBLIC, judged, f"anyone can assume role {judged.role.name}")
    elif principal == "*" or _is_foreign(reviewed, judged, principal):
        yield trust_finding(_ACCOUNT, judged, f"{who} can assume role {judged.role.name}{how}")
    elif judged.role.before is not None or principal != f"Service:{ECS_TASKS_PRINCIPAL}":
        yield trust_finding(PRINCIPAL, judged, f"{who} can assume role {judged.role.name}{how}")


def _who(row: Row) -> str:
    named = ", ".join(map(principal_name, row.resources))
    return f"everyone except {named}" if row.not_resources else named


def _how(row: Row) -> str:
    return conditions_clause(row.conditions)


def _before(judged: Judged, who: str) -> str:
    """Return the conditions under which a principal could assume a role before, as the end of a sentence."""
    changes = [change for change in judged.review.trust.changes if change.principal == who and change.effect == "Allow"]
    ways = [method for change in changes for method in change.before]
    return ways_clause(ways) if ways and all(method.conditions for method in ways) else ""


def _is_foreign(reviewed: ReviewedPlan, judged: Judged, principal: str) -> bool:
    own = judged.role.account or (reviewed.place.account if reviewed.place else None)
    account = account_of(principal)
    return account is not None and account != own


def trust_finding(rule: ReviewRule, judged: Judged, message: str) -> Finding:
    """Return a finding about a trust policy; its message reveals nothing of a sensitive one."""
    after = judged.role.after
    if after is not None and after.trust_is_hidden:
        message = f"{rule.title}; the trust policy is sensitive and masked"
    return rule.finding(judged.role.address, message)


def _principals_before(judged: Judged) -> set[str]:
    before = judged.role.before
    return {principal for principal, _ in principals_of(before.trust)} if before and before.trust else set()


def _keys(statement: Mapping[str, object]) -> set[str]:
    block = statement.get("Condition")
    pairs = block.values() if isinstance(block, Mapping) else ()
    return {key.lower() for pair in pairs if isinstance(pair, Mapping) for key in pair}
