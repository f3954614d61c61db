"""Formats proposals as entries of roles.yaml, each with its evidence in a comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from taskrole.observe.proposals import Proposal
from taskrole.observe.report import ObserveReport, RoleReport
from taskrole.observe.role_lines import scalar
from taskrole.observe.sorted_uses import UsesForm
from taskrole.output.lines import count
from taskrole.output.visible import visible

FORMS: tuple[UsesForm, ...] = ("grants", "statements")
_UNNAMED = "ROLE"  # to fill in
_LONGEST_LIST = 100  # columns


def roles_yaml(report: ObserveReport) -> str:
    """Return the proposals of all roles as the content of `roles` in a stack."""
    return "".join(f"{line}\n" for role in report.roles for line in _role_lines(role))


def _role_lines(role: RoleReport) -> Iterator[str]:
    yield f"# {visible(role.usage.role or 'The events do not contain the role.')}"
    yield f"{scalar(role.title or (role.usage.name if role.usage.role else _UNNAMED))}:"
    yield f"  kind: {role.kind}"
    for form in FORMS:
        entries = entries_of(role, form)
        if entries:
            yield f"  {form}:"
            yield from (f"    {line}" for line in entry_lines(entries))
    for use in role.proposals.not_proposed:
        on = f" on {use.resource}" if use.resource else ""
        yield f"  # not proposed: {visible(f'{use.action}{on}, {use.evidence.sentence}: {use.because}')}"
    for guess in role.guesses:
        if not guess.is_seen:
            on = f" on {guess.resource}" if guess.resource else ""
            yield f"  # guessed by {visible(f'{guess.tool}, never seen: {guess.action}{on}')}"
    for sentence in role.beside:
        yield f"  # not recorded: {visible(sentence)}"


def entries_of(role: RoleReport, form: UsesForm) -> tuple[Proposal, ...]:
    """Return the proposals of a role under one key."""
    return tuple(entry for entry in role.proposals.entries if entry.form == form)


def entry_lines(entries: Iterable[Proposal], most: int | None = None) -> Iterator[str]:
    """Yield entries as items of a YAML list, with at most `most` resources each."""
    for entry in entries:
        yield from (f"# {comment}" for comment in comments_of(entry))
        keys = ("actions", "resources") if entry.form == "grants" else ("Action", "Resource")
        first = "- " if entry.form == "grants" else "- Effect: Allow\n  "
        actions = f"{keys[0]}: [{', '.join(map(scalar, entry.actions))}]"
        if len(actions) <= _LONGEST_LIST:
            yield from f"{first}{actions}".split("\n")
        else:
            yield from f"{first}{keys[0]}:".split("\n")
            yield from (f"    - {scalar(action)}" for action in entry.actions)
        resources = entry.resources if most is None else entry.resources[:most]
        yield f"  {keys[1]}:"
        yield from (f"    - {scalar(resource)}" for resource in resources)
        if len(resources) < len(entry.resources):
            yield f"    # and {count(len(entry.resources) - len(resources), 'more ARN')}"


def comments_of(entry: Proposal) -> Iterator[str]:
    """Yield the evidence of an entry, and what its prefixes add."""
    sentence = entry.evidence.sentence
    yield f"{sentence[0].upper()}{sentence[1:]}."
    for prefix in entry.prefixes:
        number = "1 ARN was" if len(prefix.resources) == 1 else f"{len(prefix.resources):,} ARNs were"
        reason = f"each {prefix.kind} has an ARN of its own; " if prefix.kind else ""
        yield visible(f"{prefix.pattern}: {reason}{number} seen; it also matches all others with this prefix.")


def settings_of(entry: Proposal) -> Mapping[str, Any]:
    """Return an entry as roles.yaml data."""
    if entry.form == "grants":
        return {"actions": list(entry.actions), "resources": list(entry.resources)}
    return {"Effect": "Allow", "Action": list(entry.actions), "Resource": list(entry.resources)}


def settings_by_form(entries: Sequence[Proposal]) -> Mapping[UsesForm, list[Mapping[str, Any]]]:
    """Return entries as roles.yaml data, by key."""
    by_form = {form: [settings_of(entry) for entry in entries if entry.form == form] for form in FORMS}
    return {form: entries for form, entries in by_form.items() if entries}
