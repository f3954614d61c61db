"""Endpoints for signed HTTP requests: the ARN behind a host, from the host name or an option.

Shared by several plugins; each declares its services.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.arns import Context, is_region, regional_arn
from taskrole.dataclass import dataclass
from taskrole.errors import Problem
from taskrole.partitions import partitions
from taskrole.taskdef.feature_results import Item, finding, option_used, quote_text
from taskrole.taskdef.features.firelens.plugin import Output
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import arn, each

REGION_PATTERN = r"(?P<region>[a-z0-9-]+)"


@dataclass(frozen=True)
class EndpointService:
    """A service that accepts signed requests.

    `host`, without the partition's suffix, and `path` have the groups `region` and `id`; a group `suffix` that does
    not match makes the id a guess. `resource` is the ARN's last part. `option`, in `firelens`, maps hosts to ARNs.
    `note` is the rule and the text about what must name the task role in addition to its own policies.
    """

    rule: str
    action: str
    resource: str = ""
    host: re.Pattern[str] | None = None
    path: re.Pattern[str] | None = None
    option: str = "endpoints"
    ending: str = ""
    note: tuple[str, str] | None = None


_ENDPOINT_RULE = "must be the ARN of a pipeline (osis), a workspace (aps) or a collection (aoss)"
_ENDPOINTS = {
    "aoss": arn("aoss", re.compile(r"collection/[a-z0-9]{3,40}"), _ENDPOINT_RULE),
    "aps": arn("aps", re.compile(r"workspace/ws-[A-Za-z0-9-]{1,64}"), _ENDPOINT_RULE),
    "osis": arn("osis", re.compile(r"pipeline/[a-z][a-z0-9-]{2,27}"), _ENDPOINT_RULE),
}


def _endpoint_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    service = text.split(":")[2] if text.count(":") > 2 else ""
    yield from _ENDPOINTS.get(service, _ENDPOINTS["osis"])(path, text, context)


@options
class EndpointOptions:
    """The option shared by all plugins that send to such services."""

    endpoints: Mapping[str, str] = option(
        {},
        "The ARN for each Host that does not contain it: a pipeline (osis), a workspace (aps) or a collection (aoss)."
        " Default: {}, a warning",
        check=each(_endpoint_problems),
    )


def service_items(name: str, service: EndpointService | None, output: Output) -> Iterator[Item] | None:
    """Return the permissions for requests to a service, or None if neither host nor option identifies the resource.

    `name` is the service name in request signatures. Raises UnusableError for a host that cannot be read.
    """
    (host,) = output.options.resolved("host")
    if service is None or host is None:
        return None
    named = getattr(output.given, service.option).get(host)
    if named:
        return _items(service, output, named, option_used("firelens", service.option, host))
    return _items_of_host(name, service, host, output)


def _items(service: EndpointService, output: Output, resource: str, *more: Item) -> Iterator[Item]:
    yield from more
    because = f"the log router forwards the logs of {output.container}"
    yield output.setting.grant(
        service.rule, output.options.field("host"), because, [resource + service.ending], actions=(service.action,)
    )
    if service.note:
        rule, message = service.note
        yield finding(rule, "note", output.options.field("host"), f"{message}: {output.setting.task_role}")


def _items_of_host(name: str, service: EndpointService, host: str, output: Output) -> Iterator[Item] | None:
    context = output.setting.context
    suffix = f".{partitions()[context.partition].dns_suffix}"
    lowered = host.lower()
    of_host = service.host.fullmatch(lowered.removesuffix(suffix)) if service.host else None
    if of_host is None or not lowered.endswith(suffix) or not is_region(of_host["region"], context.partition):
        return None
    match = of_host
    if service.path:
        (path,) = output.options.resolved("uri")
        of_path = service.path.fullmatch(path or "")
        if of_path is None:
            return None
        match = of_path
    resource = regional_arn(context, name, f"{service.resource}/{match['id']}", of_host["region"])
    if match.groupdict().get("suffix", "") is not None:
        return _items(service, output, resource)
    message = (
        f"has no suffix as {service.resource}s' hosts have, so it is treated as the {service.resource}"
        f" {match['id']}; if it is another, set its ARN in the option firelens.endpoints: {{{quote_text(host)}: ARN}}"
    )
    return _items(service, output, resource, finding("FL-SIGNED", "warning", output.options.field("host"), message))
