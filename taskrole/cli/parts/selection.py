"""The STACK argument and the output of findings on roles.yaml, for several verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from taskrole.config import StackSpec, load_config
from taskrole.errors import InputError, Place, Problem, quote
from taskrole.finding import Finding
from taskrole.nearest import nearest
from taskrole.output.lines import count, required_line


def selected_stacks(config: Path, name: str | None) -> tuple[StackSpec, ...]:
    """Return the stack with a name, or all stacks for None. Raises InputError."""
    stacks = load_config(config).stacks
    if name is None:
        return stacks
    chosen = tuple(stack for stack in stacks if stack.name == name)
    if not chosen:
        names = [stack.name for stack in stacks]
        near = nearest(name, names)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise InputError([Problem(Place(str(config)), f"there is no stack {quote(name)}; {hint}")])
    return chosen


def config_lines(stacks: Sequence[StackSpec], *, quiet: bool = False) -> Iterator[str]:
    """Yield a line for each warning or note on stacks, and for each statement that another account must add.

    Repeated findings are one line with their count. `quiet` omits everything except warnings.
    """
    repeated: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in dict.fromkeys(finding for stack in stacks for finding in stack.findings):
        if not (quiet and finding.severity == "note"):
            repeated.setdefault((finding.severity, finding.code, finding.message), []).append(finding)
    for first, *others in repeated.values():
        more = f" ({count(len(others), 'more place')})" if others else ""
        yield f"{first}{more}"
    for stack in () if quiet else stacks:
        for required in stack.required_elsewhere:
            yield f"required elsewhere: {required_line(required)}; taskrole show {stack.name} prints the statement"
