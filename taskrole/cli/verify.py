"""`taskrole verify`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import click

from taskrole.cli.parts.print_policy import print_policy_option
from taskrole.cli.parts.selection import selected_stacks
from taskrole.config import StackSpec
from taskrole.errors import printable
from taskrole.exit_codes import BLOCKED
from taskrole.live.roles import find_role_name, read_iam_role
from taskrole.live.service import connect
from taskrole.live.verify import VerifiedItem, compare_role
from taskrole.output.console import echo, echo_json, is_quiet
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.role import Role


@click.command()
@click.argument("stack", required=False)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@print_policy_option("verify")
@click.pass_context
def verify(ctx: click.Context, stack: str | None, format_: str) -> None:
    """Compare the live roles with roles.yaml: STACK's, or all.

    Reads through boto3 with the environment's credentials and never writes. Exits with 3 if anything differs.
    """
    results = [_verify_stack(spec) for spec in selected_stacks(ctx.obj, stack)]
    if format_ == "json":
        echo_json({"schema_version": REPORT_VERSIONS["verify"], "stacks": results})
    else:
        echo("\n".join(_lines(results)))
    if any(item["status"] != "OK" for item in _items(results)):
        ctx.exit(BLOCKED)


def _verify_stack(spec: StackSpec) -> dict[str, Any]:
    iam = connect("iam", spec.context.region)
    roles = []
    for role in spec.roles:
        name = find_role_name(iam, role)
        live = read_iam_role(iam, name, key=role.key, own_policies=_managed_names(role)) if name else None
        items = compare_role(role, live, spec.context)
        roles.append(
            {"role": role.key, "arn": live.iam_arn if live else None, "items": [_as_json(item) for item in items]}
        )
    return {"stack": spec.name, "roles": roles}


def _managed_names(role: Role) -> set[str]:
    return {policy.name for policy in role.policies if policy.kind == "managed"}


def _as_json(item: VerifiedItem) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in asdict(item).items()}


def _items(results: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return (item for result in results for role in result["roles"] for item in role["items"])


def _lines(results: list[dict[str, Any]]) -> Iterable[str]:
    for result in results:
        yield f"stack {result['stack']}"
        for role in result["roles"]:
            yield f"  role {printable(role['arn'] or role['role'])}"
            for item in role["items"]:
                yield f"    {item['status']:<8}{printable(item['item'])}{_difference(item)}"
    if is_quiet():
        return
    different = sum(item["status"] != "OK" for item in _items(results))
    yield f"{different} of {len(list(_items(results)))} items differ" if different else "everything is as declared"


def _difference(item: dict[str, Any]) -> str:
    if item["status"] != "NG":
        return ""
    return f": declared {_compact(item['expected'])}, found {_compact(item['found'])}"


def _compact(value: Any) -> str:
    return printable("none" if value is None else json.dumps(value, ensure_ascii=False))
