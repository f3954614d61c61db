"""All files of an export, as text by their paths below its folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

from taskrole.collector import collector_paused
from taskrole.config import StackSpec
from taskrole.dataclass import dataclass
from taskrole.handover.hcl import hcl
from taskrole.handover.module import build_module
from taskrole.handover.readme import module_readme, root_readme
from taskrole.handover.root import build_root, import_blocks, module_folder, moved_blocks
from taskrole.handover.substitution import ParameterKind
from taskrole.handover.terms import Block
from taskrole.handover.terraform_json import terraform_json

Format = Literal["hcl", "json"]

_WRITERS: Mapping[Format, tuple[str, Callable[[Iterable[Block]], str]]] = {
    "hcl": (".tf", hcl),
    "json": (".tf.json", terraform_json),
}
# In every root module that is written, and in no other.
ROOT_FILES = tuple(f"providers{extension}" for extension, _ in _WRITERS.values())


@dataclass(frozen=True)
class Wishes:
    """What an export is to hold: its syntax, a root module, `moved` blocks, the ARNs that are to be variables."""

    format: Format = "hcl"
    root: bool = False
    from_state: bool = False
    parameters: tuple[ParameterKind, ...] = ()


@collector_paused()
def export_files(spec: StackSpec, wishes: Wishes, state_folder: Path = Path()) -> dict[str, str]:
    """Return the files of a stack's module, or of its root module with the module in it.

    The path of a state in a file is relative to `state_folder`, which the root module sees from where it lies.
    """
    extension, write = _WRITERS[wishes.format]
    module = build_module(spec, wishes.parameters)
    # A module cannot say where its resources come from: its caller does.
    moved_place = (
        None if not wishes.from_state else f"moved{extension}" if wishes.root else f"from-state/moved{extension}"
    )
    moved = {moved_place: write(moved_blocks(spec, module))} if moved_place else {}
    module_files = {
        f"versions{extension}": write(module.versions),
        f"main{extension}": write(module.main),
        f"variables{extension}": write(variable.block() for variable in module.variables),
        f"outputs{extension}": write(module.outputs),
        "README.md": module_readme(spec, module, moved=None if wishes.root else moved_place),
    }
    if not wishes.root:
        return {**module_files, **moved}
    root = build_root(spec, state_folder)
    # What is in the state needs no import.
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
