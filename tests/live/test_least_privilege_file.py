"""Tests files in place of the output of `audit --write-roles`: compared without blocking."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.live.least_privilege_file import TASK_FOLDER, LeastPrivilegeFiles, write_roles


@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "other text"])
def test_a_different_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / TASK_FOLDER / "web.json"
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/proc/self/environ")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("[]\n")

    with pytest.raises(InputError, match="exists already, with other content; move or remove it"):
        write_roles(tmp_path / "roles.yaml", LeastPrivilegeFiles("version: 1\n", {"web.json": "{}\n"}, (), ()))

    assert not (tmp_path / "roles.yaml").exists()
