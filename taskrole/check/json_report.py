"""Formats a check as JSON. The same input gives the same bytes, in ASCII."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from taskrole.check.report import CheckedItem, CheckReport, Excesses, RoleOfTask
from taskrole.finding import by_severity
from taskrole.output.indented import indented
from taskrole.output.json_template import json_conditions, json_object, json_string, json_strings
from taskrole.output.json_text import json_text
from taskrole.output.report_members import context_member, finding_member, required_member
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.taskdef.failures import Failure


def report_json(report: CheckReport) -> str:
    """Return the JSON of a check, ended by a line feed."""
    unseen = frozenset(report.unseen)
    data: dict[str, Any] = {
        "schema_version": REPORT_VERSIONS["check"],
        "context": context_member(report.derivation.context),
        "tasks": [_task(file, roles) for file, roles in report.roles_by_file.items()],
        "excess": [_excesses(excesses) for excesses in report.excesses],
        "findings": [
            {**finding_member(finding), "is_unknown": finding in unseen}
            for finding in by_severity(report.derivation.findings)
        ],
        "required_elsewhere": [*map(required_member, report.derivation.required_elsewhere)],
        "summary": {
            "ok": report.count("OK"),
            "missing": report.count("MISSING"),
            "unknown": report.count("unknown"),
            "errors": len(report.errors),
            "excess": sum(excesses.count for excesses in report.excesses),
            "tasks": len({role.file for role in report.roles} | report.doubtful),
            "would_fail": len(report.failing),
            "may_fail": len(report.doubtful),
        },
    }
    if report.evidence:
        from taskrole.check.replay_json import evidence_data, replay_data

        data["replays"] = [replay_data(replay) for replay in report.replays]
        data["evidence"] = evidence_data(report.evidence)
    return json_text(data)


def _task(file: str, roles: Sequence[RoleOfTask]) -> dict[str, Any]:
    return {"file": file, "family": roles[0].family, "roles": [_role(role) for role in roles]}


def _role(role: RoleOfTask) -> dict[str, Any]:
    return {
        "kind": role.kind,
        "role": role.subject.name if role.subject else None,
        "needs": role.needs,
        "items": [partial(_item, item) for item in role.items],
    }


def _item(item: CheckedItem, margin: str) -> str:
    return json_object(_item_members(item, f"{margin}  "), margin)


def _item_members(item: CheckedItem, margin: str) -> Iterator[str]:
    yield f'"status": {json_string(item.status)}'
    yield f'"rule": {json_string(item.rule)}'
    yield f'"actions": {json_strings(item.actions, margin)}'
    yield f'"resources": {json_strings(item.resources, margin)}'
    yield f'"conditions": {json_conditions(item.conditions, margin)}'
    yield f'"sources": {json_strings(item.sources, margin)}'
    yield f'"because": {json_string(item.because)}'
    if item.failure:
        yield f'"why": {json_string(item.why)}'
        yield f'"failure": {_failure(item.failure, margin)}'


# Each rule has one failure, which is most of the text of an item.
@lru_cache(maxsize=256)
def _failure(failure: Failure, margin: str) -> str:
    members = {
        "stops": failure.stops,
        "where": failure.where,
        "words": failure.words,
        "note": failure.note,
        "page": failure.page,
    }
    return indented(members, margin)


def _excesses(excesses: Excesses) -> dict[str, Any]:
    return {
        "role": excesses.subject.name,
        "kinds": list(excesses.kinds),
        "is_complete": excesses.is_complete and not excesses.errors,
        "allowed": excesses.allowed,
        "count": excesses.count,
        "by_level": dict(excesses.report.counts),
        "misplaced": list(excesses.misplaced),
        "actions": [
            {
                "action": excess.action,
                "level": excess.level,
                "allowed": list(excess.allowed),
                "needed": list(excess.needed),
                "because": excess.because,
            }
            for excess in excesses.report.excess
        ],
        "unknown": list(excesses.report.unknown),
        "unresolved": list(excesses.not_counted),
    }
