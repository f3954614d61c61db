"""The sources of values: the command line, files, the environment (on request) and a Terraform state.

Later sources override earlier ones: files in their order, then `--set`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taskrole.errors import InputError, Place, Problem, quote
from taskrole.taskdef.values.styles import bare_name, placeholders
from taskrole.taskdef.values.values import ACCOUNT, PARTITION, REGION, Values

ENVIRONMENT = "env"


@dataclass
class _Collected:
    """The values collected so far with their origins, and the problems of invalid ones."""

    by_name: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, value: str, place: Place, origin: str, *, is_image: bool = False) -> None:
        problem = value_problem(value, is_image=is_image)
        if problem:
            self.problems.append(Problem(place, problem))
        else:
            self.by_name[name] = value
            self.origins[name] = origin


def read_values(  # noqa: PLR0913 -- as many as there are sources
    files: Sequence[str] = (),
    settings: Iterable[str] = (),
    images: Iterable[str] = (),
    state: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Values:
    """Return the values of `--values` files, `--set` and `--image` texts, and of a Terraform state file.

    A file named `env` stands for the environment. `defaults` apply to names that no other source has. Raises InputError
    with all problems.
    """
    collected = _Collected(dict(defaults or {}))
    for file in files:
        if file == ENVIRONMENT:
            # Only environment variables that a placeholder names are used.
            collected.by_name.update(environment or {})
            collected.origins.update(dict.fromkeys(environment or {}, "the environment"))
        else:
            _add_file(file, collected)
    given, replaced = _Collected(), _Collected()
    for text in settings:
        _add_pair(text, "--set", "NAME=VALUE", given)
    for text in images:
        _add_pair(text, "--image", "CONTAINER=URI", replaced)
    lookup = None
    if state is not None:
        from taskrole.taskdef.values.state import read_state

        try:
            lookup = read_state(state).get
        except InputError as error:
            collected.problems += error.problems
    problems = [*collected.problems, *given.problems, *replaced.problems]
    if problems:
        raise InputError(problems)
    by_name, origins = {**collected.by_name, **given.by_name}, {**collected.origins, **given.origins}
    return Values(by_name, replaced.by_name, origins, lookup)


def place_values(partition: str | None, region: str | None, account: str | None) -> dict[str, str]:
    """Return the known values of CloudFormation's pseudo parameters."""
    values = {PARTITION: partition, REGION: region, ACCOUNT: account}
    return {name: value for name, value in values.items() if value}


def value_problem(value: str, *, is_image: bool = False) -> str | None:
    """Return the problem of a value, or None: a value must not contain placeholders."""
    inner = placeholders(value, is_image=is_image)
    if not inner:
        return None
    return f"must be a value without placeholders; it holds {quote(value[inner[0].start : inner[0].end])}"


def _add_file(file: str, collected: _Collected) -> None:
    from taskrole.taskdef.values.files import read_values_file

    try:
        values = read_values_file(file)
    except InputError as error:
        collected.problems += error.problems
        return
    seen: dict[str, str] = {}
    for given_name, value, place in values:
        name = bare_name(given_name)
        if seen.setdefault(name, given_name) != given_name:
            message = f"is also given as {quote(seen[name])}; remove one"
            collected.problems.append(Problem(place, message))
        else:
            collected.add(name, value, place, str(place))


def _add_pair(text: str, option: str, form: str, collected: _Collected) -> None:
    name, equals, value = text.partition("=")
    place = Place(option, path=name if equals else "")
    name = bare_name(name)
    if not equals or not name:
        # The text may be just the value, which may be secret.
        collected.problems.append(Problem(Place(option), f"must be {form}; it has no {'name' if equals else '='}"))
    elif option == "--image" and not value:
        collected.problems.append(Problem(place, "must have an image after the ="))
    elif name in collected.by_name and collected.by_name[name] != value:
        collected.problems.append(Problem(place, "is set twice with different values; remove one"))
    else:
        collected.add(name, value, place, f"{option} {name}", is_image=option == "--image")
