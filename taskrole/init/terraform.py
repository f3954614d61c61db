"""The Terraform root module of `taskrole init --terraform`: what `taskrole export --root` writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from taskrole.config import Config
from taskrole.export.exported_files import Wishes, export_files
from taskrole.export.folder import with_manifest
from taskrole.init.project import NewFile
from taskrole.init.roles import STACK

ROOT = Path("terraform") / STACK


def terraform_files(config: Config, path: Path) -> Mapping[Path, NewFile]:
    """Return the files of a root module beside roles.yaml, by their paths."""
    (spec,) = config.stacks
    folder = path.parent / ROOT
    state_folder = Path(os.path.relpath(path.parent, folder))
    files = with_manifest(export_files(spec, Wishes(root=True), state_folder))
    purpose = f"a Terraform root module; write it again with: taskrole export --root --to {ROOT.as_posix()}"
    return {folder / name: NewFile(text, purpose, folder) for name, text in sorted(files.items())}
