"""The JSON output for many families, derived in two processes and written incrementally."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from io import FileIO
from typing import Any, NamedTuple, TypeVar

from taskrole.arns import Context
from taskrole.cli.parts.regions import warn_of_region
from taskrole.cli.parts.values import given_values
from taskrole.collector import collector_paused
from taskrole.derived import derived_roles
from taskrole.errors import InputError, Problem
from taskrole.families import Family, family_of
from taskrole.files import append, temporary_file
from taskrole.finding import Finding, Severity, at_least
from taskrole.grant import RoleKind
from taskrole.output.console import clear_status, message
from taskrole.policy.documents.build import PolicyTextError
from taskrole.policy.documents.split import PolicyTooLargeError
from taskrole.render.derivation_json import FAMILIES_END, families_begin, family_json
from taskrole.render.skipped import skipped_lines
from taskrole.taskdef import TaskDocument, derive, resolve_context
from taskrole.taskdef.read import TaskFile, read_some
from taskrole.two_processes import in_groups

# Few, so that their data stays in the processor's cache.
_AT_ONCE = 8
_MOST_BYTES = 1 << 20  # that are printed at once
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

    def part(some: Sequence[TaskFile], files: _Files) -> _Part:
        try:
            reading = read_some(some, values)
            if not reading.documents:
                return _Part(skipped=reading.skipped)
            context = resolve_context(reading.documents, **{name: arguments[name] for name in _PLACE})
        except InputError as error:
            raise _NotSeparateError from error
        return _derived(reading.documents, context, kinds, files)._replace(skipped=reading.skipped)

    return _echo_parts(files, part, is_warned=True)


@collector_paused()
def echo_documents(
    documents: Sequence[TaskDocument], context: Context, kinds: Sequence[RoleKind]
) -> list[Finding] | None:
    """Derive task definitions; prints and returns the same as `echo_files`."""
    if len({*map(family_of, documents)}) < len(documents):
        return None
    return _echo_parts(documents, lambda some, files: _derived(some, context, kinds, files), is_warned=False)


class _Place(NamedTuple):
    """The place of a family's JSON: the number of a file, and the start and length of the bytes in it."""

    file: int
    start: int
    length: int


class _Files:
    """Two temporary files: the first is written by this process, the second by the one that it forks."""

    def __init__(self, first: FileIO, second: FileIO) -> None:
        self._files = first, second
        self._ends = [0, 0]
        self._process = os.getpid()

    def add(self, text: bytes) -> _Place:
        """Write bytes at the end of this process's file."""
        number = 0 if os.getpid() == self._process else 1
        start = self._ends[number]
        append(self._files[number], text)
        self._ends[number] += len(text)
        return _Place(number, start, len(text))

    def read(self, place: _Place) -> bytes:
        """Return the bytes at a place of either file."""
        file = self._files[place.file]
        file.seek(place.start)
        return file.read(place.length)


class _Part(NamedTuple):
    """The result for some definitions: the place of each family's JSON, findings, and the skipped files.

    There is one finding of each code and severity, since only the exit code depends on them.
    """

    context: Context | None = None
    families: tuple[tuple[str, _Place], ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Problem, ...] = ()


class _NotSeparateError(Exception):
    """The definitions must be derived together: to report an error, or because they share a family or differ in one."""


def _derived(documents: Sequence[TaskDocument], context: Context, kinds: Sequence[RoleKind], files: _Files) -> _Part:
    """Return the result for definitions. Raises _NotSeparateError if any has an error."""
    families: list[tuple[str, _Place]] = []
    findings: dict[tuple[str, Severity], Finding] = {}
    for document in documents:
        family = Family(family_of(document), (document.file,), derive([document], context, lists_possible=False))
        if at_least(family.derivation.findings, "error"):
            raise _NotSeparateError
        try:
            roles = derived_roles(family.derivation, kinds)
        except (PolicyTooLargeError, PolicyTextError) as error:
            raise _NotSeparateError from error
        # A comma is before each of them, so that those in order are printed in one piece.
        families.append((family.name, files.add(f",{family_json(family, roles)}".encode("ascii"))))
        findings |= {(finding.code, finding.severity): finding for finding in family.derivation.findings}
    return _Part(context, tuple(families), tuple(findings.values()))


_Item = TypeVar("_Item")


def _echo_parts(
    items: Sequence[_Item], part: Callable[[Sequence[_Item], _Files], _Part], *, is_warned: bool
) -> list[Finding] | None:
    """Print the families of all parts sorted by name, after all warnings if `is_warned`."""
    with temporary_file() as first, temporary_file() as second:
        files = _Files(first, second)
        try:
            derived = _all_derived(items, lambda some: part(some, files))
        except _NotSeparateError:
            return None
        if derived.context is None or len(derived.places) == 1:  # a single family is not printed as a list
            return None
        if is_warned:
            for line in skipped_lines(derived.skipped):
                message(line)
            warn_of_region(derived.context.region)
        clear_status()
        sys.stdout.flush()
        sys.stdout.buffer.write(families_begin(derived.context).encode("ascii"))
        comma = 1  # the length of the one before the first family, which is not printed
        for file, start, length in _joined(derived.places[name] for name in sorted(derived.places)):
            sys.stdout.buffer.write(files.read(_Place(file, start + comma, length - comma)))
            comma = 0
        sys.stdout.buffer.write(FAMILIES_END.encode("ascii"))
        sys.stdout.buffer.flush()
    return derived.findings


def _all_derived(items: Sequence[_Item], part: Callable[[Sequence[_Item]], _Part]) -> _Derived:
    """Return the results for all items, derived in two processes. Raises _NotSeparateError."""
    derived = _Derived()
    with closing(in_groups(items, part, "deriving task definitions", many=0, at_once=_AT_ONCE)) as parts:
        for result in parts:
            derived.add(result)
    return derived


class _Derived:
    """The places of families by name, and their metadata."""

    def __init__(self) -> None:
        self.context: Context | None = None
        self.findings: list[Finding] = []
        self.skipped: list[Problem] = []
        self.places: dict[str, _Place] = {}

    def add(self, result: _Part) -> None:
        """Add the result for some definitions. Raises _NotSeparateError if it does not fit the others."""
        self.skipped += result.skipped
        self.findings += result.findings
        if result.context is not None and result.context != (self.context or result.context):
            raise _NotSeparateError
        self.context = self.context or result.context
        for name, place in result.families:
            if name in self.places:
                raise _NotSeparateError
            self.places[name] = place


def _joined(places: Iterable[_Place]) -> Iterator[_Place]:
    """Yield places, with those that follow each other joined up to a limit."""
    joined: _Place | None = None
    for place in places:
        if joined is not None:
            file, start, length = joined
            if (place.file, place.start) == (file, start + length) and length + place.length <= _MOST_BYTES:
                joined = _Place(file, start, length + place.length)
                continue
            yield joined
        joined = place
    if joined is not None:
        yield joined
