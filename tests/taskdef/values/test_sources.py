"""Tests values from files and texts: the supported forms, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from taskrole.errors import InputError
from taskrole.taskdef.values.sources import read_values

YAML = "A: a\nnested: {b: c}\n'<D>': d\nnumber: 3\nflag: true\nempty: ''\nopen:\n"
VALUES = {"A": "a", "nested.b": "c", "D": "d", "number": "3", "flag": "true", "empty": ""}


def write(tmp_path: Path, content: str | bytes) -> str:
    file = tmp_path / "values"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(file)


def refused(*files: str, **sources: list[str]) -> list[str]:
    with pytest.raises(InputError) as error:
        read_values(files, sources.get("set", []), sources.get("image", []))
    return [f"{problem.place.line}:{problem.place.path}: {problem.message}" for problem in error.value.problems]


@pytest.mark.parametrize(
    "content",
    [
        YAML,
        '{"A": "a", "nested": {"b": "c"}, "${D}": "d", "number": 3, "flag": true, "empty": "", "open": null}',
        '\t{\n\t"A": "a", "nested.b": "c", "D": "d", "number": 3, "flag": true, "empty": ""}',
        "# values\nexport A=a\nnested.b='c'\n D = \"d\" # why\nnumber=3 # three\nflag=true\n\nempty=\n",
    ],
)
def test_yaml_json_and_dotenv_are_read_by_content(tmp_path: Path, content: str) -> None:
    assert read_values([write(tmp_path, content)]).by_name == VALUES


def test_dotenv_has_quotes_escapes_and_comments(tmp_path: Path) -> None:
    file = write(tmp_path, 'A="x\\"y\\n#z"\nB=\'x\\n\'\nC=x#y\nD=x=y\n')

    assert read_values([file]).by_name == {"A": 'x"y\n#z', "B": "x\\n", "C": "x#y", "D": "x=y"}


def test_a_later_source_overrides_and_the_command_line_overrides_files(tmp_path: Path) -> None:
    file = write(tmp_path, "A: file\nB: file\nC: file\n")

    values = read_values(["env", file], ["B=given"], environment={"A": "env", "E": "env"})

    assert values.by_name == {"A": "file", "B": "given", "C": "file", "E": "env"}
    assert values.origins["B"] == "--set B"
    assert values.origins["A"].endswith("values:1:1")


def test_a_name_may_be_written_in_its_style() -> None:
    assert read_values(settings=["<IMAGE1_NAME>=x", "${B}=a=b"]).by_name == {"IMAGE1_NAME": "x", "B": "a=b"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("A: a\nA: b\n", "2:: duplicate key 'A', first in line 1"),
        ("A=a\nA=b\n", "2:A: is a duplicate of line 1; remove one"),
        ('{"A": 1, "A": 2}', "0:: must have each key once in an object; got 'A' twice"),
        ("a.b: x\na: {b: y}\n", "2:a.b: is also given as 'a.b'; remove one"),
        ("A: x\n'<A>': y\n", "2:<A>: is also given as 'A'; remove one"),
        ("ACCOUNT: 012345678901\n", '1:ACCOUNT: must be text; write it in quotes: "012345678901"'),
        ("VERSION: 1.10\n", '1:VERSION: must be text; write it in quotes: "1.10"'),
        ("<<: {A: a}\n", "1:: merge keys (<<) are not read; write each value"),
        ("A: [a]\n", "1:A: must be text; it is a list"),
        ("A: ${B}\n", "1:A: must be a value without placeholders; it holds '${B}'"),
        ("A: TODO\n", "1:A: must be a value without placeholders; it holds 'TODO'"),
        ("A='x\n", "1:A: begins with a quote that does not end on the line"),
        ("A=x\nwhat\n", "2:: must be NAME=VALUE, a comment or an empty line"),
        ("", "1:: must be a mapping of names to values; it is empty"),
        ("- a\n", "1:: must be a mapping of names to values; it is not one"),
        ("word", "1:: must be a mapping of names to values; it is not one"),
        (b"\0\1", "0:: must be a text of values, YAML, JSON or dotenv; it is binary"),
        (b"A=\xff", "1:: must be UTF-8 text; byte 2 is not"),
        (b"A: " + b"x" * (5 << 20), "0:: must be at most 5 MiB; split it into several files"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert refused(write(tmp_path, content)) == [message]


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    assert refused(str(tmp_path)) == ["0:: cannot be read: Is a directory"]
    assert refused(str(tmp_path / "none")) == ["0:: no such file; name another with --values"]


def test_bad_texts_are_refused_without_quoting_a_possible_secret() -> None:
    assert refused(set=["hunter2"]) == ["0:: must be NAME=VALUE; it has no ="]
    assert refused(set=["=hunter2"]) == ["0:: must be NAME=VALUE; it has no name"]
    assert refused(set=["A=a", "A=b"]) == ["0:A: is set twice with different values; remove one"]
    assert refused(set=["A=<b>"]) == ["0:A: must be a value without placeholders; it holds '<b>'"]
    assert refused(image=["web="]) == ["0:web: must have an image after the ="]
    assert refused(image=["web=${X}/app"]) == ["0:web: must be a value without placeholders; it holds '${X}'"]


def test_the_environment_is_read_only_if_requested() -> None:
    assert read_values(environment={"A": "env"}).by_name == {}
