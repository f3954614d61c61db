"""The lines of roles.yaml that allow calls: `grants` of a task role, `statements` of an execution role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from taskrole.arns import Context
from taskrole.config.value_checks import check_resource
from taskrole.grant import RoleKind
from taskrole.policy.catalogue.actions import is_known
from taskrole.policy.catalogue.resource_types import resource_types, supports_resource

# Strings that YAML reads as strings without quotes.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./@:=+,?*-]*(?: [A-Za-z0-9_./@:=+,?*-]+)*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_VARIABLE = re.compile(r"\$\{([A-Za-z]+)\}")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


RoleLines: TypeAlias = "Mapping[str, str | list[str]]"


def role_lines(role: str, kind: RoleKind, actions: Sequence[str], resources: Sequence[str], because: str) -> str:
    """Return lines for `roles` as YAML in ASCII: the role's key and its new grants."""
    return lines_of_needs(role, kind, [(actions, resources)], because)


def lines_of_needs(
    role: str, kind: RoleKind, needs: Iterable[tuple[Sequence[str], Sequence[str]]], because: str
) -> str:
    """Return lines for `roles` with an entry for each need, which is actions on resources."""
    entries: dict[str, list[RoleLines]] = {}
    for actions, resources in needs:
        if kind == "task" and all(_can_be_granted(action, resources) for action in actions):
            grant = {"resources": _one_or_all(resources), "actions": _one_or_all(actions), "because": because}
            entries.setdefault("grants", []).append(grant)
        else:
            statement = {"Effect": "Allow", "Action": _one_or_all(actions), "Resource": _one_or_all(resources)}
            entries.setdefault("statements", []).append(statement)
    lines = [f"{scalar(role)}:"]
    for key, of_key in entries.items():
        lines += [f"  {key}:", *(line for entry in of_key for line in _entry_lines(entry))]
    return "\n".join(lines) + "\n"


def resource_to_fill_in(action: str, place: Context | None) -> str:
    """Return an ARN for an action with placeholders in capitals for unknown parts, or `*`."""
    if not is_known(action):
        return "*"
    # The shortest is the plain one: an object in a bucket, not one in an access point.
    forms = sorted((not form.required, len(form.arn), form.arn) for form in resource_types(action))
    if not forms:
        return "*"
    known = {"Partition": "aws"}
    if place:
        known = {"Partition": place.partition, "Region": place.region, "Account": place.account or "ACCOUNT"}
    return _VARIABLE.sub(lambda name: known.get(name[1], _WORD.sub("_", name[1]).upper()), forms[0][2])


def scalar(text: str) -> str:
    """Return a text as YAML in ASCII: plain if YAML reads it as text, otherwise in double quotes."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT and ": " not in f"{text} "
    return text if is_plain else json.dumps(text).replace("\x7f", "\\u007f")


def _can_be_granted(action: str, resources: Sequence[str]) -> bool:
    """Return whether `grants` accept the action on each resource; `statements` accept any action."""
    if not is_known(action):
        return False
    return all(check_resource(resource) is None and supports_resource(action, resource) for resource in resources)


def _one_or_all(values: Sequence[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else [*values]


def _entry_lines(entry: RoleLines) -> Iterator[str]:
    for number, (key, value) in enumerate(entry.items()):
        begin = "    - " if number == 0 else "      "
        if isinstance(value, str):
            yield f"{begin}{key}: {scalar(value)}"
            continue
        yield f"{begin}{key}:"
        yield from (f"        - {scalar(item)}" for item in value)
