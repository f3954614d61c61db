"""Write taskrole/data/partitions.json from the botocore that is installed: `python tools/refresh_partitions.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
from botocore.loaders import Loader

TARGET = Path(__file__).parent.parent / "taskrole" / "data" / "partitions.json"


def table() -> dict[str, Any]:
    """Return the part of botocore's partition table that taskrole uses, pseudo regions left out."""
    data: dict[str, Any] = Loader().load_data("partitions")
    return {
        "source": f"botocore {botocore.__version__}, partitions.json",
        "partitions": {
            partition["id"]: {
                "dns_suffix": partition["outputs"]["dnsSuffix"],
                "region_pattern": partition["regionRegex"].strip("^$").replace(r"\-", "-"),
                "regions": sorted(name for name in partition["regions"] if not name.endswith("-global")),
            }
            for partition in data["partitions"]
        },
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(table(), indent=2) + "\n", encoding="utf-8")
