"""Buffers the text of a stream that is read piece by piece: the unread text, and a position in it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar


class BufferedText(ABC):
    """A buffer with a position; `_spaces` matches the text to skip between values."""

    _spaces: ClassVar[re.Pattern[str]]

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._is_at_end = False

    @abstractmethod
    def _more(self) -> bool:
        """Read more of the stream into the buffer; return whether there was any."""

    def peek(self) -> str:
        """Return the next character that is not a space, or an empty string at the end."""
        self._space()
        return self._text[self._at : self._at + 1]

    def _skip(self, character: str) -> bool:
        """Skip a character if it is the next one; return whether it was."""
        self._space()
        is_next = self._text.startswith(character, self._at)
        self._at += is_next
        return is_next

    def _space(self) -> None:
        while True:
            match = self._spaces.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text) or not self._more():
                return
