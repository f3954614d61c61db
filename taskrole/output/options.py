"""What a rendering needs to know beside the report."""

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
    """Options of every renderer; each reads those that concern it.

    `stack` names what is reviewed: it tells the comments, fingerprints and test suites of several stacks apart.
    `docs_url` is the web address of the page of rules, to which each code is added as an anchor; `report_url` where the
    whole report is, for outputs that had to be cut. `titles` gives a rule's one-line description by its code. `source`
    is what a finding without a place of its own points at, since GitHub and GitLab show none without. `fail_on` is the
    severity from which a finding fails a JUnit test. `verb` keeps the reports of verbs other than review apart,
    `rules_page` is where their codes are explained, `place_kind` what SARIF calls the places of findings. `color` and
    `width` (columns) are the terminal's.

    An address that is not plain http(s) is not linked to.
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
        """Return the web address of a rule's documentation, or nothing where there is none to link to."""
        return f"{self.docs_address}#{code.lower()}" if self.docs_address and _ANCHOR.fullmatch(code) else ""

    @property
    def docs_address(self) -> str:
        """The web address of the page of rules, or nothing."""
        return self.docs_url if _WEB_ADDRESS.fullmatch(self.docs_url) else ""

    @property
    def report_address(self) -> str:
        """The web address of the whole report, or nothing."""
        return self.report_url if _WEB_ADDRESS.fullmatch(self.report_url) else ""


DEFAULTS = RenderOptions()
