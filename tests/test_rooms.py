"""The order of the rooms (tools/rooms.py), and that neither rooms nor files import each other in circles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.imports import circle, read_imports
from tools.rooms import ROOMS, room_graph, room_of

IMPORTS = read_imports()
# The rules are made from the features, whose functions look the rules up when they make grants.
LATE_CIRCLE = {
    f"taskrole.taskdef.{name}" for name in ("feature_results", "feature_rules", "feature", "features.registry")
}


def test_every_file_is_in_a_room_and_every_room_has_files() -> None:
    assert {room_of(module) for module in IMPORTS} == {room.name for room in ROOMS}


@pytest.mark.parametrize("number", range(len(ROOMS)), ids=[room.name for room in ROOMS])
def test_a_room_imports_only_rooms_above_it(number: int) -> None:
    above = {room.name for room in ROOMS[:number]}

    assert room_graph(IMPORTS)[ROOMS[number].name] - above == set()


def test_no_files_import_each_other_in_a_circle() -> None:
    assert circle({name: imports.loaded for name, imports in IMPORTS.items()}) == []


def test_no_files_import_each_other_in_a_circle_by_imports_inside_functions() -> None:
    graph = {name: imports.all - LATE_CIRCLE for name, imports in IMPORTS.items()}

    assert circle(graph) == []


def test_the_late_circle_is_still_there() -> None:
    graph = {name: IMPORTS[name].all & LATE_CIRCLE for name in LATE_CIRCLE}

    assert set(circle(graph)) == LATE_CIRCLE


def test_imports_are_read_of_every_kind(tmp_path: Path) -> None:
    package = tmp_path / "taskrole"
    (package / "room").mkdir(parents=True)
    (package / "__init__.py").write_text("from taskrole.room import user\n")
    for name in ("aliased", "plain", "late", "typed", "near"):
        (package / f"room/{name}.py").write_text("")
    (package / "room/__init__.py").write_text("NAME = 1\n")
    (package / "room/user.py").write_text(
        "import taskrole.room.plain\nfrom taskrole.room import aliased as other, NAME\nfrom .near import x\n"
        "if TYPE_CHECKING:\n    from taskrole.room.typed import X\n"
        "def use():\n    from taskrole.room.late import y\n"
    )

    imports = read_imports(tmp_path)

    loaded = {"taskrole.room", *(f"taskrole.room.{name}" for name in ("aliased", "plain", "near", "typed"))}
    assert imports["taskrole.room.user"].loaded == loaded
    assert imports["taskrole.room.user"].in_functions == {"taskrole.room.late"}
    assert imports["taskrole"].all == set()


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})[0] in "abc"
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
