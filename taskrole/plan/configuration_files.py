"""The Terraform configuration files, native or JSON: the expression of each value, as a template.

A plan of a native configuration lists the references of an expression, but not the expression. The files contain it.
They are untrusted: only files inside the working folder are read, up to a maximum size and number, and nothing in
them is executed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from taskrole.dataclass import dataclass
from taskrole.errors import BadValueError, InputError
from taskrole.plan.addresses import module_steps
from taskrole.plan.hcl_values import block_bodies, plain_key, template_of
from taskrole.plan.model import Change
from taskrole.reading import read_found

_MOST_FILES = 1_000
_MANIFEST = Path(".terraform/modules/modules.json")

ModuleSources = Callable[[str], "list[str]"]
_Labels = tuple[str, ...]


@dataclass(frozen=True)
class ConfigurationFiles:
    """The files below a folder; `module_sources` returns the sources of the module calls that lead to a module.

    A value is unknown if it is defined twice, in an override file, in an unreadable file, or outside the working
    directory.
    """

    folder: Path
    module_sources: ModuleSources

    def value(self, change: Change, *path: str | int) -> str | list[str] | None:
        """Return the expression of a resource's attribute: a template, or a list of them; None if it is unknown."""
        body = self._body(change)
        if body is None or not path or (isinstance(path[0], str) and _dynamic(body, path[0])):
            return None
        value: Any = body
        for step in path:
            if isinstance(step, str) and isinstance(value, Mapping):
                value = next((item for key, item in value.items() if plain_key(key) == step), None)
            elif isinstance(step, int) and isinstance(value, Sequence) and not isinstance(value, str):
                value = value[step] if step < len(value) else None
            else:
                return None
        if isinstance(value, list):
            templates = [template_of(item) for item in value]
            return [text for text in templates if text is not None] if None not in templates else None
        return template_of(value)

    def argument(self, module: str, name: str) -> str | None:
        """Return the argument that a module call sets for a variable."""
        calls = module_steps(module)
        if not calls:
            return None
        outer = ".".join(f"module.{step.name}" for step in calls[:-1])
        call = self._single(outer, ("module", calls[-1].name))
        return template_of(call.get(name)) if call is not None and name in call else None

    def output(self, module: str, name: str) -> str | None:
        """Return the expression of a module output."""
        output = self._single(module, ("output", name))
        return template_of(output.get("value")) if output is not None else None

    def local(self, module: str, name: str) -> str | None:
        """Return the expression of a local value of a module."""
        values = [body[name] for body in self._bodies(module, ("locals",)) if name in body]
        return template_of(values[0]) if len(values) == 1 else None

    def is_dynamic(self, change: Change, block: str) -> bool | None:
        """Return whether a resource has a dynamic block of this name; None if its files are unknown."""
        body = self._body(change)
        return None if body is None else _dynamic(body, block)

    def _body(self, change: Change) -> Mapping[str, Any] | None:
        return self._single(change.module, ("data" if change.is_data else "resource", change.type, change.name))

    def _single(self, module: str, labels: _Labels) -> Mapping[str, Any] | None:
        bodies = self._bodies(module, labels)
        return bodies[0] if len(bodies) == 1 else None

    def _bodies(self, module: str, labels: _Labels) -> list[Mapping[str, Any]]:
        folder = self._folder(module)
        blocks = self._blocks(folder) if folder is not None else None
        return blocks.get(labels, []) if blocks is not None else []

    def _folder(self, module: str) -> Path | None:
        steps = module_steps(module)
        if not steps:
            return self.folder
        installed = self._manifest.get(".".join(step.name for step in steps))
        if installed is not None:
            return self.folder / installed
        folder = self.folder
        for source in self.module_sources(module):
            if not source.startswith(("./", "../")):
                return None
            folder = folder / source
        return folder

    @cached_property
    def _manifest(self) -> Mapping[str, str]:
        """The folders of installed modules by call, from the manifest that `terraform init` writes."""
        file = self.folder / _MANIFEST
        try:
            modules = json.loads(_text(file))["Modules"]
            return {str(module["Key"]): str(module["Dir"]) for module in modules if module.get("Key")}
        except (InputError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    @cached_property
    def _read(self) -> dict[Path, Mapping[_Labels, list[Mapping[str, Any]]] | None]:
        return {}

    def _blocks(self, folder: Path) -> Mapping[_Labels, list[Mapping[str, Any]]] | None:
        if folder not in self._read:
            self._read[folder] = _blocks_of(folder)
        return self._read[folder]


def _blocks_of(folder: Path) -> Mapping[_Labels, list[Mapping[str, Any]]] | None:
    """Return the blocks of all files in a folder by label; None if any of the files is unreadable."""
    blocks: dict[_Labels, list[Mapping[str, Any]]] = {}
    try:
        files = sorted(file for file in folder.iterdir() if file.name.endswith((".tf", ".tf.json")))
        if len(files) > _MOST_FILES:
            return None
        for file in files:
            is_override = file.name.partition(".")[0].split("_")[-1] == "override"
            if is_override:
                return None
            for labels, body in _blocks_in(file.name, _text(file)):
                blocks.setdefault(labels, []).append(body)
    except (InputError, OSError, ValueError, RecursionError):
        return None
    return blocks


def _blocks_in(name: str, text: str) -> Iterator[tuple[_Labels, Mapping[str, Any]]]:
    """Yield the blocks of a file. Raises ValueError if it is not valid HCL or JSON."""
    if name.endswith(".json"):
        yield from block_bodies(json.loads(text), is_json=True)
        return
    # Imported late: loading the grammar takes a second.
    import hcl2
    from lark.exceptions import LarkError

    try:
        tree = hcl2.loads(text)
    except LarkError as error:
        raise BadValueError(str(error)) from error
    yield from block_bodies(tree, is_json=False)


def _dynamic(body: Mapping[str, Any], block: str) -> bool:
    dynamic = body.get("dynamic")
    entries = dynamic if isinstance(dynamic, list) else [dynamic]
    return any(plain_key(key) == block for entry in entries if isinstance(entry, Mapping) for key in entry)


def _text(file: Path) -> str:
    """Return the text of a file inside the working folder. Raises InputError or ValueError."""
    if not file.resolve().is_relative_to(Path.cwd().resolve()):
        raise BadValueError("it is outside the working folder")
    return read_found(file).decode("utf-8")
