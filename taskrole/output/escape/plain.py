"""Plain text for terminals and CI logs, and the first step for every other target."""

from __future__ import annotations

from taskrole.output.visible import visible

__all__ = ["cut", "visible"]


def cut(text: str, longest: int) -> str:
    """Return a text cut to about `longest` characters, with the number of removed characters."""
    return text if len(text) <= longest else f"{text[:longest]}… (+{len(text) - longest:,} characters)"
