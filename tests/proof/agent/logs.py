"""Logs: section 5 of AWS's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.proof.agent.firelens import output_needs, router_needs
from tests.proof.agent.needs import ANYTHING, EXECUTION, Need, Place, exactly

GO_TRUE = ("1", "t", "T", "TRUE", "true", "True")


def log_needs(place: Place) -> Iterator[Need]:
    """Yield the calls that write logs."""
    for container in place.containers:
        log = container.get("logConfiguration") or {}
        options = log.get("options") or {}
        if log.get("logDriver") == "awslogs":
            yield from _awslogs(place, container["name"], options)
        if log.get("logDriver") == "awsfirelens":
            yield from output_needs(place, {key.lower(): value for key, value in options.items()})
        # Any value makes a router.
        if container.get("firelensConfiguration") is not None:
            yield from router_needs(place, container)


def group_arn(place: Place, group: str, region: str | None = None) -> str:
    """Return a log group's ARN in the task's account."""
    return place.arn("logs", f"log-group:{group}", region=region)


def need(role: str, action: str, resource: str, scope: str, rule: str) -> Need:
    """Return a need of CloudWatch Logs, which knows no condition that matters here."""
    return Need(role, f"logs:{action}", resource, scope, rule, {})


def _awslogs(place: Place, container: str, options: Mapping[str, str]) -> Iterator[Need]:
    group = group_arn(place, options["awslogs-group"], options["awslogs-region"])
    prefix = options.get("awslogs-stream-prefix")
    streams = f"{group}:log-stream:{prefix}/{container}/" if prefix else f"{group}:log-stream:"
    for action in ("CreateLogStream", "PutLogEvents"):
        rule = "LOG-1" if prefix else "LOG-2"
        yield need(EXECUTION, action, streams + place.task_id(), exactly(streams) + ANYTHING, rule)
    if options.get("awslogs-create-group") in GO_TRUE:
        yield from creates(EXECUTION, group, "LOG-3")


def creates(role: str, group: str, rule: str) -> Iterator[Need]:
    """Yield the call that creates a log group, checked against the group and against a stream without a name."""
    for resource in (group, f"{group}:log-stream:"):
        yield need(role, "CreateLogGroup", resource, exactly(resource), rule)
