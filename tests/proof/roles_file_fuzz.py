"""Runs wrong roles.yaml through validate, lock, export and show: the others accept what validate accepts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from taskrole.config import Config
from taskrole.config.load import parse_config
from taskrole.errors import InputError, TaskroleError
from taskrole.export.exported_files import Format, Wishes, export_files
from taskrole.lock import lock_text, make_lock, parse_lock
from taskrole.lock_difference import lock_differences
from taskrole.output.text.page import Page
from taskrole.render.role_text import write_declared_role
from tests.proof.fuzz import printable_lines
from tests.proof.outcomes import Outcomes
from tests.proof.roles_file_mutations import mutate_roles_file

_FORMATS: tuple[Format, ...] = ("hcl", "json")


def fuzz_roles_files(seeds: Iterable[int]) -> Outcomes:
    """Return the outcomes of a wrong roles.yaml for each seed."""
    outcomes = Outcomes()
    for seed in seeds:
        try:
            end, wrong = outcome_of_roles_file(mutate_roles_file(seed))
        except Exception as error:  # noqa: BLE001 -- that is what is looked for
            end, wrong = "traceback", [f"{type(error).__name__}: {error}"]
        outcomes.ends[end] += 1
        outcomes.wrong += [f"seed {seed}: {line}" for line in wrong]
    return outcomes


def roles_file_violations(seeds: range) -> list[str]:
    """Return the problems of the outcomes of some seeds."""
    return fuzz_roles_files(seeds).wrong


def outcome_of_roles_file(content: bytes) -> tuple[str, list[str]]:
    """Return the outcome of a roles.yaml, refused or fine, and its problems."""
    try:
        # There is neither a file of this name nor task definitions beside it.
        config = parse_config(content, str(Path(tempfile.gettempdir(), "no-such-folder", "roles.yaml")))
    except InputError as error:
        is_wrong = printable_lines(str(error)) or not error.problems
        return "refused", [f"not one line each: {error}"] if is_wrong else []
    except TaskroleError as error:
        return "refused", [f"no error of the file: {error}"]
    return "fine", [*_lock(config), *_export(config), *_show(config)]


def _lock(config: Config) -> Iterator[str]:
    text = lock_text(make_lock(config.stacks))
    if problem := _json_problem(text):
        yield f"lock: {problem}"
        return
    locked = parse_lock(text.encode(), "grants.lock.json")
    yield from (
        f"lock --check of an unchanged file: {line}" for line in lock_differences(locked, make_lock(config.stacks))
    )


def _export(config: Config) -> Iterator[str]:
    for spec in config.stacks:
        for format_ in _FORMATS:
            for name, text in export_files(spec, Wishes(format=format_, root=True)).items():
                text.encode()
                problem = _json_problem(text) if name.endswith(".json") else None
                if problem:
                    yield f"export: {name}: {problem}"


def _show(config: Config) -> Iterator[str]:
    for spec in config.stacks:
        for role in spec.roles:
            page = Page(80)
            write_declared_role(page, role, role.arn(spec.context), spec.name)
            if not all(line.isprintable() for line in page.text().splitlines()):
                yield f"show: {page.text()!r} is not printable"


def _json_problem(text: str) -> str | None:
    try:
        json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        return f"no JSON: {error}"
    return None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
