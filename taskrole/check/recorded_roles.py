"""Chooses the recorded role whose calls a role is checked with: the named one, else the one with its own name."""

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
    """Return the ARN of the recorded role of each subject, empty for a subject whose role made no recorded call.

    `named` are the names or ARNs that were given, by the kind of role, or by None for the only subject. A subject that
    has no name in IAM, such as policies from files, gets the calls of the only recorded role. Raises InputError where
    a name that was given made no call, where several roles have it, and where no subject has any call.
    """
    seen = [call.role for call in recording.calls if call.basis == "seen"]
    roles = sorted({*seen, *(event.role for event in recording.unmapped)} - {""})
    problems: list[Problem] = []
    chosen: list[tuple[str, ReplaySubject]] = []
    for subject in subjects:
        name = named.get(subject.kind) or named.get(None)
        matching = [role for role in roles if _is_named(role, name or _name(subject))]
        # Other accounts of an organization can have a role of the same name.
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
                Problem(Place(OPTION), f"no recorded call is of role {quote(name)}; {_there_are(roles, name)}")
            )
    if not any(role for role, _ in chosen) and not problems:
        names = " or ".join(dict.fromkeys(quote(_name(subject)) for subject in subjects))
        message = f"no recorded call is of role {names}; name the role that made the calls: {_there_are(roles, '')}"
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


def _there_are(roles: Sequence[str], name: str) -> str:
    if not roles:
        return "there are calls of no role"
    names = list(dict.fromkeys(role.rpartition("/")[2] for role in roles))
    near = nearest(name, names) if name else []
    named = (near or names)[:_MOST_NAMED]
    return f"there are calls of {', '.join(named)}{', …' if len(names) > len(named) else ''}"
