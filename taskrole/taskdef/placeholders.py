"""Placeholders of a template that no value has filled.

values/styles.py has their syntax. A value with a placeholder never becomes part of an ARN.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from taskrole.errors import printable, quote
from taskrole.finding import Finding
from taskrole.taskdef.confidential import NOT_QUOTED, is_confidential, looks_secret
from taskrole.taskdef.values.styles import placeholders, tag_start

_MOST_NAMES, _LONGEST_NAME = 4, 64  # in a message
# Values fill placeholders here only, not in options.
_IN_DOCUMENTS = ("/containerDefinitions/", "/volumes/")


def find_placeholder(text: str) -> str | None:
    """Return the text of the first placeholder, or None."""
    matches = placeholders(text)
    return text[matches[0].start : matches[0].end] if matches else None


def mask_placeholders(text: str, mask: str) -> str:
    """Return an image's name with each placeholder replaced by one character, so that it can be parsed."""
    parts: list[str] = []
    end = 0
    for placeholder in placeholders(text, is_image=True):
        parts += text[end : placeholder.start], mask
        end = placeholder.end
    return "".join([*parts, text[end:]])


def image_option(container: str) -> str:
    """Return the option that names the image of a container, ready to be pasted."""
    return f"--image {_pair(container if _can_be_pasted(container) else 'CONTAINER', 'URI')}"


def placeholder_finding(text: str, source: str, option: str = "") -> Finding | None:
    """Return the error about the first placeholder in a value, with the options that fill it in, or None.

    `option` is an alternative option that fills it in.
    """
    is_image = source.endswith("/image")
    matches = placeholders(text, is_image=is_image)
    if not matches:
        return None
    if is_confidential(source) or (source.endswith("/valueFrom") and looks_secret(text)):
        message = f"contains a placeholder; fill it in, --write-values FILE lists what is needed; got {NOT_QUOTED}"
        return Finding("PLACEHOLDER", "error", source, message)
    first = quote(text[matches[0].start : matches[0].end])
    name_end = tag_start(text, matches) if is_image else len(text)
    fix = " before deriving permissions"
    if source.startswith(_IN_DOCUMENTS):
        fix = _fix((placeholder.name for placeholder in matches if placeholder.start < name_end), option)
    message = f"contains the placeholder {first}; fill it in{fix}; got {quote(text)}"
    return Finding("PLACEHOLDER", "error", source, message)


def _fix(names: Iterable[str], option: str) -> str:
    """Return the options that fill in placeholders of these names, or how to list what is needed."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) > _MOST_NAMES or not all(map(_can_be_pasted, distinct)):
        return ", --write-values FILE lists what is needed"
    options = " ".join(f"--set {_pair(name, 'VALUE')}" for name in distinct)
    return f" with {options}{option and f', with {option}'}, or under values in roles.yaml"


def _pair(name: str, value: str) -> str:
    return shlex.quote(f"{name}={value}")


def _can_be_pasted(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and printable(name) == name and "://" not in name
