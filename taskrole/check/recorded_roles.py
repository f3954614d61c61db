"""Chooses the recorded role for each checked role: the named one, or the one with the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from taskrole.check.replay import ReplaySubject
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.grant import RoleKind
from taskrole.nearest import nearest
from taskrole.observe.recording import Recording

_MOST_NAMED = 5
OPTION = "--calls-role"


def choose_roles(
    recording: Recording, subjects: Sequence[ReplaySubject], named: Mapping[RoleKind | None, str]
) -> list[tuple[str, ReplaySubject]]:
    """Return the ARN of the recorded role of each subject, empty for a subject without recorded calls.

    `named` are the given names or ARNs, by the kind of role, or by None for the only subject. A subject without an IAM
    name, such as policies from files, gets the calls of the only recorded role. Raises InputError if a named role has
    no recorded calls, if a name is ambiguous, or if no subject has recorded calls.
    """
    seen = [call.role for call in recording.calls if call.basis == "seen"]
    roles = sorted({*seen, *(event.role for event in recording.unmapped)} - {""})
    problems: list[Problem] = []
    chosen: list[tuple[str, ReplaySubject]] = []
    for subject in subjects:
        name = named.get(subject.kind) or named.get(None)
        matching = [role for role in roles if _is_named(role, name or _name(subject))]
        # Other accounts of an organization can have a role with the same name.
        matching = [role for role in matching if _account(role) == _account(subject.role.arn)] or matching
        if not matching and not name and subject.role.arn is None and len(roles) == len(subjects) == 1:
            matching = roles
        if len(matching) > 1:
            problems.append(
                Problem(
                    Place(OPTION), f"several roles are named {quote(name or _name(subject))}: {', '.join(matching)}"
                )
            )
        elif matching or not name:
            chosen.append((matching[0] if matching else "", subject))
        else:
            problems.append(
                Problem(Place(OPTION), f"role {quote(name)} has no recorded calls; {_recorded_names(roles, name)}")
            )
    if not any(role for role, _ in chosen) and not problems:
        names = " or ".join(dict.fromkeys(quote(_name(subject)) for subject in subjects))
        message = f"role {names} has no recorded calls; name the role that made the calls: {_recorded_names(roles, '')}"
        problems.append(Problem(Place(OPTION), message))
    if problems:
        raise InputError(problems)
    return chosen


def _name(subject: ReplaySubject) -> str:
    return (subject.role.arn or subject.role.name).rpartition("/")[2]


def _account(arn: str | None) -> str:
    return arn.split(":")[4] if arn else ""


def _is_named(role: str, name: str) -> bool:
    return role == name if name.startswith("arn:") else role.rpartition("/")[2] == name


def _recorded_names(roles: Sequence[str], name: str) -> str:
    if not roles:
        return "no role has recorded calls"
    names = list(dict.fromkeys(role.rpartition("/")[2] for role in roles))
    near = nearest(name, names) if name else []
    named = (near or names)[:_MOST_NAMED]
    return f"recorded roles: {', '.join(named)}{', …' if len(names) > len(named) else ''}"
