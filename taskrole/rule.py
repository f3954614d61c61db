"""Rule: documents the id of a grant or finding. Every package defines its own; `rule_catalogue.py` lists all."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

from taskrole.dataclass import dataclass
from taskrole.finding import Finding, Severity

RuleType = Literal["grant", "option", "refused", "fact", "error", "warning", "note"]

_SEVERITIES: Mapping[RuleType, Severity] = {"refused": "error", "error": "error", "warning": "warning"}


@dataclass(frozen=True)
class Rule:
    """A rule, as documented in docs/rules.md or docs/review-rules.md, and by --explain.

    `kind`: it grants; it grants only if an option requests it; it rejects; it is a fact that other rules use; or it is
    the severity of its findings. `field` is its subject: a field of a task definition, or an input, such as a plan.
    `why` is its rationale. `fix` and `why` are empty if the message of each finding has them.
    """

    id: str
    kind: RuleType
    title: str
    field: str
    doc: str
    why: str = dataclasses.field(default="", kw_only=True)
    fix: str = dataclasses.field(default="", kw_only=True)

    @property
    def severity(self) -> Severity:
        """The severity of its findings, unless a finding has another one."""
        return _SEVERITIES.get(self.kind, "note")

    def finding(  # noqa: PLR0913 -- the parts of a finding
        self,
        source: str,
        message: str,
        *,
        severity: Severity | None = None,
        fix: str = "",
        actions: Sequence[str] = (),
        resources: Sequence[str] = (),
        key: tuple[str, ...] | None = None,
    ) -> Finding:
        """Return a finding of this rule; `fix` is empty if the message has it."""
        return Finding(
            self.id,
            severity or self.severity,
            source,
            message,
            fix=fix,
            actions=tuple(actions),
            resources=tuple(resources),
            key=key,
        )
