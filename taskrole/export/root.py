"""Builds the root module of a stack: provider and backend as in roles.yaml, the module call, and its outputs.

Its addresses are those of the CDKTF stack one level down, with a `moved` block for each.
Source: https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from taskrole.addresses import attachment_identifier, identifier, policy_identifier
from taskrole.config import StackSpec
from taskrole.config.backends.backend import BackendSettings
from taskrole.config.backends.registry import backend_of
from taskrole.dataclass import dataclass
from taskrole.export.module import OLDEST_TERRAFORM, Module, output_names, required_providers
from taskrole.export.terms import Attribute, Block, Expression, Word
from taskrole.role import Role

# The oldest with import blocks.
_WITH_IMPORTS = ">= 1.5"


@dataclass(frozen=True)
class Root:
    """The files of a root module."""

    versions: tuple[Block, ...]
    providers: tuple[Block, ...]
    main: tuple[Block, ...]
    outputs: tuple[Block, ...]


def module_folder(spec: StackSpec) -> str:
    """Return the folder of a stack's module in its root module."""
    return f"modules/{spec.name}"


def build_root(spec: StackSpec, state_folder: Path) -> Root:
    """Return the root module of a stack; the path of a state file is relative to `state_folder`."""
    terraform = Block(
        "terraform",
        (),
        (
            Attribute("required_version", _oldest(spec)),
            required_providers(spec),
            _backend(spec.backend, state_folder),
        ),
    )
    account = spec.context.account
    allowed = () if account is None else (Attribute("allowed_account_ids", [account]),)
    return Root(
        versions=(terraform,),
        providers=(Block("provider", ("aws",), (Attribute("region", spec.context.region), *allowed)),),
        main=(Block("module", (spec.name,), (Attribute("source", f"./{module_folder(spec)}"),)),),
        outputs=tuple(_outputs(spec)),
    )


def moved_blocks(spec: StackSpec, module: Module) -> tuple[Block, ...]:
    """Return `moved` blocks from the CDKTF stack to a root module that calls the module by the stack's name."""
    return tuple(
        Block(
            "moved",
            (),
            (Attribute("from", Word(address)), Attribute("to", Word(f"module.{spec.name}.{address}"))),
        )
        for address in module.addresses
    )


def import_blocks(spec: StackSpec) -> tuple[Block, ...]:
    """Return `import` blocks for the roles that already exist, as in the CDKTF stack.

    Source: https://developer.hashicorp.com/terraform/language/import
    """
    return tuple(
        Block("import", (), (Attribute("to", Word(f"module.{spec.name}.{address}")), Attribute("id", id_)))
        for role in spec.roles
        if role.adopt
        for address, id_ in _existing(role)
    )


def _existing(role: Role) -> Iterator[tuple[str, str]]:
    """Yield the existing resources of a role: their addresses in the module, and their import ids."""
    yield f"aws_iam_role.{identifier(role.key)}", role.title
    for name in role.adopted_policies:
        yield f"aws_iam_role_policy.{policy_identifier(role.key, name)}", f"{role.title}:{name}"
    for arn in role.attachments:
        yield f"aws_iam_role_policy_attachment.{attachment_identifier(role.key, arn)}", f"{role.title}/{arn}"


def _oldest(spec: StackSpec) -> str:
    of_backend = backend_of(spec.backend).oldest_terraform(spec.backend)
    if of_backend:
        return of_backend
    return _WITH_IMPORTS if any(role.adopt for role in spec.roles) else OLDEST_TERRAFORM


def _outputs(spec: StackSpec) -> Iterator[Block]:
    for role in spec.roles:
        for name, description in output_names(role).items():
            value = Expression(f"module.{spec.name}.{name}")
            yield Block("output", (name,), (Attribute("description", description), Attribute("value", value)))


def _backend(settings: BackendSettings, state_folder: Path) -> Block:
    values = backend_of(settings).terraform(settings, lambda path: (state_folder / path).as_posix())
    if settings.type != "cloud":
        return Block("backend", (settings.type,), tuple(Attribute(name, value) for name, value in values.items()))
    # HCP Terraform is no `backend` of Terraform but a block of its own, in which mappings are blocks.
    return Block("cloud", (), tuple(map(_of_cloud, values, values.values())))


def _of_cloud(name: str, value: Any) -> Attribute | Block:
    if isinstance(value, Mapping):
        return Block(name, (), tuple(map(_of_cloud, value, value.values())))
    return Attribute(name, value)
