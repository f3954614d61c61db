"""CloudTrail events of invented accounts, roles and tasks."""

from __future__ import annotations

import gzip
import json
from itertools import count
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/web-task"
TASK = "0123456789abcdef0123456789abcdef"
OTHER_TASK = "fedcba9876543210fedcba9876543210"

_IDS = count(1)


def event(
    service: str, name: str, request: Any = None, *, role: str = ROLE, session: str = TASK, **members: Any
) -> dict[str, Any]:
    """Return an event of a session of a role with its own id; `members` replace and add members."""
    number = next(_IDS)
    account = role.split(":")[4]
    issuer = {"type": "Role", "arn": role, "accountId": account, "userName": role.rpartition("/")[2]}
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLEEXAMPLE:{session}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}",
            "accountId": account,
            "sessionContext": {"sessionIssuer": issuer},
        },
        "eventTime": "2026-11-01T12:00:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "example",
        "requestParameters": request,
        "responseElements": None,
        "eventID": f"00000000-0000-4000-8000-{number:012d}",
        "recipientAccountId": account,
        "eventCategory": "Management",
        **members,
    }


def write_records(path: Path, *events: dict[str, Any]) -> Path:
    """Write a file as CloudTrail delivers it, compressed if its name ends in .gz; return the path."""
    text = json.dumps({"Records": events}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path
