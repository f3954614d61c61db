"""AWS partitions and their regions, from botocore's table (`tools/refresh_partitions.py` renews the copy).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import json
import re
from functools import cache
from pkgutil import get_data

from taskrole.dataclass import dataclass
from taskrole.nearest import nearest


@dataclass(frozen=True)
class Partition:
    """A partition: its id as in ARNs, the suffix of its host names, and its regions and their pattern."""

    id: str
    dns_suffix: str
    region_pattern: str
    regions: tuple[str, ...]

    def could_have(self, region: str) -> bool:
        """Return whether a region is in this partition, or matches its pattern."""
        if region in self.regions:
            return True
        # botocore's pattern takes any word and any script's digits; regions are lower-case ASCII.
        pattern = self.region_pattern.replace(r"\w", "[a-z]").replace(r"\d", "[0-9]")
        return re.fullmatch(pattern, region) is not None


@cache
def partitions() -> dict[str, Partition]:
    """Return all partitions by id."""
    table = json.loads(get_data("taskrole", "data/partitions.json") or b"")
    return {
        id_: Partition(id_, entry["dns_suffix"], entry["region_pattern"], tuple(entry["regions"]))
        for id_, entry in table["partitions"].items()
    }


@cache
def host_suffixes() -> tuple[str, ...]:
    """Return the suffixes of AWS's host names in all partitions, such as `amazonaws.com`; longer ones first."""
    return tuple(sorted({partition.dns_suffix for partition in partitions().values()}, key=lambda x: (-len(x), x)))


def host_suffix_pattern() -> str:
    """Return a regular expression for these suffixes, in the syntax that Python and all SQL engines share."""
    return f"({'|'.join(suffix.replace('.', '[.]') for suffix in host_suffixes())})"


def partition_of(region: str) -> Partition | None:
    """Return the partition of a region, or None if the region is not in the table."""
    return _by_region().get(region)


@cache
def _by_region() -> dict[str, Partition]:
    return {region: partition for partition in reversed(partitions().values()) for region in partition.regions}


def nearest_regions(region: str) -> list[str]:
    """Return up to three known regions most similar to a given one."""
    known = [name for partition in partitions().values() for name in partition.regions]
    return nearest(region, known, most=3)
