"""Files of this repository that are copied into projects: the wheel has them in taskrole/templates.

In a clone they are where they always are, so that nothing exists twice.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from taskrole.reading import is_folder


def template_text(name: str) -> str:
    """Return the text of a file by its path in the repository, such as `docs/ci/github-check.yml`."""
    return _root().joinpath(name).read_text("utf-8")


def template_names(folder: str) -> list[str]:
    """Return the Python files directly in a folder of the repository, by their paths there, sorted."""
    return sorted(f"{folder}/{file.name}" for file in _root().joinpath(folder).glob("*.py"))


def template_path(name: str) -> Path:
    """Return where a file of the repository is on this machine."""
    return _root() / name


def _root() -> Path:
    package = Path(str(resources.files("taskrole")))
    installed = package / "templates"
    return installed if is_folder(installed) else package.parent
