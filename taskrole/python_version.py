"""The oldest Python that taskrole runs on, in words that older ones can read, too.

This module and what is imported before it (`__init__.py`, `__main__.py` and main.py) keep to the syntax of Python 3.6.
"""

import sys

OLDEST = (3, 10)


def python_problem() -> str:
    """Return one line that says that this Python is too old, and empty text where it is not."""
    if sys.version_info >= OLDEST:
        return ""
    needed, running = (".".join(map(str, version)) for version in (OLDEST, sys.version_info[:3]))
    return f"taskrole needs Python {needed} or newer; this is {running}"


def require_python() -> None:
    """End the process with one line and exit code 1 where this Python is too old."""
    problem = python_problem()
    if problem:
        sys.exit(problem)
