"""Options for rendering a report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from taskrole import __version__
from taskrole.dataclass import dataclass
from taskrole.finding import Severity, SourceLocation

_WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/%+=&?-]*)?")
# The placeholder of pyproject.toml.
HOMEPAGE = "https://example.com/taskrole"
_ANCHOR = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class RenderOptions:
    """Options of all renderers; each uses those that apply to it.

    `stack` is the reviewed stack, which distinguishes comments, fingerprints and test suites of several stacks.
    `docs_url` is the web address of the rules page, to which each code is appended as an anchor; `report_url` is the
    address of the complete report, for outputs that were cut. `titles` are the one-line descriptions of rules by code.
    `source` is the file for findings without a place, since GitHub and GitLab do not show findings without one.
    `fail_on` is the severity from which a finding fails a JUnit test. `verb` separates the reports of verbs other than
    review, `rules_page` documents their codes, `place_kind` is SARIF's kind of their places. `color` and `width`
    (columns) are those of the terminal.

    Addresses that are not plain http(s) are not linked.
    """

    stack: str = ""
    verb: str = ""
    docs_url: str = ""
    report_url: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    source: SourceLocation = field(default_factory=lambda: SourceLocation("roles.yaml", 1))
    fail_on: Severity | Literal["never"] = "error"
    color: bool = False
    width: int = 80
    version: str = __version__
    rules_page: str = "docs/review-rules.md"
    place_kind: str = "resource"

    def rule_address(self, code: str) -> str:
        """Return the web address of a rule's documentation, or an empty string."""
        return f"{self.docs_address}#{code.lower()}" if self.docs_address and _ANCHOR.fullmatch(code) else ""

    @property
    def docs_address(self) -> str:
        """The web address of the rules page, or an empty string."""
        return self.docs_url if _WEB_ADDRESS.fullmatch(self.docs_url) else ""

    @property
    def report_address(self) -> str:
        """The web address of the complete report, or an empty string."""
        return self.report_url if _WEB_ADDRESS.fullmatch(self.report_url) else ""


DEFAULTS = RenderOptions()
