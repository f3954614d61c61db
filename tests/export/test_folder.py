"""Tests that a folder is replaced completely or not at all, without loss of files."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.export.folder import MANIFEST, EditedError, replace_module
from taskrole.files import ChangedError
from taskrole.files import folder as folder_writer

FILES = {"main.tf": "a = 1\nb = 2\n", "modules/s/main.tf": "c = 3\n"}
OTHER = {"main.tf.json": "{}\n"}


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def assert_untouched(around: Path, before: dict[str, str]) -> None:
    """Check that no file differs, and that no partial folder is left beside."""
    assert tree(around) == before
    assert [path.name for path in around.iterdir() if path.name.startswith(".")] == []


def test_a_new_folder_is_created_with_its_parents_and_a_manifest(tmp_path: Path) -> None:
    replace_module(tmp_path / "a/b/c", FILES)

    assert tree(tmp_path / "a/b/c") == FILES
    assert set(json.loads((tmp_path / "a/b/c" / MANIFEST).read_text())["files"]) == set(FILES)
    assert (tmp_path / "a/b/c").stat().st_mode & 0o777 == 0o777 & ~umask()


def umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_an_exported_folder_is_replaced_completely(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)

    replace_module(folder, OTHER)

    assert tree(folder) == OTHER
    assert list(tmp_path.iterdir()) == [folder]


def test_writing_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)
    manifest = (folder / MANIFEST).read_bytes()

    replace_module(folder, dict(reversed(FILES.items())))

    assert tree(folder) == FILES
    assert (folder / MANIFEST).read_bytes() == manifest


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir(mode=0o750)

    replace_module(tmp_path / "f", FILES)

    assert tree(tmp_path / "f") == FILES
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("written_before", [False, True])
def test_a_folder_with_other_files_is_unchanged(tmp_path: Path, written_before: bool) -> None:
    folder = tmp_path / "f"
    if written_before:
        replace_module(folder, FILES)
    for name in ("notes.md", "tests/unit.tftest.hcl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine\n")
    before = tree(tmp_path)

    with pytest.raises(InputError) as refused:
        replace_module(folder, OTHER)

    assert str(refused.value) == (
        f"{folder}: holds files that taskrole did not write: 'notes.md', 'tests/unit.tftest.hcl'; "
        "name another folder, or discard them: --force"
    )
    assert_untouched(tmp_path, before)


def test_force_removes_other_files(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f/notes.md").write_text("mine\n")

    replace_module(tmp_path / "f", FILES, force=True)

    assert tree(tmp_path / "f") == FILES


def test_an_edited_folder_is_refused_with_its_differences(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)
    (folder / "main.tf").write_text("a = 1\nb = \x1b[31m4\n")
    (folder / "modules/s/main.tf").unlink()
    before = tree(tmp_path)

    with pytest.raises(EditedError) as refused:
        replace_module(folder, {**FILES, "main.tf": "a = 1\nb = 3\n"})

    way_out = "since taskrole wrote it; name another folder, or discard it: --force"
    assert str(refused.value).splitlines() == [
        f"{folder}/main.tf: was changed {way_out}",
        f"{folder}/modules/s/main.tf: was removed {way_out}",
        "--- main.tf (there)",
        "+++ main.tf (export)",
        "@@ -1,2 +1,2 @@",
        " a = 1",
        r"-b = \x1b[31m4",
        "+b = 3",
    ]
    assert_untouched(tmp_path, before)


def test_a_long_difference_is_shortened(tmp_path: Path) -> None:
    replace_module(tmp_path / "f", FILES)
    (tmp_path / "f/main.tf").write_text("x\n" * 1000)

    with pytest.raises(EditedError) as refused:
        replace_module(tmp_path / "f", FILES)

    lines = str(refused.value).splitlines()
    assert len(lines) == 1 + 200 + 1
    assert lines[-1] == "and 805 more lines"


def test_a_link_in_place_of_a_file_is_an_edit_and_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)
    (tmp_path / "elsewhere").write_text(FILES["main.tf"])
    (folder / "main.tf").unlink()
    (folder / "main.tf").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(EditedError):
        replace_module(folder, FILES)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": [1]}', '{"files": {"main.tf": 3}}', "\x80"])
def test_with_an_unreadable_manifest_no_file_counts_as_exported(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)
    (folder / MANIFEST).write_text(text, encoding="latin-1")

    with pytest.raises((InputError, EditedError)):
        replace_module(folder, FILES)


def test_files_of_git_and_terraform_are_kept_even_with_force(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    replace_module(folder, FILES)
    kept = {
        ".git/HEAD": "ref\n",
        ".terraform.lock.hcl": "lock\n",
        ".terraform/providers/x": "provider\n",
        "terraform.tfstate": "{}\n",
        "terraform.tfstate.backup": "{}\n",
        "modules/s/.terraform.lock.hcl": "lock\n",
    }
    for name, text in kept.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".terraform/link").symlink_to("providers/x")

    replace_module(folder, FILES)
    assert tree(folder) == {**FILES, **kept, ".terraform/link": "provider\n"}

    replace_module(folder, OTHER, force=True)
    assert tree(folder) == {**OTHER, **kept, ".terraform/link": "provider\n"}
    assert (folder / ".terraform/link").is_symlink()


def test_a_link_to_a_folder_is_kept_and_its_target_replaced(tmp_path: Path) -> None:
    replace_module(tmp_path / "real", FILES)
    (tmp_path / "link").symlink_to("real")

    replace_module(tmp_path / "link", OTHER)

    assert (tmp_path / "link").is_symlink()
    assert tree(tmp_path / "real") == OTHER


@pytest.mark.parametrize("folder", [".", "..", "inner"])
def test_a_folder_with_the_working_folder_or_spared_files_is_refused(tmp_path: Path, monkeypatch, folder: str) -> None:
    (tmp_path / "work/inner").mkdir(parents=True)
    (tmp_path / "work/inner/roles.yaml").write_text("version: 1\n")
    monkeypatch.chdir(tmp_path / "work")
    before = tree(tmp_path)

    with pytest.raises(InputError, match=r"holds .*; name a folder for taskrole's files only"):
        replace_module(Path(folder), FILES, force=True, spared=[Path("inner/roles.yaml")])

    assert_untouched(tmp_path, before)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("file", "is a file; name a folder"),
        ("file/below", "lies below a file"),
        ("file/below/more", "lies below a file"),
        ("x" * 300, "cannot be written: File name too long"),
    ],
)
def test_a_path_that_cannot_be_a_folder_is_refused(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "file").write_text("mine\n")

    with pytest.raises(InputError) as refused:
        replace_module(tmp_path / path, FILES)

    assert str(refused.value) == f"{tmp_path / path}: {message}"
    assert_untouched(tmp_path, {"file": "mine\n"})


def test_a_folder_in_proc_is_refused(tmp_path: Path) -> None:
    # No user can write in /proc, not even the superuser.
    with pytest.raises(InputError, match=r"^/proc/self/export: cannot be written: "):
        replace_module(Path("/proc/self/export"), FILES)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_read_only_folder_is_refused(open_folder: Path) -> None:
    replace_module(open_folder / "closed/f", FILES)
    (open_folder / "closed").chmod(0o555)
    own = os.geteuid()
    if own == 0:
        os.seteuid(65_534)  # the superuser may write everywhere; this user may not
    try:
        for name in ("f", "g", "new/g"):
            with pytest.raises(InputError) as refused:
                replace_module(open_folder / "closed" / name, FILES)
            assert str(refused.value) == f"{open_folder}/closed/{name}: cannot be written: Permission denied"
    finally:
        os.seteuid(own)
        (open_folder / "closed").chmod(0o755)

    assert_untouched(open_folder / "closed", {f"f/{name}": text for name, text in FILES.items()})


FULL_DISK = """\
import sys
from pathlib import Path
from taskrole.errors import TaskroleError
from taskrole.export.folder import replace_module
try:
    replace_module(Path(sys.argv[1]), {"main.tf": "fits", "variables.tf": "x" * 100_000})
except TaskroleError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("place", ["f", "new/f"])
def test_on_a_full_disk_nothing_is_changed(tmp_path: Path, place: str) -> None:
    replace_module(tmp_path / "f", FILES)
    before = tree(tmp_path)

    # A limit on the size of files fails a write like a full disk.
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / place)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, f"{tmp_path / place}: cannot be written: File too large\n")
    assert_untouched(tmp_path, before)
    assert not (tmp_path / "new").exists()


def test_if_the_new_folder_cannot_be_moved_the_old_folder_is_restored(tmp_path: Path, monkeypatch) -> None:
    replace_module(tmp_path / "f", FILES)
    before = tree(tmp_path)
    rename = Path.rename
    calls = []

    def fails_once(self: Path, target: Path) -> Path:
        calls.append(self.name)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(folder_writer, "exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", fails_once)
    with pytest.raises(InputError, match="No space left on device"):
        replace_module(tmp_path / "f", OTHER)

    assert len(calls) == 3
    assert_untouched(tmp_path, before)


STATE = {"terraform.tfstate": "{}\n", ".terraform/providers/x": "provider\n"}


def with_state(folder: Path) -> None:
    replace_module(folder, FILES)
    for name, text in STATE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_file_saved_during_the_export_is_kept(tmp_path: Path, monkeypatch, can_exchange: bool) -> None:
    folder = tmp_path / "f"
    with_state(folder)
    exchange = folder_writer.exchange

    def saved_before(path: Path, other: Path) -> bool:
        (folder / "terraform.tfstate").write_text("newer\n") if folder.is_dir() and calls == [] else None
        calls.append(path)
        return can_exchange and exchange(path, other)

    calls: list[Path] = []
    monkeypatch.setattr(folder_writer, "exchange", saved_before)
    with pytest.raises(ChangedError, match="was changed meanwhile by another program; run the command again"):
        replace_module(folder, OTHER)

    assert_untouched(
        tmp_path, {f"f/{name}": text for name, text in {**FILES, **STATE, "terraform.tfstate": "newer\n"}.items()}
    )


@pytest.mark.parametrize("force", [True, False])
def test_a_folder_that_terraform_has_locked_is_unchanged(tmp_path: Path, force: bool) -> None:
    folder = tmp_path / "f"
    with_state(folder)
    (folder / ".terraform.tfstate.lock.info").write_text("{}\n")

    with pytest.raises(InputError) as refused:
        replace_module(folder, OTHER, force=force)

    message = "Terraform is running in this folder; wait for it, or remove this file"
    assert str(refused.value) == f"{folder}/.terraform.tfstate.lock.info: {message}"
    assert (folder / "main.tf").is_file()


@pytest.mark.parametrize("place", ["theirs", ".terraform/closed"])
@pytest.mark.parametrize("force", [True, False])
def test_a_folder_with_an_unreadable_part_is_refused(open_folder: Path, place: str, force: bool) -> None:
    own = os.geteuid()
    user = 65_534 if own == 0 else own  # the superuser reads everything
    open_folder.chmod(0o777)
    os.seteuid(user)
    closed = open_folder / "f" / place
    try:
        replace_module(open_folder / "f", FILES)
        closed.mkdir(parents=True)
        (closed / "notes.md").write_text("theirs\n")
        closed.chmod(0)
        with pytest.raises(InputError, match="cannot be written: Permission denied"):
            replace_module(open_folder / "f", OTHER, force=force)
    finally:
        os.seteuid(own)
        closed.chmod(0o755)

    assert_untouched(
        open_folder, {**{f"f/{name}": text for name, text in FILES.items()}, f"f/{place}/notes.md": "theirs\n"}
    )


LEFT = [".f.taskrole-old-0123abcd", ".f.old.abcd_123"]


@pytest.mark.parametrize("left", LEFT)
def test_a_folder_that_a_killed_export_moved_aside_is_restored(tmp_path: Path, left: str) -> None:
    with_state(tmp_path / "f")
    (tmp_path / "f").rename(tmp_path / left)
    (tmp_path / ".f.taskrole-new-0123abcd").mkdir()

    replace_module(tmp_path / "f", OTHER)

    assert tree(tmp_path / "f") == {**OTHER, **STATE}
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("left", [*LEFT, ".f.taskrole-new-0123abcd"])
@pytest.mark.parametrize("force", [True, False])
def test_the_only_copy_of_a_state_is_never_removed(tmp_path: Path, left: str, force: bool) -> None:
    replace_module(tmp_path / "f", FILES)
    (tmp_path / left).mkdir()
    (tmp_path / left / "terraform.tfstate").write_text("{}\n")
    before = tree(tmp_path)

    with pytest.raises(InputError) as refused:
        replace_module(tmp_path / "f", OTHER, force=force)

    assert str(refused.value) == (
        f"{tmp_path}/f: an interrupted export left terraform.tfstate in {tmp_path / left}; move it to {tmp_path}/f, "
        f"or remove {tmp_path / left}"
    )
    assert tree(tmp_path) == before


def test_other_leftovers_of_a_killed_export_are_removed(tmp_path: Path) -> None:
    with_state(tmp_path / "f")
    for name in (".f.taskrole-old-0123abcd", ".f.taskrole-new-0123abcd"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "terraform.tfstate").write_text("{}\n")
    (tmp_path / ".f2.taskrole-new-0123abcd").mkdir()

    replace_module(tmp_path / "f", OTHER)

    assert tree(tmp_path / "f") == {**OTHER, **STATE}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".f2.taskrole-new-0123abcd", "f"]


def test_files_and_folders_keep_their_modes_and_the_state_keeps_its_inode(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    with_state(folder)
    modes = {".": 0o750, "main.tf": 0o640, "modules": 0o700, "terraform.tfstate": 0o600}
    for name, mode in modes.items():
        (folder / name).chmod(mode)
    inode = (folder / "terraform.tfstate").stat().st_ino

    replace_module(folder, {**FILES, "main.tf": "new\n"})

    assert {name: (folder / name).stat().st_mode & 0o777 for name in modes} == modes
    assert (folder / "terraform.tfstate").stat().st_ino == inode


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").symlink_to("f")

    with pytest.raises(InputError, match=r"f: cannot be written: "):
        replace_module(tmp_path / "f", FILES)


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_link_or_pipe_in_place_of_a_file_is_refused_without_its_content(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "m"
    replace_module(target, {"main.tf": "text\n"})
    (tmp_path / "secret").write_text("hunter2\n")
    (target / "main.tf").unlink()
    if kind == "link":
        (target / "main.tf").symlink_to("../secret")
    else:
        os.mkfifo(target / "main.tf")

    with pytest.raises(EditedError) as refused:
        replace_module(target, {"main.tf": "text\n"})

    assert "hunter2" not in str(refused.value)
    assert ("-(a symbolic link to ../secret)" if kind == "link" else "-(cannot be read: it is a pipe)") in str(
        refused.value
    )


def test_a_manifest_that_is_a_pipe_does_not_block(tmp_path: Path) -> None:
    target = tmp_path / "m"
    target.mkdir()
    (target / "main.tf").touch()
    os.mkfifo(target / ".taskrole-export.json")

    with pytest.raises(InputError, match=r"holds files that taskrole did not write: 'main\.tf'"):
        replace_module(target, {"main.tf": "text\n"})
