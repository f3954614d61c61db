"""OpenSearch domains and collections: `es` and `opensearch`, written in C. Both send only POST requests to `_bulk`.

    service   action              host                        ARN
    es        es:ESHttpPost       any, by opensearch_domains  domain/NAME/*
    aoss      aoss:APIAccessAll   ID.REGION.aoss.SUFFIX       collection/ID

Sources: https://github.com/fluent/fluent-bit/blob/master/plugins/out_opensearch/os_conf.c,
https://docs.aws.amazon.com/service-authorization/latest/reference/ (list_es, list_opensearchserverless)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from taskrole.taskdef.failure import IN_ROUTER
from taskrole.taskdef.feature_results import Item, quote_text, unusable
from taskrole.taskdef.features.firelens.endpoints import REGION_PATTERN, EndpointOptions, EndpointService, service_items
from taskrole.taskdef.features.firelens.plugin import Output, Plugin, When
from taskrole.taskdef.features.firelens.plugins.common import FLUENT_BIT, OPTIONS_FIELD
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import arn, each
from taskrole.taskdef.rule import DOCS, TASK, FieldRule

_DOMAIN = FieldRule(
    "FL-8",
    "grant",
    "Output to an OpenSearch domain with AWS authentication; an option names the domain behind the host",
    OPTIONS_FIELD,
    f"{FLUENT_BIT}/opensearch",
    TASK,
    ("es:ESHttpPost",),
    "arn:P:es:R:A:domain/NAME/*",
    failure=IN_ROUTER,
)
_COLLECTION = FieldRule(
    "FL-13",
    "grant",
    "Output to a collection of OpenSearch Serverless with AWS authentication",
    OPTIONS_FIELD,
    f"{DOCS}/opensearch-service/latest/developerguide/serverless-data-access.html",
    TASK,
    ("aoss:APIAccessAll",),
    "arn:P:aoss:R:A:collection/ID",
    failure=IN_ROUTER,
)
RULES = (
    _DOMAIN,
    _COLLECTION,
    FieldRule(
        "FL-AOSS",
        "note",
        "A collection's data access policy must also name the role",
        OPTIONS_FIELD,
        f"{DOCS}/opensearch-service/latest/developerguide/serverless-data-access.html",
    ),
)


SERVICES: Mapping[str, EndpointService] = {
    "aoss": EndpointService(
        "FL-13",
        "aoss:APIAccessAll",
        "collection",
        re.compile(rf"(?P<id>[a-z0-9]{{3,40}})\.{REGION_PATTERN}\.aoss"),
        note=("FL-AOSS", "is a collection, whose data access policy must also name the task role"),
    ),
    "es": EndpointService("FL-8", "es:ESHttpPost", option="opensearch_domains", ending="/*"),
}

_DOMAIN_ARN = re.compile(r"domain/[a-z][a-z0-9-]{2,27}")


@options
class DomainOptions:
    """The option that names domains, since the host of a domain can be any name."""

    opensearch_domains: Mapping[str, str] = option(
        {},
        "The ARN of the domain behind each Host. Default: {}, refused",
        check=each(arn("es", _DOMAIN_ARN, "must be a domain's ARN, arn:P:es:REGION:ACCOUNT:domain/NAME")),
    )


OPTIONS = (DomainOptions, EndpointOptions)


def _items(plugin: Plugin, output: Output) -> Iterator[Item]:  # noqa: ARG001 -- the plugins' one signature
    options = output.options
    (name,) = options.resolved("aws_service_name")
    service = (name or "es").lower()
    if service not in ("es", "aoss"):
        raise unusable("FL-8", options.field("aws_service_name"), f"must be es or aoss; got {quote_text(name)}")
    items = service_items(service, SERVICES[service], output)
    if items is None:
        (host,) = options.resolved("host")
        kind, option = ("domain", "opensearch_domains") if service == "es" else ("collection", "endpoints")
        message = (
            f"does not identify the {kind}; set the {kind}'s ARN in the option firelens.{option}:"
            f" {{{quote_text(host)}: {kind.upper()}-ARN}}"
        )
        raise unusable("FL-8" if service == "es" else "FL-13", options.field("host"), message)
    yield from items


PLUGINS = tuple(
    Plugin(
        (name,),
        f"{FLUENT_BIT}/{page}",
        _DOMAIN,
        role="aws_role_arn",
        when=When("aws_auth", "on"),
        reads=("aws_service_name", "host"),
        items=_items,
    )
    for name, page in (("es", "elasticsearch"), ("opensearch", "opensearch"))
)
