"""Tests that certain words are in no docstring, comment, message, help text or name; see CONTRIBUTING.md."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.write_docs import DOCS

ROOT = Path(__file__).parent.parent

# The folders and modules that are checked: all code of the project.
CLEAN = ("bench", "main.py", "stacks", "taskrole", "taskrole_cdktf", "tests", "tools")

# This module quotes the words.
QUOTING = "tests/test_vocabulary.py"

# In comments, docstrings and messages: what not to write, and what to write instead.
WORDS = {
    r"\btell whether\b": "return whether, report whether",
    r"\b(?:be|is|are) told\b": "reported, known",
    r"\bheld against\b": "compared with",
    r"\bway out\b": "fix",
    r"\bnobody\b": "what is not done, or by whom: no user, no other process",
    r"\banew\b": "again",
    r"\bmends?\b": "fix",
    r"\bsays otherwise\b": "is out of date",
    r"\bword for word\b": "verbatim, unchanged",
    r"\bOnly now\b": "Imported late",
    r"\bmay (?:not )?assume\b": "can assume, cannot assume",
    r"\beverybody but\b": "everyone except",
    r"\bpassed over\b": "skipped, ignored",
    r"\bone a line\b": "one per line",
    r"\bhangs? on\b": "depend on",
    r"(?<!there )\bis no (?:JSON|plan|text|number|list|file|document)\b": "is not a",
}

# In names of tests, with spaces for underscores: a test is named by the behaviour that it checks.
TEST_NAMES = {
    r"^what\b": "the thing that is meant: a value, a file, a change",
    r"\btold\b": "reported",
    r"\b(?:any|some|no)body\b": "the principal, user or process",
    r"\banew\b": "again",
    r"\bstands?\b": "is",
    r"\bjudged?\b": "evaluated, compared",
    r"\bword for word\b": "verbatim",
    r"\bas (?:it is|they are)\b": "unchanged",
    r"\b(?:is|are) one line\b": "is an error in one line",
}

# Names of variables and parameters: name what they hold.
NAMES = frozenset(("one", "found", "told", "said", "shown", "whose", "meaning", "meant", "put"))

# Most modules match neither, and are not taken apart.
# One boundary for all words, in lower case: with a boundary each, searching takes ten times as long.
ANY_WORD = re.compile(r"\b(?:" + "|".join(word.removeprefix(r"\b") for word in WORDS).lower() + ")")
ANY_NAME = re.compile(rf"\b(?:{'|'.join(sorted(NAMES))})\b(?=\s*(?:[=,):]|in\b))")


def modules() -> list[Path]:
    paths = [ROOT / name for name in CLEAN]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [file for file in files if file.relative_to(ROOT).as_posix() != QUOTING]


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each comment and string."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING) or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
            yield token.start[0], token.string


def names(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each variable and parameter; fields of classes are part of an interface."""
    tree = ast.parse(source)
    fields = {
        id(node.target)
        for kind in ast.walk(tree)
        if isinstance(kind, ast.ClassDef)
        for node in kind.body
        if isinstance(node, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields:
            yield node.lineno, node.id


def names_of_tests(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the name of each test, with spaces for underscores."""
    for line, text in enumerate(source.splitlines(), 1):
        match = re.match(r"\s*(?:async )?def test_(\w+)", text)
        if match:
            yield line, match[1].replace("_", " ")


def wrong_words(source: str) -> Iterator[str]:
    for line, text in texts(source) if ANY_WORD.search(source.lower()) else ():
        for pattern, instead in WORDS.items():
            match = re.search(pattern, text, re.IGNORECASE)
            if match:
                yield f"{line}: {match.group()!r}; write: {instead}"
    for line, name in names_of_tests(source):
        for pattern, instead in TEST_NAMES.items():
            match = re.search(pattern, name)
            if match:
                yield f"{line}: a test named {match.group()!r}; write: {instead}"
    for line, name in names(source) if ANY_NAME.search(source) else ():
        if name in NAMES:
            yield f"{line}: a variable {name!r}; name what it holds"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('"""Tell whether a file is there."""', "1: 'Tell whether'; write: return whether, report whether"),
        ("x = f'{x} says otherwise'", "1: 'says otherwise'; write: is out of date"),
        ("# nobody reads it", "1: 'nobody'; write: what is not done, or by whom: no user, no other process"),
        ("y = [one for one in x]", "1: a variable 'one'; name what it holds"),
        ("def f(found): ...", "1: a variable 'found'; name what it holds"),
        ("def test_a_change_is_told(): ...", "1: a test named 'told'; write: reported"),
    ],
    ids=["a docstring", "a message", "a comment", "a loop", "a parameter", "a test"],
)
def test_a_word_or_name_that_must_not_come_back_is_a_problem(source: str, problem: str) -> None:
    assert list(wrong_words(source)) == [problem]


def pages() -> list[Path]:
    """Return the pages and CI files that people write; tools write the others."""
    written = set(DOCS)
    docs = (path for path in (ROOT / "docs").rglob("*") if path.suffix in (".md", ".yml", ".yaml", ".sh"))
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "action.yml")),
        *sorted(path for path in docs if path not in written),
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_pages_stay_clean(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert [word for pattern in WORDS for word in re.findall(pattern, text, re.IGNORECASE)] == []


def test_clean_folders_stay_clean() -> None:
    problems = [
        f"{module.relative_to(ROOT).as_posix()}:{problem}"
        for module in modules()
        for problem in wrong_words(module.read_text(encoding="utf-8"))
    ]

    assert problems == []
