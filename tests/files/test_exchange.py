"""Tests atomic exchange and rename, also on systems without these calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.files import ChangedError, create, exchange, replace_unchanged, write

UNKNOWN_FLAG = 1 << 20


def test_an_unsupported_system_call_changes_nothing_and_is_no_error(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name)

    assert not exchange._rename(tmp_path / "a", tmp_path / "b", UNKNOWN_FLAG)

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "a", "b": "b"}


def test_without_the_system_call_a_new_file_is_not_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "rename_to_new", lambda *_: False)
    create(tmp_path / "f", "first\n")

    with pytest.raises(ChangedError):
        create(tmp_path / "f", "second\n")

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "first\n"}


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_link_that_replaced_a_file_meanwhile_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    target = tmp_path / "f"
    for path in (target, tmp_path / "elsewhere"):
        path.write_text("read\n")

    def linked_before(new: Path, _: Path) -> bool:
        if not target.is_symlink() and not new.is_symlink():
            target.unlink()
            target.symlink_to("elsewhere")
        return can_exchange and exchange.exchange(new, target)

    monkeypatch.setattr(write, "exchange", linked_before)
    with pytest.raises(ChangedError):
        replace_unchanged(target, "new\n", b"read\n")

    assert target.is_symlink()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"f": "read\n", "elsewhere": "read\n"}
