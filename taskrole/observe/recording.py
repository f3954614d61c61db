"""Recording: the aggregated recorded calls of roles, and the period and scope that they cover.

Only the event members that define permissions are kept, not addresses, user agents or other request parameters. Times
are ISO 8601 in UTC (`2026-11-24T23:59:59Z`), so that they compare as text.
"""

from __future__ import annotations

from typing import Literal

from taskrole.dataclass import dataclass

CallOutcome = Literal["allowed", "denied"]
# `seen`: an event of the service. `guessed`: inferred by a tool from source code, or proposed by one.
Basis = Literal["seen", "guessed"]
# The policy type that denied a call, from AWS's message; `unknown` if the message does not contain it.
DenialReason = Literal[
    "identity", "boundary", "session", "resource", "service-control", "resource-control", "endpoint", "unknown"
]
# Keys and values of the request context, sorted: (("kms:EncryptionContext:…", ("…",)),)
RecordedContext = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """The reason for a denied call in AWS's message.

    `explicit` is whether a Deny statement denied it; None if unknown. `policy` is the ARN of the policy in the message,
    or empty. `principal`, `action` and `resource` are those of the message, or empty.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """

    reason: DenialReason
    explicit: bool | None = None
    principal: str = ""
    action: str = ""
    resource: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """Counted equal calls of one role.

    `role` is the ARN of the role (not of the session), empty if unknown. `resource` is an ARN in the form that policies
    use: names are escaped (`arns.literal`), and a secret with an unknown suffix ends in `-??????`. It is `*` if the
    action has no resource types, and None if it is unknown: `unknown_because` is then the reason, a clause. `context`
    is the known part of the request context. `tasks` are the ids of up to `MOST_TASKS` tasks that made the call,
    sorted, and `task_count` is at least their number. `family` is that of the task definition, empty if unknown.
    `event` is the event's source and name (`s3.amazonaws.com:GetObject`), or the tool that inferred the call. An
    inferred call has a count of 0 and no times, and its resource may be a pattern.
    """

    role: str
    action: str
    resource: str | None
    outcome: CallOutcome
    event: str
    count: int
    first: str
    last: str
    basis: Basis = "seen"
    unknown_because: str = ""
    context: RecordedContext = ()
    denial: Denial | None = None
    family: str = ""
    tasks: tuple[str, ...] = ()
    task_count: int = 0


MOST_TASKS = 5


@dataclass(frozen=True, slots=True)
class UnmappedEvent:
    """Counted equal events of one role that map to no IAM action, with the reason."""

    role: str
    event: str
    because: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class RecordedRole:
    """A role that made calls, regardless of filters: the number of events and of tasks."""

    role: str
    events: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Reach:
    """The scope of a recording: from `first` to `last`, `events` read, and `kept` after filters.

    `accounts` and `regions` are those of the events. `data_services` are services with data events of any caller (`s3`,
    `dynamodb`), so that missing data events of a role are significant. `callers` are the roles of all events, including
    filtered ones.
    """

    events: int
    kept: int
    first: str = ""
    last: str = ""
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    data_services: tuple[str, ...] = ()
    callers: tuple[RecordedRole, ...] = ()


@dataclass(frozen=True, slots=True)
class LastAccessed:
    """IAM's last accessed information for one role: services (`s3`) and times, empty for never."""

    role: str
    services: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """All recorded calls: sorted, and independent of the order of the events."""

    calls: tuple[RecordedCall, ...]
    unmapped: tuple[UnmappedEvent, ...]
    reach: Reach
    last_accessed: tuple[LastAccessed, ...] = ()
    # A line for each file or row that was left out, with the reason: digest files, truncated archives.
    skipped: tuple[str, ...] = ()
