"""Identifies plans and states that are too large to parse whole, by their outermost keys."""

from __future__ import annotations

import io
import re

from taskrole.reading import LARGEST_FILE
from taskrole.taskdef.forms.syntaxes.syntax import Syntax

_LARGEST = 512 << 20  # bytes
# Occurs near the beginning of plans and states, however their JSON is formatted.
_KEYS = re.compile(
    rb'"(?:format_version|terraform_version|planned_values|resource_changes|provider_config|root_module|lineage)"'
)


def may_be_terraform(head: bytes) -> bool:
    """Return whether JSON with this beginning may be a plan or state, which can be larger than other files."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _KEYS.search(head) is not None


def outline(content: bytes, file: str) -> dict[str, None]:
    """Return the outermost keys of JSON that is too large to parse whole. Raises InputError."""
    # Imported late: needed for large files only.
    from taskrole.plan.json_stream import JsonStream, Mode, Path, keep_all

    keys: dict[str, None] = {}

    def mode(path: Path) -> Mode:
        keys.update(dict.fromkeys(path[:1]))
        return "skip" if path else "open"

    for _ in JsonStream(io.BytesIO(content), file).walk(mode, lambda _: keep_all):
        pass
    return keys


SYNTAX = Syntax("JSON of a large plan or state", may_be_terraform, outline, least=LARGEST_FILE + 1, largest=_LARGEST)
