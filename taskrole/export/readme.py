"""Builds the README of a module: its usage, inputs, outputs, and the reason for each statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taskrole.addresses import identifier
from taskrole.config import StackSpec
from taskrole.export.hcl import expression
from taskrole.export.module import OLDEST_TERRAFORM, Module, output_names
from taskrole.export.reasons import reasons_of
from taskrole.export.root import module_folder
from taskrole.output.escape.markdown import code, fence, prose
from taskrole.output.lines import required_line, statement_text
from taskrole.policy.documents.statements import as_list, statements_of
from taskrole.role import Role, assumers

_MOVED = (
    "The `moved` blocks in `{place}` move each resource of the CDKTF stack to the module with its name, so that the "
    "first plan changes nothing. You can remove them after the first apply."
)


_HANDED_OVER = (
    "**Before the first apply:** stack {stack} of roles.yaml manages the same resources. Once this is applied, "
    "`cdktf diff {name}` plans to destroy them, and `cdktf deploy {name}` destroys them. Remove the stack from "
    "roles.yaml, so that it cannot be deployed. If this uses a copy of the state, remove the resources from the "
    "stack's own state:"
)


def handed_over(spec: StackSpec, module: Module) -> str:
    """Return the command that removes the resources from the state of a CDKTF stack without destroying them."""
    addresses = [f"  {address}" for address in module.addresses]
    return " \\\n".join([f"terraform -chdir=cdktf.out/stacks/{spec.name} state rm", *addresses])


def _warning(spec: StackSpec, module: Module, moved: str | None) -> tuple[str, ...]:
    if moved is None:
        return ()
    text = _HANDED_OVER.format(stack=code(spec.name), name=spec.name)
    return (text, fence(handed_over(spec, module), "sh"))


def module_readme(spec: StackSpec, module: Module, *, moved: str | None = None) -> str:
    """Return the README of a module; `moved` is the path of the `moved` blocks, if there are any."""
    return _page(
        f"# {spec.name}",
        *_warning(spec, module, moved),
        f"IAM roles of Amazon ECS tasks: {', '.join(code(identifier(role.key)) for role in spec.roles)}. "
        "`taskrole export` generates these files; if you edit them, maintain them yourself.",
        "## Usage",
        fence(f'module "{spec.name}" {{\n  source = "./{module_folder(spec)}"\n}}', "hcl"),
        "Every input has a default, which matches roles.yaml. The caller configures the provider.",
        *([f"{_MOVED.format(place=moved)} Copy that file next to the module call."] if moved else []),
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
        "## Reasons for each statement",
        *(part for role in spec.roles for part in _role(role)),
        *_required_elsewhere(spec),
    )


def root_readme(spec: StackSpec, module: Module, *, moved: str | None) -> str:
    """Return the README of a root module; `moved` is the path of its `moved` blocks, if there are any."""
    return _page(
        f"# {spec.name}",
        *_warning(spec, module, moved),
        f"A root module with the provider and the backend of stack {code(spec.name)} in roles.yaml. It calls "
        f"[the module with the roles]({module_folder(spec)}/README.md), and needs only Terraform or OpenTofu.",
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
    yield "## Statements that other accounts must add"
    for required in spec.required_elsewhere:
        yield prose(required_line(required))
        yield fence(statement_text(required), "json")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(*parts: str) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"
