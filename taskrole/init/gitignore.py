"""Walking folders as Git sees them: without .git, and without what the .gitignore files on the way exclude.

Not read: .git/info/exclude, the user's excludes file, and whether Git tracks a file that is excluded.
Source: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from taskrole.dataclass import dataclass
from taskrole.errors import InputError, Place, Problem
from taskrole.file_patterns import MOST_ENTRIES
from taskrole.reading import is_file, project_root, read_found

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE = ".gitignore"
# Never a project's own, whether they are excluded or not.
_OTHERS = frozenset({".git", ".hg", ".svn", ".terraform", ".venv", "__pycache__", "cdktf.out", "node_modules"})


@dataclass(frozen=True)
class _Rules:
    """The patterns of one .gitignore, and the folder that they are relative to."""

    folder: Path
    spec: GitIgnoreSpec


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted; links to folders are not followed.

    Raises InputError where there are more than 100,000 files and folders, or a folder or .gitignore cannot be read.
    """
    real = Path(os.path.realpath(folder))
    root = Path(project_root())
    above = (
        [root, *reversed([parent for parent in real.parents if root in parent.parents])] if root in real.parents else []
    )
    by_folder = {str(folder): [rules for folder in above for rules in _rules_in(folder)]}
    number = 0
    for place, folders, names in os.walk(folder, onerror=_refuse):
        number += len(folders) + len(names)
        if number > MOST_ENTRIES:
            message = f"must not contain more than {MOST_ENTRIES:,} files and folders; name folders closer to the files"
            raise InputError([Problem(Place(str(folder)), message)])
        here = Path(place)
        inside = real / here.relative_to(folder)
        rules = [*by_folder.pop(place), *_rules_in(inside)]
        folders[:] = sorted(
            name for name in folders if name not in _OTHERS and not _excludes(rules, inside, f"{name}/")
        )
        by_folder |= {os.path.join(place, name): rules for name in folders}  # noqa: PTH118 -- as os.walk spells it
        yield from (here / name for name in sorted(names) if not _excludes(rules, inside, name))


def _refuse(error: OSError) -> None:
    message = f"cannot be looked through: {error.strerror}; make it readable, or exclude it in {IGNORE_FILE}"
    raise InputError([Problem(Place(str(Path(error.filename))), message)])


def _rules_in(folder: Path) -> Sequence[_Rules]:
    file = folder / IGNORE_FILE
    if not is_file(file):
        return ()
    from pathspec import GitIgnoreSpec

    lines = read_found(file, folder).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return (_Rules(folder, GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))),)


def _is_pattern(line: str) -> bool:
    """Return whether a line is a pattern, or nothing; Git passes over what is none."""
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _excludes(rules: Sequence[_Rules], folder: Path, name: str) -> bool:
    """Return whether a file, or a folder with a slash behind its name, is excluded; the nearest .gitignore decides."""
    for rule in reversed(rules):
        inside = folder.relative_to(rule.folder).as_posix()
        decision = rule.spec.check_file(name if inside == "." else f"{inside}/{name}").include
        if decision is not None:
            return decision
    return False
