"""Fits a document into a byte budget: sections are cut in a defined order, and every cut is noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from taskrole.dataclass import dataclass


@dataclass(frozen=True)
class SectionRow:
    """A line of a section. If `must` is set, it stays when others are cut."""

    line: str
    must: bool = False


@dataclass(frozen=True)
class CutStep:
    """A step that shortens a section; the step with the lowest rank is first.

    The section becomes `lines`, none by default, followed by the `rows` that must stay and as many of the others, in
    their order, as fit or fill `share` of the budget. `cut` names what was cut, for the note in the document.
    """

    rank: int
    cut: str
    lines: tuple[str, ...] = ()
    rows: tuple[SectionRow, ...] = ()
    share: float = 0


@dataclass(frozen=True)
class Section:
    """A part of a document: its lines, and the steps that shorten it."""

    lines: tuple[str, ...]
    steps: tuple[CutStep, ...]


def within(lines: Iterable[str], budget: int) -> tuple[str, ...]:
    """Return lines until they exceed the budget; the lines after that are not rendered."""
    kept = []
    for line in lines:
        kept.append(line)
        budget -= _size(line) + 1
        if budget < 0:
            break
    return tuple(kept)


def fitted(head: str, sections: Sequence[Section], foot: str, whole: str, budget: int) -> str:
    """Return the parts as a document of at most `budget` bytes; `whole` is the location of the full document, if any.

    If all steps together are not enough, rows are cut below their share.
    """
    kept = [section.lines for section in sections]
    cuts: dict[tuple[int, int], str] = {}
    steps = sorted(
        ((step.rank, index, step) for index, section in enumerate(sections) for step in section.steps),
        key=lambda candidate: candidate[:2],
    )
    last = {index: (rank, index, step) for rank, index, step in steps}
    beyond = [
        (rank, index, replace(step, share=0, rows=tuple(SectionRow(row.line) for row in step.rows)))
        for rank, index, step in last.values()
        if step.rows
    ]
    for rank, index, step in (*steps, *beyond):
        excess = _size(_joined(head, kept, _notice(cuts.values(), whole), foot)) - budget
        if excess <= 0:
            break
        if not step.rows:
            kept[index] = step.lines
            cuts[rank, index] = step.cut
            continue
        reserve = _size(_notice([*cuts.values(), f"{step.cut}{'0' * 40}"], whole))
        room = _size("\n".join(kept[index])) - excess - reserve
        fitting = _rows_that_fit(step, max(room, int(step.share * budget)))
        kept[index] = (*step.lines, *fitting)
        left = len(step.rows) - len(fitting)
        cuts[rank, index] = f"{left:,} of {len(step.rows):,} {step.cut}" if left else f"details of {step.cut}"
    return _joined(head, kept, _notice(cuts.values(), whole), foot)


def _rows_that_fit(step: CutStep, room: int) -> list[str]:
    room -= _size("\n".join(step.lines)) + sum(_size(row.line) + 1 for row in step.rows if row.must)
    fitting = []
    is_full = False
    for row in step.rows:
        if row.must:
            fitting.append(row.line)
            continue
        room -= _size(row.line) + 1
        is_full = is_full or room < 0
        if not is_full:
            fitting.append(row.line)
    return fitting


def _notice(cuts: Iterable[str], whole: str) -> str:
    texts = list(dict.fromkeys(cuts))
    return f"✂️ **Cut, since it did not fit:** {', '.join(texts)}. {whole}".rstrip() if texts else ""


def _joined(head: str, sections: Iterable[Sequence[str]], notice: str, foot: str) -> str:
    return "\n\n".join(filter(None, (head, *map("\n".join, sections), notice, foot))) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
