"""Builds the files of an export, as text by path in its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from taskrole.collector import collector_paused
from taskrole.config import StackSpec
from taskrole.dataclass import dataclass
from taskrole.export.hcl import hcl
from taskrole.export.module import build_module
from taskrole.export.readme import module_readme, root_readme
from taskrole.export.root import build_root, import_blocks, module_folder, moved_blocks
from taskrole.export.substitution import ParameterKind
from taskrole.export.terms import Block
from taskrole.export.terraform_json import terraform_json
from taskrole.two_processes import in_two_processes

Format = Literal["hcl", "json"]

_WRITERS: Mapping[Format, tuple[str, Callable[[Iterable[Block]], str]]] = {
    "hcl": (".tf", hcl),
    "json": (".tf.json", terraform_json),
}
# Files in every root module, and in no module.
ROOT_FILES = tuple(f"providers{extension}" for extension, _ in _WRITERS.values())

# The number of roles above which a second process saves more than it costs.
_MANY_ROLES = 500


@dataclass(frozen=True)
class Wishes:
    """The options of an export: its syntax, a root module, `moved` blocks, and the ARNs that become variables."""

    format: Format = "hcl"
    root: bool = False
    from_state: bool = False
    parameters: tuple[ParameterKind, ...] = ()


@collector_paused()
def export_files(spec: StackSpec, wishes: Wishes, state_folder: Path = Path()) -> dict[str, str]:
    """Return the files of a stack's module, or of its root module with the module in it.

    The path of a state file is relative to `state_folder`, as seen from the root module.
    """
    extension, write = _WRITERS[wishes.format]
    module = build_module(spec, wishes.parameters)
    # A module cannot declare where its resources move from: its caller does.
    moved_place = (
        None if not wishes.from_state else f"moved{extension}" if wishes.root else f"from-state/moved{extension}"
    )
    moved = {moved_place: write(moved_blocks(spec, module))} if moved_place else {}
    readme_moved = None if wishes.root else moved_place
    # In two halves of about the same length, which two processes write in parallel.
    halves: Sequence[Mapping[str, Callable[[], str]]] = (
        {
            f"main{extension}": lambda: write(module.main),
            f"versions{extension}": lambda: write(module.versions),
        },
        {
            "README.md": lambda: module_readme(spec, module, moved=readme_moved),
            f"variables{extension}": lambda: write(variable.block() for variable in module.variables),
            f"outputs{extension}": lambda: write(module.outputs),
        },
    )
    module_files = _written(halves, len(spec.roles))
    if not wishes.root:
        return {**module_files, **moved}
    root = build_root(spec, state_folder)
    # Resources in the state need no import.
    imports = () if wishes.from_state else import_blocks(spec)
    return {
        f"versions{extension}": write(root.versions),
        f"providers{extension}": write(root.providers),
        f"main{extension}": write(root.main),
        f"outputs{extension}": write(root.outputs),
        **moved,
        **({f"imports{extension}": write(imports)} if imports else {}),
        "README.md": root_readme(spec, module, moved=moved_place),
        **{f"{module_folder(spec)}/{name}": text for name, text in module_files.items()},
    }


def _written(halves: Sequence[Mapping[str, Callable[[], str]]], roles: int) -> dict[str, str]:
    """Return the texts of files; for many roles, two processes write half of them each."""

    def texts(number: int) -> dict[str, bytes]:
        return {name: write().encode("utf-8") for name, write in halves[number].items()}

    written = map(texts, range(2)) if roles < _MANY_ROLES else in_two_processes(texts, 2)
    return {name: text.decode("utf-8") for half in written for name, text in half.items()}
