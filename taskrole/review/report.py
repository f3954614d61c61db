"""The report of a review: the model that every format is rendered from, and its versioned JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.grant import Condition, Effect, RoleKind
from taskrole.plan.accounting import Accounting, NotReviewed
from taskrole.plan.model import Unresolved
from taskrole.policy.comparison.compare import Verdict
from taskrole.policy.comparison.trust_changes import PrincipalChange
from taskrole.policy.documents.statements import Document

ManagedChange = Literal["gains", "loses", "edits", "keeps"]
Lifecycle = Literal["new", "removed", "kept"]
Outcome = Literal["undone", "kept", "changed", "unknown"]


@dataclass(frozen=True)
class TrustChange:
    """Who can assume a role before and after; None if the role does not exist or its trust policy is unknown.

    `changed` is about the effect, not the text. `added` and `removed` are clauses: `account 1… can assume it`;
    `changes` is the same by principal, with before and after, and is empty if the policy is sensitive.
    `key` identifies the change, for an approval.
    """

    changed: bool
    before: Document | None
    after: Document | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    key: str = ""
    approved: bool = False
    changes: tuple[PrincipalChange, ...] = ()


@dataclass(frozen=True)
class AccessRow:
    """A grant that a role gains or loses.

    `because` names the field of a task definition in the plan that needs it, and the needed actions if not all are
    needed; it is empty if no field needs any. `key` is the key of the normalised grant, with which an approval matches
    it in later plans. `origin` is the role's policies or its permissions boundary; no boundary counts as a grant of
    everything. `not_actions` and `not_resources`: the row applies to all except those listed. `forbidden`: the role's
    permissions boundary blocks all of it, so that it has no effect until the boundary changes.

    `policy` is the ARN of an AWS managed policy that the role gains or loses as a whole: the row represents all of it
    and has no actions of its own, and `count` is the number of known actions that the policy allows (None for what it
    denies). `parts` are the rows that this one includes: those of the policy or, for `*` on `*`, all others of a role.
    """

    effect: Effect
    access_level: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    sentence: str
    because: str
    key: str
    approved: bool = False
    origin: Literal["policy", "boundary"] = "policy"
    not_actions: bool = False
    not_resources: bool = False
    policy: str = ""
    count: int | None = None
    parts: tuple[AccessRow, ...] = ()
    forbidden: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether the row covers every action on every resource, without conditions."""
        if self.policy:
            return any(part.is_everything for part in self.parts)
        is_whole = not (self.conditions or self.not_actions or self.not_resources)
        return is_whole and "*" in self.actions and "*" in self.resources


@dataclass(frozen=True)
class ManagedPolicy:
    """An AWS or customer managed policy of a role, and how it changes. `edits`: it stays, but its document changes.

    If the ARN is unknown, `arn` is the address of the policy or of the resource that attaches it. `actions` is the
    number of known actions that it allows by itself; None if its document is unknown.
    """

    name: str
    arn: str
    owner: Literal["aws", "customer"]
    change: ManagedChange
    actions: int | None


@dataclass(frozen=True)
class RoleReview:
    """A role of a plan: the verdict, its trust, what it gains and loses, and its known actions by access level.

    `managed` are its managed policies by name, including unchanged ones; their permissions are in the rows.
    `is_known` is False if it represents a role that the plan does not name: the rows are what some role gains.
    `used_as` is how task definitions of the plan use it; `needs_unknown` is why the needs of these, or of others that
    may use it, are unknown. A row is reported as not needed only if a task uses the role and all needs are known.
    `lifecycle` is whether the role exists before and after the plan.
    """

    address: str
    name: str
    verdict: Verdict
    trust: TrustChange
    added: tuple[AccessRow, ...] = ()
    removed: tuple[AccessRow, ...] = ()
    actions_before: Mapping[str, int] = field(default_factory=dict)
    actions_after: Mapping[str, int] = field(default_factory=dict)
    managed: tuple[ManagedPolicy, ...] = ()
    is_known: bool = True
    used_as: tuple[RoleKind, ...] = ()
    needs_unknown: str = ""
    lifecycle: Lifecycle = "kept"

    @property
    def is_measured(self) -> bool:
        """Whether task definitions of the plan use the role, and all their needs are known."""
        return bool(self.used_as) and not self.needs_unknown


@dataclass(frozen=True)
class PolicyReview:
    """A customer managed policy that a plan touches, compared separately.

    `attachments` is the number of its attachments in the account, None if unknown; `seen` how many of them are in the
    plan. `counts` is True if the verdict counts separately, because principals outside the plan have the policy;
    otherwise the rows of its roles contain the whole change. `note` is a clause on the attachments. `key` is for an
    approval of the whole change.
    """

    address: str
    name: str
    arn: str
    verdict: Verdict
    added: tuple[AccessRow, ...] = ()
    removed: tuple[AccessRow, ...] = ()
    attachments: int | None = None
    seen: int = 0
    counts: bool = False
    note: str = ""
    key: str = ""
    approved: bool = False


@dataclass(frozen=True)
class WorkloadReview:
    """A workload whose role changes with a plan: what it gains and loses, as the difference between the two roles.

    `attribute` names the role; `before` and `after` are role names, ARNs or references, empty for none. `verdict` is
    `unresolved` if either role is not in the plan, for the reason in `because`. If `attribute` is the one with which
    the plan enables ECS Exec, `after` names the task roles and `because` is what a shell can do.
    """

    address: str
    name: str
    attribute: str
    before: str
    after: str
    verdict: Verdict
    added: tuple[AccessRow, ...] = ()
    removed: tuple[AccessRow, ...] = ()
    because: str = ""
    key: str = ""
    approved: bool = False


@dataclass(frozen=True)
class SettingsUse:
    """What the settings removed from a report or changed.

    Disabled rules with their numbers of findings; waived findings and approved changes by owner; rules with a lower
    severity than the default, with their numbers of findings.
    """

    off: tuple[tuple[str, int], ...] = ()
    waived: tuple[tuple[str, int], ...] = ()
    approved: tuple[tuple[str, int], ...] = ()
    lowered: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class DriftChange:
    """A difference from what was last applied. `broadens` is whether it allows more.

    `outcome` is what the plan does about it: undone, kept, changed again, or unknown until the apply.
    """

    sign: Literal["+", "-", "±"]
    text: str
    broadens: bool
    outcome: Outcome


@dataclass(frozen=True)
class Drift:
    """What was changed outside Terraform in a resource, without values that a refresh fills in."""

    address: str
    changes: tuple[DriftChange, ...]


@dataclass(frozen=True)
class PlanFacts:
    """The plan itself: its hash (sha256 of what it will apply), its versions, and whether it is complete."""

    hash: str
    format_version: str
    terraform_version: str
    is_complete: bool = True
    is_errored: bool = False
    creates: int = 0
    updates: int = 0
    deletes: int = 0


@dataclass(frozen=True)
class Report:
    """The report of a review. `reasons` are why it is blocked, one line each; `notes` are hints for the reader."""

    verdict: Verdict
    blocked: bool
    reasons: tuple[str, ...]
    plan: PlanFacts
    roles: tuple[RoleReview, ...]
    findings: tuple[Finding, ...]
    unresolved: tuple[Unresolved, ...]
    notes: tuple[str, ...] = ()
    data_date: str = ""
    drift: tuple[Drift, ...] = ()
    policies: tuple[PolicyReview, ...] = ()
    workloads: tuple[WorkloadReview, ...] = ()
    not_reviewed: tuple[NotReviewed, ...] = ()
    accounting: Accounting = field(default_factory=Accounting)
    settings: SettingsUse = SettingsUse()
