"""The comparison of live roles with roles.yaml as findings: an error for each item that differs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from taskrole.finding import Finding
from taskrole.live.rules import VERIFY_DIFFERENT, VERIFY_EXTRA, VERIFY_MISSING
from taskrole.live.verify import VerifiedItem, VerifiedRole, VerifiedStack, VerifiedStatus
from taskrole.output.formats.report import FindingReport, Suite
from taskrole.output.lines import count
from taskrole.rule import Rule

_RULES: Mapping[VerifiedStatus, Rule] = {"NG": VERIFY_DIFFERENT, "missing": VERIFY_MISSING, "extra": VERIFY_EXTRA}


def verify_findings(stacks: Sequence[VerifiedStack]) -> FindingReport:
    """Return the findings of a comparison."""
    items = [item for stack in stacks for item in stack.items]
    different = sum(item.status != "OK" for item in items)
    summary = f"{different:,} of {count(len(items), 'item')} {'differs' if different == 1 else 'differ'}."
    return FindingReport("verify", (summary,), tuple(map(_suite, stacks)))


def difference(item: VerifiedItem) -> str:
    """Return both values of an item that differs; empty text if only one of the two roles has it."""
    return f"declared {_compact(item.expected)}, found {_compact(item.found)}" if item.status == "NG" else ""


def _suite(stack: VerifiedStack) -> Suite:
    passed = tuple(
        f"role {role.key}: {item.item}" for role in stack.roles for item in role.items if item.status == "OK"
    )
    findings = (_finding(role, item) for role in stack.roles for item in role.items if item.status != "OK")
    return Suite(f"stack {stack.name}", passed, tuple(findings))


def _finding(role: VerifiedRole, item: VerifiedItem) -> Finding:
    messages = {"missing": "is declared and does not exist", "extra": "exists and is not declared"}
    message = f"{item.item} {messages.get(item.status, 'differs')}"
    values = difference(item)
    return _RULES[item.status].finding(f"role {role.key}", f"{message}: {values}" if values else message)


def _compact(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)
