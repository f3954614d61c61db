"""Formats the report of `taskrole observe` as JSON, with actions, resources, counts, times and task ids only."""

from __future__ import annotations

from typing import Any

from taskrole.observe.blind_spots import BlindSpots
from taskrole.observe.generalise import Prefix
from taskrole.observe.granted import Granted
from taskrole.observe.proposals import Proposals
from taskrole.observe.report import ObserveReport, RoleReport
from taskrole.observe.usage import Evidence
from taskrole.output.json_text import json_text
from taskrole.report_versions import REPORT_VERSIONS


def observe_json(report: ObserveReport) -> str:
    """Return the JSON of a report, with a trailing newline."""
    reach = report.reach
    return json_text(
        {
            "schema_version": REPORT_VERSIONS["observe"],
            "evidence": {
                "events": reach.events,
                "kept": reach.kept,
                "first": reach.first,
                "last": reach.last,
                "accounts": list(reach.accounts),
                "regions": list(reach.regions),
            },
            "roles": [_role(role) for role in report.roles],
            "blind_spots": blind_spots_data(report.blind_spots),
            "skipped": list(report.skipped),
        }
    )


def _role(role: RoleReport) -> dict[str, Any]:
    usage, comparison = role.usage, role.comparison
    return {
        "role": usage.role,
        "kind": role.kind,
        "families": list(usage.families),
        "evidence": _evidence(usage.evidence),
        **_proposals(role.proposals),
        "comparison": {
            "role": comparison.role.name,
            "used": [_granted(granted) for granted in comparison.of("used")],
            "never_used": [_granted(calls) for calls in comparison.of("never used")],
            "not_visible": [_granted(granted) for granted in comparison.of("not visible")],
            "unknown": list(comparison.unknown),
        }
        if comparison
        else None,
        "denied": [
            {
                "action": denial.action,
                "resource": denial.resource,
                "because": denial.reason,
                "allowed_later": denial.since_allowed,
                "evidence": _evidence(denial.evidence),
            }
            for denial in role.denied
        ],
        "guessed": [
            {"action": guess.action, "resource": guess.resource, "tool": guess.tool, "is_seen": guess.is_seen}
            for guess in role.guesses
        ],
        "unmapped": [
            {"event": row.event, "because": row.because, "count": row.count, "first": row.first, "last": row.last}
            for row in sorted([*usage.unmapped, *usage.without_need], key=lambda row: (row.event, row.because))
        ],
        "last_accessed": dict(usage.last_accessed) if usage.last_accessed is not None else None,
        "not_recorded": list(role.beside),
    }


def _proposals(proposals: Proposals) -> dict[str, Any]:
    too_large = proposals.too_large
    return {
        "proposals": [
            {
                "form": entry.form,
                "actions": list(entry.actions),
                "resources": list(entry.resources),
                "generalised": [_prefix(prefix) for prefix in entry.prefixes],
                "evidence": _evidence(entry.evidence),
            }
            for entry in proposals.entries
        ],
        "not_proposed": [
            {
                "action": use.action,
                "resource": use.resource,
                "because": use.because,
                "evidence": _evidence(use.evidence),
            }
            for use in proposals.not_proposed
        ],
        "already_declared": proposals.already,
        "too_large": {
            "characters": too_large.excess,
            "resources": too_large.resources,
            "generalise": too_large.least,
            "prefixes": [_prefix(shortened) for shortened in too_large.prefixes],
        }
        if too_large
        else None,
    }


def _prefix(prefix: Prefix) -> dict[str, Any]:
    return {"pattern": prefix.pattern, "seen": len(prefix.resources)}


def _granted(granted: Granted) -> dict[str, Any]:
    return {
        "policy": granted.policy,
        "named": list(granted.named),
        "actions": list(granted.actions),
        "resources": list(granted.resources),
        "is_all_but_these": granted.is_except,
        "evidence": _evidence(granted.evidence),
        "because": granted.because,
    }


def _evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        "count": evidence.count,
        "first": evidence.first,
        "last": evidence.last,
        "tasks": evidence.task_count,
        "tasks_are_exact": evidence.is_exact,
        "task_ids": list(evidence.tasks),
    }


def blind_spots_data(spots: BlindSpots) -> dict[str, Any]:
    """Return the blind spots of evidence as the data of a report."""
    window = spots.window
    return {
        "days": window.days if window else None,
        "month_ends": [str(day) for day in window.month_ends] if window else [],
        "quarter_ends": [str(day) for day in window.quarter_ends] if window else [],
        "year_ends": [str(day) for day in window.year_ends] if window else [],
        "data_events": list(spots.with_data_events),
        "no_data_events": [service_events.service for service_events in spots.without_data_events],
        "never_recorded": [{"actions": list(calls.patterns), "because": calls.because} for calls in spots.never],
        "other": list(spots.other),
    }
