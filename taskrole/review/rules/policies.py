"""Checks of complete policies: malformed, over quota, sensitive, or sufficient to escalate privileges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from taskrole.errors import quote
from taskrole.finding import Finding
from taskrole.limits import MOST_MANAGED_POLICIES
from taskrole.plan.roles import PlannedRole
from taskrole.policy.comparison.permissions import read_permissions
from taskrole.policy.comparison.reading import read_once
from taskrole.policy.documents.statements import (
    LARGEST_INLINE_SUM,
    LARGEST_MANAGED_POLICY,
    LARGEST_TRUST_POLICY,
    compact_text,
    policy_size,
    unwritable_character,
)
from taskrole.policy.evaluation.action_counts import effective_actions
from taskrole.review.rules.own_policies import OwnPolicies
from taskrole.review.rules.rule import IAM, ReviewedPlan, ReviewRule
from taskrole.review.rules.statement_checks import check_statements
from taskrole.review.verdict import Judged, boundary_of, documents_of

QUOTAS = f"{IAM}/reference_iam-quotas.html"

MALFORMED = ReviewRule(
    "TR-POLICY-MALFORMED",
    "error",
    "IAM rejects the policy, or interprets it differently than it looks",
    "A statement that cannot be parsed cannot be evaluated: what it allows is not known.",
    "correct the statement",
    f"{IAM}/reference_policies_grammar.html",
)
QUOTA = ReviewRule(
    "TR-QUOTA",
    "error",
    "A policy, or all policies of a role together, exceed an IAM quota",
    "The apply fails after other resources have been changed.",
    "merge statements, or split the policy into managed ones",
    QUOTAS,
)
_HIDDEN = ReviewRule(
    "TR-POLICY-HIDDEN",
    "warning",
    "A policy is sensitive, so that no reviewer sees it",
    "Terraform shows `(sensitive value)` in the plan; the review evaluates the text and masks it.",
    "keep secrets out of policies: wrap the value in `nonsensitive()`, or refer to the resource differently",
    "https://developer.hashicorp.com/terraform/language/functions/nonsensitive",
)
ESCALATION = ReviewRule(
    "TR-ESCALATION",
    "error",
    "The role can give itself further permissions",
    "Together, these actions create permissions that the role was not granted: a new version of its own policy, or a"
    " role passed to a service that runs any code.",
    "remove one of the actions, or limit it to resources that grant no further permissions",
    f"{IAM}/access_policies_boundaries.html#access_policies_boundaries-delegate",
)

RULES = (MALFORMED, QUOTA, _HIDDEN, ESCALATION)

# All actions of an entry together are sufficient. Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
# for passing a role; the API reference for the others.
_ESCALATIONS = tuple(
    frozenset(actions.split())
    for actions in (
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:AttachGroupPolicy",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:PutGroupPolicy",
        "iam:AddUserToGroup",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PassRole ec2:RunInstances",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:RunTask",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:UpdateService",
        "iam:PassRole lambda:CreateFunction lambda:InvokeFunction",
        "iam:PassRole lambda:CreateFunction lambda:AddPermission",
        "iam:PassRole lambda:CreateFunction lambda:CreateEventSourceMapping",
        "iam:PassRole cloudformation:CreateStack",
        "iam:PassRole codebuild:CreateProject codebuild:StartBuild",
        "iam:PassRole glue:CreateJob glue:StartJobRun",
        "iam:PassRole glue:CreateDevEndpoint",
        "iam:PassRole sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl",
        "iam:PassRole states:CreateStateMachine states:StartExecution",
        "iam:PassRole ssm:StartAutomationExecution",
        "iam:PassRole datapipeline:CreatePipeline datapipeline:PutPipelineDefinition datapipeline:ActivatePipeline",
        "lambda:UpdateFunctionCode",
        "ssm:SendCommand",
        "ecs:ExecuteCommand",
    )
)


_PASSING = "iam:PassRole"

# Every escalation includes an action of another level, so a role with only these levels cannot escalate.
_HARMLESS = frozenset({"List", "Read", "Tagging"})


def check_policies(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about the roles' own policies, which are checked while the roles are assessed."""
    for judged in reviewed.roles:
        yield from reviewed.assessments[judged.role.address].findings


def check_own_policies(own: OwnPolicies) -> Iterator[Finding]:
    """Yield findings about a role's policies: about statements, and malformed, sensitive or too large policies."""
    yield from check_statements(own)
    sizes: dict[int, int] = {}
    judged = own.judged
    for policy in own.policies:
        document = policy.document
        if document is None:
            continue
        address = policy.address or judged.role.address
        # If the comparison of the role's sides parsed every policy, this policy is well-formed.
        problems = read_permissions([document])[1] if judged.policies.unresolved else []
        for problem in problems:
            yield MALFORMED.finding(address, f"{problem} of policy {policy.name}", policy=policy)
        text = compact_text(document)
        # Control characters are escaped in JSON.
        bad = None if text.isascii() else unwritable_character(text)
        if bad is not None:
            message = f"policy {policy.name} contains U+{ord(bad):04X}; IAM accepts characters up to U+00FF"
            yield MALFORMED.finding(address, message, policy=policy)
        size = sizes[id(policy)] = len(text)
        if policy.kind == "managed" and size > LARGEST_MANAGED_POLICY:
            message = f"policy {policy.name} has {size:,} characters; the quota is {LARGEST_MANAGED_POLICY:,}"
            yield QUOTA.finding(address, message)
        if policy.is_hidden:
            yield _HIDDEN.finding(address, f"policy {policy.name} of role {judged.role.name} is sensitive")
    yield from _quotas(judged.role, sizes)


def _quotas(role: PlannedRole, sizes: Mapping[int, int]) -> Iterator[Finding]:
    """Yield findings about quotas that a role's policies exceed together; `sizes` are by the `id()` of policies."""
    after = role.after
    if after is None:
        return
    inline = sum(
        sizes.get(id(policy)) or policy_size(policy.document)
        for policy in after.policies
        if policy.kind == "inline" and policy.document
    )
    if inline > LARGEST_INLINE_SUM:
        message = f"role {role.name} has {inline:,} characters of inline policies; the quota is {LARGEST_INLINE_SUM:,}"
        yield QUOTA.finding(role.address, message)
    attached = sum(policy.kind != "inline" for policy in after.policies)
    if attached > MOST_MANAGED_POLICIES:
        message = f"role {role.name} has {attached} managed policies; the quota is {MOST_MANAGED_POLICIES}"
        yield QUOTA.finding(role.address, message)
    # Most roles of a plan have the same trust policy.
    size = read_once(after.trust, policy_size) if after.trust else 0
    if size > LARGEST_TRUST_POLICY:
        message = f"the trust policy of role {role.name} has {size:,} characters; the quota is {LARGEST_TRUST_POLICY:,}"
        yield QUOTA.finding(role.address, message)


def check_escalation(reviewed: ReviewedPlan) -> Iterator[Finding]:
    """Yield findings about roles that can grant themselves further permissions."""
    for judged in reviewed.roles:
        combinations = _escalations(judged, after=True)
        if not combinations:
            continue
        new = [combination for combination in combinations if combination not in _escalations(judged, after=False)]
        named = "; ".join(" with ".join(sorted(combination)) for combination in (new or combinations)[:3])
        more = f" and {len(new or combinations) - 3} more" if len(new or combinations) > 3 else ""
        since = "from now on" if new else "as before"
        actions = sorted({action for combination in combinations for action in combination})
        message = f"role {judged.role.name} can give itself permissions, {since}: {named}{more}"
        hidden = any(policy.is_hidden for policy in judged.role.after.policies) if judged.role.after else False
        if hidden:
            message = f"{ESCALATION.title}: {quote(judged.role.name)} has a sensitive policy; its text is masked"
        yield ESCALATION.finding(judged.role.address, message, actions=() if hidden else actions)


def _escalations(judged: Judged, *, after: bool) -> list[frozenset[str]]:
    side = judged.role.after if after else judged.role.before
    levels = judged.review.actions_after if after else judged.review.actions_before
    if side is None or _HARMLESS.issuperset(levels):
        return []
    effective = effective_actions(documents_of(side), boundary_of(side))
    # Passing only specific roles is legitimate for a deployment role.
    actions = effective.actions if _PASSING in effective.on_everything else effective.actions - {_PASSING}
    return [combination for combination in _ESCALATIONS if combination <= actions]
