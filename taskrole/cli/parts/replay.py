"""Recorded calls for `taskrole check`: the sources, the calling roles, and the roles to check."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from taskrole.arns import Context
from taskrole.errors import InputError, Place, Problem
from taskrole.grant import ROLE_KINDS, RoleKind
from taskrole.sources.named_role import Wanted, read_role, stack_of

if TYPE_CHECKING:
    from taskrole.check.replay import ReplaySubject
    from taskrole.check.report import Assignment, CheckReport
    from taskrole.observe.recording import Recording

_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--calls", multiple=True, metavar="SOURCE", type=click.Path(),
        help="Recorded calls, as for observe, that the role must allow; repeatable. FILE is then optional.",
    ),
    click.option(
        "--calls-role", multiple=True, metavar="[KIND=]NAME|ARN",
        help="Calling role, for both or the execution= or task= role. Default: the role of the same name.",
    ),
    click.option(
        "--calls-family", multiple=True, metavar="NAME",
        help="Only calls of tasks of this family; repeatable.",
    ),
)  # fmt: skip


def replay_options(command: _Command) -> _Command:
    """Add the options for recorded calls."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_calls(arguments: Mapping[str, Any]) -> Recording | None:
    """Return the recorded calls of --calls, or None. Raises InputError, and UsageError for options that need it."""
    if not arguments["calls"]:
        for name in ("calls_role", "calls_family"):
            if arguments[name]:
                raise click.UsageError(f"--{name.replace('_', '-')} needs --calls.")
        return None
    from taskrole.observe.read import read_recording

    return read_recording(arguments["calls"])


def with_replays(
    report: CheckReport, recording: Recording, subjects: Sequence[ReplaySubject], arguments: Mapping[str, Any]
) -> CheckReport:
    """Return a report with the recorded calls of each subject's role. Raises InputError for a role without calls."""
    from taskrole.check.recorded_roles import choose_roles
    from taskrole.check.replay import ReplayEvidence, replay

    chosen = choose_roles(recording, subjects, _named(arguments["calls_role"], subjects))
    by_role: dict[tuple[str, int], list[ReplaySubject]] = {}
    for number, (role, subject) in enumerate(chosen):
        # A role that was used as both kinds is replayed against the two roles that replace it.
        by_role.setdefault((role, 0 if role else number), []).append(subject)
    return dataclasses.replace(
        report,
        replays=tuple(
            replay(recording, role, first, arguments["calls_family"], *others)
            for (role, _), (first, *others) in by_role.items()
        ),
        evidence=ReplayEvidence(recording.reach, recording.skipped),
    )


def subjects_of_assignments(assignments: Iterable[Assignment], wanted: Wanted) -> list[ReplaySubject]:
    """Return the unique roles of task definitions."""
    from taskrole.check.replay import ReplaySubject

    roles = {id(assignment.subject): assignment for assignment in assignments}
    return [ReplaySubject(role.kind, role.subject, _key(wanted, role.kind)) for role in roles.values()]


def subjects_without_tasks(wanted: Wanted, context: Context, stack: str | None) -> list[ReplaySubject]:
    """Return the given roles, without task definitions; for a stack alone, all of its roles.

    Raises InputError, and ToolError if AWS does not respond.
    """
    from taskrole.check.replay import ReplaySubject
    from taskrole.sources.declared import configured_role

    subjects = []
    for kind, parts in wanted.parts.items():
        if stack is not None and parts.whole == ("stack", stack):
            spec = wanted.stacks[stack]
            roles = [role for role in spec.roles if role.kind == kind]
            subjects += [ReplaySubject(kind, configured_role(role, spec.context), role.key) for role in roles]
        else:
            subjects.append(ReplaySubject(kind, read_role(kind, parts, context, wanted), _key(wanted, kind)))
    return subjects


def place_of_calls(recording: Recording, default: Context | None, arguments: Mapping[str, Any]) -> Context:
    """Return the context of a role: from the options or stack, or else where most recorded calls were made."""
    if default is not None:
        return default
    from taskrole.partitions import partition_of

    arn = next((call.role for call in recording.calls if call.role), "").split(":")
    region = arguments["region"] or next(iter(recording.reach.regions), "us-east-1")
    home = partition_of(region)
    account = arguments["account"] or (arn[4] if len(arn) > 4 else None)
    return Context(arguments["partition"] or (home.id if home else "aws"), region, account)


def _key(wanted: Wanted, kind: RoleKind) -> str:
    """Return the key in roles.yaml of the role of a kind, empty for a role of another source."""
    source = stack_of(wanted.parts[kind].whole) if kind in wanted.parts else None
    if source is None:
        return ""
    from taskrole.config.stack_lookup import role_of

    return role_of(wanted.stacks[source[0]], source[1], kind, wanted.config).key


def _named(texts: Iterable[str], subjects: Sequence[ReplaySubject]) -> dict[RoleKind | None, str]:
    """Return the names given by --calls-role, by kind of role. Raises InputError."""
    named: dict[RoleKind | None, str] = {}
    problems = []
    for text in texts:
        kind = next((kind for kind in ROLE_KINDS if text.startswith(f"{kind}=")), None)
        name = text.removeprefix(f"{kind}=")
        if kind in named:
            problems.append(f"got {kind or 'the role'} twice")
        kinds = [subject.kind for subject in subjects if kind in (None, subject.kind)]
        if len(kinds) > len(set(kinds)):
            problems.append("several roles of one kind are checked; choose one: --task-role stack:NAME/ROLE")
        named[kind] = name
    if problems:
        raise InputError([Problem(Place("--calls-role"), problem) for problem in problems])
    return named
