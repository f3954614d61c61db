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
    """Who can assume a role before and after; None if the role does not exist or its trust policy is not known.

    `changed` is about the effect, not the text. `added` and `removed` are clauses: `account 1… can assume it`;
    `changes` says the same by principal, from what it was to what it is, and is empty where the policy is sensitive.
    `key` is that of the change, for an approval.
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

    `because` names the field of a task definition in the plan that needs it, and the actions that are needed where not
    all are; it is empty where no field needs any. `key` is the normalised grant, by which an approval is found again
    after another plan. `origin` tells what the policies say from what the permissions boundary says; no boundary is the
    grant of everything. `not_actions` and `not_resources` say that the row is about all but those named. `forbidden`
    says that the role's permissions boundary forbids all of it: a permission that has no effect as long as that stays.

    `policy` is the ARN of a managed policy of AWS that the role gains or loses as a whole: the row stands for all of
    it, has no actions of its own, and `count` is how many known actions the policy allows (None for what it denies).
    `parts` are the rows that this one includes: those of the policy, or all others of a role where `*` on `*` is one.
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
        """Whether the row is every action on every resource, without conditions."""
        if self.policy:
            return any(part.is_everything for part in self.parts)
        is_whole = not (self.conditions or self.not_actions or self.not_resources)
        return is_whole and "*" in self.actions and "*" in self.resources


@dataclass(frozen=True)
class ManagedPolicy:
    """An AWS or customer managed policy of a role, and how it changes. `edits`: it stays, with another document.

    `arn` is the address of the policy, or of what attaches it, where the ARN is not known. `actions` is how many known
    actions it allows by itself; None if its document is not known.
    """

    name: str
    arn: str
    owner: Literal["aws", "customer"]
    change: ManagedChange
    actions: int | None


@dataclass(frozen=True)
class RoleReview:
    """A role of a plan: the verdict, its trust, what it gains and loses, and its known actions by access level.

    `managed` are its managed policies by name, those that stay included; what they let the role do is in the rows.
    `is_known` is False where it stands for a role that the plan does not name: the rows are what some role gains.
    `used_as` is how task definitions of the plan use it; `needs_unknown` why it is not known what they, or others that
    may use it, need. Only where a task uses it and nothing is unknown can a row be called not needed. `lifecycle` is
    whether the role is there before and after the plan.
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
    """A customer managed policy that a plan touches, compared by itself.

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
    """A workload that runs under another role after a plan: what it gains and loses, compared between the two roles.

    `attribute` is the one that names the role; `before` and `after` are role names, ARNs or references, empty for none.
    `verdict` is `unresolved` where either role is not in the plan; `because` then says why. Where `attribute` is that
    of ECS Exec, which the plan switches on, `after` names the task roles and `because` says what a shell may do.
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
    """What the settings removed from a report or changed in it.

    Rules switched off, with how many findings each; waived findings, and approved changes, by owner; rules whose
    findings have a lower severity than by default, with how many each.
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
    """What was changed outside of Terraform in a resource, without values that a refresh fills in."""

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
    """A whole review. `reasons` say why it is blocked, one line each; `notes` say what a reader should know."""

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
