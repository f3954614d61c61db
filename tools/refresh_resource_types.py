"""Write the list of AWS provider resource types without effect on access, from the provider's schema.

`python -m tools.refresh_resource_types` needs terraform, and uses an unpacked provider like the embedded AWS, or
downloads one. The rules and the manually reviewed types are in resource_type_rules.py.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from taskrole.local.terraform import require_terraform, terraform_environment
from tools.resource_type_rules import resource_types

TARGET = Path(__file__).parent.parent / "taskrole" / "plan" / "data" / "resource_types.json"
VERSION = "5.100.0"
_PROVIDER = "registry.terraform.io/hashicorp/aws"
_CONFIGURATION = {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": VERSION}}}}


def provider_schema() -> dict[str, Any]:
    """Return the schema of the AWS provider. Raises CalledProcessError if terraform cannot get the provider."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf.json").write_text(json.dumps(_CONFIGURATION), encoding="utf-8")
        variables = terraform_environment(os.environ, folder)
        command = [require_terraform(), f"-chdir={folder}"]
        subprocess.run([*command, "init", "-no-color"], env=variables, check=True, capture_output=True)
        done = subprocess.run(
            [*command, "providers", "schema", "-json"], env=variables, check=True, capture_output=True
        )
    schema: dict[str, Any] = json.loads(done.stdout)["provider_schemas"][_PROVIDER]
    return schema


def text(schema: dict[str, Any], date: str) -> str:
    """Return the file's text for a provider's schema and its date (YYYY-MM-DD)."""
    lists = resource_types(schema)
    heading = {
        "date": date,
        "source": f"AWS provider {VERSION} schema",
        "count": len(schema["resource_schemas"]),
        "counts": {name: len(entries) for name, entries in lists.items()},
    }
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in heading.items()]
    lines += [f"{json.dumps(name)}: {_entries(entries)}" for name, entries in lists.items()]
    return "{\n  " + ",\n  ".join(lines) + "\n}\n"


def _entries(entries: Any) -> str:
    if isinstance(entries, dict):
        lines = ",\n    ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in entries.items())
        return "{\n    " + lines + "\n  }"
    return "[\n    " + ",\n    ".join(map(json.dumps, entries)) + "\n  ]"


def main() -> int:
    """Write the file; the date is unchanged if nothing else changes."""
    schema = provider_schema()
    date = json.loads(TARGET.read_text("utf-8"))["date"] if TARGET.exists() else ""
    if not date or text(schema, date) != TARGET.read_text("utf-8"):
        date = datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(schema, date), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
