r"""JSON: plain ASCII, which is safe in terminals and CI logs.

Strings keep every character, escaped. JSON cannot begin a line with `::`, and `##[` is written `#\u0023[`.
"""

from __future__ import annotations

from typing import Any

from taskrole.output.indented import indented


def json_text(data: Any) -> str:
    """Return data, dataclasses included, as indented JSON of printable ASCII, ending with a newline.

    Raises ValueError for numbers that are not finite.
    """
    return json_member(data, "\n") + "\n"


def json_member(data: Any, margin: str) -> str:
    """Return data as a part of such JSON; `margin` is the line end and the indentation of what it is a part of."""
    # Outside of strings JSON has no "#".
    return indented(data, margin).replace("##", "#\\u0023")
