"""Tests for all texts that each output format shows them without effect."""

from __future__ import annotations

import re
import sys
import unicodedata
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from markdown_it import MarkdownIt

from taskrole.errors import printable
from taskrole.output.escape import html, markdown, plain, sarif, words
from taskrole.output.json_text import json_text
from taskrole.review.render.markdown import comment_marker
from tests.amount import amount
from tests.review.render.nasty import texts

MARKDOWN = MarkdownIt("commonmark").enable("table")
# Text that GitHub turns into links, and text that starts markup.
ACTIVE = re.compile(r"[@#<>\[\]\\*_~`|&$]|https?:|www\.|\b[0-9a-f]{7,}\b|:\w+:|\w/\w|[A-Za-z]-[0-9]")
# The commands of a GitHub Actions runner; any other is text.
GITHUB = "debug|notice|warning|error|group|endgroup|add-mask|stop-commands|echo|save-state|set-output|set-env|add-path"
COMMAND = re.compile(rf"^\s*::({GITHUB})( .*?)?::|##\[|##(vso|teamcity)\[", re.IGNORECASE)


@given(texts)
def test_every_character_of_an_escaped_text_is_visible(text: str) -> None:
    escaped = plain.visible(text)

    assert escaped.isprintable()
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for character in escaped)


def test_every_control_format_and_surrogate_character_is_escaped() -> None:
    characters = "".join(map(chr, range(sys.maxunicode + 1)))
    dangerous = [character for character in characters if unicodedata.category(character) in ("Cc", "Cf", "Cs")]

    assert len(dangerous) > 2_000
    assert not [character for character in dangerous if character in printable(character)]


@given(texts)
def test_no_line_of_an_escaped_text_is_a_command(text: str) -> None:
    escaped = plain.visible(text)

    assert not any(COMMAND.search(escaped[start:]) for start in range(len(escaped)))


@given(texts)
def test_visible_text_is_unchanged(text: str) -> None:
    escaped = plain.visible(text)

    assert plain.visible(escaped) == escaped


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::111122223333:role/web",
        "arn:aws:s3:::error-pages/index.html",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "module.roles[\"eu\"].aws_iam_role.this[0]",
        "prod/café",
        "## not a command",
    ],
)  # fmt: skip
def test_harmless_text_is_unchanged(text: str) -> None:
    assert plain.visible(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb\ufe0f", r"a\u200bb\ufe0f"),
        ("a\r\n::error::b", r"a\r\n:\x3aerror::b"),
        ("::STOP-commands::token", r":\x3aSTOP-commands::token"),
        ("##[error]a", r"#\x23[error]a"),
        ("##vso[task.complete]", r"#\x23vso[task.complete]"),
    ],
)
def test_harmful_text_is_escaped(text: str, escaped: str) -> None:
    assert plain.visible(text) == escaped


def test_a_shortened_text_names_the_number_of_missing_characters() -> None:
    assert plain.cut("x" * 1_010, 10) == "xxxxxxxxxx… (+1,000 characters)"
    assert plain.cut("x" * 10, 10) == "x" * 10


@given(texts)
def test_words_and_code_alternate_without_loss(text: str) -> None:
    parts = list(words.spans(text))

    assert all(part.text for part in parts)
    assert all(left.is_code != right.is_code for left, right in pairwise(parts))
    assert _bare("".join(part.text for part in parts)) == _bare(plain.visible(text))


@pytest.mark.parametrize(
    ("sentence", "markdown_text"),
    [
        ("it names arn:aws:s3:::a:key::, which", "it names `arn:aws:s3:::a:key::`, which"),
        ("aws_iam_role.web: gone", "`aws_iam_role.web`: gone"),
        ("(see `a b`, c/d)", "(see `a b`, `c/d`)"),
        ("allows 23 actions, of 1,000", "allows 23 actions, of 1,000"),
        ("it's for the task-definition's role", "it's for the task-definition's role"),
        ("@octocat and #1", "`@octocat` and `#1`"),
    ],
)
def test_values_are_marked_as_code(sentence: str, markdown_text: str) -> None:
    assert markdown.prose(sentence) == markdown_text


@given(texts)
@example("1. one")
@example("1) one")
@example("- one")
@example("1.`a`")
@example("``a`` `b``c`")
@example("see 0123abc")
@example("see deadbeef-x, x-deadbeef and deadbeefcafeG")
@example("defaced")
def test_a_sentence_in_markdown_is_made_of_words_and_code(text: str) -> None:
    tokens = MARKDOWN.parse(f"- {markdown.prose(text)} end")

    assert [token.type for token in tokens] == [
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
    ]
    children = tokens[3].children or []
    assert {child.type for child in children} <= {"text", "code_inline"}
    assert not any(ACTIVE.search(child.content) for child in children if child.type == "text")


@given(texts, texts)
def test_values_stay_within_the_cells_of_a_markdown_table(left: str, right: str) -> None:
    table = f"| a | b |\n|---|---|\n| {markdown.code(left)} | {markdown.prose(right)} |"

    tokens = MARKDOWN.parse(table)

    cells = [tokens[index + 1] for index, token in enumerate(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    assert [child.type for child in cells[0].children or []] in ([], ["code_inline"])
    assert {child.type for child in cells[1].children or []} <= {"text", "code_inline"}
    assert tokens[-1].type == "table_close"


@given(texts)
def test_a_value_in_markdown_is_a_single_code_span(text: str) -> None:
    tokens = MARKDOWN.parse(f"x {markdown.code(text, 10_000)}")
    (inline,) = [token for token in tokens if token.type == "inline"]
    spans = [child.content for child in inline.children or [] if child.type == "code_inline"]

    escaped = plain.visible(text).replace("|", "\\x7c")
    assert [span.strip() for span in spans] == ([escaped.strip()] if text else [])


@given(texts)
@example("```\n# a")
@example("a\n`````\n<b>")
@example("~~~\n@a")
def test_no_text_closes_a_fence(text: str) -> None:
    tokens = MARKDOWN.parse(f"{markdown.fence(text, 'diff')}\n\nafter")

    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]


@given(texts)
def test_the_hidden_marker_is_a_single_comment(stack: str) -> None:
    inside = comment_marker(stack).removeprefix("<!--")

    assert re.fullmatch(r"[ -~]+", inside)
    assert not re.search("--|>|<", inside)


@given(texts, texts)
def test_a_text_in_html_is_read_back_unchanged(text: str, value: str) -> None:
    parsed = _Texts()
    parsed.feed(html.element("p", text, title=value))
    parsed.close()

    assert parsed.tags == ["p"]
    assert parsed.attributes == [("title", plain.visible(value))]
    assert parsed.text.rstrip("\n") == plain.visible(text)


@given(texts)
def test_a_sentence_in_html_is_made_of_words_and_code(text: str) -> None:
    parsed = _Texts()
    parsed.feed(html.prose(text))
    parsed.close()

    assert set(parsed.tags) <= {"code", "wbr"}
    assert not parsed.attributes


@pytest.mark.parametrize("source", ["a </style> b", "a </STYLE", "<!-- a"])
def test_a_style_with_an_end_tag_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="must not contain the end tag of"):
        html.asset("style", source)


@given(texts)
def test_json_is_printable_ascii_without_commands(text: str) -> None:
    escaped = json_text({"a": text})

    assert re.fullmatch(r"[\n -~]*", escaped)
    assert not any(COMMAND.search(line) for line in escaped.split("\n"))


@given(texts)
@settings(max_examples=amount(200))
def test_a_sarif_message_has_neither_links_nor_placeholders(text: str) -> None:
    escaped = sarif.sarif_message(text)

    assert "](" not in escaped
    assert not re.search(r"(?<!\{)\{\d+\}(?!\})", escaped)


@given(texts)
def test_a_relative_uri_stays_within_its_folder(text: str) -> None:
    uri = sarif.relative_uri(text)

    assert uri is None or re.fullmatch(r"(?!/)(?!.*//)[A-Za-z0-9._~%/-]+", uri)
    assert uri is None or not {"..", "."} & set(uri.split("/"))


class _Texts(HTMLParser):
    """The content of a page: tags, attributes, text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data) -> None:
        self.text += data

    def handle_comment(self, data) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_decl


def _bare(text: str) -> str:
    """Return a text without code markup, and with single spaces."""
    return re.sub(" +", " ", text.replace("`", ""))


@pytest.mark.parametrize("text", ["see www.\u2026 there", "(www.)", "WWW.x"])
def test_text_that_starts_like_a_url_is_code(text: str) -> None:
    assert re.search(r"(?<!`)www", markdown.prose(text), re.IGNORECASE) is None
