"""The root module of a stack: provider and backend as in roles.yaml, a call of the module, and its outputs.

It has the addresses of the CDKTF stack one level down, which a `moved` block each tells Terraform.
Source: https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from taskrole.config import StackSpec
from taskrole.config.model import Backend, CloudBackendSettings, LocalBackendSettings, S3BackendSettings
from taskrole.handover.module import Module, output_names, required_providers
from taskrole.handover.terms import Attribute, Block, Expression, Value, Word

# The oldest that knows what the backend uses: use_lockfile came with 1.10.
_OLDEST_WITH_LOCK_FILE = ">= 1.10"
_OLDEST = ">= 1.3"


@dataclass(frozen=True)
class Root:
    """A root module, file by file."""

    versions: tuple[Block, ...]
    providers: tuple[Block, ...]
    main: tuple[Block, ...]
    outputs: tuple[Block, ...]


def module_folder(spec: StackSpec) -> str:
    """Return the folder of a stack's module below its root module."""
    return f"modules/{spec.name}"


def build_root(spec: StackSpec, state_folder: Path) -> Root:
    """Return the root module of a stack; the path of a state in a file is relative to `state_folder`."""
    locked = isinstance(spec.backend, S3BackendSettings) and spec.backend.use_lockfile
    terraform = Block(
        "terraform",
        (),
        (
            Attribute("required_version", _OLDEST_WITH_LOCK_FILE if locked else _OLDEST),
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
    """Return where each resource of the CDKTF stack is in a root module that calls the module by the stack's name."""
    return tuple(
        Block(
            "moved",
            (),
            (Attribute("from", Word(address)), Attribute("to", Word(f"module.{spec.name}.{address}"))),
        )
        for address in module.addresses
    )


def _outputs(spec: StackSpec) -> Iterator[Block]:
    for role in spec.roles:
        for name, description in output_names(role).items():
            value = Expression(f"module.{spec.name}.{name}")
            yield Block("output", (name,), (Attribute("description", description), Attribute("value", value)))


def _backend(backend: Backend, state_folder: Path) -> Block:
    if isinstance(backend, LocalBackendSettings):
        path = (state_folder / (backend.path or "")).as_posix()
        return Block("backend", ("local",), (Attribute("path", path),))
    if isinstance(backend, S3BackendSettings):
        settings = backend.model_dump(exclude={"type"}, exclude_none=True)
        if not backend.use_path_style:
            del settings["use_path_style"]
        return Block("backend", ("s3",), tuple(Attribute(name, value) for name, value in settings.items()))
    assert isinstance(backend, CloudBackendSettings)  # noqa: S101 -- the third of three
    workspace: dict[str, Value] = {"name": backend.workspace, "project": backend.project}
    workspaces = tuple(Attribute(name, value) for name, value in workspace.items() if value is not None)
    named = (Attribute("hostname", backend.hostname), Attribute("organization", backend.organization))
    return Block("cloud", (), (*named, Block("workspaces", (), workspaces)))
