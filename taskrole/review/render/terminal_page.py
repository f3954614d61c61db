"""The lines of a terminal: prose wrapped by columns, values whole."""

from __future__ import annotations

from collections.abc import Mapping

import click

from taskrole.review.render.escape.plain import visible
from taskrole.review.render.options import RenderOptions
from taskrole.review.render.wrap import wrapped

_COLORS: Mapping[str, str] = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "broadens": "red",
    "unresolved": "yellow",
    "narrows": "green",
}


class Page:
    """Lines being written: wrapped, with their continuation lines indented, and coloured."""

    def __init__(self, options: RenderOptions) -> None:
        self.options = options
        self._lines: list[str] = []

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self._lines)

    def heading(self, text: str) -> None:
        """Add the heading of a section."""
        self.line("")
        self.line(text, style="bold")

    def line(self, text: str, indent: int = 0, mark: str = "", style: str = "") -> None:
        """Add a text of any length; `mark` stands before its first line, in `style`."""
        margin = indent + (len(mark) + 1 if mark else 0)
        for number, part in enumerate(wrapped(visible(text), max(20, self.options.width - margin))):
            before = f"{' ' * indent}{self._styled(mark, style)} " if mark and number == 0 else " " * margin
            self._lines.append(f"{before}{part if mark else self._styled(part, style)}".rstrip(" "))

    def value(self, text: str, indent: int) -> None:
        """Add a value, such as an ARN, whole on a line of its own: it can be copied and found."""
        self._lines.append(f"{' ' * indent}{visible(text)}")

    def _styled(self, text: str, style: str) -> str:
        if not (self.options.color and style):
            return text
        is_bold = style == "bold"
        return click.style(text, bold=is_bold or None, fg=None if is_bold else _COLORS.get(style, style))
