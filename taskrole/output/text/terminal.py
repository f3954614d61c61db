"""Terminal settings from the environment: width and colours."""

from __future__ import annotations

import os
from typing import TextIO

# The width if none is known: a CI job, a cron job.
DEFAULT_WIDTH = 80

_STREAMS = (1, 2, 0)


def wants_color(stream: TextIO) -> bool:
    """Return whether text on a stream has colours: on a terminal that supports them.

    A non-empty NO_COLOR disables colours, a non-empty FORCE_COLOR enables them; NO_COLOR takes precedence.
    Source: https://no-color.org, https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Return the columns of the terminal; COLUMNS takes precedence; 80 without a terminal.

    Any of the three standard streams can be the terminal, so that the text is the same in a pipe.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdecimal() and int(columns) > 0:
        return int(columns)
    for stream in _STREAMS:
        try:
            width = os.get_terminal_size(stream).columns
        except OSError:
            continue
        if width > 0:
            return width
    return DEFAULT_WIDTH
