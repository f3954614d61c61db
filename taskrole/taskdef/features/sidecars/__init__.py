"""Sidecars that call AWS with the task role, recognised by image.

    image contains           option              needs
    xray-daemon              xray                traces
    aws-otel-collector,      otel                traces; logs and parameters that options name
    opentelemetry-collector
    cloudwatch-agent         cloudwatch-agent    metrics; logs and parameters that options name; traces with xray, too
    appmesh-envoy            appmesh             its virtual node; the service ended on 2026-09-30
    ssm-agent                fault-injection     to register the task, where enableFaultInjection is on

Copies in other registries usually keep these names. A sidecar gets its permissions only if the option `sidecars` lists
it; otherwise a warning reports what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from taskrole.arns import log_group_arn, log_stream_arn, regional_arn, role_arn
from taskrole.dataclass import dataclass
from taskrole.limits import check_role_name
from taskrole.taskdef.confidential import quoted
from taskrole.taskdef.document import Field, Node
from taskrole.taskdef.feature import TASK_ENVIRONMENT, Feature, Variables
from taskrole.taskdef.feature_results import Item, Setting, finding, name_of, option_used, unusable, usable
from taskrole.taskdef.features.sidecars.options import SidecarOptions
from taskrole.taskdef.features.sidecars.rules import RULES, XRAY
from taskrole.taskdef.references import Parameter, parse_reference
from taskrole.taskdef.shape import ListOf, Record, Scalar

_TITLES = {rule.id: rule.title for rule in RULES}
# amazon-ssm-agent from any registry.
_SSM_AGENT = "ssm-agent"
_VIRTUAL_NODE = re.compile(r"mesh/[A-Za-z0-9_-]{1,255}/virtualNode/[A-Za-z0-9_-]{1,255}")


@dataclass(frozen=True)
class _Sidecar:
    option: str
    rule: str
    images: tuple[str, ...]
    make: Callable[[Node, Setting], Iterator[Item]]


def sidecar_items(task: Node, setting: Setting) -> Iterator[Item]:
    """Yield the permissions of known sidecars, or a warning if no option enables them (SIDE-…)."""
    containers = list(task.nodes("containerDefinitions"))
    for container in containers:
        yield from usable(_container_items(task, container, setting))
    images = (container.data.get("image") for container in containers)
    has_agent = any(isinstance(image, str) and _SSM_AGENT in image for image in images)
    if task.flag("enableFaultInjection") and not has_agent:
        message = (
            "is on, but no container is the amazon-ssm-agent, which Fault Injection Service needs; what that"
            " agent needs is not derived"
        )
        yield finding("FIS-AGENT", "note", task.field("enableFaultInjection"), message)


def _container_items(task: Node, container: Node, setting: Setting) -> Iterator[Item]:
    image = container.text("image") or ""
    sidecar = next((candidate for candidate in _SIDECARS if any(name in image for name in candidate.images)), None)
    if sidecar is None or (sidecar.option == "fault-injection" and not task.flag("enableFaultInjection")):
        return
    if sidecar.option not in setting.options_of(SidecarOptions).sidecars:
        title = _TITLES[sidecar.rule].split(":")[0].split(";")[0]
        message = (
            f"looks like a sidecar that calls AWS with the task role ({title}); the option sidecars:"
            f" [{sidecar.option}] grants what it needs"
        )
        yield finding(sidecar.rule, "warning", container.field("image"), message)
        return
    yield option_used("sidecars", sidecar.option)
    yield from sidecar.make(container, setting)


def _xray(container: Node, setting: Setting) -> Iterator[Item]:
    yield setting.grant("SIDE-XRAY", container.field("image"), f"{name_of(container)} sends traces to X-Ray", ("*",))


def _otel(container: Node, setting: Setting) -> Iterator[Item]:
    yield setting.grant("SIDE-OTEL", container.field("image"), f"{name_of(container)} sends traces to X-Ray", ("*",))
    yield from _logs("SIDE-OTEL", container, setting)
    yield from _parameters("SIDE-OTEL", container, "ssm:GetParameters", setting)


def _cloudwatch_agent(container: Node, setting: Setting) -> Iterator[Item]:
    yield setting.grant("SIDE-CWAGENT", container.field("image"), f"{name_of(container)} sends metrics", ("*",))
    if "xray" in setting.options_of(SidecarOptions).sidecars:
        yield option_used("sidecars", "xray")
        because = f"{name_of(container)} sends traces to X-Ray"
        yield setting.grant("SIDE-CWAGENT", container.field("image"), because, ("*",), actions=XRAY)
    yield from _logs("SIDE-CWAGENT", container, setting)
    yield from _parameters("SIDE-CWAGENT", container, "ssm:GetParameter", setting)


def _logs(rule: str, container: Node, setting: Setting) -> Iterator[Item]:
    groups, context = setting.options_of(SidecarOptions).sidecar_log_groups, setting.context
    if not groups:
        message = "may write logs; set their groups in the option sidecar_log_groups"
        yield finding(rule, "note", container.field("image"), message)
        return
    field = Field("options:/sidecar_log_groups", container.file)
    who = name_of(container)
    for group in groups:
        yield option_used("sidecar_log_groups", group)
        arn = log_group_arn(context, context.region, group)
        stream = log_stream_arn(context, context.region, group, "*")
        write = ("logs:CreateLogStream", "logs:PutLogEvents")
        keep = ("logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutRetentionPolicy")
        yield setting.grant(rule, field, f"{who} writes logs to {group}", [stream], actions=write)
        yield setting.grant(rule, field, f"{who} keeps log group {group}", [arn, f"{arn}:*"], actions=keep)
    yield setting.grant(rule, field, f"{who} looks for log groups", ("*",), actions=("logs:DescribeLogGroups",))


def _parameters(rule: str, container: Node, action: str, setting: Setting) -> Iterator[Item]:
    context = setting.context
    for text in setting.options_of(SidecarOptions).sidecar_parameters:
        yield option_used("sidecar_parameters", text)
        parameter = parse_reference(text)
        if isinstance(parameter, Parameter):
            region = parameter.location.region if parameter.location else context.region
            arn = parameter.arn(context.partition, region, context.account or "")
            field = Field("options:/sidecar_parameters", container.file)
            because = f"{name_of(container)} reads its configuration"
            yield setting.grant(rule, field, because, (arn,), actions=(action,))


def _appmesh(container: Node, setting: Setting) -> Iterator[Item]:
    message = "is the Envoy of App Mesh, which ended on 2026-09-30; move to Service Connect or VPC Lattice"
    yield finding("SIDE-APPMESH", "warning", container.field("image"), message)
    field, node = _variable(container, "APPMESH_VIRTUAL_NODE_NAME")
    if node is None or not _VIRTUAL_NODE.fullmatch(node):
        message = f"must have APPMESH_VIRTUAL_NODE_NAME, mesh/MESH/virtualNode/NODE; got {quoted(node, field.source)}"
        raise unusable("SIDE-APPMESH", field, message)
    arn = regional_arn(setting.context, "appmesh", node)
    yield setting.grant("SIDE-APPMESH", field, f"{name_of(container)} gets its routes from App Mesh", (arn,))


def _fault_injection(container: Node, setting: Setting) -> Iterator[Item]:
    field, role = _variable(container, "MANAGED_INSTANCE_ROLE_NAME")
    if role is None or check_role_name(role):
        message = f"must have MANAGED_INSTANCE_ROLE_NAME, the name of a role; got {quoted(role, field.source)}"
        raise unusable("SIDE-FIS", field, message)
    who = name_of(container)
    yield setting.grant("SIDE-FIS", container.field("image"), f"{who} registers the task with Systems Manager", ("*",))
    because = f"{who} registers the task with this role"
    yield setting.grant("SIDE-FIS", field, because, [role_arn(setting.context, role)], actions=("iam:PassRole",))


def _variable(container: Node, name: str) -> tuple[Field, str | None]:
    """Return the location and value of an environment variable; the value has no placeholders."""
    for variable in container.nodes("environment"):
        if variable.text("name") == name:
            (value,) = variable.resolved("value")
            return variable.field("value"), value
    return container.field("environment"), None


_SIDECARS = (
    _Sidecar("xray", "SIDE-XRAY", ("xray-daemon",), _xray),
    _Sidecar("otel", "SIDE-OTEL", ("aws-otel-collector", "opentelemetry-collector"), _otel),
    _Sidecar("cloudwatch-agent", "SIDE-CWAGENT", ("cloudwatch-agent",), _cloudwatch_agent),
    _Sidecar("appmesh", "SIDE-APPMESH", ("appmesh-envoy",), _appmesh),
    _Sidecar("fault-injection", "SIDE-FIS", (_SSM_AGENT,), _fault_injection),
)


_SHAPE = Record(
    {
        "containerDefinitions": ListOf(Record({"name": Scalar.RESOLVED, "image": Scalar.TEXT})),
        "enableFaultInjection": Scalar.FLAG,
    }
)
_READ_VARIABLES = ("APPMESH_VIRTUAL_NODE_NAME", "MANAGED_INSTANCE_ROLE_NAME")

FEATURE = Feature(
    TASK_ENVIRONMENT,
    RULES,
    _SHAPE,
    SidecarOptions,
    sidecar_items,
    variables=tuple(Variables(name, re.compile(name)) for name in _READ_VARIABLES),
)
