r"""JSON: printable ASCII, which is safe in terminals and CI logs.

Strings keep every character, escaped. JSON cannot begin a line with `::`, and `##[` is written as `#\u0023[`.
"""

from __future__ import annotations

from typing import Any

from taskrole.output.indented import indented

_FEW = 64


def json_text(data: Any) -> str:
    """Return data, including dataclasses, as indented JSON of printable ASCII, with a trailing newline.

    Raises ValueError for infinite numbers and NaN.
    """
    return json_member(data, "\n") + "\n"


def json_member(data: Any, margin: str) -> str:
    """Return data as a part of such JSON; `margin` is the newline and indentation of its parent."""
    text = indented(data, margin)
    # JSON contains "#" only in strings.
    return text.replace("##", "#\\u0023") if _has_two_signs(text) else text


def _has_two_signs(text: str) -> bool:
    """Return whether a text has `##`. The first single ones are looked at, since they are found ten times as fast."""
    start = -1
    for _ in range(_FEW):
        start = text.find("#", start + 1)
        if start == -1:
            return False
        if text.startswith("##", start):
            return True
    return text.find("##", start) != -1
