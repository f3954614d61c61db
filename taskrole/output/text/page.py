"""The lines of text output: prose is wrapped, values are never cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from taskrole.output.text.wrap import wrapped
from taskrole.output.visible import visible

_COLORS: Mapping[str, str] = {
    "error": "red",
    "warning": "yellow",
    "note": "cyan",
    "broadens": "red",
    "unresolved": "yellow",
    "narrows": "green",
    "MISSING": "red",
    "unknown": "yellow",
    "OK": "green",
}
_WEIGHTS = ("bold", "dim")

# The minimum width of prose, in columns.
_NARROWEST = 20


class Page:
    """Lines of text with `width` columns, with ANSI colours if `color` is set.

    Texts and values are escaped when added. Echo the text as styled.
    """

    def __init__(self, width: int, *, color: bool = False) -> None:
        self._width = width
        self._color = color
        self._lines: list[str] = []

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self._lines)

    def heading(self, text: str) -> None:
        """Add the heading of a section."""
        self.blank()
        self.line(text, style="bold")

    def blank(self) -> None:
        """Add an empty line, unless the text is empty or ends with one."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def line(self, text: str, indent: int = 0, mark: str = "", style: str = "") -> None:
        """Add prose of any length; `mark` precedes its first line, in `style`."""
        margin = indent + (len(mark) + 1 if mark else 0)
        for number, part in enumerate(wrapped(visible(text), max(_NARROWEST, self._width - margin))):
            before = f"{' ' * indent}{self._styled(mark, style)} " if mark and number == 0 else " " * margin
            self._lines.append(f"{before}{part if mark else self._styled(part, style)}".rstrip(" "))

    def value(self, text: str, indent: int, style: str = "") -> None:
        """Add a value, such as an ARN or an action, whole on a separate line, so that it can be copied and searched."""
        self._lines.append(f"{' ' * indent}{self._styled(visible(text), style)}")

    def labelled(self, label: str, values: Sequence[str], indent: int = 0, style: str = "") -> None:
        """Add values with a label: a single short value next to it, several values or an ARN on separate lines."""
        if len(values) == 1 and not values[0].startswith("arn:"):
            self.line(f"{label} {values[0]}", indent, style=style)
            return
        self.line(label, indent, style=style)
        for value in values:
            self.value(value, indent + 2)

    def block(self, text: str, indent: int = 0) -> None:
        """Add lines verbatim, such as ASCII JSON; they are not escaped."""
        self._lines += [f"{' ' * indent}{line}" for line in text.rstrip("\n").split("\n")]

    def _styled(self, text: str, style: str) -> str:
        if not (self._color and style):
            return text
        is_weight = style in _WEIGHTS
        return click.style(
            text,
            bold=(style == "bold") or None,
            dim=(style == "dim") or None,
            fg=None if is_weight else _COLORS.get(style, style),
        )
