"""Where a task runs: `requiresCompatibilities`, and what that means for roles that are not in the document."""

from __future__ import annotations

from collections.abc import Iterator

from taskrole.errors import shown
from taskrole.taskdef.document import Node, UnusableError
from taskrole.taskdef.items import Item, Setting, finding

COMPATIBILITIES = ("EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES")


def compatibilities(task: Node) -> frozenset[str]:
    """Return where a task says it can run; empty where it says nothing that can be read."""
    try:
        return frozenset(text for _, text in task.texts("requiresCompatibilities") if text in COMPATIBILITIES)
    except UnusableError:
        return frozenset()


def could_run_on(task: Node, compatibility: str) -> bool:
    """Tell whether a task may run there: it says so, or says nothing."""
    named = compatibilities(task)
    return not named or compatibility in named


def is_windows(task: Node) -> bool:
    """Tell whether a task says that it runs on Windows."""
    try:
        platform = task.node("runtimePlatform")
        return bool(platform and (platform.text("operatingSystemFamily") or "").startswith("WINDOWS"))
    except UnusableError:
        return False


def launch_items(task: Node, setting: Setting) -> Iterator[Item]:  # noqa: ARG001 -- the features' one signature
    """Yield notes on roles and settings outside the document that its fields hint at."""
    named = compatibilities(task)
    if named == {"EC2"}:
        message = (
            "runs on EC2 only, where the instance's role pulls from ECR, and with an old agent writes logs, unless ECS"
            " is told to use the execution role"
        )
        yield finding("EC2-ROLE", "note", task.field("requiresCompatibilities"), message)
    if "EXTERNAL" in named:
        message = "runs on ECS Anywhere, whose instances need a role of their own beside these two"
        yield finding("ANY-1", "note", task.field("requiresCompatibilities"), message)
    if "MANAGED_INSTANCES" in named:
        message = "runs on Managed Instances, which need an infrastructure role and an instance role (ecsInstanceRole…)"
        yield finding("MI-1", "note", task.field("requiresCompatibilities"), message)
    yield from _unknown_compatibilities(task)
    if task.has("ephemeralStorage"):
        message = "encrypted under a key of yours needs fargate.amazonaws.com in that key's policy, and nothing here"
        yield finding("EPH-1", "note", task.field("ephemeralStorage"), message)
    if task.has("trustedExecutionConfiguration"):
        message = "may gate keys by attestation; that is between the keys' policies and what the application calls"
        yield finding("TEE-1", "note", task.field("trustedExecutionConfiguration"), message)
    if task.has("proxyConfiguration"):
        message = "implies no permission by itself; an Envoy beside the application may (sidecars)"
        yield finding("PROXY", "note", task.field("proxyConfiguration"), message)
    yield from _named_ports(task)


def _unknown_compatibilities(task: Node) -> Iterator[Item]:
    try:
        for index, text in task.texts("requiresCompatibilities"):
            if text not in COMPATIBILITIES:
                message = f"must be one of {', '.join(COMPATIBILITIES)}; got {shown(text)}"
                yield finding("COMPATIBILITY", "warning", task.field(f"requiresCompatibilities/{index}"), message)
    except UnusableError:
        return


def _named_ports(task: Node) -> Iterator[Item]:
    """Yield notes on Service Connect and VPC Lattice, which find their ports by name."""
    for container in task.nodes("containerDefinitions"):
        try:
            first = next((port for port in container.nodes("portMappings") if port.has("name")), None)
        except UnusableError:
            continue
        if first is not None:
            name = first.field("name")
            connect = (
                "lets Service Connect find this port; with TLS that needs an infrastructure role, of the service's"
            )
            yield finding("SC-1", "note", name, connect)
            proxy = "lets Service Connect find this port; its proxy's logs, set in the service, are not seen here"
            yield finding("SC-2", "note", name, proxy)
            lattice = "lets VPC Lattice find this port; that needs an infrastructure role, of the service's"
            yield finding("LAT-1", "note", name, lattice)
            return
