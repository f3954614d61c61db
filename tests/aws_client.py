"""Clients of an embedded AWS."""

from __future__ import annotations

from typing import Any

import boto3

from taskrole.local.environment import CREDENTIALS, REGION
from taskrole.local.record import ServerRecord


def client(record: ServerRecord, service: str) -> Any:
    """Return a client of a service of an embedded AWS."""
    return boto3.client(service, endpoint_url=record.endpoint, region_name=REGION, **CREDENTIALS)
