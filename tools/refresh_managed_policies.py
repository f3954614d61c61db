"""Write the names of AWS's managed policies from the moto that is installed.

`python tools/refresh_managed_policies.py`; moto's list is made from AWS's own API and is renewed with each release.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from moto.iam.aws_managed_policies import aws_managed_policies_data

TARGET = Path(__file__).parent.parent / "taskrole" / "policy" / "data" / "managed_policy_names.txt"


def listing() -> str:
    """Return the file's text: a dated heading, then one name a line with its path, sorted."""
    policies = json.loads(aws_managed_policies_data)
    newest = max(policy["UpdateDate"] for policy in policies.values())[:10]
    names = sorted(f"{policy['Path']}{name}".removeprefix("/") for name, policy in policies.items())
    return f"# AWS managed policies as of {newest}, from moto {version('moto')}\n" + "\n".join(names) + "\n"


if __name__ == "__main__":
    TARGET.write_text(listing(), encoding="utf-8")
