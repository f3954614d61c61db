"""The warning for an unknown region."""

from __future__ import annotations

from taskrole.errors import quote
from taskrole.output.console import echo
from taskrole.partitions import nearest_regions, partition_of


def warn_of_region(region: str) -> None:
    """Warn about an unknown region, which may be new or misspelled."""
    if partition_of(region) is None:
        near = nearest_regions(region)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        echo(f"warning: region {quote(region)} is not known to this version of taskrole{hint}", err=True)
