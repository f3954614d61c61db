"""XML: trees whose texts are visible on their lines; characters that XML 1.0 does not allow are escaped first.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from taskrole.output.escape.plain import cut, visible

__all__ = ["child", "root", "xml_text"]

_LONGEST_TEXT = 10_000


def root(tag: str, attributes: Mapping[str, str | int]) -> Element:
    """Return the root element of a tree."""
    return Element(tag, _attributes(attributes))


def child(parent: Element, tag: str, attributes: Mapping[str, str | int], text: str = "") -> Element:
    """Return a new last child. Line breaks in text are kept."""
    made = SubElement(parent, tag, _attributes(attributes))
    if text:
        made.text = "\n".join(visible(cut(line, _LONGEST_TEXT)) for line in text.split("\n"))
    return made


def xml_text(element: Element) -> str:
    """Return a tree as indented ASCII XML, with a trailing newline."""
    indent(element)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{declaration}{tostring(element, encoding='unicode').encode('ascii', 'xmlcharrefreplace').decode()}\n"


def _attributes(attributes: Mapping[str, str | int]) -> dict[str, str]:
    return {name: visible(cut(str(value), _LONGEST_TEXT)) for name, value in attributes.items()}
