"""Tests reports of hostile texts: no text takes effect in any output, by the parsers of the targets."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from taskrole.review.render import RENDERERS, RenderOptions
from taskrole.review.report import Report
from tests.output.test_escapes import ACTIVE, COMMAND
from tests.review.render.nasty import reports
from tests.review.render.reports import HOSTILE, OPTIONS, REPORTS
from tests.review.render.test_sarif import SCHEMA

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

few = settings(max_examples=12, deadline=None)


@given(reports)
@few
def test_the_terminal_gets_printable_lines_without_control_sequences(report: Report) -> None:
    lines = RENDERERS["terminal"](report, OPTIONS).split("\n")

    assert all(line.isprintable() for line in lines)
    assert not any(COMMAND.search(line) for line in lines)


@given(reports)
@few
def test_markdown_contains_only_markup_of_the_renderer(report: Report) -> None:
    assert_only_ours(RENDERERS["markdown"](report, OPTIONS))


@given(reports)
@few
def test_a_comment_contains_only_markup_of_the_renderer_after_its_marker(report: Report) -> None:
    marker, rest = RENDERERS["comment"](report, OPTIONS).split("\n", 1)

    assert re.fullmatch(r"<!-- taskrole:payments:v1 \{[^<>]*\} -->", marker)
    assert "--" not in marker.removeprefix("<!--").removesuffix("-->")
    assert_only_ours(rest)


@given(reports)
@few
def test_html_contains_only_tags_and_attributes_of_the_renderer(report: Report) -> None:
    page = _Page()
    page.feed(RENDERERS["html"](report, OPTIONS))
    page.close()

    assert set(page.tags) <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert page.tags["script"] == page.tags["style"] == 1
    assert all(link.startswith(OUR_LINKS) or link in SECTIONS for link in page.links)
    assert not page.open


@given(reports)
@few
def test_junit_contains_only_its_own_elements(report: Report) -> None:
    root = ET.fromstring(RENDERERS["junit"](report, OPTIONS))  # noqa: S314 - our own output

    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out",
    }  # fmt: skip
    assert all(line.isprintable() for element in root.iter() for line in (element.text or "").split("\n"))


@given(reports)
@few
@pytest.mark.parametrize("output", ["json", "sarif", "gitlab-codequality", "gitlab-terraform"])
def test_json_outputs_are_printable_ascii(output: str, report: Report) -> None:
    text = RENDERERS[output](report, OPTIONS)

    json.loads(text)
    assert re.fullmatch(r"[\n -~]*", text)
    assert not any(COMMAND.search(line) for line in text.split("\n"))


@given(reports)
@settings(max_examples=10, deadline=None)
def test_sarif_of_any_report_is_valid(report: Report) -> None:
    Draft4Validator(SCHEMA).validate(json.loads(RENDERERS["sarif"](report, OPTIONS)))


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
