"""The policy of the reviewer: taskrole.review.yaml."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from taskrole.review.report import ReviewFinding


@dataclass(frozen=True)
class ReviewSettings:
    """Settings."""

    region: str | None = None
    account: str | None = None

    def approved_keys(self, today: datetime.date) -> frozenset[str]:
        return frozenset()

    def applied(self, findings: Iterable[ReviewFinding], today: datetime.date) -> list[ReviewFinding]:
        return sorted(findings, key=lambda one: (one.address, one.code, one.message))

    def assertion_findings(self, subject: Any) -> list[ReviewFinding]:
        return []
