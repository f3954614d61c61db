"""Tests that the real terraform reads literal text unchanged."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from taskrole.errors import TaskroleError
from taskrole_cdktf.literals import literal, literals


def every_text(characters: str, longest: int) -> list[str]:
    lengths = range(1, longest + 1)
    return ["".join(letters) for length in lengths for letters in itertools.product(characters, repeat=length)]


def through_terraform(texts: list[str], folder: Path) -> list[str]:
    # A single output for all: each output takes Terraform longer than its text.
    (folder / "cdk.tf.json").write_text(json.dumps({"output": {"texts": {"value": texts}}}))
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    for arguments in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(
            ["terraform", *arguments, "-input=false"], cwd=folder, env=environment, check=True, capture_output=True
        )
    read = subprocess.run(
        ["terraform", "output", "-json"], cwd=folder, env=environment, check=True, capture_output=True
    )
    values: list[str] = json.loads(read.stdout)["texts"]["value"]
    return values


@pytest.mark.skipif(shutil.which("terraform") is None, reason="NOT RUN: terraform is missing on this machine")
def test_terraform_reads_every_literal_as_its_text(tmp_path: Path) -> None:
    texts = (
        every_text("$%{}", 5)
        + every_text('$%{~"\\\n é', 3)
        + every_text("$%{\r", 5)
        + ["%{ if true }${aws_region}%{ endif }"]
    )

    arrived = through_terraform([literal(text) for text in texts], tmp_path)

    assert [pair for pair in zip(texts, arrived, strict=True) if pair[0] != pair[1]] == []


def test_text_without_the_start_of_an_expression_is_unchanged() -> None:
    assert literal("100 %, 5 $, {x}") == "100 %, 5 $, {x}"


def test_keys_are_literal_like_values() -> None:
    assert literals({"${k}": "%{v}"}) == {"$${k}": "%%{v}"}


@pytest.mark.parametrize("text", ["${TfToken[TOKEN.0]}", "a $${TfToken[TOKEN.12]} b"])
def test_text_that_cdktf_would_read_as_a_reference_is_refused(text: str) -> None:
    with pytest.raises(TaskroleError, match=r"must not contain \$\{TfToken\[, which CDKTF replaces"):
        literal(text)
