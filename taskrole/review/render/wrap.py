"""Wrapping by columns: wide characters count two, combining ones none; words longer than a line go on in the next."""

from __future__ import annotations

from collections.abc import Iterator


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a text's lines of at most `width` columns. Only spaces at which a line ends are left out."""
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
        *whole, line = _folded(word, width)
        yield from whole
    if line:
        yield line


def _folded(word: str, width: int) -> list[str]:
    parts = [""]
    columns = 0
    for character in word:
        size = _columns(character)
        if columns + size > width:
            parts.append("")
            columns = 0
        parts[-1] += character
        columns += size
    return parts


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
