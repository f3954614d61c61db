"""Services that outputs send signed HTTP requests to: the action that a request needs, and where the ARN follows from.

    service   action                host                                       ARN
    aoss      aoss:APIAccessAll     ID.REGION.aoss.SUFFIX                      collection/ID
    osis      osis:Ingest           PIPELINE-….REGION.osis.SUFFIX              pipeline/PIPELINE
    aps       aps:RemoteWrite       aps-workspaces.REGION.SUFFIX/workspaces/ID workspace/ID
    es        es:ESHttpPost         any, by the option opensearch_domains      domain/NAME/*

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/ (list_opensearchserverless, list_osis,
list_aps, list_es), https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from taskrole.arns import is_region, regional_arn
from taskrole.partitions import partitions
from taskrole.taskdef.features.firelens.options import FireLensOptions
from taskrole.taskdef.features.firelens.plugin import Output
from taskrole.taskdef.items import Item, finding, grant, option_used, told

_REGION = r"(?P<region>[a-z0-9-]+)"


@dataclass(frozen=True)
class Service:
    """A service by the name that requests are signed for.

    `host`, without the partition's suffix, and `path` have the groups `region` and `id`; a group `suffix` that does
    not match makes the id a guess. `resource` is the ARN's last part. `option`, in `firelens`, has the ARN by host.
    """

    rule: str
    action: str
    resource: str = ""
    host: re.Pattern[str] | None = None
    path: re.Pattern[str] | None = None
    option: str = "endpoints"
    ending: str = ""


SERVICES = {
    "aoss": Service(
        "FL-13", "aoss:APIAccessAll", "collection", re.compile(rf"(?P<id>[a-z0-9]{{3,40}})\.{_REGION}\.aoss")
    ),
    "osis": Service(
        "FL-11",
        "osis:Ingest",
        "pipeline",
        re.compile(rf"(?P<id>[a-z][a-z0-9-]{{2,27}}?)(?P<suffix>-[a-z0-9]{{20,}})?\.{_REGION}\.osis"),
    ),
    "aps": Service(
        "FL-11",
        "aps:RemoteWrite",
        "workspace",
        re.compile(rf"aps-workspaces(?:-fips)?\.{_REGION}"),
        re.compile(r"/workspaces/(?P<id>ws-[A-Za-z0-9-]{1,64})/.*"),
    ),
    "es": Service("FL-8", "es:ESHttpPost", option="opensearch_domains", ending="/*"),
}


def service_items(name: str, output: Output) -> Iterator[Item] | None:
    """Return what requests to a service need, or None if neither the host nor an option says on which resource.

    Raises UnusableError for a host that cannot be read.
    """
    service = SERVICES.get(name)
    (host,) = output.options.resolved("host")
    if service is None or host is None:
        return None
    named = getattr(output.setting.options_of(FireLensOptions).firelens, service.option).get(host)
    if named:
        return _items(service, output, named, option_used("firelens", service.option, host))
    return _items_of_host(name, service, host, output)


def _items(service: Service, output: Output, arn: str, *more: Item) -> Iterator[Item]:
    yield from more
    because = f"the log router sends on what {output.container} logs"
    yield grant(service.rule, output.options.field("host"), because, [arn + service.ending], actions=(service.action,))
    if service.rule == "FL-13":
        message = f"is a collection, whose data access policy must name the task role, too: {output.setting.task_role}"
        yield finding("FL-AOSS", "note", output.options.field("host"), message)


def _items_of_host(name: str, service: Service, host: str, output: Output) -> Iterator[Item] | None:
    context = output.setting.context
    suffix = f".{partitions()[context.partition].dns_suffix}"
    lowered = host.lower()
    of_host = service.host.fullmatch(lowered.removesuffix(suffix)) if service.host else None
    if of_host is None or not lowered.endswith(suffix) or not is_region(of_host["region"], context.partition):
        return None
    found = of_host
    if service.path:
        (path,) = output.options.resolved("uri")
        of_path = service.path.fullmatch(path or "")
        if of_path is None:
            return None
        found = of_path
    arn = regional_arn(context, name, f"{service.resource}/{found['id']}", of_host["region"])
    if found.groupdict().get("suffix", "") is not None:
        return _items(service, output, arn)
    message = (
        f"has no suffix as {service.resource}s' hosts have, so that it is taken for the {service.resource}"
        f" {found['id']}; if it is another, name its ARN in the option firelens.endpoints: {{{told(host)}: ARN}}"
    )
    return _items(service, output, arn, finding("FL-SIGNED", "warning", output.options.field("host"), message))
