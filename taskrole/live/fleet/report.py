"""The report on several accounts and regions: what was read, what failed, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from taskrole.dataclass import dataclass
from taskrole.exit_codes import exit_code_for
from taskrole.live.fleet.accounts import Skipped, Target
from taskrole.live.fleet.failures import ReadingFailure
from taskrole.live.fleet.part import AccountPart, RoleRow


@dataclass(frozen=True, slots=True)
class RoleOfAccount:
    """A role of an account in all of its regions; `excess` are the actions that it allows and no region needs."""

    account: str
    name: str
    regions: tuple[str, ...]
    role: str
    kinds: tuple[str, ...]
    tasks: tuple[str, ...]
    allowed: int | None
    excess: frozenset[str]
    is_complete: bool


@dataclass(frozen=True)
class FleetReport:
    """The report, sorted by account and region; parts are unique, and no part is also a failure."""

    parts: tuple[AccountPart, ...]
    failures: tuple[ReadingFailure, ...]
    skipped: tuple[Skipped, ...]

    @property
    def accounts(self) -> tuple[Target, ...]:
        """Return the accounts that were to be read, without duplicates."""
        names: dict[str, str] = {}
        for account, name in (
            *((part.account, part.name) for part in self.parts),
            *((failure.account, failure.name) for failure in self.failures),
        ):
            names[account] = names.get(account) or name
        return tuple(Target(account, name) for account, name in sorted(names.items()))

    @property
    def read_accounts(self) -> frozenset[str]:
        """Return the ids of the accounts with at least one region that was read."""
        return frozenset(part.account for part in self.parts)

    @property
    def failed_accounts(self) -> frozenset[str]:
        """Return the ids of the accounts that were not read in all regions."""
        return frozenset(failure.account for failure in self.failures)

    @property
    def regions(self) -> tuple[str, ...]:
        """Return the regions that were read in any account."""
        return tuple(sorted({part.region for part in self.parts}))

    @property
    def tasks(self) -> int:
        """Return the number of task definitions."""
        return sum(len(part.tasks) for part in self.parts)

    @property
    def services(self) -> int:
        """Return the number of services."""
        return sum(part.services for part in self.parts)

    @cached_property
    def roles(self) -> tuple[RoleOfAccount, ...]:
        """Return the roles of all accounts, each once for all of its regions."""
        uses: dict[tuple[str, str], list[tuple[AccountPart, RoleRow]]] = {}
        for part in self.parts:
            for role in part.roles:
                uses.setdefault((part.account, role.arn), []).append((part, role))
        return tuple(map(_role_of_account, uses.values()))

    @property
    def excess(self) -> int:
        """Return the number of actions that execution roles allow and no task needs."""
        return sum(len(role.excess) for role in self.roles if role.is_complete)

    def starting(self, starts: str) -> int:
        """Return the number of task definitions whose tasks start (`yes`), do not (`no`), or are `unknown`."""
        return sum(task.starts == starts for part in self.parts for task in part.tasks)

    def lacking(self, status: str) -> int:
        """Return the number of needs with a status, MISSING or unknown."""
        return sum(part.lacking(status) for part in self.parts)


def fleet_report(
    parts: Iterable[AccountPart],
    failures: Iterable[ReadingFailure],
    skipped: Iterable[Skipped] = (),
    targets: Sequence[Target] = (),
) -> FleetReport:
    """Return the report on parts.

    An account of `targets` without a part or failure becomes a failure. `targets` also name parts and failures
    without a name. A failure is left out if there is a part of its account and region or, for a failure of the whole
    account, any part of that account.
    """
    names = {target.account: target.name for target in targets}
    named = sorted((_named(part, names) for part in parts), key=lambda part: part.key)
    read = {key for part in named for key in (part.key, (part.account, ""))}
    left = {failure for failure in failures if (failure.account, failure.region) not in read}
    seen = {part.account for part in named} | {failure.account for failure in left}
    missing = (
        ReadingFailure(target.account, "", target.name, "missing", "there is no report on this account")
        for target in targets
        if target.account not in seen
    )
    return FleetReport(tuple(named), tuple(sorted({*left, *missing})), tuple(sorted(set(skipped))))


def fleet_exit_code(report: FleetReport, *, most_excess: int | None, strict: bool) -> int:
    """Return the exit code: 1 if nothing was read, 3 for missing or excess permissions, 4 with `strict` for unknowns.

    An account or region that was not read is unknown.
    """
    too_much = most_excess is not None and any(
        len(role.excess) > most_excess for role in report.roles if role.is_complete
    )
    is_open = report.lacking("unknown") or report.starting("unknown") or report.failures
    return exit_code_for(
        has_errors=bool(report.failures) and not report.parts,
        is_blocked=bool(report.lacking("MISSING") or report.starting("no") or too_much),
        is_unresolved=strict and bool(is_open),
    )


def _role_of_account(uses: Sequence[tuple[AccountPart, RoleRow]]) -> RoleOfAccount:
    (part, first), *_ = uses
    return RoleOfAccount(
        part.account,
        part.name,
        tuple(used.region for used, _ in uses),
        first.name,
        tuple(dict.fromkeys(kind for _, role in uses for kind in role.kinds)),
        tuple(dict.fromkeys(task for _, role in uses for task in role.tasks)),
        first.allowed,
        frozenset(_common_excess([role for _, role in uses])),
        all(role.is_complete for _, role in uses),
    )


def _common_excess(roles: Sequence[RoleRow]) -> Iterator[str]:
    """Yield the actions that are allowed on a resource and that no region needs on it."""
    first, *others = ({action: frozenset(allowed) for action, allowed in role.excess} for role in roles)
    for action, allowed in first.items():
        if not others or allowed.intersection(*(other.get(action, ()) for other in others)):
            yield action


def _named(part: AccountPart, names: dict[str, str]) -> AccountPart:
    return part if part.name or not names.get(part.account) else replace(part, name=names[part.account])
