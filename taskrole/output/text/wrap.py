"""Wrapping by columns: wide characters count two, combining ones none. A word is never broken: it may be an ARN."""

from __future__ import annotations

from collections.abc import Iterator


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a text's lines of at most `width` columns; a longer word has a line of its own.

    Only spaces at which a line ends are left out.
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
