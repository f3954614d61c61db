"""Writes and reads parts as JSON: of a report on several accounts, or of the audit of an account.

The JSON to read is untrusted input, validated by `part_check` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taskrole.finding import Finding
from taskrole.live.audit_model import Replacement
from taskrole.live.fleet.part import AccountPart, NeedRow, RoleRow, TaskRow
from taskrole.output.report_members import finding_member


def part_json(part: AccountPart) -> dict[str, Any]:
    """Return the data of a part, with the same keys as `taskrole audit --format json` where both have them."""
    return {
        "account": part.account,
        "name": part.name,
        "region": part.region,
        "partition": part.partition,
        "clusters": part.clusters,
        "task_definitions": [
            {
                "name": task.name,
                "arn": task.arn,
                "services": task.services,
                "starts": task.starts,
                "execution_role": task.execution_role,
                "task_role": task.task_role,
            }
            for task in part.tasks
        ],
        "needs": [
            {
                "task_definition": need.task,
                "kind": need.kind,
                "role": need.role,
                "status": need.status,
                "actions": need.actions,
                "resources": need.resources,
                "why": need.why,
                "sources": need.sources,
            }
            for need in part.needs
        ],
        "roles": [
            {
                "arn": role.arn,
                "name": role.name,
                "kinds": role.kinds,
                "task_definitions": role.tasks,
                "services": role.services,
                "allowed": role.allowed,
                "excess": [{"action": action, "allowed": allowed} for action, allowed in role.excess],
                "is_complete": role.is_complete,
                "replacements": [
                    {"policy": replacement.policy, "allowed": replacement.allowed, "statements": replacement.sids}
                    for replacement in role.replacements
                ],
            }
            for role in part.roles
        ],
        "findings": [*map(finding_member, part.findings)],
        "summary": {
            "services": part.services,
            "starts": part.starting("yes"),
            "would_not_start": part.starting("no"),
            "unknown": part.starting("unknown"),
            "excess": part.excess,
        },
    }


def part_of_json(data: Mapping[str, Any]) -> AccountPart:
    """Return the part of data that satisfies PART_CHECK."""
    tasks = (
        TaskRow(
            task["name"],
            task["arn"],
            tuple(task["services"]),
            task["starts"],
            task["execution_role"],
            task["task_role"],
        )
        for task in data["task_definitions"]
    )
    needs = (
        NeedRow(
            need["task_definition"],
            need["kind"],
            need["role"],
            need["status"],
            tuple(need["actions"]),
            tuple(need["resources"]),
            need["why"],
            tuple(need["sources"]),
        )
        for need in data["needs"]
    )
    return AccountPart(
        data["account"],
        data["region"],
        data.get("name") or "",
        data["partition"],
        tuple(data["clusters"]),
        data["summary"]["services"],
        tuple(tasks),
        tuple(needs),
        tuple(_role(role, role["excess"]) for role in data["roles"]),
        tuple(map(_finding, data["findings"])),
    )


def part_of_audit(data: Mapping[str, Any], name: str = "") -> AccountPart:
    """Return the part of an account's audit, of data that satisfies AUDIT_CHECK."""
    context, check = data["context"], data["check"]
    named: dict[tuple[str, str], str] = {
        (task["file"], role["kind"]): role.get("role") or "" for task in check["tasks"] for role in task["roles"]
    }
    tasks = (
        TaskRow(
            definition["name"],
            definition["arn"],
            tuple(definition["services"]),
            definition["starts"],
            named.get((definition["name"], "execution"), ""),
            named.get((definition["name"], "task"), ""),
        )
        for definition in data["task_definitions"]
    )
    # Role names are unique in an account, regardless of paths.
    excess = {entry["role"]: entry["actions"] for entry in check["excess"]}
    severe = (finding for finding in check["findings"] if finding["severity"] != "note")
    return AccountPart(
        context["account"],
        context["region"],
        name,
        context["partition"],
        tuple(data["clusters"]),
        data["summary"]["services"],
        tuple(tasks),
        tuple(_needs(check)),
        tuple(_role(entry, excess.get(entry["name"], ())) for entry in data["roles"]),
        tuple(map(_finding, (*data["findings"], *severe))),
    )


def _needs(check: Mapping[str, Any]) -> Iterator[NeedRow]:
    for task in check["tasks"]:
        for role in task["roles"]:
            for item in role["items"]:
                if item["status"] in ("MISSING", "unknown"):
                    yield NeedRow(
                        task["file"],
                        role["kind"],
                        role.get("role") or "",
                        item["status"],
                        tuple(item["actions"]),
                        tuple(item["resources"]),
                        item.get("why") or item["because"],
                        tuple(item["sources"]),
                    )


def _role(row: Mapping[str, Any], excess: Iterable[Mapping[str, Any]]) -> RoleRow:
    allowed = row.get("allowed")
    return RoleRow(
        row["arn"],
        row["name"],
        tuple(row["kinds"]),
        tuple(row["task_definitions"]),
        tuple(row["services"]),
        allowed,
        () if allowed is None else tuple(sorted((each["action"], tuple(each["allowed"])) for each in excess)),
        bool(row.get("is_complete")),
        tuple(
            Replacement(each["policy"], each["allowed"], tuple(each["statements"]))
            for each in row.get("replacements") or ()
        ),
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(row["code"], row["severity"], row["source"], row["message"], row.get("file") or "")
