"""Derives, names and validates the two roles of an app's task definition, in pure Python without CDKTF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taskrole.arns import Context, role_arn
from taskrole.config.model import RoleSettings
from taskrole.config.options import parse_options
from taskrole.config.resolve import grant_policies
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.finding import Finding
from taskrole.grant import Grant, RequiredElsewhere, RoleKind
from taskrole.policy.documents.policy import PolicyKind
from taskrole.role import Role
from taskrole.taskdef import Options, TaskDocument, derive
from taskrole.taskdef.features.roles import ROLE_FIELDS
from taskrole.taskdef.json_text import parse_json
from taskrole.taskdef.read import parse_documents, read_documents
from taskrole.taskdef.values.values import Values
from taskrole_cdktf.declare import SharedArguments, declare_role

if TYPE_CHECKING:
    from typing_extensions import Unpack

_KINDS: tuple[RoleKind, ...] = ("execution", "task")
_BECAUSE = "the app grants it"
_UNKNOWN = (
    "grants can be derived only from references to attributes of a known form, such as"
    " aws_secretsmanager_secret.NAME.arn (docs/cdktf.md lists them); use such a reference, or a literal value"
)


@dataclass(frozen=True)
class TaskRoles:
    """Both roles of a task definition, the findings on it, and the statements that other accounts must add."""

    execution: Role
    task: Role
    findings: tuple[Finding, ...]
    required_elsewhere: tuple[RequiredElsewhere, ...]


def read_definition(source: Any, title: str, values: Values) -> TaskDocument:
    """Return the only task definition of a file, by path, or of data in any supported form.

    `values` fill the placeholders of a file. Raises InputError.
    """
    if isinstance(source, str):
        if "${" in source:
            message = f"must be data, JSON text or the path of a file; got {quote(source)}"
            raise InputError([Problem(Place(title, path="task_definition"), message)])
        documents = read_documents([source], values=values)
    else:
        documents = parse_documents(source, title)
    if len(documents) != 1:
        raise InputError([Problem(Place(title), f"must hold one task definition; got {len(documents)}")])
    return documents[0]


def plain_data(source: Any, title: str) -> Any:
    """Return JSON text parsed, a path as text, and other data as plain JSON data. Raises InputError."""
    if isinstance(source, (str, Path)):
        text = str(source)
        return parse_json(text.encode("utf-8", "surrogatepass"), title) if _is_json(text) else text
    try:
        return json.loads(json.dumps(source))
    except (TypeError, ValueError) as error:
        raise InputError([Problem(Place(title), f"must contain only JSON data: {error}")]) from None


def derive_roles(
    document: TaskDocument,
    name: str,
    context: Context,
    *,
    grants: Sequence[Mapping[str, Any]] = (),
    options: Options | Mapping[str, Any] | None = None,
    **shared: Unpack[SharedArguments],
) -> TaskRoles:
    """Return the roles `NAME-execution` and `NAME-task` with the permissions that a task definition needs.

    `grants` are for the task role, in the form of roles.yaml. Raises InputError with all problems: errors
    of the task definition, wrong options, grants, names.
    """
    arns = {kind: role_arn(context, f"{shared.get('path', '/')[1:]}{name}-{kind}") for kind in _KINDS}
    own = replace(document, data={**document.data, **{ROLE_FIELDS[kind]: arn for kind, arn in arns.items()}})
    derivation = derive(
        [own],
        context,
        _options(options, context, document.file),
        execution_role_arn=arns["execution"],
        task_role_arn=arns["task"],
    )
    errors = [_problem(finding, document.file) for finding in derivation.findings if finding.severity == "error"]
    roles: dict[RoleKind, Role] = {}
    for kind in _KINDS:
        derived = [grant for grant in derivation.grants if grant.role == kind]
        try:
            declared = _declared(f"{name}-{kind}", kind, context, grants if kind == "task" else (), shared)
            roles[kind] = _with_grants(declared, derived, shared.get("policy_delivery"))
        except InputError as error:
            errors += error.problems
    if errors:
        raise InputError(errors)
    return TaskRoles(roles["execution"], roles["task"], derivation.findings, derivation.required_elsewhere)


def _declared(
    name: str, kind: RoleKind, context: Context, grants: Sequence[Mapping[str, Any]], shared: SharedArguments
) -> Role:
    """Return a role with its own grants, validated like a role of roles.yaml."""
    return declare_role(
        name,
        kind=kind,
        region=context.region,
        account=context.account,
        partition=context.partition,
        grants=[{"because": _BECAUSE, **grant} for grant in grants],
        **shared,
    )


def _with_grants(role: Role, derived: Iterable[Grant], delivery: PolicyKind | None) -> Role:
    """Return a role with policies for its own and its derived grants."""
    grants = tuple(sorted((*derived, *role.grants)))
    settings = RoleSettings.model_validate({"kind": role.kind})
    return replace(role, grants=grants, policies=grant_policies(role.key, settings, grants, delivery))


def _options(options: Options | Mapping[str, Any] | None, context: Context, title: str) -> Options:
    if options is None or isinstance(options, Options):
        return options or Options()
    try:
        return parse_options(json.dumps(options).encode(), title, context)
    except InputError as error:
        # There is no file with lines and columns.
        at = (replace(problem, place=Place(title, path=f"options.{problem.place.path}")) for problem in error.problems)
        raise InputError(at) from None


def _problem(finding: Finding, title: str) -> Problem:
    message = finding.message
    if finding.code == "PLACEHOLDER":
        message = f"{message.partition(';')[0]}; {_UNKNOWN}"
    return Problem(Place(title, path=finding.source), f"{message} [{finding.code}]")


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")
