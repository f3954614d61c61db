"""The options about FireLens."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taskrole.arns import Context
from taskrole.errors import Problem
from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import arn, each

_DOMAIN = re.compile(r"domain/[a-z][a-z0-9-]{2,27}")
_DOMAIN_RULE = "must be a domain's ARN, arn:P:es:REGION:ACCOUNT:domain/NAME"

_ENDPOINT_RULE = "must be the ARN of a pipeline (osis), a workspace (aps) or a collection (aoss)"
_ENDPOINTS = {
    "aoss": arn("aoss", re.compile(r"collection/[a-z0-9]{3,40}"), _ENDPOINT_RULE),
    "aps": arn("aps", re.compile(r"workspace/ws-[A-Za-z0-9-]{1,64}"), _ENDPOINT_RULE),
    "osis": arn("osis", re.compile(r"pipeline/[a-z][a-z0-9-]{2,27}"), _ENDPOINT_RULE),
}


def _endpoint_problems(path: str, text: str, context: Context) -> Iterator[Problem]:
    service = text.split(":")[2] if text.count(":") > 2 else ""
    yield from _ENDPOINTS.get(service, _ENDPOINTS["osis"])(path, text, context)


@dataclass(frozen=True)
class FireLens:
    """What the outputs of FireLens leave open."""

    opensearch_domains: Mapping[str, str] = option(
        {},
        "The ARN of the domain behind each Host. Default: {}, refused",
        check=each(arn("es", _DOMAIN, _DOMAIN_RULE)),
    )
    templated_values: bool = option(
        False, "Consent to * for the variables in a name, /app/$(ecs_task_id). Default: false, refused"
    )
    endpoints: Mapping[str, str] = option(
        {},
        "The ARN behind each Host that does not say it: a pipeline (osis), a workspace (aps) or a collection (aoss)."
        " Default: {}, a warning",
        check=each(_endpoint_problems),
    )


@options
class FireLensOptions:
    """FireLens' options under a key of their own."""

    firelens: FireLens = option(FireLens(), "What the outputs of FireLens leave open. Default: nothing")
