"""Wraps text by columns: wide characters take two, combining ones none. Words are never broken: they may be ARNs."""

from __future__ import annotations

from collections.abc import Iterator


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text, at most `width` columns each; a longer word has a separate line.

    Only spaces at line ends are removed.
    """
    if _columns(text) <= width:
        yield text
        return
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if _columns(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = word
    if line:
        yield line


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
