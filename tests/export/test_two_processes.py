"""The module of many roles, of which a second process writes a part."""

from __future__ import annotations

from typing import Literal

import pytest

from bench.synthesis import roles_yaml
from taskrole.config.load import parse_config
from taskrole.export import exported_files
from taskrole.export.exported_files import Wishes, export_files
from tests.other_process import OtherProcess


@pytest.mark.parametrize("format_", ["hcl", "json"])
@pytest.mark.parametrize("root", [False, True], ids=["module", "root module"])
def test_two_processes_write_the_files_of_one(
    format_: Literal["hcl", "json"], root: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spec,) = parse_config(roles_yaml(3).encode(), "roles.yaml").stacks
    wishes = Wishes(format=format_, root=root)
    expected = export_files(spec, wishes)
    monkeypatch.setattr(exported_files, "_MANY_ROLES", 1)
    other = OtherProcess(monkeypatch)

    files = export_files(spec, wishes)

    other.assert_delivered()
    assert list(files.items()) == list(expected.items())
