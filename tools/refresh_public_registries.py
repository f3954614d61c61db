"""Write the private registries of ECR whose publishers let every account pull, from the pages that name them.

`python tools/refresh_public_registries.py`, or with a folder of saved pages, each called like its publisher with
`.txt`. A page names registries as hosts, ACCOUNT.dkr.ecr.REGION.…, in a table of regions and accounts, or in a script
as `x_regions="…"` beside `x_regions_account_id="…"`. Where it has a host for any region, `*` stands for the regions.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.request import urlopen

TARGET = Path(__file__).parent.parent / "taskrole" / "taskdef" / "data" / "public_registries.json"

_HOST = re.compile(
    r"([0-9]{12})\.dkr\.ecr\.(\{\{?[A-Za-z_-]+\}?\}|\$\{?[A-Za-z_]+\}?|[a-z]{2}[a-z0-9-]*-[0-9])\.amazonaws"
)
_ROW = re.compile(r"\|\s*([a-z]{2}[a-z-]*-[a-z]+-[0-9])\s*\|\s*([0-9]{12})\s*\|")
_REGIONS = re.compile(r"^([a-z_]+_regions?)=\"([a-z0-9\s-]+)\"", re.MULTILINE)
# A registry for tests of its publisher.
_LEFT_OUT = ("gamma_region",)


def accounts(page: str) -> dict[str, str]:
    """Return the accounts that a page names, by region; `*` is any region that has none of its own."""
    return dict(sorted([*_of_scripts(page), *_of_rows(page), *_of_hosts(page)]))


def _of_hosts(page: str) -> Iterator[tuple[str, str]]:
    for account, region in _HOST.findall(page):
        yield (region if region[0].isalpha() else "*"), account


def _of_rows(page: str) -> Iterator[tuple[str, str]]:
    yield from _ROW.findall(page)


def _of_scripts(page: str) -> Iterator[tuple[str, str]]:
    for name, regions in _REGIONS.findall(page):
        names = (f"{name}_account_id", f"{name.removesuffix('_region')}_account_id")
        found = next(
            (match for one in names if (match := re.search(rf'^{one}="([0-9]{{12}})"', page, re.MULTILINE))), None
        )
        if found and name not in _LEFT_OUT:
            yield from ((region, found[1]) for region in regions.split())


def main(folder: Path | None) -> None:
    """Read all pages, and write the table with today's date."""
    table = json.loads(TARGET.read_text("utf-8"))
    for publisher, entry in table["publishers"].items():
        if folder:
            page = (folder / f"{publisher}.txt").read_text("utf-8")
        else:
            with urlopen(entry["page"]) as answer:  # noqa: S310 -- https addresses of the table
                page = answer.read().decode("utf-8")
        entry["accounts"] = accounts(page)
    table["read"] = date.today().isoformat()  # noqa: DTZ011 -- the day on which somebody looked
    TARGET.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
