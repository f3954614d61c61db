"""The minimum version of Python, checked with syntax that older versions understand.

This module and what is imported before it (`__init__.py`, `__main__.py` and main.py) keep to the syntax of Python 3.6.
"""

import sys

OLDEST = (3, 10)


def python_problem() -> str:
    """Return a message if this Python is too old, or an empty string."""
    if sys.version_info >= OLDEST:
        return ""
    needed, running = (".".join(map(str, version)) for version in (OLDEST, sys.version_info[:3]))
    return f"taskrole needs Python {needed} or newer; this is {running}"


def require_python() -> None:
    """Exit with a message and code 1 if this Python is too old."""
    problem = python_problem()
    if problem:
        sys.exit(problem)
