"""Placeholders that a template's author meant somebody to fill in, and that no value has filled.

values/styles.py has the ways to write them. A value that holds one never becomes part of an ARN.
"""

from __future__ import annotations

from taskrole.errors import shown
from taskrole.grant import Finding
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, looks_secret
from taskrole.taskdef.values.styles import placeholders


def find_placeholder(text: str) -> str | None:
    """Return the first placeholder in a text as it is written there, or None."""
    found = placeholders(text)
    return text[found[0].start : found[0].end] if found else None


def mask_placeholders(text: str, mask: str) -> str:
    """Return an image's name with each placeholder replaced by one character, so that it can be taken apart safely."""
    parts: list[str] = []
    end = 0
    for placeholder in placeholders(text, is_image=True):
        parts += text[end : placeholder.start], mask
        end = placeholder.end
    return "".join([*parts, text[end:]])


def placeholder_finding(text: str, source: str) -> Finding | None:
    """Return the error that names the first placeholder in a value, or None."""
    found = placeholders(text, is_image=source.endswith("/image"))
    if not found:
        return None
    if is_confidential(source) or (source.endswith("/valueFrom") and looks_secret(text)):
        message = f"holds a placeholder; fill it in before deriving permissions; got {NOT_QUOTED}"
        return Finding("PLACEHOLDER", "error", source, message)
    written = shown(text[found[0].start : found[0].end])
    message = f"holds the placeholder {written}; fill it in before deriving permissions; got {shown(text)}"
    return Finding("PLACEHOLDER", "error", source, message)
