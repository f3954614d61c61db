r"""JSON: printable ASCII, which is safe in terminals and CI logs.

Strings keep every character, escaped. JSON cannot begin a line with `::`, and `##[` is written as `#\u0023[`.
"""

from __future__ import annotations

from typing import Any

from taskrole.output.indented import indented


def json_text(data: Any) -> str:
    """Return data, including dataclasses, as indented JSON of printable ASCII, with a trailing newline.

    Raises ValueError for infinite numbers and NaN.
    """
    return json_member(data, "\n") + "\n"


def json_member(data: Any, margin: str) -> str:
    """Return data as a part of such JSON; `margin` is the newline and indentation of its parent."""
    # JSON contains "#" only in strings.
    return indented(data, margin).replace("##", "#\\u0023")
