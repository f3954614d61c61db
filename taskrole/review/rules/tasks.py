"""Checks of roles against the task definitions of the plan: missing and excess permissions, shared roles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from taskrole.finding import Finding
from taskrole.grant import Grant
from taskrole.plan.model import MASK
from taskrole.plan.planned_task import PlannedTask
from taskrole.policy.catalogue.managed import managed_policy
from taskrole.policy.documents.statements import Document
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.policy.evaluation.excess import Excess
from taskrole.review.need_coverage import NeedCoverage, answers_of_policy
from taskrole.review.rules.rule import ECS_GUIDE, ReviewedPlan, ReviewRule
from taskrole.review.verdict import Judged, Need

EXECUTION_PAGE = f"{ECS_GUIDE}/task_execution_IAM_role.html"

MISSING = ReviewRule(
    "TR-TASK-MISSING",
    "error",
    "A role lacks permissions that a task definition needs",
    "The task does not start (ResourceInitializationError, CannotPullContainerError), or fails soon after.",
    "allow the actions on the resources that the finding names",
    EXECUTION_PAGE,
)
EXCESS = ReviewRule(
    "TR-EXEC-EXCESS",
    "warning",
    "An execution role has permissions that its task definitions do not need",
    "A permission that no task needs is of use only to an attacker.",
    "remove the permissions that the finding names, or derive the role with taskrole derive",
    EXECUTION_PAGE,
)
APPLICATION = ReviewRule(
    "TR-EXEC-APPLICATION",
    "warning",
    "An execution role has permissions for an application",
    "ECS uses the execution role to start the task. The application uses the task role and never these permissions.",
    "move them to the task role",
    f"{ECS_GUIDE}/task-iam-roles.html",
)
_BOTH = ReviewRule(
    "TR-EXEC-IS-TASK",
    "warning",
    "A role is both execution role and task role",
    "The application gets permissions that only ECS needs: it can pull every image and read every secret of the task.",
    "use two roles",
    f"{ECS_GUIDE}/security-iam-roles.html",
)
_MANAGED = ReviewRule(
    "TR-EXEC-MANAGED",
    "warning",
    "An execution role has a broad AWS managed policy",
    "AWS managed policies suit many customers: they allow actions on `*`, and AWS adds more. A task needs a few actions"
    " on a few ARNs.",
    "attach a policy with the actions and ARNs that the finding names",
    EXECUTION_PAGE,
)
INVALID = ReviewRule(
    "TR-TASK-INVALID",
    "warning",
    "A part of a task definition is invalid, so that its needs are not known",
    "The permissions that it needs are not part of the comparison.",
    "correct the field",
    f"{ECS_GUIDE}/task_definition_parameters.html",
)

RULES = (MISSING, EXCESS, APPLICATION, _BOTH, _MANAGED, INVALID)

# The AWS managed policy for execution roles is not broad.
_EXECUTION_POLICY = "service-role/AmazonECSTaskExecutionRolePolicy"


def check_missing(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about permissions that task definitions need and their roles lack after the plan."""
    for covered in reviewed.covered_needs:
        for reason, actions in covered.by_reason("denied"):
            yield _missing(reviewed, covered, actions, reason)


def check_excess(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about permissions of execution roles that the task definitions of the plan do not need."""
    for judged in reviewed.roles:
        unneeded = reviewed.assessments[judged.role.address].unneeded
        if not unneeded:
            continue
        application = [excess for excess in unneeded if _is_of_application(excess)]
        rest = [excess for excess in unneeded if not _is_of_application(excess)]
        # The remaining part of a resource can come from a sensitive boundary.
        boundary = judged.role.after.boundary if judged.role.after else None
        users = reviewed.users(judged.role.address)
        hidden = (boundary is not None and boundary.is_hidden) or any(task.is_hidden for task in users)
        for rule, some in ((APPLICATION, application), (EXCESS, rest)):
            if some:
                named = "; ".join(
                    excess.action if hidden else f"{excess.action} {excess.because}" for excess in some[:3]
                )
                more = f"; and {len(some) - 3} more actions" if len(some) > 3 else ""
                message = reviewed.symbolic_arns.restore(f"role {judged.role.name}: {named}{more}")
                yield rule.finding(judged.role.address, message, actions=[excess.action for excess in some[:20]])


def _is_of_application(excess: Excess) -> bool:
    """Return whether ECS itself never uses the action with an execution role."""
    return excess.action.lower() not in _execution_actions() and not excess.needed


def check_roles(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about roles used as both kinds, and about broad managed policies on execution roles."""
    for judged in reviewed.roles:
        execution = reviewed.users(judged.role.address, "execution")
        shared = [task for task in execution if task in reviewed.users(judged.role.address, "task")]
        if shared:
            message = f"role {judged.role.name} is both execution role and task role of {shared[0].address}"
            yield _BOTH.finding(judged.role.address, message)
        if execution and judged.role.after:
            for policy in judged.role.after.policies:
                if policy.kind == "aws" and not policy.key.endswith(_EXECUTION_POLICY):
                    yield from _managed(reviewed, judged, policy.key, execution)


def check_task_definitions(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about invalid parts of task definitions."""
    for task in reviewed.tasks:
        if task.change.is_touched:
            for finding in task.findings:
                if finding.severity == "error":
                    message = "a sensitive field" if task.is_hidden else f"{finding.source} {finding.message}"
                    yield INVALID.finding(task.address, reviewed.symbolic_arns.restore(message))


def _missing(reviewed: ReviewedPlan, covered: NeedCoverage, actions: Sequence[str], reason: str) -> Finding:
    role, need, symbolic_arns = covered.judged.role, covered.need, reviewed.symbolic_arns
    is_hidden = need.task.is_hidden
    where = MASK if is_hidden else ", ".join(need.grant.resources)
    why = "" if is_hidden else f", which {need.grant.source} needs ({need.grant.because}): {reason}"
    consequence = (
        "the task will not start" if need.grant.role == "execution" else "the calls of the task will be denied"
    )
    message = f"{need.task.address}: role {role.name} lacks {', '.join(actions)} on {where}{why}; {consequence}"
    fix = f"allow {', '.join(actions)} on {where}"
    message, fix, where = symbolic_arns.restore(message), symbolic_arns.restore(fix), symbolic_arns.restore(where)
    return MISSING.finding(role.address, message, actions=actions, resources=(where,), fix=fix)


def _managed(reviewed: ReviewedPlan, judged: Judged, arn: str, tasks: Sequence[PlannedTask]) -> Iterator[Finding]:
    policy = managed_policy(arn)
    if policy is None:
        return
    count = len(effective_actions([policy.document]).actions)
    message = f"role {judged.role.name} of {tasks[0].address} has {policy.name}, which allows {count} actions"
    needs = [need for need in reviewed.needs.get(judged.role.address, ()) if need.grant.role == "execution"]
    used = [need.grant for need in needs if _may_serve(policy.document, need)]
    hidden = any(task.is_hidden for task in tasks)
    fix = (
        f"replace it with {'; '.join(dict.fromkeys(map(_grant_text, used)))}"
        if used
        else "detach it: no task needs any of its permissions"
    )
    is_measured = judged.review.is_measured and not hidden
    fix = reviewed.symbolic_arns.restore(fix) if is_measured else _MANAGED.fix
    yield _MANAGED.finding(judged.role.address, message, resources=(arn,), fix=fix)


def _may_serve(document: Document, need: Need) -> bool:
    return not answers_of_policy(document, need) <= {"denied"}


def _grant_text(grant: Grant) -> str:
    return f"{', '.join(grant.actions)} on {', '.join(grant.resources)}"


@cache
def _execution_actions() -> frozenset[str]:
    """Return the actions that ECS itself uses with an execution role, in lower case."""
    # Imported late: the rules for task definitions take longer to load than a small review.
    from taskrole.taskdef.rules import RULES as TASK_RULES

    return frozenset(
        action.lower() for rule in TASK_RULES.values() if "execution" in rule.roles for action in rule.actions
    )
