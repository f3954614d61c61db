"""The JSON output for many families, derived in two processes and written incrementally."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, BinaryIO, NamedTuple, TypeVar

from taskrole.arns import Context
from taskrole.cli.parts.regions import warn_of_region
from taskrole.cli.parts.values import given_values
from taskrole.collector import collector_paused
from taskrole.derived import derived_roles
from taskrole.errors import InputError, Problem
from taskrole.families import Family, family_of
from taskrole.files import spooled
from taskrole.finding import Finding, at_least
from taskrole.grant import RoleKind
from taskrole.output.console import clear_status, message
from taskrole.policy.documents.build import PolicyTextError
from taskrole.policy.documents.split import PolicyTooLargeError
from taskrole.progress import reporting
from taskrole.render.derivation_json import FAMILIES_END, families_begin, family_json
from taskrole.render.skipped import skipped_lines
from taskrole.taskdef import TaskDocument, derive, resolve_context
from taskrole.taskdef.read import TaskFile, read_some
from taskrole.two_processes import in_two_processes

_AT_ONCE = 25
_PLACE = ("partition", "region", "account")


@collector_paused()
def echo_files(
    files: Sequence[TaskFile], arguments: Mapping[str, Any], kinds: Sequence[RoleKind]
) -> list[Finding] | None:
    """Read and derive regular files, print the permissions of their families as JSON, and return the findings.

    Returns None, without printing anything, if definitions share a family or differ in context, if there are fewer
    than two, or if there is any error, since all errors are reported together.
    """
    values = given_values(arguments)

    def part(some: Sequence[TaskFile]) -> _Part:
        try:
            reading = read_some(some, values)
            if not reading.documents:
                return _Part(skipped=reading.skipped)
            context = resolve_context(reading.documents, **{name: arguments[name] for name in _PLACE})
        except InputError as error:
            raise _NotSeparateError from error
        return _derived(reading.documents, context, kinds)._replace(skipped=reading.skipped)

    return _echo_parts(files, part, is_warned=True)


@collector_paused()
def echo_documents(
    documents: Sequence[TaskDocument], context: Context, kinds: Sequence[RoleKind]
) -> list[Finding] | None:
    """Derive task definitions; prints and returns the same as `echo_files`."""
    if len({*map(family_of, documents)}) < len(documents):
        return None
    return _echo_parts(documents, lambda some: _derived(some, context, kinds), is_warned=False)


class _Part(NamedTuple):
    """The result for some definitions: the JSON and findings of each family, and the skipped files."""

    context: Context | None = None
    families: tuple[tuple[str, bytes], ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Problem, ...] = ()


class _NotSeparateError(Exception):
    """The definitions must be derived together: to report an error, or because they share a family or differ in one."""


def _derived(documents: Sequence[TaskDocument], context: Context, kinds: Sequence[RoleKind]) -> _Part:
    """Return the result for definitions. Raises _NotSeparateError if any has an error."""
    families: list[tuple[str, bytes]] = []
    findings: list[Finding] = []
    for document in documents:
        family = Family(family_of(document), (document.file,), derive([document], context, lists_possible=False))
        if at_least(family.derivation.findings, "error"):
            raise _NotSeparateError
        try:
            roles = derived_roles(family.derivation, kinds)
        except (PolicyTooLargeError, PolicyTextError) as error:
            raise _NotSeparateError from error
        families.append((family.name, family_json(family, roles).encode("ascii")))
        findings += family.located_findings
    return _Part(context, tuple(families), tuple(findings))


_Item = TypeVar("_Item")


def _echo_parts(
    items: Sequence[_Item], part: Callable[[Sequence[_Item]], _Part], *, is_warned: bool
) -> list[Finding] | None:
    """Print the families of all parts sorted by name, after all warnings if `is_warned`."""
    written = _Written()
    try:
        with spooled(written.pieces(items, part)) as file:
            if written.context is None or written.is_single:
                return None
            if is_warned:
                for line in skipped_lines(written.skipped):
                    message(line)
                warn_of_region(written.context.region)
            clear_status()
            sys.stdout.flush()
            sys.stdout.buffer.writelines(written.sorted_pieces(file))
            sys.stdout.buffer.flush()
    except _NotSeparateError:
        return None
    return written.findings


class _Written:
    """The families that were written to a file, in any order, and their metadata."""

    def __init__(self) -> None:
        self.context: Context | None = None
        self.findings: list[Finding] = []
        self.skipped: list[Problem] = []
        self._places: dict[str, tuple[int, int]] = {}

    @property
    def is_single(self) -> bool:
        """Whether there is only one family, which is not printed as a list."""
        return len(self._places) == 1

    def pieces(self, items: Sequence[_Item], part: Callable[[Sequence[_Item]], _Part]) -> Iterator[bytes]:
        """Yield the JSON of families as it is generated. Raises _NotSeparateError."""
        groups = [items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE)]
        start = 0
        with (
            reporting("deriving task definitions", len(items)) as report,
            closing(in_two_processes(lambda number: part(groups[number]), len(groups))) as parts,
        ):
            for number, (context, families, findings, skipped) in enumerate(parts):
                report(number * _AT_ONCE)
                self.skipped += skipped
                self.findings += findings
                if context is not None and context != (self.context or context):
                    raise _NotSeparateError
                self.context = self.context or context
                for name, text in families:
                    if name in self._places:
                        raise _NotSeparateError
                    self._places[name] = start, len(text)
                    start += len(text)
                    yield text

    def sorted_pieces(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the complete JSON from the file with its pieces."""
        if self.context is None:
            return
        yield families_begin(self.context).encode("ascii")
        for number, name in enumerate(sorted(self._places)):
            start, length = self._places[name]
            file.seek(start)
            yield b"," * bool(number)
            yield file.read(length)
        yield FAMILIES_END.encode("ascii")
