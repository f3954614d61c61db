"""Hints to known names, and their bounds."""

from __future__ import annotations

from taskrole import nearest as module
from taskrole.nearest import limited_hints, nearest

KNOWN = ("secretsmanager", "s3", "sqs")


def test_the_nearest_known_name_is_found() -> None:
    assert nearest("secretmanager", KNOWN) == ["secretsmanager"]
    assert nearest("zzz", KNOWN) == []


def test_a_name_that_is_too_long_has_no_hint() -> None:
    assert nearest("secretsmanager" * 10, KNOWN, cutoff=0.1) == []


def test_only_so_many_known_names_are_compared(monkeypatch) -> None:
    monkeypatch.setattr(module, "_MOST_KNOWN", 2)

    assert nearest("sq", KNOWN) == []
    assert nearest("s3x", KNOWN) == ["s3"]


def test_only_so_many_spellings_are_compared(monkeypatch) -> None:
    compared = []
    monkeypatch.setattr(module, "_nearest", lambda *arguments: compared.append(arguments) or ())

    with limited_hints(10):
        for number in range(1_000):
            nearest(f"name-{number}", KNOWN)

    assert len(compared) == 10
    assert nearest("secretmanager", KNOWN) == []
    assert len(compared) == 11
