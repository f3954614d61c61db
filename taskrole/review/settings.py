"""The policy of the reviewer: what counts, what is waived and by whom, what must hold whatever a plan says."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

from taskrole.errors import shown
from taskrole.grant import Severity
from taskrole.policy.evaluation.evaluate import Request, compile_policies
from taskrole.review.report import ReviewFinding, Waiver
from taskrole.review.rules.reviewer import ASSERTION, WAIVER
from taskrole.review.rules.rule import Subject
from taskrole.review.verdict import Judged, boundary_of
from taskrole.role import Policy

FILE = "taskrole.review.yaml"

SeverityOrOff = Literal["error", "warning", "note", "off"]
Must = Literal["allow", "deny"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True)
class WaiverEntry:
    """A finding that somebody has taken upon themselves: its rule, and a pattern that its address fits.

    With `action` or `resource`, patterns too, only findings count of which all actions or resources fit. `place` is the
    line of the file.
    """

    rule: str
    address: str
    owner: str
    reason: str
    expires: datetime.date
    place: str
    action: str | None = None
    resource: str | None = None

    def covers(self, finding: ReviewFinding) -> bool:
        """Tell whether it is about a finding, expired or not."""
        return (
            self.rule == finding.code
            and fnmatchcase(finding.address, _literal_brackets(self.address))
            and _all_fit(self.action, finding.actions)
            and _all_fit(self.resource, finding.resources)
        )


@dataclass(frozen=True)
class Approval:
    """A grant, by the key that a report shows, that somebody has approved; for ever where it does not expire."""

    key: str
    owner: str
    reason: str
    place: str
    expires: datetime.date | None = None

    def is_valid(self, today: datetime.date) -> bool:
        """Return whether it has not expired on a day."""
        return self.expires is None or self.expires >= today


@dataclass(frozen=True)
class Assertion:
    """What a role, by name or address or a pattern of them, must or must not be able to do."""

    role: str
    action: str
    resource: str
    must: Must
    place: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Applied:
    """Findings as the settings have them; by rule, how many were switched off and how many have a lower severity."""

    findings: tuple[ReviewFinding, ...]
    off: Mapping[str, int]
    lowered: Mapping[str, int]


@dataclass(frozen=True)
class ReviewSettings:
    """What taskrole.review.yaml says; `not_understood` are its waivers and approvals that count for nothing."""

    file: str = FILE
    region: str | None = None
    account: str | None = None
    severities: Mapping[str, SeverityOrOff] = field(default_factory=dict)
    waivers: Sequence[WaiverEntry] = ()
    approvals: Sequence[Approval] = ()
    assertions: Sequence[Assertion] = ()
    not_understood: Sequence[str] = ()

    def approved_keys(self, today: datetime.date) -> frozenset[str]:
        """Return the keys of the grants that are approved on a day."""
        return frozenset(one.key for one in self.approvals if one.is_valid(today))

    def applied(self, findings: Iterable[ReviewFinding], today: datetime.date) -> Applied:
        """Return findings with the severities and waivers of this file, and what is wrong with the waivers, sorted."""
        counted: list[ReviewFinding] = []
        off: Counter[str] = Counter()
        lowered: Counter[str] = Counter()
        expired: dict[str, str] = {}

        def count(finding: ReviewFinding) -> None:
            severity = self.severities.get(finding.code, finding.severity)
            if severity == "off":
                off[finding.code] += 1
                return
            lowered[finding.code] += _SEVERITIES.index(severity) > _SEVERITIES.index(finding.severity)
            counted.append(self._waived(replace(finding, severity=severity), today, expired))

        for finding in findings:
            count(finding)
        for line in [*self.not_understood, *expired.values(), *self._expired_approvals(today)]:
            count(WAIVER.finding(self.file, line))
        return Applied(tuple(sorted(counted, key=lambda one: (one.address, one.code, one.message))), off, +lowered)

    def assertion_findings(self, subject: Subject) -> Iterator[ReviewFinding]:
        """Yield what does not hold of the assertions, whether or not the plan touches the role."""
        for one in self.assertions:
            roles = [role for role in subject.all_roles.values() if _is_meant(one.role, role)]
            if not roles:
                yield ASSERTION.finding(self.file, f"{one.place}: no role of the plan is {shown(one.role)}")
            for role in roles:
                yield from _assert(one, role, subject)

    def _waived(self, finding: ReviewFinding, today: datetime.date, expired: dict[str, str]) -> ReviewFinding:
        for one in self.waivers:
            if one.covers(finding):
                if one.expires >= today:
                    return replace(finding, waived=Waiver(one.owner, one.reason, one.expires.isoformat()))
                expired[one.place] = f"{one.place}: the waiver of {one.rule} by {one.owner} expired on {one.expires}"
        return finding

    def _expired_approvals(self, today: datetime.date) -> Iterator[str]:
        for one in self.approvals:
            if not one.is_valid(today):
                yield f"{one.place}: the approval of {one.key} by {one.owner} expired on {one.expires}"


def _all_fit(pattern: str | None, values: Sequence[str]) -> bool:
    if pattern is None:
        return True
    return bool(values) and all(fnmatchcase(value.lower(), _literal_brackets(pattern.lower())) for value in values)


def _literal_brackets(pattern: str) -> str:
    """Return a pattern in which only `*` and `?` mean anything: addresses have brackets of their own."""
    return pattern.replace("[", "[[]")


def _is_meant(pattern: str, judged: Judged) -> bool:
    wanted = _literal_brackets(pattern)
    return fnmatchcase(judged.role.name, wanted) or fnmatchcase(judged.role.address, wanted)


def _assert(one: Assertion, judged: Judged, subject: Subject) -> Iterator[ReviewFinding]:
    after = judged.role.after
    put = subject.stand_ins.put if subject.stand_ins else lambda value: value
    policies = [
        Policy(policy.name, "inline", put(policy.document))
        for policy in (after.policies if after else ())
        if policy.document is not None
    ]
    request = Request(one.action, put(one.resource), one.context)
    decision = compile_policies(policies, put(boundary_of(after))).evaluate(request)
    outcome, because = decision.outcome, decision.because
    unknown = [policy for policy in after.all_policies if policy.problem] if after else []
    # An explicit Deny holds whatever else there is; everything else can be changed by what nobody can read.
    if unknown and not decision.explicit:
        outcome, because = "cannot tell", f"policy {unknown[0].name} is not known: {unknown[0].problem}"
    if outcome != one.must:
        if any(policy.is_hidden for policy in (after.all_policies if after else ())):
            because = "its policy is sensitive, the text masked"
        told = {"allow": "it is allowed", "deny": "it is denied", "cannot tell": "it cannot be told"}[outcome]
        message = (
            f"{one.place}: {judged.role.name} must {one.must} {one.action} on {one.resource}, and {told}: {because}"
        )
        yield ASSERTION.finding(judged.role.address, message, actions=[one.action], resources=[one.resource])
