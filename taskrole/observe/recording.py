"""Recording: the calls of roles as they were recorded, aggregated, and how far they reach.

Nothing of an event is kept but what a permission is made of: request parameters, addresses and user agents are not.
Times are ISO 8601 in UTC (`2026-11-24T23:59:59Z`), so that they compare as text.
"""

from __future__ import annotations

from typing import Literal

from taskrole.dataclass import dataclass

CallOutcome = Literal["allowed", "denied"]
# `seen`: an event of the service. `guessed`: what a tool derived from source code or proposed.
Basis = Literal["seen", "guessed"]
# What denied a call, by the words of AWS's message; `unknown` where it gives none.
DenialReason = Literal[
    "identity", "boundary", "session", "resource", "service-control", "resource-control", "endpoint", "unknown"
]
# Key and values of the request's context, sorted: (("kms:EncryptionContext:…", ("…",)),)
RecordedContext = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a call was denied, as AWS's message says it.

    `explicit` is whether a Deny statement did it; None where the message does not say. `policy` is the ARN of the
    policy that the message names, or empty. `principal`, `action` and `resource` are those of the message, or empty.

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
    """Equal calls of one role, counted.

    `role` is the ARN of the role (not of the session), empty where the source does not say. `resource` is an ARN as a
    policy's Resource names it: names are literal already (`arns.literal`), and a secret whose suffix is not known ends
    in `-??????`. It is `*` where the action has no resource types, and None where it is not known: `unknown_because`
    then is the reason, a clause. `context` is what is known of the request. `tasks` are the ids of up to `MOST_TASKS`
    tasks that made the call, sorted, and `task_count` how many there were, at least. `family` is that of the task
    definition, empty where unknown. `event` is the event's source and name (`s3.amazonaws.com:GetObject`) or the name
    of the tool that guessed. A guessed call has a count of 0 and no times, and its resource may be a pattern.
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
    """Equal events of one role that map to no IAM action, counted, and the reason."""

    role: str
    event: str
    because: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class RecordedRole:
    """A role that made calls, whatever the filters: how many events and by how many tasks."""

    role: str
    events: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a recording covers: between `first` and `last`, of `events` read, `kept` after the filters.

    `accounts` and `regions` are those of the events. `data_services` are the services of which data events are among
    the events of any caller (`s3`, `dynamodb`), so that their absence elsewhere means something. `callers` are the
    roles of all events read, those that a filter left out too.
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
    """What IAM's service last accessed data says of one role: services (`s3`) and when, empty for never."""

    role: str
    services: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """All that was read of recorded calls: sorted, the same for the same events in any order."""

    calls: tuple[RecordedCall, ...]
    unmapped: tuple[UnmappedEvent, ...]
    reach: Reach
    last_accessed: tuple[LastAccessed, ...] = ()
    # A line for each file or row that was left out, and why: digest files, truncated archives.
    skipped: tuple[str, ...] = ()
