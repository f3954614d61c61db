"""Compares every report in every format with the expected output."""

from __future__ import annotations

import subprocess
import sys

import pytest

from taskrole.review.render import RENDERERS
from tests.expected_files import EXPECTED, assert_expected
from tests.review.render.reports import OPTIONS, QUIET, REPORTS

SUFFIXES = {
    "terminal": "txt",
    "markdown": "md",
    "comment": "comment.md",
    "json": "json",
    "sarif": "sarif",
    "junit": "xml",
    "gitlab-terraform": "gitlab-terraform.json",
    "gitlab-codequality": "gitlab-codequality.json",
    "html": "html",
}
# Style and script are the same in all pages, and compared in a single page.
PAGES = ("broadening", "hostile")
CASES = [(name, output) for name in (*REPORTS, *QUIET) for output in SUFFIXES if output != "html" or name in PAGES]


@pytest.mark.parametrize(("name", "output"), CASES)
def test_a_report_is_rendered_as_expected(name: str, output: str) -> None:
    report = {**REPORTS, **QUIET}[name]

    text = RENDERERS[output](report, OPTIONS)

    assert_expected(f"render/{name}.{SUFFIXES[output]}", text)


def test_every_expected_output_has_a_report() -> None:
    committed = {path.name for path in (EXPECTED / "render").iterdir()}
    assert committed == {f"{name}.{SUFFIXES[output]}" for name, output in CASES}


def test_every_renderer_has_expected_outputs() -> None:
    assert set(RENDERERS) == set(SUFFIXES)


@pytest.mark.parametrize("output", SUFFIXES)
def test_a_report_is_rendered_to_the_same_bytes_twice(output: str) -> None:
    report = REPORTS["broadening"]

    assert RENDERERS[output](report, OPTIONS).encode() == RENDERERS[output](report, OPTIONS).encode()


@pytest.mark.parametrize("output", SUFFIXES)
def test_every_output_is_complete_lines_of_utf_8(output: str) -> None:
    text = RENDERERS[output](REPORTS["hostile"], OPTIONS)

    assert text.encode("utf-8").endswith(b"\n")
    assert "\r" not in text


@pytest.mark.parametrize(
    ("name", "line"), [("no-change", "No change to what any role may do"), ("neutral", "same effect")]
)
@pytest.mark.parametrize("output", ["terminal", "markdown"])
def test_a_review_without_changes_is_a_single_line(name: str, line: str, output: str) -> None:
    text = RENDERERS[output](QUIET[name], OPTIONS)

    assert text.count("\n") == 1
    assert line in text


def test_a_renderer_imports_only_its_own_modules() -> None:
    """Text imports neither XML nor the HTML page, and the names of formats import no renderer."""
    program = """
import sys
from taskrole.review.render import RENDERERS
list(RENDERERS)
renderers = {name for name in sys.modules if name.startswith("taskrole.review.render.")}
assert renderers == set(), renderers
RENDERERS["terminal"]
heavy = {"xml.etree.ElementTree", "html", "rich", "taskrole.review.render.sarif", "taskrole.review.render.html"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
