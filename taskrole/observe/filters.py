"""Filters for recorded calls."""

from __future__ import annotations

import re

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem, quote

_DAY_OR_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
_ROLE = re.compile(r"(arn:[a-z0-9-]+:iam::[0-9]{12}:role/)?[A-Za-z0-9_+=,.@/-]{1,600}")
_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters for calls: a role by ARN or name, a family, and the time from `since` to before `until`. Empty: all.

    Times are days or UTC times: `2026-11-24` or `2026-11-24T12:00:00Z`. Raises InputError for other values.
    """

    role: str = ""
    family: str = ""
    since: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        """Raise InputError for an invalid role, family or time."""
        rules = (
            ("role", self.role, _ROLE, "the name of a role or its ARN"),
            ("family", self.family, _FAMILY, "the family of a task definition"),
            ("since", self.since, _DAY_OR_TIME, "a day or a time in UTC, such as 2026-11-24 or 2026-11-24T12:00:00Z"),
            ("until", self.until, _DAY_OR_TIME, "a day or a time in UTC, such as 2026-11-24 or 2026-11-24T12:00:00Z"),
        )
        problems = [
            Problem(Place(name), f"must be {rule}; got {quote(value)}")
            for name, value, pattern, rule in rules
            if value and not pattern.fullmatch(value)
        ]
        if problems:
            raise InputError(problems)

    def has_role(self, role: str) -> bool:
        """Return whether the calls of a role, by ARN, match."""
        name = self.role
        return not name or role == name or (":" not in name and role.rpartition("/")[2] == name.rpartition("/")[2])


ALL = Filters()
