"""Tests that generated pages, pictures and schemas are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expected_files import assert_file
from tools.write_docs import DOCS, ROOT


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_generated_file_is_current(path: Path) -> None:
    assert_file(path, DOCS[path]())
