"""Plain text: what terminals and the logs of CI systems show, and the first step of every other target."""

from __future__ import annotations

from taskrole.output.visible import visible

__all__ = ["cut", "visible"]


def cut(text: str, longest: int) -> str:
    """Return a text of at most about `longest` characters that says how many were left out."""
    return text if len(text) <= longest else f"{text[:longest]}… (+{len(text) - longest:,} characters)"
