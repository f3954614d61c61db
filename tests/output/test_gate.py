"""Tests the gate of output: what it escapes and keeps, and that all printing passes it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskrole.output.json_text import json_text
from taskrole.output.visible import gated, without_commands

ROOT = Path(__file__).parent.parent.parent

ESCAPED = {
    "a GitHub command": ("::set-output name=a::b", r":\x3aset-output name=a::b"),
    "a command behind white space": ("a\n \t::error::x", "a\n \\t::error::x"),
    "a command behind spaces": ("a\n  ::error::x", "a\n  :\\x3aerror::x"),
    "an older GitHub or Azure command": ("x ##[error]y", r"x #\x23[error]y"),
    "an Azure command": ("##VSO[task.setvariable]x", r"#\x23VSO[task.setvariable]x"),
    "a TeamCity message": ("##teamcity[x]", r"#\x23teamcity[x]"),
    "a GitLab section": (" section_start:1:x\r\x1b[0K", r" section\x5fstart:1:x\r\x1b[0K"),
    "a colour": ("\x1b[31mred", r"\x1b[31mred"),
    "line separators": ("a\rb\x85c\u2028d", r"a\rb\x85c\u2028d"),
    "text from right to left": ("\u202eabc", r"\u202eabc"),
}


@pytest.mark.parametrize(("text", "printed"), ESCAPED.values(), ids=ESCAPED)
def test_commands_and_control_characters_are_escaped(text: str, printed: str) -> None:
    assert gated(text) == printed


@pytest.mark.parametrize(
    "text", ["arn:aws:iam::111122223333:role/x", "a :: b", "# note", "é 日本 → …", "## Heading [x]", ""]
)
def test_ordinary_lines_are_unchanged(text: str) -> None:
    assert gated(f"{text}\n") == f"{text}\n"


def test_own_colours_are_kept_and_start_no_command() -> None:
    assert gated("\x1b[1m\x1b[31mred\x1b[0m", is_styled=True) == "\x1b[1m\x1b[31mred\x1b[0m"
    assert gated("\x1b[31m ::error::x\x1b[2J", is_styled=True) == "\x1b[31m :\\x3aerror::x\\x1b[2J"


def test_json_has_the_same_value_after_the_gate() -> None:
    data = {"##vso[x]": "##[group]\n::error::x", "section_start:1:": "\u2028\x1b####["}

    text = json_text(data)

    assert gated(text) == text
    assert json.loads(text) == data
    assert "##" not in text


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_numbers_that_json_lacks_are_never_written(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_text({"a": number})


def test_a_command_in_markup_is_shown_and_not_started() -> None:
    assert without_commands("a\n ::error::x\n##[x]\n## Heading") == "a\n &#58;:error::x\n&#35;#[x]\n## Heading"


# The servers of the embedded AWS and Terraform write to their own streams.
PRINTS = {"click.echo", "click.secho", "click.echo_via_pager", "print", "sys.stdout.write", "sys.stderr.write"}


def prints_past_the_gate(source: str) -> Iterator[str]:
    """Yield the calls of a module that print, or create a console of rich."""
    # Other modules, most of them, are not parsed.
    if not re.search(r"\b(?:s?echo|echo_via_pager|print\w*|rprint|write|Console)\b", source):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in PRINTS or name.split(".")[-1] in ("Console", "rprint") or name.startswith("rich.print"):
                yield f"{node.lineno}: {name}"


def test_only_the_gate_prints() -> None:
    own = ROOT / "taskrole/output"

    past = {
        str(path.relative_to(ROOT)): calls
        for path in (ROOT / "taskrole").rglob("*.py")
        if own not in path.parents and (calls := list(prints_past_the_gate(path.read_text("utf-8"))))
    }

    assert past == {}


def test_the_app_prints_only_through_the_gate() -> None:
    source = (ROOT / "main.py").read_text("utf-8")

    assert source.count("print(") == source.count("print(gated(")


@pytest.mark.parametrize(
    "source", ["click.echo('x')", "import sys\nsys.stderr.write(x)", "print(x)", "Console().print(x)", "rich.print(x)"]
)
def test_a_print_that_bypasses_the_gate_is_detected(source: str) -> None:
    assert list(prints_past_the_gate(source))


@pytest.mark.parametrize("signs", [1, 63, 64, 65, 200])
def test_two_signs_are_seen_behind_many_single_ones(signs: int) -> None:
    singles = "#a" * signs

    assert json.loads(json_text(singles)) == singles
    assert "#\\u0023" not in json_text(singles)
    assert "##" not in json_text(f"{singles}##[group]")
    assert json.loads(json_text(f"{singles}##[group]")) == f"{singles}##[group]"
