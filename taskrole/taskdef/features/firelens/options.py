"""The options about FireLens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from taskrole.taskdef.option import option, options
from taskrole.taskdef.option_checks import arn, each

_DOMAIN = re.compile(r"domain/[a-z][a-z0-9-]{2,27}")
_DOMAIN_RULE = "must be a domain's ARN, arn:P:es:REGION:ACCOUNT:domain/NAME"


@dataclass(frozen=True)
class FireLens:
    """What the outputs of FireLens leave open."""

    opensearch_domains: Mapping[str, str] = option(
        {},
        "The ARN of the domain behind each Host. Default: {}, refused",
        check=each(arn("es", _DOMAIN, _DOMAIN_RULE)),
    )
    templated_values: bool = option(
        False, "Consent to * for the templated end of a name, /app/$(ecs_task_id). Default: false, refused"
    )


@options
class FireLensOptions:
    """FireLens' options under a key of their own."""

    firelens: FireLens = option(FireLens(), "What the outputs of FireLens leave open. Default: nothing")
