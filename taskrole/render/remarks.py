"""What the ids of reports mean that are no rules about task definitions: of roles.yaml, of an audit, of a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.dataclass import dataclass

_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"
_LEVELS = f"{_IAM}/access_policies_understand-policy-summary-access-level-summaries.html"
_REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"


@dataclass(frozen=True)
class Remark:
    """An id with what it means, why it matters, and the fix, if there is one."""

    id: str
    what: str
    title: str
    why: str
    doc: str
    fix: str = ""


_REMARKS = (
    Remark(
        "GRANTS",
        "grants, as roles.yaml says",
        "An entry of grants",
        "no task definition needs it; the entry names resources, and actions or an access level, which stands for the"
        " actions of that level that each resource takes",
        _LEVELS,
    ),
    Remark(
        "DENY",
        "denies, as roles.yaml says",
        "An entry of deny",
        "it holds against whatever else allows the same, also against what policies of resources allow",
        f"{_IAM}/reference_policies_evaluation-logic.html",
    ),
    Remark(
        "GRANT-STAR",
        "notes, of roles.yaml",
        "An access level leaves out what can be allowed on * only",
        "such actions name no resource, so that the ARNs of the entry cannot limit them; to allow them, they must be"
        " allowed on everything",
        _REFERENCE,
        "name the actions that are called in an entry of their own, on *",
    ),
    Remark(
        "GRANT-ELSEWHERE",
        "notes, of roles.yaml",
        "An access level grants what may need another resource, too",
        "AWS asks for some actions on resources of two types at once, and the entry names those of one",
        _REFERENCE,
        "add the resources of the types that the note names, where the calls need them",
    ),
    Remark(
        "AUDIT-GONE",
        "finds an error in an account",
        "A task definition names a role that does not exist",
        "ECS cannot assume it; tasks that run lose their credentials, and none starts any more",
        f"{_ECS}/security-iam-roles.html",
        "make the role again, or register the task definition with another one",
    ),
    Remark(
        "AUDIT-FOREIGN",
        "warns of an account",
        "A task definition names a role of another account",
        "ECS assumes roles of the tasks' own account only",
        f"{_ECS}/security-iam-roles.html",
        "make the role in the tasks' account; for what is in the other one, let the application assume a role there",
    ),
    Remark(
        "AUDIT-SHARED",
        "warns of an account",
        "Families with different needs share a role",
        "each of their tasks may do what the others need",
        f"{_ECS}/security-iam-roles.html",
        "give each family a role of its own",
    ),
    Remark(
        "AUDIT-BOTH",
        "warns of an account",
        "One role is an execution role and a task role",
        "the application in the containers may do all that ECS does to start them, such as read every secret",
        f"{_ECS}/task-iam-roles.html",
        "use two roles",
    ),
    Remark(
        "AUDIT-MISSING",
        "finds an error in an account",
        "A role does not allow what a task definition needs",
        "the task does not start, or part of its work fails",
        f"{_ECS}/task_execution_IAM_role.html",
        "add the permission to the role; `taskrole derive` prints the statement",
    ),
    Remark(
        "AUDIT-UNKNOWN",
        "warns of an account",
        "It is unknown whether a role allows what a task definition needs",
        "a part of the role or of the task definition is not known",
        f"{_ECS}/task_execution_IAM_role.html",
        "set the option that the message names",
    ),
    Remark(
        "AUDIT-UNREAD",
        "finds an error in an organization",
        "An account or region was not read",
        "the roles of its tasks are unknown",
        f"{_IAM}/id_roles_create_for-user.html",
        "create the role that `taskrole audit --print-policy` is for, and run the same command again",
    ),
    Remark(
        "CONFIG",
        "finds an error in roles.yaml",
        "roles.yaml is not valid",
        "no verb runs with it",
        f"{_IAM}/reference_policies_elements.html",
        "the message names the rule and the value",
    ),
    Remark(
        "EXCESS",
        "notes, of a check or an audit",
        "A role allows more than its task definitions need",
        "every unused permission is one that an attacker in the task can use",
        f"{_IAM}/best-practices.html#grant-least-privilege",
        "replace its policies with those that `taskrole derive` prints",
    ),
    Remark(
        "CALL-DENIED",
        "finds an error in recorded calls",
        "A recorded call would be denied",
        "the application made the call with the old role, and would fail with the new one",
        f"{_IAM}/reference_policies_evaluation-logic.html",
        "grant the call, or make sure that it is not needed",
    ),
    Remark(
        "CALL-UNKNOWN",
        "warns of recorded calls",
        "It is unknown whether a recorded call would be allowed",
        "its resource, a condition or a part of the role is not known",
        f"{_IAM}/reference_policies_evaluation-logic.html",
    ),
    Remark(
        "OBSERVE-DENIED",
        "warns of recorded calls",
        "A call of a role was denied",
        "the application tried what its role does not allow",
        f"{_IAM}/troubleshoot_access-denied.html",
        "`taskrole explain-denial` names the policy that lacks the permission",
    ),
    Remark(
        "OBSERVE-PROPOSED",
        "notes, of recorded calls",
        "A role used a permission that roles.yaml does not declare",
        "a role made of roles.yaml alone would not allow it",
        f"{_IAM}/access-analyzer-policy-generation.html",
        "add it to grants in roles.yaml",
    ),
    Remark(
        "OBSERVE-UNUSED",
        "notes, of recorded calls",
        "A role did not use a permission",
        "the evidence shows such calls, and there were none",
        f"{_IAM}/access_policies_last-accessed.html",
        "remove it if the evidence covers all that the application does",
    ),
    Remark(
        "OBSERVE-OPEN",
        "warns of recorded calls",
        "A recorded event maps to no permission",
        "what it needs is not proposed",
        f"{_IAM}/cloudtrail-integration.html",
        "find the permission in the service authorization reference, and grant it",
    ),
)


def remarks() -> Mapping[str, Remark]:
    """Return all remarks by their ids in capitals, those on the rules of the review included."""
    return {remark.id.upper(): remark for remark in (*_REMARKS, *_of_reviews())}


def own_remarks() -> tuple[Remark, ...]:
    """Return the remarks that are not rules of the review, in the order of docs/rules.md."""
    return _REMARKS


def titles() -> Mapping[str, str]:
    """Return the title of each code that a finding can have, by code."""
    from taskrole.taskdef import RULES as TASK_RULES

    return {
        **{rule.id: rule.title for rule in TASK_RULES.values()},
        **{remark.id: remark.title for remark in remarks().values()},
    }


def _of_reviews() -> Iterator[Remark]:
    # Imported late: the rules of the review load the evaluation of plans.
    from taskrole.review.rules import RULES, UNRESOLVED_RULE

    for rule in (*RULES.values(), UNRESOLVED_RULE):
        yield Remark(rule.id, f"finds in a plan, {rule.severity}", rule.title, rule.why, rule.doc, rule.fix)
