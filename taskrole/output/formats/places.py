"""Helpers of the finding formats: a stable id of a finding, and a path that viewers can open."""

from __future__ import annotations

import hashlib

from taskrole.finding import Finding, SourceLocation
from taskrole.output.escape.sarif import relative_uri
from taskrole.output.options import RenderOptions

# Appended to a finding on a resource that the plan does not change.
LEFT_ALONE = " (this plan leaves it alone)"


def digest(*parts: str) -> str:
    """Return a stable id for the parts: 64 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def finding_fingerprint(finding: Finding, options: RenderOptions) -> str:
    """Return the id of a finding, which does not depend on lines or severities.

    The address of a Terraform resource is unique, wherever its source is; other places are unique within a file.
    """
    return digest(options.stack, *((options.verb, finding.file) if options.verb else ()), *finding.identity)


def place_in_folder(finding: Finding, options: RenderOptions) -> SourceLocation:
    """Return the file and line of a finding; for one outside the working folder, the default place."""
    location = finding.location
    inside = location if location is not None and relative_uri(location.file) else options.source
    return SourceLocation(inside.file, max(1, inside.line))
