"""Tests what is kept of a replaced folder, and concurrent changes and leftovers of other processes."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.export.folder import replace_module
from taskrole.files import ChangedError
from taskrole.files import folder as folder_writer

FILES = {"main.tf": "a = 1\n"}
OTHER = {"main.tf": "a = 2\n"}
STATE = "terraform.tfstate"


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Return an exported folder that Terraform has used."""
    folder = tmp_path / "m"
    replace_module(folder, FILES)
    (folder / STATE).write_text("{}\n")
    (folder / ".terraform/providers").mkdir(parents=True)
    (folder / ".terraform/providers/x").write_text("provider\n")
    return folder


def _without_hard_links(*_: object, **__: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_without_hard_links_the_state_is_copied_and_synced_to_disk(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "link", _without_hard_links)
    monkeypatch.setattr(
        os,
        "fsync",
        lambda descriptor: (synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name), fsync(descriptor)),
    )

    replace_module(module, OTHER)

    assert (module / STATE).read_text() == "{}\n"
    assert (module / ".terraform/providers/x").read_text() == "provider\n"
    assert {STATE, "x"} <= set(synced)


def test_a_kept_folder_keeps_its_mode(module: Path) -> None:
    (module / ".terraform").chmod(0o700)

    replace_module(module, OTHER)

    assert (module / ".terraform").stat().st_mode & 0o777 == 0o700


def test_a_kept_link_to_a_folder_stays_a_link(module: Path) -> None:
    # Terraform links modules of other folders, which may lead back to this one.
    (module / ".terraform/modules").symlink_to("..")

    replace_module(module, OTHER)

    assert (module / ".terraform/modules").is_symlink()


def test_the_new_folder_is_private_until_it_gets_the_mode_of_the_old_folder(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    new_file = folder_writer.open_new_file

    def noted(path: Path, content: bytes) -> int:
        modes.append(path.parent.stat().st_mode & 0o777)
        return new_file(path, content)

    monkeypatch.setattr(folder_writer, "open_new_file", noted)

    replace_module(module, OTHER)

    assert set(modes) == {0o700}


CHANGES: dict[str, Callable[[Path], object]] = {
    "as many bytes": lambda state: state.write_text("[]\n"),
    "another mode": lambda state: state.chmod(0o640),
    "another file": lambda state: state.replace(state.with_name("terraform.tfstate.backup")),
    "a link": lambda state: (state.unlink(), state.symlink_to("elsewhere")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("can_exchange", [True, False])
def test_concurrent_changes_are_kept(
    module: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object], can_exchange: bool
) -> None:
    exchange = folder_writer.exchange
    calls = []

    def changed_before(path: Path, other: Path) -> bool:
        if not calls:
            change(module / STATE)
        calls.append(path)
        return can_exchange and exchange(path, other)

    monkeypatch.setattr(folder_writer, "exchange", changed_before)
    with pytest.raises(ChangedError):
        replace_module(module, OTHER)

    assert (module / "main.tf").read_text() == FILES["main.tf"]
    assert list(module.parent.iterdir()) == [module]


def test_with_several_folders_of_killed_exports_none_is_chosen(tmp_path: Path) -> None:
    left = [tmp_path / f".m.taskrole-old-0000000{number}" for number in range(2)]
    for folder in left:
        folder.mkdir()
        (folder / STATE).write_text("{}\n")

    with pytest.raises(InputError) as refused:
        replace_module(tmp_path / "m", FILES)

    assert str(refused.value) == (
        f"{tmp_path}/m: is missing, and several folders may be its former content:"
        f" {left[0]}, {left[1]}; rename the right one"
    )
    assert all((folder / STATE).exists() for folder in left)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter and write to, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def test_a_leftover_with_an_inaccessible_folder_is_removed(open_folder: Path) -> None:
    own = os.geteuid()
    os.seteuid(65_534 if own == 0 else own)  # the superuser removes everything
    try:
        closed = open_folder / ".m.taskrole-new-0123abcd/modules"
        closed.mkdir(parents=True)
        (closed / "main.tf").touch()
        closed.chmod(0o500)

        replace_module(open_folder / "m", FILES)
    finally:
        os.seteuid(own)

    assert list(open_folder.iterdir()) == [open_folder / "m"]
