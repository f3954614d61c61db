"""What the ids of reports mean that are no rules about task definitions: of roles.yaml, of an audit, of a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
)


def remarks() -> Mapping[str, Remark]:
    """Return all remarks by their ids in capitals, those on the rules of the review included."""
    return {remark.id.upper(): remark for remark in (*_REMARKS, *_of_reviews())}


def _of_reviews() -> Iterator[Remark]:
    # Imported late: the rules of the review load the evaluation of plans.
    from taskrole.review.rules import RULES, UNRESOLVED_RULE

    for rule in (*RULES.values(), UNRESOLVED_RULE):
        yield Remark(rule.id, f"finds in a plan, {rule.severity}", rule.title, rule.why, rule.doc, rule.fix)
