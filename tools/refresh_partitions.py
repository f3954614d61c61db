"""Write taskrole/data/partitions.json from the installed botocore: `python tools/refresh_partitions.py`.

Regions are only added, so that an older botocore, pinned by a development package, removes none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

TARGET = Path(__file__).parent.parent / "taskrole" / "data" / "partitions.json"


def table() -> dict[str, Any]:
    """Return the committed table with botocore's additions: the members that taskrole uses, without pseudo regions."""
    committed: dict[str, Any] = json.loads(TARGET.read_text("utf-8"))
    partitions = committed["partitions"]
    for partition in Loader().load_data("partitions")["partitions"]:
        known = partitions.get(partition["id"], {"regions": []})
        regions = [name for name in partition["regions"] if not name.endswith("-global")]
        partitions[partition["id"]] = {
            "dns_suffix": partition["outputs"]["dnsSuffix"],
            "region_pattern": partition["regionRegex"].strip("^$").replace(r"\-", "-"),
            "regions": sorted({*known["regions"], *regions}),
        }
    return {"source": max(committed["source"], _source(), key=_version), "partitions": partitions}


def _source() -> str:
    return f"botocore {botocore.__version__}, partitions.json"


def _version(source: str) -> tuple[int, ...]:
    return tuple(int(part) for part in source.split()[1].rstrip(",").split("."))


if __name__ == "__main__":
    TARGET.write_text(json.dumps(table(), indent=2) + "\n", encoding="utf-8")
