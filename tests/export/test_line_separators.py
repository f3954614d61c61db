"""Tests texts with line separators in Terraform's JSON syntax."""

from __future__ import annotations

import json

import pytest

from taskrole.export.terms import Attribute, Block
from taskrole.export.terraform_json import terraform_json


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\u202e", "\x7f"])
def test_an_unusual_line_separator_is_escaped_and_read_back(character: str) -> None:
    text = terraform_json([Block("output", ("x",), (Attribute("description", f"é{character}b"),))])

    assert character not in text
    assert "é" in text
    assert json.loads(text)["output"]["x"]["description"] == f"é{character}b"


def test_a_number_that_json_lacks_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        terraform_json([Block("output", ("x",), (Attribute("value", float("inf")),))])
