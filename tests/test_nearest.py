"""Tests suggestions of known names, and their limits."""

from __future__ import annotations

from pathlib import Path

from taskrole import nearest as module
from taskrole.cli import _taskrole
from taskrole.nearest import MOST_HINTS, limited_hints, nearest
from tests.proof.slow_input_files import roles_file

KNOWN = ("secretsmanager", "s3", "sqs")


def test_the_nearest_known_name_is_found() -> None:
    assert nearest("secretmanager", KNOWN) == ["secretsmanager"]
    assert nearest("zzz", KNOWN) == []


def test_a_name_that_is_too_long_has_no_suggestion() -> None:
    assert nearest("secretsmanager" * 10, KNOWN, cutoff=0.1) == []


def test_the_number_of_compared_names_is_limited(monkeypatch) -> None:
    monkeypatch.setattr(module, "_MOST_KNOWN", 2)

    assert nearest("sq", KNOWN) == []
    assert nearest("s3x", KNOWN) == ["s3"]


def test_the_number_of_compared_spellings_is_limited(monkeypatch) -> None:
    compared = []
    monkeypatch.setattr(module, "_nearest", lambda *arguments: compared.append(arguments) or ())

    with limited_hints(10):
        for number in range(1_000):
            nearest(f"name-{number}", KNOWN)

    assert len(compared) == 10
    assert nearest("secretmanager", KNOWN) == []
    assert len(compared) == 11


def test_a_verb_limits_its_suggestions_and_names_all_problems(tmp_path: Path, monkeypatch, capsys) -> None:
    roles = ({"managed_policies": [f"AmazonS3ReadOnlyAcces{number}"]} for number in range(2 * MOST_HINTS))
    (tmp_path / "roles.yaml").write_text(roles_file(*roles)["roles.yaml"])
    monkeypatch.chdir(tmp_path)

    _taskrole.main(["validate"], standalone_mode=False)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 * MOST_HINTS
    assert len([line for line in lines if "did you mean" in line]) == MOST_HINTS
