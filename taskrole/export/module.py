"""Builds the module of a stack: its roles under their names in the CDKTF stack, without provider and backend."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Any

from taskrole.addresses import attachment_identifier, identifier, managed_policy_prefix, own_policy_identifier
from taskrole.config import StackSpec
from taskrole.dataclass import dataclass
from taskrole.export.reasons import Reasons, reasons_of
from taskrole.export.substitution import PARAMETERS, ParameterKind, Substitution, substitution
from taskrole.export.terms import (
    Attribute,
    Block,
    Expression,
    FunctionCall,
    Noted,
    TextTemplate,
    Value,
    Word,
    expressions,
)
from taskrole.export.variables import Variable, common_path, name_variable, shared_variables, snake_names
from taskrole.policy.documents.policy import Policy
from taskrole.policy.documents.statements import Document, statements_of
from taskrole.role import PLAIN_ATTRIBUTES, Role

# The oldest supported version: startswith needs 1.3.
OLDEST_TERRAFORM = ">= 1.3"

OUTPUTS: Mapping[str, str] = {
    "arn": "ARN of {}, for a task definition",
    "name": "Name of {}",
    "unique_id": "Unique id of {}, for policies that outlive its name",
}


# The attributes of roles that are variables of the module.
_WITH_VARIABLES = ("path", "permissions_boundary")

_VARIABLE = re.compile(r"\bvar\.(\w+)")


@dataclass(frozen=True)
class Module:
    """The files of a module. Blocks are built when a file is written, each file by the process that writes it."""

    spec: StackSpec
    substituted: Substitution
    roles: tuple[_RoleBuilder, ...]

    @property
    def versions(self) -> Iterator[Block]:
        """The required versions of Terraform and of the provider."""
        yield Block("terraform", (), (Attribute("required_version", OLDEST_TERRAFORM), required_providers(self.spec)))

    @property
    def main(self) -> Iterator[Block]:
        """The local values and the resources."""
        yield from _replaceable(self.substituted)
        yield from self._resources

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables: the names of the roles, and what the blocks of `main` use."""
        shared = shared_variables(self.spec, self.substituted)
        used = _used_variables({variable.name for variable in shared}, self.main)
        named = (name_variable(builder.role, builder.snake) for builder in self.roles)
        return (*named, *(variable for variable in shared if variable.name in used))

    @property
    def outputs(self) -> Iterator[Block]:
        """The outputs of each role."""
        return (block for role in self.spec.roles for block in _outputs(role))

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of the resources."""
        return tuple(".".join(block.labels) for block in self._resources)

    @property
    def _resources(self) -> Iterator[Block]:
        return (block for builder in self.roles for block in builder.blocks())


def build_module(spec: StackSpec, parameters: Iterable[ParameterKind] = ()) -> Module:
    """Return the module of a stack; `parameters` are the kinds of ARNs that callers can replace."""
    wanted = sorted(set(parameters))
    documents = [policy.document for role in spec.roles for policy in role.policies]
    substituted = substitution(documents, spec.context, wanted)
    snake = snake_names(spec.roles)
    path = common_path(spec.roles)
    # Roles with the same settings share the document, and so its value.
    trust_documents = {id(role.trust): role.trust for role in spec.roles}
    trusts = {key: _document(document, substituted) for key, document in trust_documents.items()}
    builders = (_RoleBuilder(role, path, substituted, snake[role.key], trusts[id(role.trust)]) for role in spec.roles)
    return Module(spec, substituted, tuple(builders))


def required_providers(spec: StackSpec) -> Block:
    """Return the required AWS provider."""
    provider: Value = {"source": spec.provider.source, "version": spec.provider.version}
    return Block("required_providers", (), (Attribute("aws", provider),))


def output_names(role: Role) -> dict[str, str]:
    """Return the output names of a role, as in the CDKTF stack, with their descriptions."""
    name = identifier(role.key)
    return {f"{name}_{suffix}": text.format(name) for suffix, text in OUTPUTS.items()}


def _outputs(role: Role) -> Iterator[Block]:
    resource = f"aws_iam_role.{identifier(role.key)}"
    for suffix, (name, description) in zip(OUTPUTS, output_names(role).items(), strict=True):
        value = Expression(f"{resource}.{suffix}")
        yield Block("output", (name,), (Attribute("description", description), Attribute("value", value)))


def _replaceable(substituted: Substitution) -> Iterator[Block]:
    """Yield the local values with the ARNs that callers can replace."""
    merged = []
    for kind, (name, _) in PARAMETERS.items():
        if defaults := substituted.defaults(kind):
            merged.append(Attribute(name, FunctionCall("merge", (defaults, Expression(f"var.{name}")))))
    if merged:
        yield Block("locals", (), tuple(merged))


def _used_variables(names: Set[str], blocks: Iterable[Block]) -> Set[str]:
    """Return the named variables that blocks use, reading no more blocks than needed."""
    used: set[str] = set()
    for block in blocks:
        for text in expressions(block):
            used.update(_VARIABLE.findall(text))
        if used >= names:
            break
    return used & names


@dataclass(frozen=True)
class _RoleBuilder:
    """The resources of one role; dependent resources are replaced with it, as in the CDKTF stack."""

    role: Role
    common_path: str | None
    substituted: Substitution
    snake: str
    trust: Value

    @cached_property
    def name(self) -> str:
        return identifier(self.role.key)

    def blocks(self) -> Iterator[Block]:
        reasons = reasons_of(self.role)
        yield self._role()
        inline = [policy for policy in self.role.policies if policy.kind == "inline"]
        managed = [policy for policy in self.role.policies if policy.kind == "managed"]
        for policy in inline:
            yield self._inline(policy, reasons)
        for policy in managed:
            yield from self._managed(policy, reasons)
        for arn in self.role.attachments:
            yield self._attachment(attachment_identifier(self.role.key, arn), self.substituted.arn(arn))
        if self.role.exclusive:
            yield from self._exclusive(inline, managed)

    def _role(self) -> Block:
        role = self.role
        named = "name" if role.name is not None else "name_prefix"
        what = "prepares tasks: ECS itself uses it" if role.kind == "execution" else "is what the containers may do"
        optional = {
            attribute.name: attribute.set_in(role)
            for attribute in PLAIN_ATTRIBUTES
            if attribute.name not in _WITH_VARIABLES
        }
        return Block(
            "resource",
            ("aws_iam_role", self.name),
            (
                Attribute(named, Expression(f"var.{self.snake}_{named}")),
                Attribute("path", self._path()),
                *(Attribute(key, value) for key, value in optional.items() if value is not None),
                Attribute("permissions_boundary", self._boundary()),
                Attribute("assume_role_policy", self.trust),
                Attribute("tags", self._tags()),
            ),
            (f"{self.name}, the {role.kind} role, {what}.",),
        )

    def _inline(self, policy: Policy, reasons: Reasons) -> Block:
        return Block(
            "resource",
            ("aws_iam_role_policy", own_policy_identifier(self.role, policy)),
            (
                Attribute("name", policy.name),
                Attribute("role", self._reference("name")),
                Attribute("policy", _document(policy.document, self.substituted, reasons[policy.name])),
                self._lifecycle,
            ),
        )

    def _managed(self, policy: Policy, reasons: Reasons) -> Iterator[Block]:
        name = own_policy_identifier(self.role, policy)
        yield Block(
            "resource",
            ("aws_iam_policy", name),
            (
                Attribute("name", self._policy_name(policy)),
                Attribute("path", self._reference("path")),
                Attribute("policy", _document(policy.document, self.substituted, reasons[policy.name])),
                Attribute("tags", self._reference("tags")),
            ),
        )
        yield self._attachment(name, Expression(f"aws_iam_policy.{name}.arn"))

    def _attachment(self, name: str, arn: Value) -> Block:
        return Block(
            "resource",
            ("aws_iam_role_policy_attachment", name),
            (Attribute("role", self._reference("name")), Attribute("policy_arn", arn), self._lifecycle),
        )

    def _exclusive(self, inline: Sequence[Policy], managed: Sequence[Policy]) -> Iterator[Block]:
        key = self.role.key
        names = [
            Expression(f"aws_iam_role_policy.{own_policy_identifier(self.role, policy)}.name") for policy in inline
        ]
        attached = [
            *(own_policy_identifier(self.role, policy) for policy in managed),
            *(attachment_identifier(key, arn) for arn in self.role.attachments),
        ]
        arns = [Expression(f"aws_iam_role_policy_attachment.{name}.policy_arn") for name in attached]
        for kind, what, values in (
            ("aws_iam_role_policies_exclusive", "policy_names", names),
            ("aws_iam_role_policy_attachments_exclusive", "policy_arns", arns),
        ):
            body = (Attribute("role_name", self._reference("name")), Attribute(what, values), self._lifecycle)
            yield Block("resource", (kind, self.name), body)

    def _reference(self, attribute: str) -> Expression:
        return Expression(f"aws_iam_role.{self.name}.{attribute}")

    @cached_property
    def _lifecycle(self) -> Block:
        follow = Word(f"aws_iam_role.{self.name}.unique_id")
        return Block("lifecycle", (), (Attribute("replace_triggered_by", [follow]),))

    def _path(self) -> Value:
        if self.common_path is not None:
            return Expression("var.path")
        return FunctionCall("coalesce", (Expression("var.path"), self.role.path))

    def _boundary(self) -> Value:
        given = Expression("var.permissions_boundary")
        own = self.role.permissions_boundary
        return FunctionCall("coalesce", (given, self.substituted.arn(own))) if own else given

    def _tags(self) -> Value:
        given = Expression("var.tags")
        return FunctionCall("merge", (dict(self.role.tags), given)) if self.role.tags else given

    def _policy_name(self, policy: Policy) -> Value:
        """Return a managed policy's name, which is unique in an account and so begins with the role's name."""
        begins = managed_policy_prefix(self.role.key, self.role.name_prefix)
        if not policy.name.startswith(begins):
            return policy.name
        if self.role.name is None:
            return TextTemplate((Expression(f"var.{self.snake}_name_prefix"), policy.name[len(begins) :]))
        return TextTemplate((Expression(f"var.{self.snake}_name"), policy.name[len(begins) - 1 :]))


def _document(document: Document, substituted: Substitution, reasons: Sequence[tuple[str, ...]] = ()) -> Value:
    statements: list[Value] = []
    for index, statement in enumerate(statements_of(document)):
        value = substituted.statement(statement)
        lines = reasons[index] if reasons else ()
        statements.append(Noted(value, statement.get("Sid", ""), lines) if lines else value)
    return FunctionCall("jsonencode", ({**_without_statements(document), "Statement": statements},))


def _without_statements(document: Mapping[str, Any]) -> dict[str, Value]:
    return {key: value for key, value in document.items() if key != "Statement"}
