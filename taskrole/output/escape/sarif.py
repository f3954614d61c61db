"""SARIF: message texts without the links and placeholders that viewers would create, and relative addresses.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html#_Toc34317467 (3.11.5, 3.11.6)
"""

from __future__ import annotations

import re
from urllib.parse import quote

from taskrole.output.escape.plain import cut, visible

_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_LONGEST_MESSAGE = 2_000


def sarif_message(text: str) -> str:
    """Return a text that viewers display unchanged; those without escape support show `] (` and `{{0}}` instead."""
    message = visible(cut(text, _LONGEST_MESSAGE))
    return _PLACEHOLDER.sub(r"{{\1}}", message.replace("](", "] ("))


def relative_uri(file: str) -> str | None:
    """Return a file's path as a relative URI, or None if it is absolute, leaves its folder or has no name."""
    path = file.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts or path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        return None
    return "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
