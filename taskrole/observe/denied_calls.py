"""Denied calls in messages, logs, stopped reasons, events, answers of ECS and decoded authorization messages.

{"eventSource": …}                             an event of CloudTrail, also in Records, Events or detail
{"tasks": [{"stoppedReason": …}]}              aws ecs describe-tasks, and ECS's own events
{"services": [{"events": [{"message": …}]}]}   aws ecs describe-services
{"DecodedMessage": …}, {"allowed": false, …}   aws sts decode-authorization-message
anything else                                  text that may contain messages
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, TypeAlias

from taskrole.arns import ACCOUNT, Context, known_arn, literal
from taskrole.dataclass import dataclass
from taskrole.grant import RoleKind
from taskrole.observe.denials import find_denials, spelled_action
from taskrole.observe.event_actions import event_actions
from taskrole.observe.event_rows import event_key, is_denied, role_of_identity, text_of
from taskrole.observe.recording import Denial
from taskrole.observe.row_mapping import calls_of_event, sort_key
from taskrole.observe.session import Session, session_of
from taskrole.observe.stopped_reasons import Symptom, has_no_resources, named_resources, read_symptom

MOST_DENIALS = 1_000
_DEEPEST = 12
_LONGEST = 65_536  # The number of characters to search for a resource or operation that the message does not name.

_ENCODED = re.compile(r"Encoded\s+authorization\s+failure\s+message:\s*[A-Za-z0-9_-]{20,}", re.IGNORECASE)
_OPERATION = re.compile(r"when\s+calling\s+the\s+(?P<name>[A-Z][A-Za-z0-9]{1,60})\s+operation")
# User agents of ECS's own calls for a task, and of SDKs in its containers.
_AGENT_OF_ECS = re.compile(r"ecs[ -]?agent|amazon-ecs", re.IGNORECASE)
_IN_CONTAINER = re.compile(r"exec-env/AWS_ECS", re.IGNORECASE)
_PULLS = frozenset({"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})


@dataclass(frozen=True)
class DeniedCall:
    """A denied call, with several actions if the text does not show which of them it is.

    `resources` are in the form that policies use. `kind` is the role that made the call, None if unknown, and
    `kind_because` how it was determined, a clause. `place` is where the task ran, None without an ARN. `is_encoded` is
    True if the text contains an encoded message with more details.
    """

    denial: Denial
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    session: Session | None = None
    kind: RoleKind | None = None
    kind_because: str = ""
    time: str = ""
    event: str = ""
    place: Context | None = None
    symptom: Symptom | None = None
    is_encoded: bool = False


def denied_calls(content: str) -> tuple[DeniedCall, ...]:
    """Return the unique denied calls in a text or JSON document, at most 1,000."""
    calls: dict[DeniedCall, None] = {}
    for call in _of_data(_data(content)):
        calls.setdefault(call)
        if len(calls) == MOST_DENIALS:
            break
    return tuple(calls)


def _data(content: str) -> Any:
    """Return the data of a JSON document, or the text itself if it is not JSON."""
    text = content.strip().removeprefix("\ufeff")
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _of_data(data: Any, depth: int = 0) -> Iterator[DeniedCall]:
    if isinstance(data, str):
        yield from _of_text(data)
    elif depth > _DEEPEST:
        return
    elif isinstance(data, list):
        for item in data:
            yield from _of_data(item, depth + 1)
    elif isinstance(data, dict):
        read = next((read for key, read in _READERS.items() if key in data), None)
        yield from read(data) if read else _of_data(list(data.values()), depth + 1)


def _of_event(event: Mapping[str, Any]) -> Iterator[DeniedCall]:
    """Yield the denied call of a CloudTrail event, completed from its members other than the message."""
    if not is_denied(text_of(event.get("errorCode"))):
        return
    identity = event.get("userIdentity")
    caller = text_of(identity.get("arn")) if isinstance(identity, Mapping) else ""
    role, time = role_of_identity(identity), text_of(event.get("eventTime"))
    key = event_key(event, role, "")
    calls = sorted(calls_of_event(key), key=sort_key)
    call = next(_of_text(key.message), None) or _call(Denial("unknown"), "", None)
    denial = replace(call.denial, principal=caller or call.denial.principal)
    session = session_of(denial.principal, role)
    kind, because = call.kind, call.kind_because
    if by_agent := _kind_by_agent(text_of(event.get("userAgent"))):
        kind, because = by_agent, "according to the event's user agent"
    yield replace(
        call,
        denial=denial,
        actions=call.actions or tuple(dict.fromkeys(mapped_call.action for mapped_call in calls)),
        resources=call.resources
        or tuple(dict.fromkeys(mapped_call.resource for mapped_call in calls if mapped_call.resource)),
        session=session,
        kind=kind,
        kind_because=because,
        time=time,
        event=f"{key.source}:{key.name}",
        is_encoded=_ENCODED.search(text_of(event.get("errorMessage"))) is not None,
    )


def _kind_by_agent(agent: str) -> RoleKind | None:
    if _AGENT_OF_ECS.search(agent):
        return "execution"
    return "task" if _IN_CONTAINER.search(agent) else None


def _of_lookup(data: Mapping[str, Any]) -> Iterator[DeniedCall]:
    yield from _of_data(_data(text_of(data["CloudTrailEvent"])), 1)


def _of_task(task: Mapping[str, Any]) -> Iterator[DeniedCall]:
    """Yield the denied calls in the stopped reasons of a task and its containers."""
    arn = text_of(task.get("taskArn"))
    containers = task.get("containers")
    reasons = [text_of(task["stoppedReason"])]
    if isinstance(containers, list):
        reasons += [text_of(container.get("reason")) for container in containers if isinstance(container, Mapping)]
    for reason in dict.fromkeys(reasons):
        for call in _of_text(reason, _place(arn)):
            session = call.session or Session("", "", arn.rpartition("/")[2])
            yield replace(call, session=session, time=call.time or text_of(task.get("stoppedAt")))


def _of_decoded(data: Mapping[str, Any]) -> Iterator[DeniedCall]:
    yield from _of_data(_data(text_of(data["DecodedMessage"])), 1)


def _of_decision(data: Mapping[str, Any]) -> Iterator[DeniedCall]:
    """Yield the call in a decoded message, which does not contain the kind of the denying policy."""
    context = data.get("context")
    if str(data.get("allowed")).lower() != "false" or not isinstance(context, Mapping):
        return
    principal, action = context.get("principal"), text_of(context.get("action"))
    caller = text_of(principal.get("arn")) if isinstance(principal, Mapping) else ""
    explicit = str(data["explicitDeny"]).lower() == "true"
    resource = text_of(context.get("resource"))
    yield _call(Denial("unknown", explicit, caller, spelled_action(action) if action else "", resource), "", None)


_Reader: TypeAlias = Callable[[Mapping[str, Any]], Iterator[DeniedCall]]
_READERS: Mapping[str, _Reader] = {
    "CloudTrailEvent": _of_lookup,
    "eventSource": _of_event,
    "DecodedMessage": _of_decoded,
    "explicitDeny": _of_decision,
    "stoppedReason": _of_task,
}


def _of_text(text: str, place: Context | None = None) -> Iterator[DeniedCall]:
    symptom, is_encoded = read_symptom(text), _ENCODED.search(text) is not None
    denials = list(islice(find_denials(text), MOST_DENIALS))
    if not denials and symptom:
        denials = [Denial("unknown")]
    for denial in denials:
        # In a log with several denials, the failure refers to those that its rule covers.
        is_its = symptom and (len(denials) == 1 or denial.action in symptom.actions)
        call = _call(denial, text[:_LONGEST], symptom if is_its else None, place)
        yield replace(call, is_encoded=is_encoded)


def _call(denial: Denial, text: str, symptom: Symptom | None, place: Context | None = None) -> DeniedCall:
    session = session_of(denial.principal)
    place = _place(denial.resource) or place or _place(denial.principal)
    actions = (denial.action,) if denial.action else _actions(text, symptom)
    resources = tuple(filter(None, [policy_resource(denial.resource)]))
    if not resources and actions:
        resources = ("*",) if has_no_resources(actions) else named_resources(text, actions[0], place)
    kind, because = _kind(actions, symptom, session)
    return DeniedCall(denial, actions, resources, session, kind, because, place=place, symptom=symptom)


def policy_resource(resource: str) -> str:
    """Return a resource of a message in the form that policies use, or an empty string if it is not an ARN.

    In keys of S3 objects, `*` is a character. In other resources, it is a wildcard for an unknown part, as in a policy.
    An account masked in a log, such as `***`, becomes `ACCOUNT`.
    """
    parts = resource.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return "*" if resource == "*" else ""
    if parts[4] not in ("", "aws") and not ACCOUNT.fullmatch(parts[4]):
        parts[4] = "ACCOUNT"
    with suppress(ValueError):
        parts[5] = literal(parts[5]) if parts[2] == "s3" else parts[5]
    return ":".join(parts)


def _actions(text: str, symptom: Symptom | None) -> tuple[str, ...]:
    """Return the actions of a failure, or of the S3 operation in a text: other messages contain their actions."""
    if symptom:
        return symptom.actions
    operation = _OPERATION.search(text)
    return event_actions("s3.amazonaws.com", operation["name"]).actions if operation else ()


def _kind(actions: tuple[str, ...], symptom: Symptom | None, session: Session | None) -> tuple[RoleKind | None, str]:
    if symptom and symptom.kind:
        return symptom.kind, "only this role makes such calls"
    if actions and _PULLS.issuperset(actions):
        return "execution", "it pulls images"
    name = session.name.lower() if session else ""
    if "exec" in name:
        return "execution", "according to its name"
    return ("task", "according to its name") if "task" in name else (None, "")


def _place(arn: str) -> Context | None:
    try:
        parsed = known_arn(arn)
    except ValueError:
        return None
    return Context(parsed.partition, parsed.region, parsed.account) if parsed.region and parsed.account else None
