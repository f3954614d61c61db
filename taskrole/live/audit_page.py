"""The frame of an audit page."""

from __future__ import annotations

from collections.abc import Mapping

from taskrole.finding import Severity
from taskrole.output.escape.html import Markup, element
from taskrole.review.render.html.frame import framed_page

# The CSS class of a finding, which gives its colour.
SEVERITY_CLASSES: Mapping[Severity, str] = {"error": "bad", "warning": "warn", "note": "info"}


def audit_page(title: str, header: Markup, *sections: Markup | None) -> str:
    """Return a page with a header and its sections, without those that are None."""
    return framed_page(title, header, element("main", *(section for section in sections if section)))
