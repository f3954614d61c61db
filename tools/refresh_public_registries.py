"""Write the private ECR registries that every account can pull from, from the publishers' pages.

`python tools/refresh_public_registries.py`, or with a folder of saved pages, PUBLISHER.txt. A page names registries as
hosts, ACCOUNT.dkr.ecr.REGION.…, in a table of regions and accounts, or in a script as `x_regions="…"` beside
`x_regions_account_id="…"`. If a host has a placeholder for the region, the region is `*`. Changes are printed. Nothing
is written unless every page can be read and names a registry.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import urlopen

TARGET = Path(__file__).parent.parent / "taskrole" / "taskdef" / "data" / "public_registries.json"

_SECONDS = 30
_LARGEST = 5 << 20  # bytes
_HOST = re.compile(
    r"([0-9]{12})\.dkr\.ecr\.(\{\{?[A-Za-z_-]+\}?\}|\$\{?[A-Za-z_]+\}?|[a-z]{2}[a-z0-9-]*-[0-9])\.amazonaws"
)
_ROW = re.compile(r"\|\s*([a-z]{2}[a-z-]*-[a-z]+-[0-9])\s*\|\s*([0-9]{12})\s*\|")
_REGIONS = re.compile(r"^([a-z_]+_regions?)=\"([a-z0-9\s-]+)\"", re.MULTILINE)
# A registry for tests of its publisher.
_LEFT_OUT = ("gamma_region",)


def accounts(page: str) -> dict[str, str]:
    """Return the accounts on a page by region; `*` is any region without its own account."""
    return dict(sorted([*_of_scripts(page), *_of_rows(page), *_of_hosts(page)]))


def _of_hosts(page: str) -> Iterator[tuple[str, str]]:
    for account, region in _HOST.findall(page):
        yield (region if region[0].isalpha() else "*"), account


def _of_rows(page: str) -> Iterator[tuple[str, str]]:
    yield from _ROW.findall(page)


def _of_scripts(page: str) -> Iterator[tuple[str, str]]:
    for name, regions in _REGIONS.findall(page):
        names = (f"{name}_account_id", f"{name.removesuffix('_region')}_account_id")
        accounts_of = (re.search(rf'^{variable}="([0-9]{{12}})"', page, re.MULTILINE) for variable in names)
        account = next((match[1] for match in accounts_of if match), None)
        if account and name not in _LEFT_OUT:
            yield from ((region, account) for region in regions.split())


def read_page(address: str) -> str:
    """Return a page. Raises OSError or ValueError if it cannot be read, or is not text."""
    with urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 -- the addresses of the table
        content: bytes = answer.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    return content.decode("utf-8")


def renewed(publishers: Mapping[str, Any], folder: Path | None) -> tuple[dict[str, Any], list[str]]:
    """Return the publishers with the current accounts on their pages, and a line for each unusable page."""
    updated: dict[str, Any] = {}
    problems: list[str] = []
    for publisher, entry in publishers.items():
        saved = folder / f"{publisher}.txt" if folder else None
        place = str(saved or entry["page"])
        try:
            named = accounts(saved.read_text("utf-8") if saved else read_page(entry["page"]))
        except (OSError, ValueError) as error:
            problems.append(f"{publisher}: cannot read {place}: {error}")
            continue
        if not named:
            problems.append(f"{publisher}: {place} names no registry; the format of the page has changed")
        updated[publisher] = {**entry, "accounts": named}
    return updated, problems


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each region whose registry differs."""
    for publisher, entry in after.items():
        old, new = before[publisher]["accounts"], entry["accounts"]
        for region in sorted({*old, *new}):
            if old.get(region) != new.get(region):
                yield f"{publisher}: {region}: {old.get(region, 'none')} -> {new.get(region, 'none')}"


def main(arguments: Sequence[str]) -> int:
    """Read all pages, and write the table with today's date, unless a page cannot be read."""
    parser = argparse.ArgumentParser(description="Write the table of registries that every account may pull from.")
    parser.add_argument("folder", nargs="?", type=Path, help="saved pages, PUBLISHER.txt; default: the web")
    parser.add_argument("--table", type=Path, default=TARGET, help="default: the table of the package")
    given = parser.parse_args(arguments)
    table = json.loads(given.table.read_text("utf-8"))
    updated, problems = renewed(table["publishers"], given.folder)
    if problems:
        for problem in problems:
            sys.stderr.write(f"error: {problem}\n")
        sys.stderr.write("nothing is written; save the pages as PUBLISHER.txt and pass their folder\n")
        return 1
    lines = list(changes(table["publishers"], updated))
    sys.stdout.write("".join(f"{line}\n" for line in lines) or "no registry has changed\n")
    table = {**table, "publishers": updated, "read": date.today().isoformat()}  # noqa: DTZ011 -- the day of the look
    given.table.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
