"""Formats findings, and statements that other accounts must add, as lines of text."""

from __future__ import annotations

from taskrole.errors import printable
from taskrole.finding import Finding
from taskrole.grant import RequiredElsewhere
from taskrole.output.json_text import json_text


def place_of(file: str, source: str) -> str:
    """Return the place of a grant or finding: the file, if there are several, and the JSON pointer or option."""
    return printable(" ".join(part for part in (file, source) if part))


def finding_line(finding: Finding) -> str:
    """Return a finding as one line: severity, place, message, code."""
    place = place_of(finding.file, finding.source)
    return f"{finding.severity}: {place}{': ' if place else ''}{printable(finding.message)} [{finding.code}]"


def required_line(required: RequiredElsewhere) -> str:
    """Return as one line who must add a statement to which policy, and why."""
    owner = f"account {required.account}" if required.account else "its owner"
    what = f"the {required.service} policy of {required.resource}"
    return printable(f"{owner} must add to {what} ({required.because})")


def statement_text(required: RequiredElsewhere) -> str:
    """Return the statement that another account must add, as JSON to paste, in ASCII."""
    return json_text(required.statement).removesuffix("\n")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, `1 stack`, `2 stacks`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
