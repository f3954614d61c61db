"""Placeholders that a template's author meant somebody to fill in, and that no value has filled.

values/styles.py has the ways to write them. A value that holds one never becomes part of an ARN.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from taskrole.errors import printable, shown
from taskrole.grant import Finding
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, looks_secret
from taskrole.taskdef.values.styles import placeholders, tag_start

# Where values fill placeholders in; what options say is for their writer to fill in.
_IN_DOCUMENTS = ("/containerDefinitions/", "/volumes/")


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
    """Return the error that names the first placeholder in a value and the options that fill it in, or None."""
    is_image = source.endswith("/image")
    found = placeholders(text, is_image=is_image)
    if not found:
        return None
    is_in_document = source.startswith(_IN_DOCUMENTS)
    if is_confidential(source) or (source.endswith("/valueFrom") and looks_secret(text)):
        message = f"holds a placeholder; fill it in, --write-values FILE lists what is needed; got {NOT_QUOTED}"
        return Finding("PLACEHOLDER", "error", source, message)
    written = shown(text[found[0].start : found[0].end])
    matters = tag_start(text, found) if is_image else len(text)
    fix = (
        _fix(placeholder.name for placeholder in found if placeholder.start < matters)
        if is_in_document
        else " before deriving permissions"
    )
    message = f"holds the placeholder {written}; fill it in{fix}; got {shown(text)}"
    return Finding("PLACEHOLDER", "error", source, message)


def _fix(names: Iterable[str]) -> str:
    options = (f"--set {shlex.quote(printable(f'{name}=VALUE'))}" for name in dict.fromkeys(names))
    return f" with {' '.join(options)}, or under values in roles.yaml"
