"""Tests that no regular expression of the package takes exponential time."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import signal
import string
from collections.abc import Iterator
from functools import cache

import pytest

import taskrole

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

# An exponential pattern takes years for this number of repetitions.
REPEATED = 60
MOST_SECONDS = 2
# Beginnings of texts before the repeated part, for patterns that require them.
BEGINNINGS = ("", "/", "a", "1", "${", "arn:aws:")


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """Return all patterns that imports of modules compile, by their location."""
    compiled: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(taskrole.__path__, "taskrole."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    compiled.setdefault(value.pattern, value)
                    compiled[f"{module.name}.{name}"] = compiled.pop(value.pattern)
    return compiled


def texts(pattern: str) -> Iterator[str]:
    """Yield texts of one or two repeated characters that the pattern may match, and an end that it does not."""
    literal = {character for character in pattern if character not in "\\?*+()[]|^"} & {*string.punctuation}
    characters = sorted({*literal, "a", "A", "1", " "})
    repeated = [*characters, *map("".join, itertools.permutations(characters, 2))]
    for beginning, part, end in itertools.product(BEGINNINGS, repeated, ("", "\0")):
        yield f"{beginning}{part * REPEATED}{end}"


@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_pattern_takes_exponential_time(name: str) -> None:
    pattern = patterns()[name]

    def too_long(*_: object) -> None:
        pytest.fail(f"{pattern.pattern} takes more than {MOST_SECONDS} s for {text[:40]!r}…")

    before = signal.signal(signal.SIGVTALRM, too_long)
    try:
        for text in texts(pattern.pattern):
            signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
            pattern.search(text)
            pattern.fullmatch(text)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
