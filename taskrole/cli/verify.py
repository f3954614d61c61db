"""`taskrole verify`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click

from taskrole.cli.parts.finding_formats import (
    FORMATS_OF_FINDINGS,
    output_option,
    parse_outputs,
    report_findings,
)
from taskrole.cli.parts.print_policy import print_policy_option
from taskrole.cli.parts.selection import selected_stacks
from taskrole.config import StackSpec
from taskrole.errors import printable
from taskrole.exit_codes import BLOCKED
from taskrole.live.roles import find_role_name, read_iam_role
from taskrole.live.service import connect
from taskrole.live.verify import VerifiedItem, VerifiedRole, VerifiedStack, compare_role
from taskrole.live.verify_finding_report import difference, verify_findings
from taskrole.output.console import echo, echo_json, is_quiet
from taskrole.report_versions import REPORT_VERSIONS
from taskrole.role import Role

_FORMATS = ("text", "json", *FORMATS_OF_FINDINGS)


@click.command()
@click.argument("stack", required=False)
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@output_option
@print_policy_option("verify")
@click.pass_context
def verify(ctx: click.Context, stack: str | None, format_: str, outputs: Sequence[str]) -> None:
    """Compare the live roles with roles.yaml: STACK's, or all.

    Reads through boto3 with the environment's credentials and never writes. Exits with 3 if anything differs.
    """
    files = parse_outputs(outputs, FORMATS_OF_FINDINGS)
    stacks = [_verified(spec) for spec in selected_stacks(ctx.obj, stack)]
    report = verify_findings(stacks)
    report_findings(report, format_, files, stack=stack or "")
    if format_ == "json":
        data = [_as_json(verified) for verified in stacks]
        echo_json({"schema_version": REPORT_VERSIONS["verify"], "stacks": data})
    elif format_ == "text":
        echo("\n".join(_lines(stacks)))
    if report.findings:
        ctx.exit(BLOCKED)


def _verified(spec: StackSpec) -> VerifiedStack:
    iam = connect("iam", spec.context.region)
    roles = []
    for role in spec.roles:
        name = find_role_name(iam, role)
        live = read_iam_role(iam, name, key=role.key, own_policies=_managed_names(role)) if name else None
        items = tuple(compare_role(role, live, spec.context))
        roles.append(VerifiedRole(role.key, live.iam_arn if live else None, items))
    return VerifiedStack(spec.name, tuple(roles))


def _managed_names(role: Role) -> set[str]:
    return {policy.name for policy in role.policies if policy.kind == "managed"}


def _as_json(stack: VerifiedStack) -> dict[str, Any]:
    roles = [{"role": role.key, "arn": role.arn, "items": list(map(_item, role.items))} for role in stack.roles]
    return {"stack": stack.name, "roles": roles}


def _item(item: VerifiedItem) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in asdict(item).items()}


def _lines(stacks: Sequence[VerifiedStack]) -> Iterable[str]:
    for stack in stacks:
        yield f"stack {stack.name}"
        for role in stack.roles:
            yield f"  role {printable(role.arn or role.key)}"
            for item in role.items:
                values = difference(item)
                yield f"    {item.status:<8}{printable(item.item)}{f': {printable(values)}' if values else ''}"
    if is_quiet():
        return
    items = [item for stack in stacks for item in stack.items]
    different = sum(item.status != "OK" for item in items)
    yield f"{different} of {len(items)} items differ" if different else "everything is as declared"
