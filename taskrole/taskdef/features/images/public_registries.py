"""Private ECR registries of AWS and vendors that every account can pull from.

data/public_registries.json lists them with the retrieval date and the source page of each;
tools/refresh_public_registries.py updates it.
"""

from __future__ import annotations

import json
from functools import cache
from pkgutil import get_data

from taskrole.taskdef.features.images.names import Registry

_ANY_REGION = "*"


def publisher_of(registry: Registry) -> str | None:
    """Return the publisher of a registry that every account may pull from, or None for an unknown registry."""
    for publisher, accounts in _publishers().items():
        # An account that is the same in every region is valid within its partition.
        general = accounts.get(_ANY_REGION) if registry.partition == "aws" else None
        if accounts.get(registry.region, general) == registry.account:
            return publisher
    return None


@cache
def _publishers() -> dict[str, dict[str, str]]:
    """Return the accounts of each publisher, by region."""
    text = get_data("taskrole.taskdef", "data/public_registries.json") or b""
    return {publisher: entry["accounts"] for publisher, entry in json.loads(text)["publishers"].items()}
