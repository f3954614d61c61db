"""Tests the order of the packages (tools/rooms.py), and that there are no circular imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.imports import Imports, circle, read_imports
from tools.rooms import ROOMS, room_graph, room_of


@pytest.fixture(scope="module")
def imports() -> dict[str, Imports]:
    return read_imports()


def test_every_file_is_in_a_room_and_every_room_has_files(imports: dict[str, Imports]) -> None:
    assert {room_of(module) for module in imports} == {room.name for room in ROOMS}


@pytest.mark.parametrize("number", range(len(ROOMS)), ids=[room.name for room in ROOMS])
def test_a_room_imports_only_rooms_above_it(number: int, imports: dict[str, Imports]) -> None:
    above = {room.name for room in ROOMS[:number]}

    assert room_graph(imports)[ROOMS[number].name] - above == set()


def test_no_files_import_each_other_in_a_circle_even_by_late_imports(imports: dict[str, Imports]) -> None:
    assert circle({name: of_module.all for name, of_module in imports.items()}) == []


def test_every_kind_of_import_is_read(tmp_path: Path) -> None:
    package = tmp_path / "taskrole"
    (package / "room").mkdir(parents=True)
    (package / "__init__.py").write_text("from taskrole.room import user\n")
    for name in ("aliased", "plain", "late", "later", "typed", "near", "tried", "matched"):
        (package / f"room/{name}.py").write_text("")
    (package / "room/__init__.py").write_text("NAME = 1\n")
    (package / "room/user.py").write_text(
        "import taskrole.room.plain\nfrom taskrole.room import aliased as other, NAME\nfrom .near import x\n"
        "if TYPE_CHECKING:\n    from taskrole.room.typed import X\n"
        "def use():\n    from taskrole.room.late import y\n"
        "try:\n    pass\nexcept ImportError:\n    import taskrole.room.tried\n"
        "match x:\n    case 1:\n        import taskrole.room.matched\n"
        "class C:\n    async def use(self):\n        if x:\n            from . import later\n"
    )

    imports = read_imports(tmp_path)

    loaded = {
        "taskrole.room",
        *(f"taskrole.room.{name}" for name in ("aliased", "plain", "near", "typed", "tried", "matched")),
    }
    assert imports["taskrole.room.user"].loaded == loaded
    assert imports["taskrole.room.user"].in_functions == {"taskrole.room.late", "taskrole.room.later"}
    assert imports["taskrole"].all == set()


def test_a_circle_is_detected() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})[0] in "abc"
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
