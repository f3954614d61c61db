"""What the reviewer's settings took out of a review, for its headline: nothing that they hide goes without a trace."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping

from taskrole.review.report import SettingsUse
from taskrole.review.settings import Applied, ReviewSettings


def settings_use(
    settings: ReviewSettings, applied: Applied, approved: Iterable[str], today: datetime.date
) -> SettingsUse:
    """Return the rules that are off, the findings with a lower severity, and what is waived and approved by whom.

    A rule that is off is there although it had no finding. `approved` are the keys of all that is approved.
    """
    off = {rule: 0 for rule, severity in settings.severities.items() if severity == "off"} | dict(applied.off)
    waived = Counter(finding.waived.owner for finding in applied.findings if finding.waived)
    owners = {approval.key: approval.owner for approval in reversed(settings.approvals) if approval.is_valid(today)}
    return SettingsUse(
        _sorted(off), _sorted(waived), _sorted(Counter(owners[key] for key in approved)), _sorted(applied.lowered)
    )


def _sorted(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
