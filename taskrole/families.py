"""Derives several task definitions: per family, or all together."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Literal

from taskrole.arns import Context
from taskrole.dataclass import dataclass
from taskrole.finding import Finding
from taskrole.progress import tracked
from taskrole.taskdef import Derivation, Options, TaskDocument, derive
from taskrole.taskdef.placeholders import placeholder_finding

Per = Literal["family", "all"]

_UNUSED_OPTION = "OPTION-UNUSED"


@dataclass(frozen=True)
class Family:
    """The needs of the task definitions of a family. `name` is unique among the families derived together.

    Families of one definition have no `file` in their grants and findings, which are those of `files[0]`.
    """

    name: str
    files: tuple[str, ...]
    derivation: Derivation

    @property
    def located_findings(self) -> tuple[Finding, ...]:
        """Return the findings, each with its file; those on several definitions have none."""
        if len(self.files) > 1:
            return self.derivation.findings
        return tuple(replace(finding, file=self.files[0]) for finding in self.derivation.findings)


def derive_families(documents: Sequence[TaskDocument], context: Context, options: Options, per: Per) -> list[Family]:
    """Return the needs of task definitions by family, sorted by name; or all together, for `all`.

    Definitions of a family with the same needs are one Family. If their needs differ, each is a Family of its own, also
    named after its file, since neither may get permissions that only the other needs. A definition without a family, or
    with a placeholder for it, is named after its file. Raises InputError for invalid options.
    """
    if per == "all":
        files = tuple(document.file for document in documents)
        return [Family("all", files, derive(documents, context, options, lists_possible=False))]
    groups: dict[tuple[str, Hashable], list[tuple[TaskDocument, Derivation]]] = {}
    for document in tracked(documents, "deriving task definitions"):
        derivation = derive([document], context, options, lists_possible=False)
        identity = (family_of(document), document.file if not _is_named(document) else _needs(derivation))
        groups.setdefault(identity, []).append((document, derivation))
    names = _unique_names([members[0][0] for members in groups.values()])
    families = [
        Family(
            name,
            tuple(document.file for document, _ in members),
            members[0][1]
            if len(members) == 1
            else derive([document for document, _ in members], context, options, lists_possible=False),
        )
        for name, members in zip(names, groups.values(), strict=True)
    ]
    return sorted(_without_used_options(families), key=lambda family: family.name)


def family_of(document: TaskDocument) -> str:
    """Return the name of a task definition's family, or of its file if it has none or a placeholder."""
    if _is_named(document):
        return document.family
    # In an array the name is a pointer, which follows the name of the file.
    is_address = document.name and not document.name.startswith("/")
    return document.name if is_address else PurePath(document.file.partition("#")[0]).stem


def brief_files(files: Iterable[str]) -> Mapping[str, str]:
    """Return the shortest unique end of each file's path."""
    names = set(filter(None, files))
    common = _common_folder(names)
    return {file: file.removeprefix(f"{common}/") if common else file for file in names}


def _common_folder(files: Iterable[str]) -> str:
    """Return the common folder of all files, or an empty string for a mix of relative and absolute paths."""
    try:
        return posixpath.commonpath([posixpath.dirname(file) for file in files])
    except ValueError:
        return ""


def _is_named(document: TaskDocument) -> bool:
    return bool(document.family) and (document.is_plain or placeholder_finding(document.family, "/family") is None)


def _needs(derivation: Derivation) -> Hashable:
    """Return the permissions of a derivation, without the causes."""
    return frozenset(
        (grant.role, grant.actions, grant.resources, grant.conditions, grant.effect) for grant in derivation.grants
    )


def _unique_names(documents: Sequence[TaskDocument]) -> list[str]:
    """Return a name for each document: its family, with its file if the family is not unique."""
    brief = brief_files(document.file for document in documents)
    families = [family_of(document) for document in documents]
    uses = Counter(families)
    return [
        family if uses[family] == 1 else f"{family} ({brief[document.file]})"
        for family, document in zip(families, documents, strict=True)
    ]


def _without_used_options(families: Sequence[Family]) -> list[Family]:
    """Return families with only those findings on unused options that all of them have."""
    unused = [
        {finding.source for finding in family.derivation.findings if finding.code == _UNUSED_OPTION}
        for family in families
    ]
    everywhere = set.intersection(*unused) if unused else set()
    return [replace(family, derivation=_without_findings(family.derivation, everywhere)) for family in families]


def _without_findings(derivation: Derivation, unused: set[str]) -> Derivation:
    findings = tuple(
        finding for finding in derivation.findings if finding.code != _UNUSED_OPTION or finding.source in unused
    )
    return replace(derivation, findings=findings)
