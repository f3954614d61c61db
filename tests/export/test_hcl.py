"""Tests the writer of HCL: the layout of `terraform fmt`, and text that is read back unchanged."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrole.export.hcl import hcl, hcl_text
from taskrole.export.terms import Attribute, Block, Expression, FunctionCall, Noted, TextTemplate, Word
from tests.amount import amount
from tests.export.reading import read_hcl

LAYOUTS = {
    "single lines are aligned": (
        [Attribute("a", 1), Attribute("longer", "x"), Attribute("yes", value=True), Attribute("no", None)],
        """\
        a      = 1
        longer = "x"
        yes    = true
        no     = null
        """,
    ),
    "several lines stand apart and break the alignment": (
        [Attribute("a", 1), Attribute("longer", {"x": 1, "y:z": 2}), Attribute("bb", 3), Attribute("c", 4)],
        """\
        a = 1

        longer = {
          x     = 1
          "y:z" = 2
        }

        bb = 3
        c  = 4
        """,
    ),
    "a value of several lines in an object breaks the alignment": (
        [Attribute("a", {"k": 1, "list": ["x", "y"], "long": 2, "m": 3})],
        """\
        a = {
          k = 1
          list = [
            "x",
            "y",
          ]
          long = 2
          m    = 3
        }
        """,
    ),
    "short and empty": (
        [Attribute("a", []), Attribute("b", {}), Attribute("c", [Word("x.y")]), Attribute("d", [{"k": []}])],
        """\
        a = []
        b = {}
        c = [x.y]

        d = [
          {
            k = []
          },
        ]
        """,
    ),
    "blocks stand apart": (
        [Attribute("a", 1), Block("b", (), (Attribute("c", 2),)), Block("d", ("e",), ())],
        """\
        a = 1

        b {
          c = 2
        }

        d "e" {}
        """,
    ),
    "comments": (
        [Attribute("a", [Noted({"x": 1}, "t", ("one", "two\nlines")), 2]), Attribute("b", 1, ("on b",))],
        """\
        a = [
          # one
          # two\\nlines
          {
            x = 1
          },
          2,
        ]

        # on b
        b = 1
        """,
    ),
    "calls and templates": (
        [
            Attribute("a", FunctionCall("merge", ({"k": "v"}, Expression("var.x")))),
            Attribute("b", TextTemplate(("arn:", Expression("var.p"), ":${x}"))),
            Attribute("c", TextTemplate(("a$$", Expression("var.p"), "$%", Expression("var.q"), "$"))),
        ],
        """\
        a = merge({
          k = "v"
        }, var.x)

        b = "arn:${var.p}:$${x}"
        c = "a${"$$"}${var.p}$%${var.q}$"
        """,
    ),
    "keys that are words of the language are quoted": (
        [Attribute("a", {"for": 1, "null": 2, "0": 3, "a-b": 4, "é": 5})],
        """\
        a = {
          "for"  = 1
          "null" = 2
          "0"    = 3
          a-b    = 4
          "é"    = 5
        }
        """,
    ),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_a_body_is_laid_out_as_terraform_fmt_has_it(case: str) -> None:
    body, expected = LAYOUTS[case]

    text = hcl([Block("block", ("one", 'two"'), tuple(body), ("comment",))])

    inner = textwrap.indent(textwrap.dedent(expected), "  ")
    assert text == f'# comment\nblock "one" "two\\"" {{\n{inner}}}\n'
    assert read_hcl(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ('a "b" \\c', '"a \\"b\\" \\\\c"'),
        ("${x} $${y} %{z} $ % $x", '"$${x} $$${y} %%{z} $ % $x"'),
        ("a\nEOF\r\tb", '"a\\nEOF\\r\\tb"'),
        ("\x00\x7f\u202e\U000e0001", '"\\u0000\\u007f\\u202e\\U000e0001"'),
        ("é 漢", '"é 漢"'),
    ],
)
def test_no_part_of_a_quoted_text_is_evaluated(text: str, written: str) -> None:
    assert hcl_text(text) == written


TEXTS = st.text(
    st.one_of(st.sampled_from('${}%"\\\n\r\t#/*= abEOF'), st.characters(exclude_categories=("Cs",))), max_size=30
)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 10**6), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=amount(60))
@given(VALUES)
def test_every_value_is_read_back(value: object) -> None:
    text = hcl([Block("locals", (), (Attribute("value", value),))])

    (local_values,) = read_hcl(text)["locals"]

    assert local_values == {"value": value}
