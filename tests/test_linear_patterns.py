"""No regular expression of the package takes time that grows exponentially with its text."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import signal
import string
from collections.abc import Iterator

import pytest

import taskrole

# In all, too long for make test-fast.
pytestmark = pytest.mark.slow

# What takes exponential time takes years for so many repetitions.
REPEATED = 60
MOST_SECONDS = 2
# What a text begins with before the part that is repeated, for patterns that look for something first.
BEGINNINGS = ("", "/", "a", "1", "${", "arn:aws:")


def patterns() -> dict[str, re.Pattern[str]]:
    """Return all patterns that are compiled when a module is imported, by where they are."""
    compiled: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(taskrole.__path__, "taskrole."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    compiled.setdefault(value.pattern, value)
                    compiled[f"{module.name}.{name}"] = compiled.pop(value.pattern)
    return compiled


def texts(pattern: str) -> Iterator[str]:
    """Yield texts of one and of two repeated characters that the pattern may take, and an end that it may not."""
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
