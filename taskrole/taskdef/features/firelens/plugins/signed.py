"""Any HTTP endpoint that requires signed requests: `http`, `opentelemetry` and `prometheus_remote_write`, written in C.

    service   action            host                                       ARN
    osis      osis:Ingest       PIPELINE-….REGION.osis.SUFFIX              pipeline/PIPELINE
    aps       aps:RemoteWrite   aps-workspaces.REGION.SUFFIX/workspaces/ID workspace/ID

OpenSearch also accepts such requests.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/ (list_osis, list_aps)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial

from taskrole.taskdef.failure import IN_ROUTER
from taskrole.taskdef.feature_results import Item, finding, quote_text
from taskrole.taskdef.features.firelens.endpoints import REGION_PATTERN, EndpointOptions, EndpointService, service_items
from taskrole.taskdef.features.firelens.plugin import Output, Plugin, When
from taskrole.taskdef.features.firelens.plugins import opensearch
from taskrole.taskdef.features.firelens.plugins.common import FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.rule import DOCS, TASK, FieldRule

_RULE = FieldRule(
    "FL-11",
    "grant",
    "Output to OpenSearch Ingestion (osis) or Amazon Managed Service for Prometheus (aps) by signed requests",
    OPTIONS_FIELD,
    f"{DOCS}/service-authorization/latest/reference/list_osis.html",
    TASK,
    ("aps:RemoteWrite", "osis:Ingest"),
    "arn:P:osis:R:A:pipeline/NAME or arn:P:aps:R:A:workspace/ID",
    failure=IN_ROUTER,
)
RULES = (
    _RULE,
    FieldRule(
        "FL-SIGNED",
        "note",
        "Signed requests whose permissions do not follow from the service and host",
        OPTIONS_FIELD,
        f"{FLUENT_BIT}/http",
        unseen=True,
    ),
)


_SERVICES: Mapping[str, EndpointService] = {
    **opensearch.SERVICES,
    "osis": EndpointService(
        "FL-11",
        "osis:Ingest",
        "pipeline",
        re.compile(rf"(?P<id>[a-z][a-z0-9-]{{2,27}}?)(?P<suffix>-[a-z0-9]{{20,}})?\.{REGION_PATTERN}\.osis"),
    ),
    "aps": EndpointService(
        "FL-11",
        "aps:RemoteWrite",
        "workspace",
        re.compile(rf"aps-workspaces(?:-fips)?\.{REGION_PATTERN}"),
        re.compile(r"/workspaces/(?P<id>ws-[A-Za-z0-9-]{1,64})/.*"),
    ),
}

OPTIONS = (EndpointOptions,)


def _items(plugin: Plugin, output: Output, *, default: str) -> Iterator[Item]:  # noqa: ARG001 -- the plugins' signature
    options = output.options
    (name,) = options.resolved("aws_service")
    service = (name or default).lower()
    known = _SERVICES.get(service)
    items = service_items(service, known, output)
    if items is not None:
        yield from items
        return
    (host,) = options.resolved("host")
    if known:
        how = f"set its ARN in the option firelens.{known.option}: {{{quote_text(host)}: ARN}}"
        message = f"does not identify the resource of {known.action}; {how}"
    else:
        message = (
            f"gets requests signed with the task role for the service {quote_text(service or None)}, whose permissions"
            " are not known here; grant them yourself"
        )
    yield finding("FL-SIGNED", "warning", options.field("host"), message)


# The service for which requests are signed unless the option aws_service names another.
_DEFAULTS = {
    "http": ("http", ""),
    "opentelemetry": ("opentelemetry", "logs"),
    "prometheus_remote_write": ("prometheus-remote-write", "aps"),
}

PLUGINS = tuple(
    Plugin(
        (name,),
        f"{FLUENT_BIT}/{page}",
        _RULE,
        role="aws_role_arn",
        when=When("aws_auth", "on"),
        reads=("aws_service", "host", "uri"),
        items=partial(_items, default=default),
    )
    for name, (page, default) in _DEFAULTS.items()
)
