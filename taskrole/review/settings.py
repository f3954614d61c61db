"""The settings of a review: severities, waivers, approvals, and assertions that every plan must satisfy."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fnmatch import fnmatchcase
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.errors import quote
from taskrole.finding import SEVERITIES, Finding, Waiver
from taskrole.policy.catalogue.actions import expand
from taskrole.policy.effective_role import EffectiveRole
from taskrole.policy.evaluation.call import Call
from taskrole.policy.evaluation.coverage import Answer, Judge
from taskrole.policy.match import has_wildcard
from taskrole.review.rules.reviewer import ASSERTION, WAIVER
from taskrole.review.rules.rule import ReviewedPlan
from taskrole.review.verdict import Judged
from taskrole.sources.plan import role_of_state

FILE = "taskrole.review.yaml"

SeverityOrOff = Literal["error", "warning", "note", "off"]
Must = Literal["allow", "deny"]


@dataclass(frozen=True)
class WaiverEntry:
    """A waiver of findings: their rule, and a pattern of their addresses.

    If `action` or `resource`, which are also patterns, are set, all actions or resources of a finding must match.
    `place` is the line in the file.
    """

    rule: str
    address: str
    owner: str
    reason: str
    expires: datetime.date
    place: str
    action: str | None = None
    resource: str | None = None

    def covers(self, finding: Finding) -> bool:
        """Return whether the waiver covers a finding, expired or not."""
        return (
            self.rule == finding.code
            and fnmatchcase(finding.source, _literal_brackets(self.address))
            and _all_fit(self.action, finding.actions)
            and _all_fit(self.resource, finding.resources)
        )


@dataclass(frozen=True)
class Approval:
    """The approval of a grant, by its key in a report; it never expires unless it has a date."""

    key: str
    owner: str
    reason: str
    place: str
    expires: datetime.date | None = None

    def is_valid(self, today: datetime.date) -> bool:
        """Return whether the approval is valid on a date."""
        return self.expires is None or self.expires >= today


@dataclass(frozen=True)
class Assertion:
    """An action that a role must or must not be able to call; `role` is a name, an address, or a pattern."""

    role: str
    action: str
    resource: str
    must: Must
    place: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """Findings after the settings are applied, and the numbers of removed or lowered findings by rule."""

    findings: tuple[Finding, ...]
    off: Mapping[str, int]
    lowered: Mapping[str, int]


@dataclass(frozen=True)
class ReviewSettings:
    """The content of taskrole.review.yaml; `not_understood` are the problems of ineffective waivers and approvals.

    `kms_keys` are the keys of secrets and parameters by name, `*` for all others.
    """

    file: str = FILE
    region: str | None = None
    account: str | None = None
    severities: Mapping[str, SeverityOrOff] = field(default_factory=dict)
    waivers: Sequence[WaiverEntry] = ()
    approvals: Sequence[Approval] = ()
    assertions: Sequence[Assertion] = ()
    not_understood: Sequence[str] = ()
    kms_keys: Mapping[str, str] = field(default_factory=dict)

    def approved_keys(self, today: datetime.date) -> frozenset[str]:
        """Return the keys of the grants that are approved on a date."""
        return frozenset(approval.key for approval in self.approvals if approval.is_valid(today))

    def applied(self, findings: Iterable[Finding], today: datetime.date) -> Applied:
        """Return findings with this file's severities and waivers applied, and those about invalid waivers, sorted."""
        counted: list[Finding] = []
        off: Counter[str] = Counter()
        lowered: Counter[str] = Counter()
        expired: dict[str, str] = {}

        def count(finding: Finding) -> None:
            severity = self.severities.get(finding.code, finding.severity)
            if severity == "off":
                off[finding.code] += 1
                return
            lowered[finding.code] += SEVERITIES.index(severity) > SEVERITIES.index(finding.severity)
            kept = finding if severity == finding.severity else replace(finding, severity=severity)
            counted.append(self._waived(kept, today, expired))

        for finding in findings:
            count(finding)
        for line in [*self.not_understood, *expired.values(), *self._expired_approvals(today)]:
            count(WAIVER.finding(self.file, line))
        in_order = sorted(counted, key=lambda finding: (finding.source, finding.code, finding.message))
        return Applied(tuple(in_order), off, +lowered)

    def assertion_findings(self, reviewed: ReviewedPlan) -> Iterator[Finding]:
        """Yield findings about assertions that do not hold, whether or not the plan touches the role."""
        for assertion in self.assertions:
            roles = [role for role in reviewed.all_roles.values() if _matches_role(assertion.role, role)]
            if not roles:
                yield ASSERTION.finding(
                    self.file, f"{assertion.place}: no role of the plan matches {quote(assertion.role)}"
                )
            for role in roles:
                yield from _assert(assertion, role, reviewed)

    def _waived(self, finding: Finding, today: datetime.date, expired: dict[str, str]) -> Finding:
        for waiver in self.waivers:
            if waiver.covers(finding):
                if waiver.expires >= today:
                    return replace(finding, waived=Waiver(waiver.owner, waiver.reason, waiver.expires.isoformat()))
                expired[waiver.place] = (
                    f"{waiver.place}: the waiver of {waiver.rule} by {waiver.owner} expired on {waiver.expires}"
                )
        return finding

    def _expired_approvals(self, today: datetime.date) -> Iterator[str]:
        for approval in self.approvals:
            if not approval.is_valid(today):
                approved = f"the approval of {approval.key} by {approval.owner}"
                yield f"{approval.place}: {approved} expired on {approval.expires}"


def _all_fit(pattern: str | None, values: Sequence[str]) -> bool:
    if pattern is None:
        return True
    return bool(values) and all(fnmatchcase(value.lower(), _literal_brackets(pattern.lower())) for value in values)


def _literal_brackets(pattern: str) -> str:
    """Return a pattern in which only `*` and `?` are special: addresses contain brackets."""
    return pattern.replace("[", "[[]")


def _matches_role(pattern: str, judged: Judged) -> bool:
    wanted = _literal_brackets(pattern)
    return fnmatchcase(judged.role.name, wanted) or fnmatchcase(judged.role.address, wanted)


def _assert(assertion: Assertion, judged: Judged, reviewed: ReviewedPlan) -> Iterator[Finding]:
    after = judged.role.after
    substitute = reviewed.symbolic_arns.substitute if reviewed.symbolic_arns else lambda value: value
    role = (
        role_of_state(judged.role, after, reviewed.place, substitute=substitute)
        if after
        else EffectiveRole(judged.role.name)
    )
    judge = Judge(role)
    actions = (sorted(expand([assertion.action])) if has_wildcard(assertion.action) else []) or [assertion.action]
    answers = (
        judge.judge(Call(action, action, substitute(assertion.resource), (), assertion.context)) for action in actions
    )
    broken = next((coverage for coverage in answers if _MUST[coverage.answer] != assertion.must), None)
    if broken is not None:
        message = (
            f"{assertion.place}: {judged.role.name} must {assertion.must} {assertion.action} on {assertion.resource},"
            f" and {_ANSWERS[broken.answer]}: {broken.reason}"
        )
        message = reviewed.symbolic_arns.restore(message) if reviewed.symbolic_arns else message
        yield ASSERTION.finding(
            judged.role.address, message, actions=[assertion.action], resources=[assertion.resource]
        )


_MUST: Mapping[Answer, Must | None] = {"allowed": "allow", "denied": "deny", "unknown": None}
_ANSWERS: Mapping[Answer, str] = {"allowed": "it is allowed", "denied": "it is denied", "unknown": "it is unknown"}
