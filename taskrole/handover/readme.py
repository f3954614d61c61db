"""The README of a module: how to call it, what goes in and out, and what each statement is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taskrole.addresses import identifier
from taskrole.config import StackSpec
from taskrole.handover.hcl import expression
from taskrole.handover.module import OLDEST_TERRAFORM, Module, output_names
from taskrole.handover.reasons import reasons_of
from taskrole.handover.root import module_folder
from taskrole.output.escape.markdown import code, fence, prose
from taskrole.output.lines import required_line, statement_text
from taskrole.policy.documents.statements import as_list, statements_of
from taskrole.role import Role, assumers

_MOVED = (
    "The `moved` blocks in `{place}` tell Terraform that each resource of the CDKTF stack is now in the module of that "
    "name, so that the first plan changes nothing. They may be removed after the first apply."
)


_HANDED_OVER = (
    "**Before the first apply:** stack {stack} of roles.yaml manages the same resources. Once this is applied, "
    "`cdktf diff {name}` plans to destroy them, and `cdktf deploy {name}` does. Take the stack out of roles.yaml, so "
    "that it cannot be deployed. If this gets a copy of the state instead of the state itself, let the stack's own "
    "state forget them:"
)


def handed_over(spec: StackSpec, module: Module) -> str:
    """Return the command with which the state of a CDKTF stack forgets the resources, which stay in the account."""
    addresses = [f"  {address}" for address in module.addresses]
    return " \\\n".join([f"terraform -chdir=cdktf.out/stacks/{spec.name} state rm", *addresses])


def _warning(spec: StackSpec, module: Module, moved: str | None) -> tuple[str, ...]:
    if moved is None:
        return ()
    text = _HANDED_OVER.format(stack=code(spec.name), name=spec.name)
    return (text, fence(handed_over(spec, module), "sh"))


def module_readme(spec: StackSpec, module: Module, *, moved: str | None = None) -> str:
    """Return the README of a module; `moved` is the file of `moved` blocks beside it, if there is one."""
    return _page(
        f"# {spec.name}",
        *_warning(spec, module, moved),
        f"IAM roles of Amazon ECS tasks: {', '.join(code(identifier(role.key)) for role in spec.roles)}. "
        "The files are made by `taskrole export`; whoever edits them owns them.",
        "## Usage",
        fence(f'module "{spec.name}" {{\n  source = "./{module_folder(spec)}"\n}}', "hcl"),
        "Every input has a default, with which the roles are those of roles.yaml. The provider is the caller's.",
        *([f"{_MOVED.format(place=moved)} Copy that file beside the call of the module."] if moved else []),
        "## Requirements",
        _table(
            ("Name", "Version"),
            [("terraform", code(OLDEST_TERRAFORM)), (code(spec.provider.source), code(spec.provider.version))],
        ),
        "## Inputs",
        _table(
            ("Name", "Description", "Type", "Default"),
            [
                (
                    code(variable.name),
                    prose(variable.description),
                    code(variable.type),
                    code(expression(variable.default)),
                )
                for variable in module.variables
            ],
        ),
        "## Outputs",
        _table(
            ("Name", "Description"),
            [
                (code(name), prose(description))
                for role in spec.roles
                for name, description in output_names(role).items()
            ],
        ),
        "## What each statement is for",
        *(part for role in spec.roles for part in _role(role)),
        *_required_elsewhere(spec),
    )


def root_readme(spec: StackSpec, module: Module, *, moved: str | None) -> str:
    """Return the README of a root module; `moved` is its file of `moved` blocks, if there is one."""
    return _page(
        f"# {spec.name}",
        *_warning(spec, module, moved),
        f"A root module with the provider and the backend of stack {code(spec.name)} in roles.yaml. It calls "
        f"[the module with the roles]({module_folder(spec)}/README.md), and needs Terraform or OpenTofu alone.",
        fence("terraform init\nterraform plan", "sh"),
        *([_MOVED.format(place=moved)] if moved else []),
    )


def _role(role: Role) -> Iterator[str]:
    yield f"### {code(identifier(role.key))}, {role.kind} role"
    facts = [f"- assumed by {code(who)}" for who in assumers(role.trust)]
    yield "\n".join([*facts, *(f"- attached: {code(arn)}" for arn in role.attachments)])
    reasons = reasons_of(role)
    for policy in role.policies:
        yield f"Policy {code(policy.name)}, {policy.kind}:"
        yield _table(
            ("Statement", "Effect", "Actions", "Because"),
            [
                (
                    code(statement.get("Sid", "")) or "-",
                    statement["Effect"],
                    _actions(statement),
                    "<br>".join(map(prose, lines)),
                )
                for statement, lines in zip(statements_of(policy.document), reasons[policy.name], strict=True)
            ],
        )


def _actions(statement: Mapping[str, Any]) -> str:
    negated = "all but " if "NotAction" in statement else ""
    return negated + ", ".join(map(code, as_list(statement.get("Action", statement.get("NotAction", [])))))


def _required_elsewhere(spec: StackSpec) -> Iterator[str]:
    if not spec.required_elsewhere:
        return
    yield "## What other accounts must add"
    for required in spec.required_elsewhere:
        yield prose(required_line(required))
        yield fence(statement_text(required), "json")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(*parts: str) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"
