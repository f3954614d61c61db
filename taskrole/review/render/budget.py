"""Fitting a document into a budget of bytes: part by part, in an order that is stated, and never in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What becomes of a section when its turn comes: the lowest rank is first.

    `lines` are what stands there then, none at all by default; where it is None, as many rows are kept as fit. `cut` is
    what the document says was cut.
    """

    rank: int
    cut: str
    lines: tuple[str, ...] | None = ()


@dataclass(frozen=True)
class Section:
    """A part of a document: its lines, of which those from `rows_from` on are rows, and the steps that shorten it."""

    lines: tuple[str, ...]
    steps: tuple[Step, ...]
    rows_from: int = 4


def fitted(head: str, sections: Sequence[Section], foot: str, whole: str, budget: int) -> str:
    """Return the parts as one document of at most `budget` bytes. `whole` says where all of it is, if anywhere."""
    kept = [section.lines for section in sections]
    cuts: list[str] = []
    steps = [(step.rank, index, step) for index, section in enumerate(sections) for step in section.steps]
    for _, index, step in sorted(steps, key=lambda one: one[:2]):
        excess = _size(_joined(head, kept, _notice(cuts, whole), foot)) - budget
        if excess <= 0:
            break
        if step.lines is not None:
            kept[index], cut = step.lines, step.cut
        else:
            reserve = _size(_notice([*cuts, f"{step.cut}{'0' * 40}"], whole))
            kept[index], cut = _rows_that_fit(sections[index], step.cut, excess + reserve)
        cuts.append(cut)
    return _joined(head, kept, _notice(cuts, whole), foot)


def _rows_that_fit(section: Section, name: str, excess: int) -> tuple[tuple[str, ...], str]:
    head, rows = section.lines[: section.rows_from], section.lines[section.rows_from :]
    room = sum(_size(row) + 1 for row in rows) - excess
    shown = 0
    for row in rows:
        room -= _size(row) + 1
        if room < 0:
            break
        shown += 1
    return (*head, *rows[:shown]), f"{len(rows) - shown:,} of {len(rows):,} {name}"


def _notice(cuts: Sequence[str], whole: str) -> str:
    return f"✂️ **Cut, since it did not fit:** {', '.join(cuts)}. {whole}".rstrip() if cuts else ""


def _joined(head: str, sections: Iterable[Sequence[str]], notice: str, foot: str) -> str:
    return "\n\n".join(filter(None, (head, *map("\n".join, sections), notice, foot))) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
