"""Counts what the settings removed or lowered in a review, for the headline."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping

from taskrole.review.report import SettingsUse
from taskrole.review.settings import Applied, ReviewSettings


def settings_use(
    settings: ReviewSettings, applied: Applied, approved: Iterable[str], today: datetime.date
) -> SettingsUse:
    """Return the rules that are off, the findings with a lower severity, and the waivers and approvals by owner.

    A rule that is off is included even without findings. `approved` are the keys of all approved changes.
    """
    off = {rule: 0 for rule, severity in settings.severities.items() if severity == "off"} | dict(applied.off)
    waived = Counter(finding.waived.owner for finding in applied.findings if finding.waived)
    owners = {approval.key: approval.owner for approval in reversed(settings.approvals) if approval.is_valid(today)}
    return SettingsUse(
        _sorted(off), _sorted(waived), _sorted(Counter(owners[key] for key in approved)), _sorted(applied.lowered)
    )


def _sorted(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items()))
