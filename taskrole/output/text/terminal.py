"""What the environment says about output: how wide lines are, and whether they have colours."""

from __future__ import annotations

import os
from typing import TextIO

# Where nothing has a width: a CI job, a cron job.
DEFAULT_WIDTH = 80

_STREAMS = (1, 2, 0)


def wants_color(stream: TextIO) -> bool:
    """Return whether text on a stream has colours: on a terminal, unless it is a dumb one.

    NO_COLOR turns colours off and FORCE_COLOR turns them on, if they are not empty; NO_COLOR wins.
    Source: https://no-color.org, https://force-color.org
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Return the columns of the terminal, of which COLUMNS has the last word; 80 without one.

    Any of the three standard streams may be the terminal, so that text is the same in a pipe from one.
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
