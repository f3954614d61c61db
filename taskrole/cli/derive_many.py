"""The JSON of many families, derived in two processes and written as it is made."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

from taskrole.arns import Context
from taskrole.collector import collector_paused
from taskrole.derived import derived_roles
from taskrole.families import Family, separate_families
from taskrole.files import spooled
from taskrole.finding import Finding, at_least
from taskrole.grant import RoleKind
from taskrole.output.console import clear_status
from taskrole.progress import tracked
from taskrole.render.derivation_json import FAMILIES_END, families_begin, family_json
from taskrole.taskdef import Options, TaskDocument, derive
from taskrole.two_processes import in_two_processes

_AT_ONCE = 25


@collector_paused()
def echo_many(
    documents: Sequence[TaskDocument], context: Context, options: Options, kinds: Sequence[RoleKind]
) -> list[Finding] | None:
    """Print what many families need as JSON, and return the findings; None, and nothing printed, where it cannot.

    It cannot where definitions share a family, options are given or one has an error, all of which say something about
    several definitions. Printed is what `families_json` returns, and nothing before all is made. Raises
    PolicyTooLargeError and PolicyTextError as `derived_roles` does.
    """
    if options != Options() or not _is_for_programs():
        return None
    families = separate_families(documents)
    if families is None:
        return None
    findings: list[Finding] = []
    try:
        with spooled(_pieces(families, context, kinds, findings)) as whole:
            clear_status()
            sys.stdout.flush()
            shutil.copyfileobj(whole, sys.stdout.buffer, 1 << 20)
            sys.stdout.buffer.flush()
    except _WrongDefinitionError:
        return None
    return findings


class _WrongDefinitionError(Exception):
    """A task definition has an error, so that no family gets roles."""


def _pieces(
    families: Sequence[tuple[str, TaskDocument]],
    context: Context,
    kinds: Sequence[RoleKind],
    findings: list[Finding],
) -> Iterator[bytes]:
    """Yield the JSON in pieces, and add the findings of all families. Raises _WrongDefinitionError."""
    groups = [families[start : start + _AT_ONCE] for start in range(0, len(families), _AT_ONCE)]
    with closing(in_two_processes(lambda number: _part(groups[number], context, kinds), len(groups))) as parts:
        yield families_begin(context).encode("ascii")
        for number in tracked(range(len(groups)), "deriving task definitions"):
            text, part_findings = next(parts)
            if at_least(part_findings, "error"):
                raise _WrongDefinitionError
            findings += part_findings
            yield b"," * bool(number) + text
        yield FAMILIES_END.encode("ascii")


def _is_for_programs() -> bool:
    """Return whether standard output is a stream of bytes, as a file and a pipe are."""
    return hasattr(sys.stdout, "buffer") and not sys.stdout.isatty()


def _part(
    documents: Iterable[tuple[str, TaskDocument]], context: Context, kinds: Sequence[RoleKind]
) -> tuple[bytes, list[Finding]]:
    texts: list[str] = []
    findings: list[Finding] = []
    for name, document in documents:
        family = Family(name, (document.file,), derive([document], context, lists_possible=False))
        texts.append(family_json(family, derived_roles(family.derivation, kinds)))
        findings += family.located_findings
    return ",".join(texts).encode("ascii"), findings
