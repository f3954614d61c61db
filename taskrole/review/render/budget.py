"""Fitting a document into a budget of bytes: part by part, in an order that is stated, and never in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What becomes of a section when its turn comes: the lowest rank is first.

    `lines` are what stands there then, none at all by default; where it is None, as many rows are kept as fit, and at
    least so many as fill `share` of the budget. `cut` is what the document says was cut.
    """

    rank: int
    cut: str
    lines: tuple[str, ...] | None = ()
    share: float = 0


@dataclass(frozen=True)
class Section:
    """A part of a document: its lines, of which those from `rows_from` on are rows, and the steps that shorten it.

    `rows` is how many rows there are in all; of lines that alone fill the budget, the last may be missing.
    """

    lines: tuple[str, ...]
    steps: tuple[Step, ...]
    rows: int = 0
    rows_from: int = 4


def within(lines: Iterable[str], budget: int) -> tuple[str, ...]:
    """Return lines until they fill the budget: what would be cut in any case is not made."""
    kept = []
    for line in lines:
        kept.append(line)
        budget -= _size(line) + 1
        if budget < 0:
            break
    return tuple(kept)


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
            room = _size("\n".join(kept[index])) - excess - reserve
            kept[index], cut = _rows_that_fit(sections[index], step.cut, max(room, int(step.share * budget)))
        cuts.append(cut)
    return _joined(head, kept, _notice(cuts, whole), foot)


def _rows_that_fit(section: Section, name: str, room: int) -> tuple[tuple[str, ...], str]:
    head, rows = section.lines[: section.rows_from], section.lines[section.rows_from :]
    shown = within(rows, room - _size("\n".join(head)) - 1)
    shown = shown if len(shown) == len(rows) else shown[:-1]
    return (*head, *shown), f"{section.rows - len(shown):,} of {section.rows:,} {name}"


def _notice(cuts: Sequence[str], whole: str) -> str:
    return f"✂️ **Cut, since it did not fit:** {', '.join(cuts)}. {whole}".rstrip() if cuts else ""


def _joined(head: str, sections: Iterable[Sequence[str]], notice: str, foot: str) -> str:
    return "\n\n".join(filter(None, (head, *map("\n".join, sections), notice, foot))) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
