"""Write the names and documents of AWS managed policies from the installed moto.

`python tools/refresh_managed_policies.py`; moto generates its list from AWS's API for each release.
"""

from __future__ import annotations

import gzip
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

DATA = Path(__file__).parent.parent / "taskrole" / "policy" / "catalogue" / "data"
TARGET = DATA / "managed_policy_names.txt"
DOCUMENTS = DATA / "managed_policies.jsonl.gz"


def listing() -> str:
    """Return the file's text: a dated heading, then one name with its path per line, sorted."""
    policies = _policies()
    newest = max(policy["UpdateDate"] for policy in policies.values())[:10]
    names = sorted(_full_name(name, policy) for name, policy in policies.items())
    return f"# AWS managed policies as of {newest}, from moto {version('moto')}\n" + "\n".join(names) + "\n"


def documents() -> bytes:
    """Return the documents, one per line, by full name: name, version, date of the last change, document."""
    lines = sorted(
        json.dumps(
            [_full_name(name, policy), policy["DefaultVersionId"], policy["UpdateDate"][:10], policy["Document"]],
            separators=(",", ":"),
        )
        for name, policy in _policies().items()
    )
    return ("\n".join(lines) + "\n").encode("ascii")


def compressed(text: bytes) -> bytes:
    """Return the text compressed without time and file name, so that the same text gives the same bytes."""
    return gzip.compress(text, compresslevel=9, mtime=0)


def _policies() -> dict[str, dict[str, Any]]:
    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    return policies


def _full_name(name: str, policy: dict[str, Any]) -> str:
    return f"{policy['Path']}{name}".removeprefix("/")


if __name__ == "__main__":
    TARGET.write_text(listing(), encoding="utf-8")
    DOCUMENTS.write_bytes(compressed(documents()))
