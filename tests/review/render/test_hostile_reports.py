"""Tests reports of hostile texts: no text takes effect in any output, by the parsers of the targets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, note, settings
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from taskrole.review.render import RENDERERS, RenderOptions
from taskrole.review.report import Report
from tests.amount import amount
from tests.output.test_escapes import ACTIVE, COMMAND
from tests.review.render.nasty import reports
from tests.review.render.reports import HOSTILE, OPTIONS, REPORTS
from tests.review.render.test_sarif import SCHEMA

SARIF = Draft4Validator(SCHEMA)
MARKDOWN = MarkdownIt("commonmark").enable("table")
# All the HTML that the Markdown layout writes, and all the tokens that it is made of.
OUR_HTML = {"<br>", "<details>", "</details>", "<summary>", "</summary>"}
OUR_LINKS = ("https://docs.example.com/", "https://ci.example.com/")
SECTIONS = {
    f"#{name}"
    for name in (
        "errors", "trust", "workloads", "access", "unknown-roles", "policies", "levels", "findings",
        "untouched-findings", "unresolved", "not-reviewed",
    )
}  # fmt: skip
OUR_INLINES = {
    "text", "code_inline", "softbreak", "html_inline", "strong_open", "strong_close", "em_open", "em_close",
    "link_open", "link_close",
}  # fmt: skip
OUR_BLOCKS = {
    "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close", "table_open", "table_close",
    "thead_open", "thead_close", "tbody_open", "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open",
    "td_close", "bullet_list_open", "bullet_list_close", "list_item_open",
    "list_item_close", "html_block", "fence", "hr",
}  # fmt: skip
OUR_TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1",
    "h2", "h3", "p", "span", "strong", "ul", "li", "main",
    "section", "article", "details", "summary", "pre", "code",
    "wbr", "div", "label", "select", "option", "input", "button",
    "output", "table", "thead", "tbody", "tr", "th", "td", "svg", "desc", "g", "text", "rect", "a", "footer", "script",
}  # fmt: skip
OUR_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class",
    "id", "role", "scope", "hidden", "type", "value", "for",
    "width", "height", "x", "y", "href",
    "rel", "tabindex", "autocomplete", "spellcheck", "aria-label", "aria-labelledby",
    "aria-live", "aria-hidden", "aria-describedby", "data-label", "data-role",
    "data-sign", "data-level", "data-filter", "data-reset", "data-shown", "data-table", "data-unit",
}  # fmt: skip


@given(reports)
@settings(max_examples=amount(100))
def test_no_text_of_a_report_takes_effect_in_an_output(report: Report) -> None:
    for output, check in CHECKS.items():
        note(output)
        check(RENDERERS[output](report, OPTIONS))


def test_all_outputs_are_tested_with_generated_reports() -> None:
    assert CHECKS.keys() == RENDERERS.keys()


@pytest.mark.parametrize("output", RENDERERS)
@pytest.mark.parametrize("report", [HOSTILE, REPORTS["broadening"]], ids=["hostile", "broadening"])
def test_hostile_options_have_no_effect(output: str, report: Report) -> None:
    evil = "a--> <b>`|\n\x1b[0m"
    options = RenderOptions(stack=evil, docs_url=f"javascript:{evil}", report_url=f"https://a.example/{evil}")

    text = RENDERERS[output](report, options)

    assert "\x1b" not in text
    assert "javascript:a--" not in text
    assert "<b>" not in re.sub("`+[^`]*`+", "", text) or output in ("terminal", "json", "sarif", "gitlab-codequality")
    assert "https://a.example" not in text


def assert_only_ours(text: str) -> None:
    tokens = MARKDOWN.parse(text)
    assert {token.type for token in tokens} <= OUR_BLOCKS
    for token in tokens:
        if token.type == "html_block":
            assert set(re.findall(r"<[^>]*>", token.content)) <= OUR_HTML
            assert not ACTIVE.search(re.sub(r"<[^>]*>", "", token.content))
        for child in token.children or []:
            assert child.type in OUR_INLINES
            if child.type == "html_inline":
                assert child.content in OUR_HTML
            elif child.type == "text":
                assert not ACTIVE.search(child.content), child.content
            elif child.type == "link_open":
                assert str(child.attrs["href"]).startswith(OUR_LINKS)


def assert_printable_lines(text: str) -> None:
    lines = text.split("\n")
    assert all(line.isprintable() for line in lines)
    assert not any(COMMAND.search(line) for line in lines)


def assert_only_ours_after_marker(text: str) -> None:
    marker, rest = text.split("\n", 1)
    assert re.fullmatch(r"<!-- taskrole:payments:v1 \{[^<>]*\} -->", marker)
    assert "--" not in marker.removeprefix("<!--").removesuffix("-->")
    assert_only_ours(rest)


def assert_only_our_tags(text: str) -> None:
    page = _Page()
    page.feed(text)
    page.close()
    assert set(page.tags) <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert page.tags["script"] == page.tags["style"] == 1
    assert all(link.startswith(OUR_LINKS) or link in SECTIONS for link in page.links)
    assert not page.open


def assert_only_our_elements(text: str) -> None:
    root = ET.fromstring(text)  # noqa: S314 - our own output
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out",
    }  # fmt: skip
    assert all(line.isprintable() for element in root.iter() for line in (element.text or "").split("\n"))


def assert_json_in_ascii(text: str) -> None:
    json.loads(text)
    assert re.fullmatch(r"[\n -~]*", text)
    assert not any(COMMAND.search(line) for line in text.split("\n"))


def assert_sarif(text: str) -> None:
    assert_json_in_ascii(text)
    SARIF.validate(json.loads(text))


class _Page(HTMLParser):
    """Tags, attributes and links of a page; elements that were not ended stay in `open`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in ("meta", "input", "wbr"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data) -> None:
        raise AssertionError(data)


CHECKS: Mapping[str, Callable[[str], None]] = {
    "terminal": assert_printable_lines,
    "markdown": assert_only_ours,
    "comment": assert_only_ours_after_marker,
    "html": assert_only_our_tags,
    "junit": assert_only_our_elements,
    "json": assert_json_in_ascii,
    "sarif": assert_sarif,
    "gitlab-codequality": assert_json_in_ascii,
    "gitlab-terraform": assert_json_in_ascii,
}
